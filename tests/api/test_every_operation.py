"""One error shape for every operation in the table, whatever is wrong with the call."""

from __future__ import annotations

import re

import httpx
import pytest

from roundtrip.api.operation import Operation
from roundtrip.api.operations import OPERATIONS
from roundtrip.core.clock import HOUR
from roundtrip.core.identity import ApiKey, Visitor
from tests.api.shape import refused, succeeded
from tests.app_fixture import App, auth

PROTECTED = [operation for operation in OPERATIONS if operation.callers]
PLACES = [(operation, path) for operation in OPERATIONS for path in operation.paths]
GARBAGE = [
    "x",
    "Bearer",
    "Bearer x",
    "OauthNG.JWS.",
    "OauthNG.JWS.a.b.c",
    "OauthNG.JWS.e30.e30.e30",
    "OauthNG.JWS.eyJhbGciOiJub25lIn0.e30.",
    "OauthNG.JWS.\u00ff.b.c",
    "IST.unknown",
    "Basic dXNlcjpwYXNz",
    "x" * 9000,
]
UNKNOWN_ID = "01990000-0000-7000-8000-000000000000"


def _path(path: str) -> str:
    return path.replace("{id}", UNKNOWN_ID)


def _name(value: object) -> str:
    return value.name if isinstance(value, Operation) else str(value)


def _call(app: App, operation: Operation, token: str | bytes | None, path: str | None = None) -> httpx.Response:
    headers = {} if token is None else {"authorization": token.encode("latin-1") if isinstance(token, str) else token}
    body = dict(operation.example) if operation.request or operation.form_body else None
    return app.request(operation.method, _path(path or operation.paths[0]), json=body, headers=headers)


@pytest.mark.parametrize("operation", OPERATIONS, ids=_name)
def test_every_operation_names_its_permission_and_shows_an_example(operation: Operation) -> None:
    assert operation.permission
    assert operation.summary.endswith(".")
    assert all(path.startswith("/") and not path.endswith("/") for path in operation.paths)
    if operation.request is not None or operation.form_body:
        assert operation.example, f"{operation.name} reads a body, so the manual and the tests need an example of one"
    if ApiKey in operation.callers:
        assert operation.permission != "public", f"{operation.name} can be called with a key, so a key needs a permission for it"


@pytest.mark.parametrize("operation", OPERATIONS, ids=_name)
def test_an_example_that_the_manual_shows_is_understood(shared_app: App, operation: Operation) -> None:
    token = None
    if Visitor in operation.callers:
        token = shared_app.visitor()
    elif ApiKey in operation.callers:
        token = shared_app.world.key
    for path in operation.paths:
        answer = _call(shared_app, operation, token, path)
        if answer.status_code == 200:
            assert answer.content
        else:
            assert refused(answer).get("code"), "an example must not be a validation error"


@pytest.mark.parametrize("operation", PROTECTED, ids=_name)
def test_without_a_token_it_is_401(shared_app: App, operation: Operation) -> None:
    answer = _call(shared_app, operation, None)
    refused(answer, 401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("operation", PROTECTED, ids=_name)
def test_garbage_as_a_token_is_401(shared_app: App, operation: Operation) -> None:
    """Who calls is found in one place for all operations: all of the garbage goes to one of them, and some to each."""
    for garbage in GARBAGE if operation is PROTECTED[0] else GARBAGE[-2:]:
        refused(_call(shared_app, operation, garbage), 401, "UNAUTHENTICATED")
    refused(_call(shared_app, operation, b"\xff\xfe\x00OauthNG"), 401, "UNAUTHENTICATED")


@pytest.mark.parametrize("operation", [one for one in PROTECTED if Visitor in one.callers], ids=_name)
def test_an_expired_and_a_revoked_token_are_401(app: App, operation: Operation) -> None:
    member = app.member()["access_token"]
    stays = app.visitor()
    session = app.session({"logout": {"clientId": app.world.shop.id}}, member)
    app.get(session["fullUrl"].removeprefix(app.base), sec_fetch_mode="navigate", sec_fetch_dest="document")
    assert "revoked" in refused(_call(app, operation, member), 401, "UNAUTHENTICATED")["description"]
    app.clock.move(4 * HOUR + 1000)
    assert "expired" in refused(_call(app, operation, stays), 401, "UNAUTHENTICATED")["description"]


@pytest.mark.parametrize("operation", [one for one in PROTECTED if Visitor in one.callers], ids=_name)
def test_a_token_changed_by_one_letter_is_401(shared_app: App, operation: Operation) -> None:
    token = shared_app.visitor()
    for place in (20, len(token) // 2, len(token) - 30):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        refused(_call(shared_app, operation, changed), 401, "UNAUTHENTICATED")


@pytest.mark.parametrize("operation", PROTECTED, ids=_name)
def test_the_wrong_kind_of_caller_is_403(shared_app: App, operation: Operation) -> None:
    if Visitor not in operation.callers:
        refused(_call(shared_app, operation, shared_app.visitor()), 403, "PERMISSION_DENIED")
    if ApiKey not in operation.callers:
        refused(_call(shared_app, operation, shared_app.world.key), 403, "PERMISSION_DENIED")
    elif operation.permission != "redirect_session.read":
        refused(_call(shared_app, operation, shared_app.world.reading_key), 403, "PERMISSION_DENIED")


@pytest.mark.parametrize("operation", [one for one in PROTECTED if ApiKey in one.callers], ids=_name)
def test_a_key_that_names_another_site_is_403(shared_app: App, operation: Operation) -> None:
    headers = {"authorization": shared_app.world.key, "wix-site-id": shared_app.world.live_site.id}
    answer = shared_app.request(operation.method, _path(operation.paths[0]), json=dict(operation.example), headers=headers)
    refused(answer, 403, "PERMISSION_DENIED")


def test_a_wrong_method_is_405_and_says_what_works(shared_app: App) -> None:
    by_path: dict[str, set[str]] = {}
    for operation, path in PLACES:
        by_path.setdefault(path, set()).add(operation.method)
    for path, allowed in by_path.items():
        for method in sorted({"GET", "POST", "PUT", "PATCH", "DELETE"} - allowed):
            answer = shared_app.request(method, _path(path), headers={"authorization": shared_app.world.key})
            assert answer.status_code == 405, (method, path)
            refused(answer, 405, "METHOD_NOT_ALLOWED")
            assert set(answer.headers["allow"].split(", ")) == allowed, path


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "PROPFIND", "TRACE"])
@pytest.mark.parametrize(
    "path", ["/nothing", "/v1", "/oauth2/token/", "/redirects-api/v1/redirect-session", "/api/v1//x", "/a%00b", "/\u00fc"]
)
def test_an_unknown_path_is_404(shared_app: App, method: str, path: str) -> None:
    refused(shared_app.request(method, path), 404, "NOT_FOUND")


def test_a_nul_in_a_path_names_nothing(shared_app: App) -> None:
    """Wherever a path has a parameter: PostgreSQL would fail on such a text, so no operation ever sees it."""
    for operation, path in PLACES:
        if "{" in path:
            odd = re.sub(r"\{\w+\}", "a%00b", path)
            refused(shared_app.request(operation.method, odd, headers={"authorization": shared_app.world.key}), 404, "NOT_FOUND")


def test_a_nul_in_a_parameter_is_refused_in_words(shared_app: App) -> None:
    """PostgreSQL would fail on such a text, and nobody's members, media or redirect sessions are found by it."""
    for path in ("/api/v1/members?email=a%00b", "/api/v1/members?cursor=%00", "/api/v1/members?q=%00"):
        refused(shared_app.request("GET", path, headers={"authorization": shared_app.world.key}), 400, "NUL_CHARACTER")


@pytest.mark.parametrize(("operation", "path"), [place for place in PLACES if place[0].method == "GET"], ids=_name)
def test_head_answers_like_get(shared_app: App, operation: Operation, path: str) -> None:
    token = shared_app.visitor() if Visitor in operation.callers else shared_app.world.key
    answers = [shared_app.request(method, _path(path), headers={"authorization": token}) for method in ("GET", "HEAD")]
    assert answers[0].status_code == answers[1].status_code


def test_keys_and_bearer_words_are_understood(shared_app: App) -> None:
    """Both spellings of the header: raw, as the SDK sends it, and behind `Bearer`."""
    token = shared_app.visitor()
    for text in (token, f"Bearer {token}", f"bearer  {token}"):
        succeeded(shared_app.create({"login": {}}, text))
    succeeded(shared_app.get("/api/v1/redirect-sessions", f"Bearer {shared_app.world.key}"))


def test_a_member_may_call_what_a_visitor_may(shared_app: App) -> None:
    succeeded(shared_app.create(auth(shared_app.world.shop), shared_app.member()["access_token"]))


def test_a_browser_on_another_site_is_told_why_it_may_not_use_a_token(shared_app: App) -> None:
    """OPS-06, decision record 0004: a token whose client does not list the origin gets a readable 403 everywhere."""
    token = shared_app.visitor()
    for operation in PROTECTED:
        if Visitor not in operation.callers:
            continue
        headers = {"authorization": token, "origin": "https://evil.tld"}
        body = dict(operation.example) if operation.request else None
        answer = shared_app.request(operation.method, _path(operation.paths[0]), json=body, headers=headers)
        refused(answer, 403, "ORIGIN_NOT_ALLOWED")
