"""Create Redirect Session with an `Idempotency-Key` (SES-10)."""

from __future__ import annotations

from functools import partial

import pytest

from roundtrip.core.clock import HOUR
from roundtrip.worker.run import Worker
from tests.api.shape import refused, succeeded, violated
from tests.app_fixture import CREATE, App, Browser, auth, login

KEY = "order-4711-of-ann"


def _count(app: App) -> int:
    return len(app.get("/api/v1/redirect-sessions?limit=100", app.world.key).json()["redirectSessions"])


def test_a_repeated_request_gets_the_same_bytes(app_on_each: App) -> None:
    app = app_on_each
    token = app.visitor()
    first = app.create(login(), token, idempotency_key=KEY)
    app.clock.move(HOUR)
    again = app.create(login(), token, idempotency_key=KEY)
    assert succeeded(first) == succeeded(again)
    assert first.content == again.content
    assert (first.status_code, first.headers["content-type"]) == (again.status_code, again.headers["content-type"])
    assert _count(app) == 1


def test_the_repeated_answer_still_opens_the_session(app: App) -> None:
    token = app.visitor()
    app.create(login(), token, idempotency_key=KEY)
    session = app.session(login(), token, idempotency_key=KEY)
    assert Browser(app).open(session["fullUrl"]).status_code == 303


def test_another_body_with_the_same_key_is_refused(app_on_each: App) -> None:
    app = app_on_each
    token = app.visitor()
    succeeded(app.create(login(), token, idempotency_key=KEY))
    refused(app.create(login(state="other"), token, idempotency_key=KEY), 409, "IDEMPOTENCY_KEY_REUSED")
    assert _count(app) == 1


def test_twins_at_the_same_time_make_one_session(app_on_each: App) -> None:
    """SES-10, TST-06: whoever comes second waits, and gets the first one's answer."""
    app = app_on_each
    headers = {"authorization": app.visitor(), "idempotency-key": KEY}
    send = partial(app.new_client().post, CREATE, json=login(), headers=headers)
    answers = app.at_once(*[send] * 12)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert _count(app) == 1


def test_twins_with_different_bodies_make_one_session(app_on_each: App) -> None:
    app = app_on_each
    headers = {"authorization": app.visitor(), "idempotency-key": KEY}
    client = app.new_client()
    calls = [partial(client.post, CREATE, json=login(state=str(number % 2)), headers=headers) for number in range(8)]
    assert sorted(answer.status_code for answer in app.at_once(*calls)) == [200] * 4 + [409] * 4
    assert _count(app) == 1


def test_a_key_is_kept_for_a_day(app: App) -> None:
    token = app.tokens()
    first = app.create(login(), token["access_token"], idempotency_key=KEY)
    app.clock.move(24 * HOUR - 1000)
    services = app.application
    app.runner.run(Worker(services.db, services.clock, services.settings.lifetimes).tidy())
    renewed = app.post(
        "/oauth2/token", {"clientId": app.world.shop.id, "grantType": "refresh_token", "refreshToken": token["refresh_token"]}
    ).json()
    assert app.create(login(), renewed["access_token"], idempotency_key=KEY).content == first.content
    app.clock.move(48 * HOUR)
    app.runner.run(Worker(services.db, services.clock, services.settings.lifetimes).tidy())
    assert KEY not in app.db_text()


def test_keys_of_two_clients_never_meet(app: App) -> None:
    shop, other = (app.create({"login": {}}, app.visitor(client), idempotency_key=KEY) for client in (app.world.shop, app.world.other))
    assert succeeded(shop)["redirectSession"]["id"] != succeeded(other)["redirectSession"]["id"]


def test_another_visitor_of_the_client_does_not_get_the_first_ones_session(app: App) -> None:
    """Anybody can be a visitor, and the answer opens a session that acts for its creator."""
    body = {"logout": {"clientId": app.world.shop.id}}
    first, second, member = (
        succeeded(app.create(body, token, idempotency_key="1"))["redirectSession"]
        for token in (app.visitor(), app.visitor(), app.member()["access_token"])
    )
    assert len({first["id"], second["id"], member["id"]}) == 3


def test_keys_of_two_api_keys_never_meet(app: App) -> None:
    world = app.world
    own = succeeded(app.create(auth(world.shop), world.key, idempotency_key=KEY))
    foreign = succeeded(app.create(auth(world.foreign), world.foreign_key, idempotency_key=KEY))
    assert own["redirectSession"]["id"] != foreign["redirectSession"]["id"]


@pytest.mark.parametrize(
    "wrong",
    [b"{", b"[]", b'{"login": 5}', b"{}", b'{"login": {}, "callbacks": {"postFlowUrl": "https://evil.tld/"}}', b'{"eventsCheckout": {}}'],
)
def test_a_refused_request_keeps_nothing(app_on_each: App, wrong: bytes) -> None:
    app = app_on_each
    token = app.visitor()
    refused(app.post(CREATE, wrong, token, idempotency_key=KEY), 400)
    refused(app.post(CREATE, wrong, token, idempotency_key=KEY), 400)
    succeeded(app.create(login(), token, idempotency_key=KEY))
    assert _count(app) == 1


def test_without_a_token_a_key_opens_nothing(app: App) -> None:
    app.create(login(), app.visitor(), idempotency_key=KEY)
    refused(app.post(CREATE, login(), idempotency_key=KEY), 401)
    refused(app.post(CREATE, login(), "OauthNG.JWS.a.b.c", idempotency_key=KEY), 401)


def test_the_database_holds_neither_key_nor_answer_in_clear(app_on_each: App) -> None:
    app = app_on_each
    session = app.session(login(), idempotency_key=KEY)
    kept = app.db_text()
    assert session["id"] in kept
    assert KEY not in kept
    assert session["sessionToken"].removeprefix("JWS.") not in kept
    assert "enter/" + session["id"] + "?" not in kept


@pytest.mark.parametrize("key", ["x", "k" * 255, "\u00fc\u00df", "'; DROP TABLE site; --", "a b"])
def test_any_key_of_a_header_works(app_on_each: App, key: str) -> None:
    app = app_on_each
    headers = [(b"authorization", app.visitor().encode()), (b"idempotency-key", key.encode("utf-8"))]
    if len(headers[1][1]) > 255:
        return
    answers = [app.request("POST", CREATE, json=login(), headers=headers) for _ in range(2)]
    assert answers[0].content == answers[1].content
    succeeded(answers[0])


def test_a_key_that_is_too_long_is_refused_and_not_cut(app: App) -> None:
    token = app.visitor()
    for tail in "ab":
        data = violated(app.create(login(), token, idempotency_key="k" * 255 + tail), "Idempotency-Key", "MAX_LENGTH")
        assert data == {"threshold": 255}


def test_an_empty_key_is_no_key(app: App) -> None:
    token = app.visitor()
    ids = {app.session(login(), token, idempotency_key=key)["id"] for key in ("", " ", "")}
    assert len(ids) == 3
