"""How often one may ask: 429 with `Retry-After`, in live mode and wherever `ROUNDTRIP_LIMITS=on` (SES-12, decision record 0008)."""

from __future__ import annotations

import asyncio

import httpx

from roundtrip.core.clock import MINUTE
from tests.api.shape import refused, succeeded
from tests.app_fixture import LOGIN, PASSWORD, REGISTER, App, login

LIVE = {"login": {}, "callbacks": {"postFlowUrl": "https://loom.example/"}}


def _limited(answer: httpx.Response) -> int:
    details = refused(answer, 429, "RESOURCE_EXHAUSTED")
    assert "allowedPerMinute" in details["data"]
    return int(answer.headers["retry-after"])


def test_redirect_sessions_are_limited_per_visitor(limited_app: App) -> None:
    app = limited_app
    token, other = app.visitor(), app.visitor()
    for _ in range(5):
        succeeded(app.create(login(), token))
    wait = _limited(app.create(login(), token))
    assert 1 <= wait <= 60
    succeeded(app.create(login(), other))
    app.clock.move(wait * 1000 - 1000)
    _limited(app.create(login(), token))
    app.clock.move(1000)
    succeeded(app.create(login(), token))


def test_redirect_sessions_are_limited_per_client_and_address(limited_app: App) -> None:
    """A visitor costs nothing, so the address counts too."""
    app = limited_app
    for _ in range(25):
        succeeded(app.create(login(), app.visitor()))
    _limited(app.create(login(), app.visitor()))
    elsewhere = httpx.AsyncClient(transport=httpx.ASGITransport(app.application, client=("203.0.113.9", 1)), base_url=app.base)
    app.clients.append(elsewhere)
    token = app.visitor()
    answer = app.runner.run(elsewhere.post("/redirect-session/v1/redirect-session", json=login(), headers={"authorization": token}))
    succeeded(answer)
    succeeded(app.create({"login": {}}, app.visitor(app.world.other)))


def test_requests_to_be_told_of_goods_are_limited_per_client_and_address(limited_app: App) -> None:
    app = limited_app
    wanted = {"request": {"email": "ann@example.com", "catalogReference": {"appId": "a", "catalogItemId": "b"}}}
    for _ in range(3):
        refused(app.post("/v1/back-in-stock-notification-requests", wanted, app.visitor()), 404, "ITEM_NOT_FOUND_IN_CATALOG")
    _limited(app.post("/v1/back-in-stock-notification-requests", wanted, app.visitor()))
    refused(app.post("/v1/back-in-stock-notification-requests", wanted, app.visitor(app.world.other)), 404, "ITEM_NOT_FOUND_IN_CATALOG")


def test_checkouts_orders_and_bookings_are_limited_per_visitor_and_address(limited_app: App) -> None:
    """Each may hold goods or send mails, to whatever address was named."""
    app = limited_app
    calls = {
        "/ecom/v1/checkouts": {"lineItems": [], "channelType": "WEB"},
        "/ecom/v1/checkouts/01990000-0000-7000-8000-000000000001/create-order": {},
        "/bookings/v2/bookings": {"booking": {}},
    }
    for path, body in calls.items():
        token = app.visitor()
        for _ in range(2):
            assert app.post(path, body, token).status_code in (400, 404, 409)
        _limited(app.post(path, body, token))
        for _ in range(4):
            token = app.visitor()
            assert [app.post(path, body, token).status_code < 429 for _ in range(2)] == [True, True]
        _limited(app.post(path, body, app.visitor()))


def test_a_repeated_request_with_a_key_counts_too(limited_app: App) -> None:
    token = limited_app.visitor()
    for _ in range(5):
        succeeded(limited_app.create(login(), token, idempotency_key="k"))
    _limited(limited_app.create(login(), token, idempotency_key="k"))


def test_tokens_are_limited_per_client_and_address(limited_app: App) -> None:
    app = limited_app
    body = {"clientId": app.world.shop.id, "grantType": "anonymous"}
    for _ in range(40):
        assert app.post("/oauth2/token", body).status_code == 200
    answer = app.post("/oauth2/token", body)
    assert _limited(answer) >= 1
    assert answer.json()["error"]
    assert app.post("/oauth2/token", {**body, "clientId": app.world.other.id}).status_code == 200


def test_made_up_clients_share_one_counter(limited_app: App) -> None:
    """Otherwise each new name would be a new counter: no limit at all, and memory for as long as the names are."""
    answers = [limited_app.post("/oauth2/token", {"clientId": f"x{number}", "grantType": "anonymous"}) for number in range(45)]
    assert [answer.status_code for answer in answers] == [401] * 40 + [429] * 5


def test_password_checks_are_limited(limited_app: App) -> None:
    """IDN-02: registering and checking passwords by API count together, also when they fail."""
    app = limited_app
    token = app.visitor()
    body = {"loginId": {"email": "ann@example.com"}, "password": PASSWORD}
    succeeded(app.post(REGISTER, body, token))
    succeeded(app.post(LOGIN, body, token))
    for _ in range(2):
        refused(app.post(LOGIN, {**body, "password": "wrong"}, app.visitor()), 401)
    _limited(app.post(LOGIN, body, app.visitor()))
    _limited(app.post(REGISTER, body, app.visitor()))
    app.clock.move(MINUTE)
    succeeded(app.post(LOGIN, body, token))


def test_test_sites_are_not_limited_unless_switched_on(app_with_live_limits: App) -> None:
    app = app_with_live_limits
    token = app.visitor()
    for number in range(12):
        succeeded(app.create(login(), token, idempotency_key=str(number)))
        succeeded(app.create(login(), token))
    for _ in range(60):
        app.visitor()
    for number in range(6):
        app.register(email=f"{number}@example.com")


def test_a_test_site_is_known_from_its_sessions_alone(app_with_live_limits: App) -> None:
    """Tokens may come from another node or from before a restart; an `Idempotency-Key` must not bring limits to a test site."""
    app = app_with_live_limits
    token = app.visitor()
    app.application.api._services.limits.learn(app.world.shop.id, False)
    for number in range(12):
        succeeded(app.create(login(), token, idempotency_key=str(number)))


def test_live_sites_are_limited(app_with_live_limits: App) -> None:
    app = app_with_live_limits
    token = app.visitor(app.world.live)
    for _ in range(5):
        succeeded(app.create(LIVE, token))
    _limited(app.create(LIVE, token))


def test_many_at_once_get_no_more_than_allowed(limited_app: App) -> None:
    app = limited_app
    token = app.visitor()
    client = app.new_client()

    async def send() -> httpx.Response:
        await asyncio.sleep(0)
        return await client.post("/v1/redirect-session", json=login(), headers={"authorization": token})

    statuses = [answer.status_code for answer in app.at_once(*[send] * 15)]
    assert (statuses.count(200), statuses.count(429)) == (5, 10)


def test_one_page_view_of_an_sdk_site_passes_with_the_default_limits(app: App) -> None:
    """The SDK gets seven anonymous tokens at once."""
    body = {"clientId": app.world.live.id, "grantType": "anonymous"}
    client = app.new_client()
    for _ in range(5):
        answers = app.at_once(*[lambda: client.post("/oauth2/token", json=body)] * 7)
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.json()["access_token"] for answer in answers}) == 7
