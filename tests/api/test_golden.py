"""The main answers as files, so that a change of the wire is seen in review. Ids, times and secrets are replaced by their kind.

`ROUNDTRIP_WRITE_GOLDEN=1` writes the files anew; look at the difference before keeping it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from roundtrip.credentials import one_time_code
from roundtrip.flows.registry import registry
from tests.app_fixture import LOGIN, PASSWORD, REGISTER, App, auth, login

FOLDER = Path(__file__).with_name("golden")
EMAIL = "ann@example.com"
CREDENTIALS = {"loginId": {"email": EMAIL}, "password": PASSWORD}
KINDS = (
    ("<access token>", re.compile(r"OauthNG\.JWS\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")),
    ("<secret>", re.compile(r"JWS\.[A-Za-z0-9_-]{43,}")),
    ("<state token>", re.compile(r"(?<![0-9a-f])01[0-9a-f]{30}[A-Za-z0-9_-]{43}")),
    ("<id>", re.compile(r"(?<![0-9a-f])01[0-9a-f]{6}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b")),
    ("<time>", re.compile(r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")),
    ("<end of an id>", re.compile(r"(?<=annie-)[0-9a-f]{8}\b")),
)


def _session(app: App) -> str:
    return str(app.session(login())["id"])


def _member(app: App) -> str:
    made = app.register(email=EMAIL, profile={"nickname": "Annie", "firstName": "Ann", "phones": ["+1 555 0100"]})
    return str(app.member(session_token=made["sessionToken"])["access_token"])


def _known(app: App, password: str = PASSWORD) -> httpx.Response:
    app.register(email=EMAIL)
    return app.post(LOGIN, {**CREDENTIALS, "password": password}, app.visitor())


def _shop(app: App) -> dict[str, str]:
    return {"clientId": app.world.shop.id}


def _verification(app: App, **fields: bool) -> httpx.Response:
    policy = {"signOnPolicy": fields}
    return app.request("PATCH", "/iam/signon/v1/sign-on-policies", json=policy, headers={"authorization": app.world.key})


def _waiting(app: App, **fields: bool) -> httpx.Response:
    _verification(app, **fields)
    return app.post(REGISTER, CREDENTIALS, app.visitor())


def _verify(app: App, code: str | None = None) -> httpx.Response:
    token = _waiting(app, requireEmailVerification=True).json()["stateToken"]
    code_id = "-".join((token[:8], token[8:12], token[12:16], token[16:20], token[20:32]))
    digits = code or one_time_code.digits(app.application._code_key, code_id)
    return app.post("/_api/iam/verification/v1/auth/verify", {"code": digits, "stateToken": token}, app.visitor())


def _recovery(app: App, url: str) -> httpx.Response:
    body = {"email": EMAIL, "redirect": {"url": url, **_shop(app)}}
    return app.post("/_api/iam/recovery/v1/send-email", body, app.visitor())


def _sign_on(app: App) -> httpx.Response:
    body = {"loginId": {"email": EMAIL}, "verifyEmail": True, "profile": {"nickname": "Annie"}}
    return app.post("/_api/iam/authentication/v2/sign-on", body, f"{app.visitor()},{app.world.key}")


def _paused(app: App) -> httpx.Response:
    for _ in range(7):
        answer = app.post(LOGIN, {**CREDENTIALS, "password": "wrong"}, app.visitor())
    return answer


def _decided(app: App, verb: str) -> httpx.Response:
    app.register(email=EMAIL)
    (known,) = app.get("/api/v1/members", app.world.key).json()["members"]
    return app.post(f"/api/v1/members/{known['id']}/{verb}", None, app.world.key)


ANSWERS: dict[str, Callable[[App], httpx.Response]] = {
    "create_login": lambda app: app.create({**login(state="s"), "preferences": {"additionalQueryParameters": {"utm_source": "mail"}}}),
    "create_auth": lambda app: app.create(auth(app.world.shop, prompt="login")),
    "create_logout": lambda app: app.create({"logout": _shop(app), "callbacks": {"postFlowUrl": "https://shop.example/"}}),
    "create_without_intent": lambda app: app.create({}),
    "create_with_two_intents": lambda app: app.create({"login": {}, "bookingsBook": {}}),
    "create_unlisted_domain": lambda app: app.create({"login": {}, "callbacks": {"postFlowUrl": "https://www.shop.example/"}}),
    "create_unlisted_uri": lambda app: app.create(auth(app.world.shop, redirectUri="https://shop.example/cb/")),
    "create_long_callback": lambda app: app.create({"login": {}, "callbacks": {"postFlowUrl": "x" * 2049}}),
    "create_malformed": lambda app: app.post("/v1/redirect-session", b"{", app.visitor()),
    "create_without_token": lambda app: app.post("/v1/redirect-session", {}),
    "create_by_key": lambda app: app.create(login(), app.world.key),
    "create_from_unlisted_origin": lambda app: app.create(login(), origin="https://evil.tld"),
    "session": lambda app: app.get(f"/api/v1/redirect-sessions/{_session(app)}", app.world.key),
    "sessions": lambda app: app.get(f"/api/v1/redirect-sessions?limit=1&x={_session(app)}", app.world.key),
    "session_expired": lambda app: app.post(f"/api/v1/redirect-sessions/{_session(app)}/expire", None, app.world.key),
    "session_unknown": lambda app: app.get("/api/v1/redirect-sessions/x", app.world.key),
    "token_anonymous": lambda app: app.post("/oauth2/token", {**_shop(app), "grantType": "anonymous"}),
    "token_invalid_client": lambda app: app.post("/oauth2/token", {"grantType": "anonymous"}),
    "token_invalid_grant": lambda app: app.post("/oauth2/token", {**_shop(app), "grantType": "refresh_token", "refreshToken": "x"}),
    "token_info": lambda app: app.post("/oauth2/token-info", {"token": app.visitor()}),
    "token_info_inactive": lambda app: app.post("/oauth2/token-info", {"token": "x"}),
    "user_info": lambda app: app.get("/oauth2/user-info", _member(app)),
    "register": lambda app: app.post(REGISTER, {**CREDENTIALS, "profile": {"nickname": "Annie"}}, app.visitor()),
    "register_bad_email": lambda app: app.post(REGISTER, {**CREDENTIALS, "loginId": {"email": "ann"}}, app.visitor()),
    "register_weak_password": lambda app: app.post(REGISTER, {**CREDENTIALS, "password": "short"}, app.visitor()),
    "login": _known,
    "login_wrong_password": lambda app: _known(app, "wrong"),
    "login_unknown": lambda app: app.post(LOGIN, CREDENTIALS, app.visitor()),
    "login_malformed": lambda app: app.post(LOGIN, {}, app.visitor()),
    "my_member": lambda app: app.get("/members/v1/members/my", _member(app)),
    "my_member_visitor": lambda app: app.get("/members/v1/members/my", app.visitor()),
    "sign_on_policy": lambda app: _verification(app, requireOwnerApproval=True),
    "register_verification": lambda app: _waiting(app, requireEmailVerification=True),
    "register_approval": lambda app: _waiting(app, requireOwnerApproval=True),
    "verify": _verify,
    "verify_wrong": lambda app: _verify(app, "x23456"),
    "send_recovery_email": lambda app: _recovery(app, "https://shop.example/cb"),
    "send_recovery_unlisted": lambda app: _recovery(app, "https://shop.example/other"),
    "recover_unknown": lambda app: app.post("/_api/iam/recovery/v1/recover", {"recoveryToken": "x", "password": PASSWORD}, app.visitor()),
    "sign_on": _sign_on,
    "sign_on_without_key": lambda app: app.post("/_api/iam/authentication/v2/sign-on", {"loginId": {"email": EMAIL}}, app.visitor()),
    "validate_email": lambda app: app.post("/_api/iam/authentication/v2/validate-email", {"email": "ann@"}, app.visitor()),
    "change_password_visitor": lambda app: app.post(
        "/_api/iam/authentication/v2/change-password", {"newPassword": PASSWORD}, app.visitor()
    ),
    "login_paused": _paused,
    "member_blocked": lambda app: _decided(app, "block"),
    "member_not_waiting": lambda app: _decided(app, "approve"),
    "not_found": lambda app: app.get("/ecom/v1/nothing"),
    "wrong_method": lambda app: app.get("/oauth2/token"),
}


def _normal(answer: httpx.Response) -> str:
    text = json.dumps({"status": answer.status_code, "body": answer.json()}, indent=2, ensure_ascii=False)
    for kind, pattern in KINDS:
        text = pattern.sub(kind, text)
    # Which intents there are is known elsewhere: a new flow changes no golden answer.
    for separator in (", ", '",\n                "'):
        text = text.replace(separator.join(sorted(registry().params)), "(every intent)")
    return text + "\n"


@pytest.mark.parametrize("name", list(ANSWERS))
def test_the_answer_is_as_it_was(app: App, name: str) -> None:
    answer = _normal(ANSWERS[name](app))
    file = FOLDER / f"{name}.json"
    if os.environ.get("ROUNDTRIP_WRITE_GOLDEN") == "1":
        file.write_text(answer, encoding="utf-8")
    assert answer == file.read_text(encoding="utf-8")


def test_no_file_is_left_over() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == set(ANSWERS)
