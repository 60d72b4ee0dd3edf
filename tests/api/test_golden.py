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

from tests.app_fixture import LOGIN, PASSWORD, REGISTER, App, auth, login

FOLDER = Path(__file__).with_name("golden")
EMAIL = "ann@example.com"
CREDENTIALS = {"loginId": {"email": EMAIL}, "password": PASSWORD}
KINDS = (
    ("<access token>", re.compile(r"OauthNG\.JWS\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")),
    ("<secret>", re.compile(r"JWS\.[A-Za-z0-9_-]{43,}")),
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
    "not_found": lambda app: app.get("/ecom/v1/nothing"),
    "wrong_method": lambda app: app.get("/oauth2/token"),
}


def _normal(answer: httpx.Response) -> str:
    text = json.dumps({"status": answer.status_code, "body": answer.json()}, indent=2, ensure_ascii=False)
    for kind, pattern in KINDS:
        text = pattern.sub(kind, text)
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
