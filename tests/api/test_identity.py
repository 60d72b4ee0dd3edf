"""The identity API and the members API, with their two traps and the codes that the SDK reads."""

from __future__ import annotations

from typing import Any

import pytest

from roundtrip.core.clock import HOUR, MINUTE
from tests.api.shape import refused, succeeded, violated
from tests.app_fixture import LOGIN, PASSWORD, REGISTER, App, Browser, Json, auth, query

ALIASES = ("/_api/iam/authentication/v2", "/iam/authentication/v2")
MY = ("/members/v1/members/my", "/_api/members/v1/members/my")
EMAIL = "ann@example.com"
GOOD = {"loginId": {"email": EMAIL}, "password": PASSWORD}
LONG_EMAIL = "x" * 300 + "@example.com"
NOT_EMAILS = [
    "",
    "ann",
    "ann@",
    "@example.com",
    "ann@example",
    "a b@example.com",
    "ann@exa mple.com",
    "ann@@example.com",
    LONG_EMAIL,
]
WRONG: list[Any] = [
    {},
    {"loginId": None, "password": None},
    {"loginId": {}, "password": PASSWORD},
    {"loginId": {"email": 5}, "password": PASSWORD},
    {"loginId": {"email": EMAIL}},
    {"loginId": {"email": EMAIL}, "password": 5},
    {"loginId": {"email": EMAIL}, "password": ["x"]},
    {"loginId": EMAIL, "password": PASSWORD},
    [],
    "x",
    5,
    None,
]


@pytest.mark.parametrize("alias", ALIASES)
def test_a_member_registers_and_logs_in(app_on_each: App, alias: str) -> None:
    app = app_on_each
    token = app.visitor()
    captcha = [{"Recaptcha": "x"}, {"recaptchaForClientSiteKey": {"token": "x", "siteKeyId": "y"}}]
    more = {"captchaTokens": captcha, "clientMetaData": {"x": 1}, "profile": {"nickname": "Annie", "customFields": [{"name": "a"}]}}
    made = succeeded(app.post(f"{alias}/register", {**GOOD, **more}, token))
    again = succeeded(app.post(f"{alias}/login", {**GOOD, "stateToken": "x"}, token))
    for answer in (made, again):
        assert answer["state"] == "SUCCESS"
        assert answer["sessionToken"].startswith("JWS.")
        assert answer["identity"]["email"] == {"address": EMAIL, "isVerified": False}
        assert answer["identity"]["status"] == {"name": "ACTIVE", "reasons": []}
        assert answer["identity"]["identityProfile"]["customFields"] == [{"name": "a"}]
    assert made["identity"]["id"] == again["identity"]["id"]
    assert made["sessionToken"] != again["sessionToken"]


def test_a_taken_address_has_the_code_that_the_sdk_knows(app: App) -> None:
    app.register(email=EMAIL)
    for email in (EMAIL, "Ann@Example.com", " ann@example.com "):
        refused(app.post(REGISTER, {**GOOD, "loginId": {"email": email}}, app.visitor()), 409, "-19995")
    succeeded(app.post(REGISTER, GOOD, app.visitor(app.world.foreign)))


@pytest.mark.parametrize("email", NOT_EMAILS)
def test_a_bad_address_at_registration_says_so_in_its_data(shared_app: App, email: str) -> None:
    """Trap 1: the SDK reads `data.type` of every violation, and makes `invalidEmail` of this one."""
    answer = shared_app.post(REGISTER, {**GOOD, "loginId": {"email": email}}, shared_app.visitor())
    assert violated(answer, "loginId.email", "FORMAT")["type"] == "EMAIL"


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("", "MIN_LENGTH"),
        ("short", "MIN_LENGTH"),
        ("x" * 257, "MAX_LENGTH"),
        ("password1", "OTHER"),
        ("aaaaaaaaaa", "OTHER"),
        (EMAIL, "OTHER"),
    ],
)
def test_a_weak_password_is_a_violation_with_data(shared_app: App, password: str, rule: str) -> None:
    """Trap 1; IDN-01."""
    answer = shared_app.post(REGISTER, {**GOOD, "password": password}, shared_app.visitor())
    data = violated(answer, "password", rule)
    assert "type" not in data
    assert not password or password not in answer.text.replace(EMAIL, "")


@pytest.mark.parametrize("body", WRONG, ids=repr)
def test_every_violation_of_a_registration_has_data(shared_app: App, body: object) -> None:
    """Trap 1, for whatever is wrong."""
    details = refused(shared_app.post(REGISTER, body, shared_app.visitor()), 400)
    for violation in details["fieldViolations"]:
        assert isinstance(violation["data"], dict)


@pytest.mark.parametrize("body", WRONG, ids=repr)
def test_login_never_answers_a_validation_error(shared_app: App, body: object) -> None:
    """Trap 2: the SDK reads `details.applicationError.code` without looking."""
    for alias in ALIASES:
        details = refused(shared_app.post(f"{alias}/login", body, shared_app.visitor()), 400)
        assert isinstance(details["code"], str)


@pytest.mark.parametrize("body", [b"{", b"", b"\xff", b'{"loginId": {"email": "\\u0000"}, "password": "x"}'])
def test_login_never_answers_a_validation_error_to_a_broken_body(shared_app: App, body: bytes) -> None:
    assert "code" in refused(shared_app.post(LOGIN, body, shared_app.visitor()), 400)
    assert "code" in refused(shared_app.post(LOGIN, body), 401)


@pytest.mark.parametrize("email", [*NOT_EMAILS, "nobody@example.com"])
def test_an_unknown_address_at_login_has_its_code(shared_app: App, email: str) -> None:
    refused(shared_app.post(LOGIN, {**GOOD, "loginId": {"email": email}}, shared_app.visitor()), 404, "-19999")


def test_a_wrong_password_has_its_code(app: App) -> None:
    app.register(email=EMAIL)
    for wrong in ("", "x", PASSWORD + " ", PASSWORD.upper(), "x" * 5000):
        refused(app.post(LOGIN, {**GOOD, "password": wrong}, app.visitor()), 401, "-19976")
    for email in (EMAIL, "ANN@example.com", " ann@example.com"):
        succeeded(app.post(LOGIN, {**GOOD, "loginId": {"email": email}}, app.visitor()))


def test_members_of_one_site_are_strangers_on_another(app: App) -> None:
    """AUT-14."""
    app.register(email=EMAIL)
    succeeded(app.post(LOGIN, GOOD, app.visitor(app.world.other)))
    refused(app.post(LOGIN, GOOD, app.visitor(app.world.foreign)), 404, "-19999")


def test_the_time_of_an_unknown_address_is_spent_on_a_real_check(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """IDN-03: known or unknown, one hash is computed."""
    app.register(email=EMAIL)
    jobs: list[object] = []
    hash_work = app.application._hash_work

    async def counted(job: Any) -> object:
        jobs.append(job)
        return await hash_work(job)

    services = app.application.api._services
    monkeypatch.setattr(type(services), "hash_work", property(lambda self: counted))
    for email in (EMAIL, "nobody@example.com"):
        app.post(LOGIN, {"loginId": {"email": email}, "password": "x"}, app.visitor())
    assert len(jobs) == 2


def test_a_session_token_is_good_once_for_five_minutes_and_for_its_client(app: App) -> None:
    """AUT-16."""
    world = app.world

    def arrives(token: str, client: Any = None) -> str:
        client = client or world.shop
        session = app.session(auth(client, sessionToken=token, prompt="none"), app.visitor(client))
        answered = query(Browser(app).open(session["fullUrl"]).headers["location"])
        return "code" if "code" in answered else answered["error"]

    token = app.register()["sessionToken"]
    assert arrives(token, world.other) == "login_required"
    assert arrives(token) == "code"
    assert arrives(token) == "login_required"
    late = app.register()["sessionToken"]
    app.clock.move(5 * MINUTE)
    assert arrives(late) == "login_required"


def test_a_profile_has_a_limit(shared_app: App) -> None:
    for size, passes in ((16_000, True), (17_000, False)):
        body = {"loginId": {"email": f"p{size}@example.com"}, "password": PASSWORD, "profile": {"company": "x" * size}}
        answer = shared_app.post(REGISTER, body, shared_app.visitor())
        if passes:
            succeeded(answer)
        else:
            assert violated(answer, "profile", "MAX_LENGTH") == {"threshold": 16384}


@pytest.mark.parametrize("path", MY)
def test_the_current_member_is_answered_in_full(app: App, path: str) -> None:
    member = app.register(profile={"nickname": "Annie", "firstName": "Ann", "phones": ["+1"], "emails": "no list", "slug": "Ann A"})
    token = app.member(session_token=member["sessionToken"])["access_token"]
    shown: Json = succeeded(app.get(path, token))["member"]
    assert (shown["id"], shown["loginEmail"], shown["status"]) == (member["id"], member["email"], "APPROVED")
    assert shown["contact"]["phones"] == ["+1"]
    assert shown["contact"]["emails"] == []
    assert shown["profile"]["nickname"] == "Annie"
    assert shown["profile"]["slug"].startswith("ann-a-")


@pytest.mark.parametrize("path", MY)
def test_a_visitor_is_no_member(shared_app: App, path: str) -> None:
    refused(shared_app.get(path, shared_app.visitor()), 404, "NOT_FOUND")


def test_a_token_outlives_its_hours_only_by_renewal(app: App) -> None:
    tokens = app.member()
    app.clock.move(4 * HOUR + 1000)
    refused(app.get(MY[0], tokens["access_token"]), 401, "UNAUTHENTICATED")
    renewal = {"clientId": app.world.shop.id, "grantType": "refresh_token", "refreshToken": tokens["refresh_token"]}
    succeeded(app.get(MY[0], app.post("/oauth2/token", renewal).json()["access_token"]))


def test_logging_out_ends_the_tokens_at_once(app: App) -> None:
    """Decision record 0011: also for another client of the site that got its tokens from the same login."""
    tokens = app.member()
    session = app.session({"logout": {"clientId": app.world.shop.id}}, tokens["access_token"])
    Browser(app).open(session["fullUrl"])
    refused(app.get(MY[0], tokens["access_token"]), 401, "UNAUTHENTICATED")
    renewal = {"clientId": app.world.shop.id, "grantType": "refresh_token", "refreshToken": tokens["refresh_token"]}
    assert app.post("/oauth2/token", renewal).json()["error"] == "invalid_grant"
