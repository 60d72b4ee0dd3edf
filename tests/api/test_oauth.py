"""The OAuth endpoints over HTTP: both bodies, both spellings, errors that both kinds of reader understand."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from roundtrip.core.clock import HOUR, MINUTE
from roundtrip.sites.model import Client
from tests.api.shape import check_headers, refused, succeeded
from tests.app_fixture import BASE, CALLBACK, VERIFIER, App, Browser, Json, auth, query

TOKEN_PATHS = ("/oauth2/token", "/_api/oauth2/token")
INACTIVE = {"active": False, "subjectType": "UNKNOWN", "subjectId": "", "exp": "", "iat": "", "clientId": ""}


def _form(app: App, fields: object, path: str = "/oauth2/token") -> httpx.Response:
    content = fields if isinstance(fields, bytes) else urlencode(fields).encode()  # type: ignore[arg-type]
    return app.request("POST", path, content=content, headers={"content-type": "application/x-www-form-urlencoded; charset=utf-8"})


def _rfc(answer: httpx.Response, status: int, error: str) -> Json:
    """RFC 6749 5.2 and the contract's shape in one body; never kept by anybody."""
    refused(answer, status)
    body = dict(answer.json())
    assert body["error"] == error
    assert all(0x20 <= ord(letter) <= 0x7E and letter not in '"\\' for letter in body["error_description"])
    assert answer.headers["pragma"] == "no-cache"
    return body


def _code(app: App, **changes: str | None) -> str:
    token = app.register()["sessionToken"]
    session = app.session(auth(app.world.shop, **{"sessionToken": token, "prompt": "none", "redirectUri": CALLBACK, **changes}))
    return query(Browser(app).open(session["fullUrl"]).headers["location"])["code"]


def _exchange(code: str, shop: Client) -> dict[str, str]:
    return {
        "clientId": shop.id,
        "grantType": "authorization_code",
        "code": code,
        "codeVerifier": VERIFIER,
        "redirectUri": CALLBACK,
    }


def _snake(params: dict[str, str]) -> dict[str, str]:
    return {"".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name): value for name, value in params.items()}


@pytest.mark.parametrize("path", TOKEN_PATHS)
@pytest.mark.parametrize("spelling", ["camel", "snake"])
@pytest.mark.parametrize("body", ["json", "form"])
def test_every_grant_works_in_both_spellings_and_both_bodies(app: App, path: str, spelling: str, body: str) -> None:
    """AUT-13."""
    shop = app.world.shop

    def ask(params: dict[str, str]) -> Json:
        named = params if spelling == "camel" else _snake(params)
        answer = app.post(path, named) if body == "json" else _form(app, named, path)
        answered = succeeded(answer)
        assert answered["token_type"] == "Bearer"
        assert answered["expires_in"] == 14400
        assert answered["access_token"].startswith("OauthNG.JWS.")
        assert answer.headers["pragma"] == "no-cache"
        return answered

    visitor = ask({"clientId": shop.id, "grantType": "anonymous"})
    renewed = ask({"clientId": shop.id, "grantType": "refresh_token", "refreshToken": visitor["refresh_token"]})
    assert renewed["refresh_token"] == visitor["refresh_token"]
    member = ask(_exchange(_code(app), shop))
    assert member["scope"] == "offline_access"
    assert member["refresh_token"].startswith("JWS.")


def test_without_a_content_type_json_is_understood(app: App) -> None:
    body = b'{"clientId": "%s", "grantType": "anonymous"}' % app.world.shop.id.encode()
    succeeded(app.request("POST", "/oauth2/token", content=body))


def test_scopes_decide_what_comes_back(app: App) -> None:
    shop = app.world.shop
    plain = app.redeem(_code(app, scope=None))
    assert "refresh_token" not in plain
    assert "id_token" not in plain
    opened = app.redeem(_code(app, scope="openid offline_access", nonce="n-0"))
    assert {"refresh_token", "id_token"} <= set(opened)
    assert app.post("/oauth2/token-info", {"token": opened["access_token"]}).json()["clientId"] == shop.id


@pytest.mark.parametrize(
    ("params", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"grantType": ""}, 400, "invalid_request"),
        ({"grantType": None, "clientId": "ours"}, 400, "invalid_request"),
        ({"grantType": "anonymous"}, 401, "invalid_client"),
        ({"grantType": "anonymous", "clientId": "x"}, 401, "invalid_client"),
        ({"grantType": "anonymous", "clientId": "00000000-0000-4000-8000-000000000099"}, 401, "invalid_client"),
        ({"grantType": "anonymous", "clientId": "ours", "client_id": "theirs"}, 400, "invalid_request"),
        ({"grantType": ["anonymous"], "clientId": "ours"}, 400, "invalid_request"),
        ({"grantType": "anonymous", "clientId": {}}, 400, "invalid_request"),
        ({"grantType": "password", "clientId": "ours", "username": "ann", "password": "x"}, 400, "unsupported_grant_type"),
        ({"grantType": "implicit", "clientId": "ours"}, 400, "unsupported_grant_type"),
        ({"grantType": '\u00fc\n"<script>', "clientId": "ours"}, 400, "unsupported_grant_type"),
        ({"grantType": "refresh_token", "clientId": "ours"}, 400, "invalid_request"),
        ({"grantType": "refresh_token", "clientId": "ours", "refreshToken": "x"}, 400, "invalid_grant"),
        ({"grantType": "refresh_token", "refreshToken": "JWS." + "0" * 32 + "x" * 43}, 400, "invalid_grant"),
        ({"grantType": "authorization_code", "clientId": "ours"}, 400, "invalid_request"),
        ({"grantType": "authorization_code", "clientId": "ours", "code": "x", "codeVerifier": VERIFIER}, 400, "invalid_grant"),
    ],
)
def test_refusals_have_their_standard_names(shared_app: App, params: dict[str, Any], status: int, error: str) -> None:
    """AUT-01, AUT-13: no implicit and no password grant; codes of RFC 6749 5.2."""
    ids = {"ours": shared_app.world.shop.id, "theirs": shared_app.world.other.id}
    named = {name: ids.get(value, value) if isinstance(value, str) else value for name, value in params.items()}
    for path in TOKEN_PATHS:
        _rfc(shared_app.post(path, named), status, error)
    if all(isinstance(value, str) for value in named.values()):
        _rfc(_form(shared_app, named), status, error)


@pytest.mark.parametrize("body", [b"", b"\xff", b"=", b"&&&", b"a", b"%", b"%ff=%fe", b"grant_type=%00", b"\x00", b"[]"])
def test_a_form_that_makes_no_sense_is_refused(shared_app: App, body: bytes) -> None:
    _rfc(_form(shared_app, body), 400, "invalid_request")


def test_a_parameter_that_comes_twice_is_refused(shared_app: App) -> None:
    """RFC 6749 3.2."""
    shop = shared_app.world.shop.id
    _rfc(_form(shared_app, [("client_id", shop), ("grant_type", "anonymous"), ("grant_type", "refresh_token")]), 400, "invalid_request")
    _rfc(_form(shared_app, [("client_id", shop), ("client_id", shop), ("grant_type", "anonymous")]), 400, "invalid_request")


def test_a_code_works_once_for_a_minute_and_for_its_client(app: App) -> None:
    """AUT-02, AUT-04."""
    shop = app.world.shop
    code = _code(app)
    good = _exchange(code, shop)
    for wrong in (
        {"codeVerifier": "x" * 43},
        {"redirectUri": CALLBACK + "/"},
        {"clientId": app.world.other.id},
        {"code": code[:-1]},
    ):
        _rfc(app.post("/oauth2/token", {**good, **wrong}), 400, "invalid_grant")
    for wrong in ({"codeVerifier": ""}, {"codeVerifier": "short"}):
        _rfc(app.post("/oauth2/token", {**good, **wrong}), 400, "invalid_request")
    tokens = succeeded(app.post("/oauth2/token", good))
    assert app.get("/members/v1/members/my", tokens["access_token"]).status_code == 200
    _rfc(app.post("/oauth2/token", good), 400, "invalid_grant")
    late = _code(app)
    app.clock.move(MINUTE)
    _rfc(app.post("/oauth2/token", _exchange(late, shop)), 400, "invalid_grant")


def test_a_code_that_comes_twice_ends_what_was_made_from_it(app: App) -> None:
    """AUT-04."""
    good = _exchange(_code(app), app.world.shop)
    tokens = succeeded(app.post("/oauth2/token", good))
    _rfc(app.post("/oauth2/token", good), 400, "invalid_grant")
    assert app.post("/oauth2/token-info", {"token": tokens["access_token"]}).json() == INACTIVE
    renewal = {"clientId": app.world.shop.id, "grantType": "refresh_token", "refreshToken": tokens["refresh_token"]}
    _rfc(app.post("/oauth2/token", renewal), 400, "invalid_grant")
    app.runner.run(app.application._watch())
    refused(app.get("/members/v1/members/my", tokens["access_token"]), 401, "UNAUTHENTICATED")


def test_a_refresh_token_keeps_the_member_and_belongs_to_its_client(app: App) -> None:
    tokens = app.member()
    renewal = {"grantType": "refresh_token", "refreshToken": tokens["refresh_token"]}
    for _ in range(2):
        app.clock.move(5 * HOUR)
        renewed = succeeded(app.post("/oauth2/token", {**renewal, "clientId": app.world.shop.id}))
        assert app.get("/members/v1/members/my", renewed["access_token"]).status_code == 200
    succeeded(app.post("/oauth2/token", renewal))
    _rfc(app.post("/oauth2/token", {**renewal, "clientId": app.world.other.id}), 400, "invalid_grant")


@pytest.mark.parametrize("path", ["/oauth2/token-info", "/oauth2/token_info", "/_api/oauth2/token-info", "/_api/oauth2/token_info"])
def test_token_info_tells_whom_a_token_stands_for(app: App, path: str) -> None:
    """Numbers as text; a token that is not alive is no error."""
    visitor, member = app.tokens(), app.member()
    for tokens, kind in ((visitor, "VISITOR"), (member, "MEMBER")):
        for name in ("access_token", "refresh_token"):
            told = succeeded(app.post(path, {"token": tokens[name]}))
            assert told["active"] is True
            assert told["subjectType"] == kind
            assert told["clientId"] == app.world.shop.id
            assert told["siteId"] == app.world.site.id
            assert told["exp"].isdigit()
            assert told["iat"].isdigit()
    assert succeeded(app.post(path, {"token": f"Bearer {visitor['access_token']}"}))["active"] is True
    for dead in ("", "x", "OauthNG.JWS.a.b.c", "JWS.x", app.world.key, visitor["access_token"][:-1], "\u00fc"):
        assert succeeded(app.post(path, {"token": dead})) == INACTIVE
    assert succeeded(app.post(path, {})) == INACTIVE
    app.clock.move(5 * HOUR)
    assert succeeded(app.post(path, {"token": visitor["access_token"]})) == INACTIVE


@pytest.mark.parametrize("path", ["/oauth2/user-info", "/_api/oauth2/user-info"])
def test_user_info_names_the_member_behind_the_token(app: App, path: str) -> None:
    profile = {"firstName": "Ann", "lastName": "Smith-Featherstonehaugh-Long", "nickname": "Annie", "picture": "p", "language": "de"}
    member = app.register(profile=profile)
    token = app.member(session_token=member["sessionToken"])["access_token"]
    assert succeeded(app.get(path, token)) == {
        "sub": member["id"],
        "givenName": "Ann",
        "familyName": "Smith-Featherstoneha",
        "email": member["email"],
        "emailVerified": False,
        "picture": "p",
        "language": "de",
        "name": "Annie",
    }
    refused(app.get(path, app.visitor()), 403, "PERMISSION_DENIED")


@pytest.mark.parametrize("path", ["/oauth2/jwks", "/_api/oauth2/jwks", "/.well-known/jwks.json"])
def test_only_public_keys_are_published(shared_app: App, path: str) -> None:
    """AUT-12: nothing that could sign, and no symmetric key at all."""
    keys = succeeded(shared_app.get(path))["keys"]
    assert {key["kty"] for key in keys} == {"EC", "RSA"}
    for key in keys:
        assert not {"d", "p", "q", "dp", "dq", "qi", "k", "oth"} & set(key)
        assert key["kid"]
        assert key["use"] == "sig"
        assert key["alg"] in ("ES256", "RS256")


def test_health_says_what_it_knows(shared_app: App) -> None:
    assert succeeded(shared_app.get("/health/live")) == {"status": "live"}
    assert succeeded(shared_app.get("/health/ready")) == {"status": "ready", "problems": []}
    metrics = shared_app.get("/metrics")
    check_headers(metrics)
    assert metrics.headers["content-type"].startswith("text/plain")
    assert "roundtrip_requests_total" in metrics.text
    document = succeeded(shared_app.get("/openapi.json"))
    assert document["openapi"] == "3.1.0"
    assert BASE not in shared_app.get("/openapi.json").text
