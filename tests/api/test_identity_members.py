"""The identity API around members: codes, recovery, changing passwords, signing on, and what owners decide."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from roundtrip.credentials import one_time_code
from tests.api.shape import refused, succeeded, violated
from tests.app_fixture import LOGIN, PASSWORD, REGISTER, App, Browser, auth, query

VERIFICATION = ("/_api/iam/verification/v1", "/iam/verification/v1")
RECOVERY = ("/_api/iam/recovery/v1", "/_iam/recovery/v1", "/iam/recovery/v1")
AUTHENTICATION = "/_api/iam/authentication/v2"
EMAIL = "ann@example.com"
GOOD = {"loginId": {"email": EMAIL}, "password": PASSWORD}
NEW = "another nine words in a row"


def ask(app: App, **fields: bool) -> None:
    """The owner changes the policy."""
    body = {"signOnPolicy": fields}
    succeeded(app.request("PATCH", "/iam/signon/v1/sign-on-policies", json=body, headers={"authorization": app.world.key}))


def mails(app: App) -> list[dict[str, Any]]:
    """Every mail in the queue, in order."""
    rows = app.application.db.read_now(lambda tx: tx.all("SELECT body FROM outbox WHERE entity = 'mail' ORDER BY occurred_at, id"))
    return [msgspec.json.decode(body, type=dict) for (body,) in rows]


def digits(app: App) -> str:
    """The digits of the newest mail."""
    return one_time_code.digits(app.application._code_key, mails(app)[-1]["code_id"])


def link(app: App) -> str:
    """The token in the link of the newest mail."""
    return one_time_code.link_token(app.application._code_key, mails(app)[-1]["code_id"])


@pytest.mark.parametrize("prefix", VERIFICATION)
def test_a_registration_goes_on_with_the_code(app_on_each: App, prefix: str) -> None:
    """IDN-04."""
    app = app_on_each
    ask(app, requireEmailVerification=True)
    made = succeeded(app.post(REGISTER, GOOD, app.visitor()))
    assert made.keys() == {"state", "stateToken"}
    assert made["state"] == "REQUIRE_EMAIL_VERIFICATION"
    app.clock.move(1)
    succeeded(app.post(f"{prefix}/auth/resend", {"stateToken": made["stateToken"]}, app.visitor()))
    body = {"code": digits(app), "stateToken": made["stateToken"]}
    refused(app.post(f"{prefix}/auth/verify", body, app.visitor(app.world.other)), 400, "VERIFICATION_FAILED")
    done = succeeded(app.post(f"{prefix}/auth/verify", body, app.visitor()))
    assert (done["state"], done["identity"]["email"]["isVerified"]) == ("SUCCESS", True)
    assert done["identity"]["status"] == {"name": "ACTIVE", "reasons": []}
    refused(app.post(f"{prefix}/auth/verify", body, app.visitor()), 400, "VERIFICATION_FAILED")
    assert app.member(session_token=done["sessionToken"])["access_token"]


def test_logging_in_says_what_is_missing_after_the_right_password_only(app: App) -> None:
    ask(app, requireEmailVerification=True)
    app.post(REGISTER, GOOD, app.visitor())
    refused(app.post(LOGIN, {**GOOD, "password": "wrong"}, app.visitor()), 401, "-19976")
    app.clock.move(1)
    waiting = succeeded(app.post(LOGIN, GOOD, app.visitor()))
    assert waiting["state"] == "REQUIRE_EMAIL_VERIFICATION"
    body = {"code": digits(app), "stateToken": waiting["stateToken"]}
    assert succeeded(app.post(f"{VERIFICATION[0]}/auth/verify", body, app.visitor()))["state"] == "SUCCESS"


def test_the_owner_approves_by_api(app: App) -> None:
    ask(app, requireOwnerApproval=True)
    made = succeeded(app.post(REGISTER, GOOD, app.visitor()))
    assert (made["state"], "sessionToken" in made) == ("REQUIRE_OWNER_APPROVAL", False)
    assert made["identity"]["status"] == {"name": "PENDING", "reasons": ["PENDING_ADMIN_APPROVAL_REQUIRED"]}
    assert succeeded(app.post(LOGIN, GOOD, app.visitor()))["state"] == "REQUIRE_OWNER_APPROVAL"
    (waiting,) = succeeded(app.get("/api/v1/members?status=pending_approval", app.world.key))["members"]
    refused(app.post(f"/api/v1/members/{waiting['id']}/approve", None, app.world.foreign_key), 404, "MEMBER_NOT_FOUND")
    assert succeeded(app.post(f"/api/v1/members/{waiting['id']}/approve", None, app.world.key))["status"] == "active"
    assert succeeded(app.post(LOGIN, GOOD, app.visitor()))["state"] == "SUCCESS"


@pytest.mark.parametrize("prefix", RECOVERY)
def test_recovery_never_says_who_has_an_account(app: App, prefix: str) -> None:
    """IDN-03."""
    app.register(email=EMAIL)
    answers = [app.post(f"{prefix}/send-email", {"email": email}, app.visitor()) for email in (EMAIL, "nobody@example.com")]
    assert [(one.status_code, one.json()) for one in answers] == [(200, {})] * 2
    assert [mail["to"] for mail in mails(app)] == [EMAIL]
    refused(app.post(f"{prefix}/recover", {"recoveryToken": "x", "password": NEW}, app.visitor()), 400, "RECOVERY_TOKEN_INVALID")
    violated(app.post(f"{prefix}/recover", {"recoveryToken": link(app), "password": "short"}, app.visitor()), "password", "MIN_LENGTH")
    done = succeeded(app.post(f"{prefix}/recover", {"recoveryToken": link(app), "password": NEW}, app.visitor()))
    assert done["state"] == "SUCCESS"
    refused(app.post(LOGIN, GOOD, app.visitor()), 401, "-19976")
    succeeded(app.post(LOGIN, {**GOOD, "password": NEW}, app.visitor()))


def test_a_recovery_redirect_must_be_listed_by_a_client_of_the_site(app: App) -> None:
    """IDN-06: the refusal explains itself, as at creation."""
    world = app.world
    for client_id, url, status, code in (
        (world.shop.id, "https://shop.example/other", 400, "INVALID_REDIRECT_URI"),
        (world.foreign.id, "https://third.example/cb", 403, "PERMISSION_DENIED"),
        ("x", "https://shop.example/cb", 404, "CLIENT_NOT_FOUND"),
    ):
        body = {"email": EMAIL, "redirect": {"url": url, "clientId": client_id}}
        details = refused(app.post(f"{RECOVERY[0]}/send-email", body, app.visitor()), status, code)
        assert status != 400 or details["data"]["field"] == "redirect.url"


def test_recovery_mails_have_to_wait_too(app: App) -> None:
    """IDN-02."""
    for _ in range(6):
        succeeded(app.post(f"{RECOVERY[0]}/send-email", {"email": EMAIL}, app.visitor()))
    answer = app.post(f"{RECOVERY[0]}/send-email", {"email": EMAIL}, app.visitor())
    refused(answer, 429, "TOO_MANY_ATTEMPTS")
    assert answer.headers["retry-after"] == "1"


def test_changing_the_password_keeps_this_login_and_ends_the_others(app: App) -> None:
    member = app.register(email=EMAIL)
    mine = app.member(session_token=member["sessionToken"])
    other = app.member(session_token=app.post(LOGIN, GOOD, app.visitor()).json()["sessionToken"])
    path = f"{AUTHENTICATION}/change-password"
    violated(app.post(path, {"newPassword": "short"}, mine["access_token"]), "newPassword", "MIN_LENGTH")
    assert succeeded(app.post(path, {"newPassword": NEW}, mine["access_token"])) == {}
    succeeded(app.get("/members/v1/members/my", mine["access_token"]))
    refused(app.get("/members/v1/members/my", other["access_token"]), 401, "UNAUTHENTICATED")
    assert [mail["kind"] for mail in mails(app)] == ["password_changed"]
    succeeded(app.post(LOGIN, {**GOOD, "password": NEW}, app.visitor()))


def test_the_sites_server_signs_somebody_on(app: App) -> None:
    pair = f"{app.visitor()},{app.world.key}"
    ask(app, requireEmailVerification=True, requireOwnerApproval=True)
    body = {"loginId": {"email": EMAIL}, "verifyEmail": True, "mergeExistingContact": True, "profile": {"firstName": "Ann"}}
    first = succeeded(app.post(f"{AUTHENTICATION}/sign-on", body, pair))
    again = succeeded(app.post(f"{AUTHENTICATION}/sign-on", {**body, "profile": {"lastName": "Smith"}}, pair))
    assert first["identity"]["id"] == again["identity"]["id"]
    assert again["identity"]["email"] == {"address": EMAIL, "isVerified": True}
    assert {"firstName": "Ann", "lastName": "Smith"}.items() <= again["identity"]["identityProfile"].items()
    session = app.session(auth(app.world.shop, sessionToken=again["sessionToken"], prompt="none"), app.visitor())
    assert "code" in query(Browser(app).open(session["fullUrl"]).headers["location"])
    for token in (app.visitor(), f"{app.visitor()},x", f"x,{app.world.key}", None):
        refused(app.post(f"{AUTHENTICATION}/sign-on", body, token), 401, "UNAUTHENTICATED")
    for key in (app.world.reading_key, app.world.foreign_key):
        refused(app.post(f"{AUTHENTICATION}/sign-on", body, f"{app.visitor()},{key}"), 403, "PERMISSION_DENIED")


def test_signing_on_takes_a_strangers_password_away(app: App) -> None:
    """Decision record 0043: who registered in advance with somebody else's address keeps no key."""
    app.register(email=EMAIL)
    pair = f"{app.visitor()},{app.world.key}"
    succeeded(app.post(f"{AUTHENTICATION}/sign-on", {"loginId": {"email": EMAIL}, "verifyEmail": True}, pair))
    refused(app.post(LOGIN, GOOD, app.visitor()), 401, "-19976")


def test_blocking_ends_access_tokens_at_once(app: App) -> None:
    member = app.register(email=EMAIL)
    token = app.member(session_token=member["sessionToken"])["access_token"]
    succeeded(app.post(f"/api/v1/members/{member['id']}/block", None, app.world.key))
    refused(app.get("/members/v1/members/my", token), 401, "UNAUTHENTICATED")
    refused(app.post(LOGIN, GOOD, app.visitor()), 404, "-19999")
    pair = f"{app.visitor()},{app.world.key}"
    refused(app.post(f"{AUTHENTICATION}/sign-on", {"loginId": {"email": EMAIL}}, pair), 403, "MEMBER_BLOCKED")
    succeeded(app.post(f"/api/v1/members/{member['id']}/unblock", None, app.world.key))
    succeeded(app.post(LOGIN, GOOD, app.visitor()))


def test_lists_of_members_go_page_by_page(app: App) -> None:
    made = [app.register()["id"] for _ in range(3)]
    page = succeeded(app.get("/api/v1/members?limit=2", app.world.key))
    rest = succeeded(app.get(f"/api/v1/members?limit=2&cursor={page['nextCursor']}", app.world.key))
    assert sorted(one["id"] for one in (*page["members"], *rest["members"])) == sorted(made)
    assert rest["nextCursor"] is None
    assert succeeded(app.get("/api/v1/members", app.world.foreign_key))["members"] == []


@pytest.mark.parametrize(("email", "valid"), [(EMAIL, True), ("ann@", False), ("", False), ("x" * 300 + "@example.com", False)])
def test_an_address_is_judged_by_its_form(shared_app: App, email: str, valid: bool) -> None:
    answer = succeeded(shared_app.post(f"{AUTHENTICATION}/validate-email", {"email": email}, shared_app.visitor()))
    assert answer == {"valid": valid, "formatInvalid": not valid}


def test_a_member_proves_the_address_later(app: App) -> None:
    member = app.register(email=EMAIL)
    token = app.member(session_token=member["sessionToken"])["access_token"]
    started = succeeded(app.post(f"{VERIFICATION[0]}/Start", {"identityId": member["id"], "target": "EMAIL"}, token))
    body = {"code": digits(app), "stateToken": started["verificationId"]}
    assert succeeded(app.post(f"{VERIFICATION[0]}/auth/verify", body, token))["identity"]["email"]["isVerified"] is True
    other = app.register()["id"]
    refused(app.post(f"{VERIFICATION[0]}/start", {"identityId": other}, token), 404, "MEMBER_NOT_FOUND")
