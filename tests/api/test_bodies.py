"""Bodies that no honest client sends: always the contract's refusal, never a fault of ours."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest

from roundtrip.api.application import MAX_BODY
from roundtrip.api.operation import Operation
from roundtrip.api.operations import OPERATIONS
from roundtrip.core.identity import Visitor
from tests.api.shape import is_violated, refused, succeeded, violated
from tests.app_fixture import CREATE, LOGIN, PASSWORD, REGISTER, App, auth, login

READERS = [operation for operation in OPERATIONS if operation.request is not None or operation.form_body]
DEEP = b"[" * 25_000 + b"]" * 25_000
HUGE = b"9" * 400
BROKEN = {
    "no JSON": b"hello",
    "cut off": b'{"login": {',
    "cut off after a violation": b'{"login": 5, "loginId": 5, "token": 5, "clientId": 5, "callbacks": ',
    "two values": b"{} {}",
    "single quotes": b"{'login': {}}",
    "NaN": b'{"login": NaN, "password": NaN, "token": NaN, "clientId": NaN}',
    "UTF-16": '{"login": {}}'.encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf{}",
    "no UTF-8": b'{"callbacks": {"state": "\xff"}, "password": "\xff", "token": "\xff", "clientId": "\xff", '
    b'"query": "\xff", "others": "\xff"}',
    "no UTF-8 after a violation": b'{"login": 5, "loginId": 5, "token": 5, "clientId": 5, "query": 5, "others": 5, '
    b'"callbacks": {"state": "\xff"}}',
    "lone surrogate": b'{"callbacks": {"state": "\\ud800"}, "password": "\\ud800", "token": "\\ud800", "clientId": "\\ud800"}',
    "raw NUL": b'{"callbacks": {"state": "a\x00b"}, "password": "\x00", "token": "\x00", "clientId": "\x00"}',
    "escaped NUL": b'{"callbacks": {"state": "a\\u0000b"}, "password": "\\u0000", "token": "\\u0000", "clientId": "\\u0000"}',
    "deep": b'{"x": ' + DEEP + b"}",
    "deep after a violation": b'{"login": 5, "loginId": 5, "token": 5, "clientId": 5, "x": ' + DEEP + b"}",
    "deep in a field": b'{"login": ' + DEEP + b', "loginId": ' + DEEP + b', "token": ' + DEEP + b', "clientId": ' + DEEP + b"}",
    "only brackets": DEEP,
    "array": b"[]",
    "text": b'"x"',
    "number": b"5",
    "null": b"null",
    "true": b"true",
}


NUMBERS = {"infinity": b"1e999", "huge numbers": HUGE, "huge negative numbers": b"-" + HUGE}
NAMES = ("login", "loginId", "token", "clientId", "query", "others")


def _filled_with(operation: Operation, value: bytes) -> bytes:
    """A body that has this value in every field of the operation."""
    request = operation.request
    own = [field.encode_name for field in msgspec.structs.fields(request)] if isinstance(request, type) else []
    return b"{" + b", ".join(json.dumps(name).encode() + b": " + value for name in (*own, *NAMES)) + b"}"


TEXTS = ("no UTF-8", "lone surrogate", "raw NUL", "escaped NUL")
"""What a database can choke on, each in its own way; everything else is refused before any database is asked."""


_visitors: list[tuple[App, str]] = []


def _visitor(app: App) -> str:
    """One visitor of an application for all: nothing here depends on who asks."""
    known = next((token for one, token in _visitors if one is app), None)
    if known is None:
        known = app.visitor()
        _visitors[:] = [(app, known)]
    return known


def _post(app: App, operation: Operation, body: bytes, content_type: str = "application/json") -> httpx.Response:
    headers = {"content-type": content_type}
    if operation.callers:
        headers["authorization"] = _visitor(app) if Visitor in operation.callers else app.world.key
    path = operation.paths[0].replace("{id}", app.world.other.id).replace("{site}", app.world.site.id).replace("{provider}", "offline")
    return app.request(operation.method, path, content=body, headers=headers)


@pytest.mark.parametrize("operation", READERS, ids=lambda operation: operation.name)
def test_a_broken_body_is_refused(shared_app: App, operation: Operation) -> None:
    for what, body in BROKEN.items():
        answer = _post(shared_app, operation, body)
        assert answer.status_code == 400, what
        refused(answer, 400)


def test_a_text_that_a_database_cannot_keep_is_refused(app_on_each_shared: App) -> None:
    for operation in READERS:
        for what in TEXTS:
            answer = _post(app_on_each_shared, operation, BROKEN[what])
            assert answer.status_code == 400, (operation.name, what)
            refused(answer, 400)


@pytest.mark.parametrize("operation", READERS, ids=lambda operation: operation.name)
def test_numbers_beyond_all_bounds_are_refused(shared_app: App, operation: Operation) -> None:
    for what, number in NUMBERS.items():
        answer = _post(shared_app, operation, _filled_with(operation, number))
        assert answer.status_code == 400, what
        refused(answer, 400)


@pytest.mark.parametrize("operation", READERS, ids=lambda operation: operation.name)
def test_an_empty_body_is_an_empty_object(shared_app: App, operation: Operation) -> None:
    assert _post(shared_app, operation, b"").content
    assert _post(shared_app, operation, b"").status_code == _post(shared_app, operation, b"{}").status_code


@pytest.mark.parametrize("operation", READERS, ids=lambda operation: operation.name)
def test_a_body_that_is_too_large_is_413(shared_app: App, operation: Operation) -> None:
    padding = b" " * MAX_BODY
    refused(_post(shared_app, operation, b"{" + padding + b"}"), 413, "BODY_TOO_LARGE")
    refused(_post(shared_app, operation, b"x=" + padding, "application/x-www-form-urlencoded"), 413, "BODY_TOO_LARGE")
    example = json.dumps(dict(operation.example)).encode()
    fits = _post(shared_app, operation, example + b" " * (MAX_BODY - len(example)))
    assert fits.status_code != 413


def test_a_large_body_in_pieces_is_not_read_to_its_end(shared_app: App) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b'{"x": "'
        for _ in range(1000):
            yield b"y" * 65_536

    answer = shared_app.request("POST", CREATE, content=endless(), headers={"authorization": shared_app.visitor()})
    refused(answer, 413, "BODY_TOO_LARGE")


@pytest.mark.parametrize("operation", READERS, ids=lambda operation: operation.name)
def test_unknown_fields_are_ignored(shared_app: App, operation: Operation) -> None:
    """Unknown request fields are accepted silently."""
    body = {**operation.example, "unknown": {"deep": [1, None, {"x": "\u2028"}]}, "login_id": 5, "_id": "x"}
    _post(shared_app, operation, json.dumps(dict(operation.example)).encode())  # what can be made once has been made
    answers = [_post(shared_app, operation, json.dumps(one).encode()) for one in (dict(operation.example), body)]
    assert answers[0].status_code == answers[1].status_code, answers[1].text


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"login": 5}, "login"),
        ({"login": []}, "login"),
        ({"login": "x"}, "login"),
        ({"login": True}, "login"),
        ({"auth": {"authRequest": 5}}, "auth.authRequest"),
        ({"auth": {"authRequest": {"clientId": 5}}}, "auth.authRequest.clientId"),
        ({"login": {}, "callbacks": []}, "callbacks"),
        ({"login": {}, "callbacks": {"postFlowUrl": 5}}, "callbacks.postFlowUrl"),
        ({"login": {}, "callbacks": {"state": {}}}, "callbacks.state"),
        ({"login": {}, "preferences": {"maintainIdentity": "yes"}}, "preferences.maintainIdentity"),
        ({"login": {}, "preferences": {"additionalQueryParameters": []}}, "preferences.additionalQueryParameters"),
        ({"login": {}, "preferences": {"additionalQueryParameters": {"a": 1}}}, "preferences.additionalQueryParameters"),
        ({"login": {}, "origin": 5}, "origin"),
        (
            {"bookingsCheckout": {"slotAvailability": {"nestedSlots": [{}, {"start": 5}]}}},
            "bookingsCheckout.slotAvailability.nestedSlots[1].start",
        ),
    ],
)
def test_a_wrong_type_names_the_field(shared_app: App, body: dict[str, object], field: str) -> None:
    """The SDK rewrites `field` to its own argument names, so it has to be the dotted wire path."""
    violated(shared_app.create(body), field, "FORMAT")


def test_null_means_absent(shared_app: App) -> None:
    nothing = {"auth": None, "callbacks": {"postFlowUrl": None, "state": None}, "preferences": None, "origin": None}
    succeeded(shared_app.create({"login": {}, **nothing}))
    succeeded(shared_app.create({"login": {}, "callbacks": None}))
    violated(shared_app.create({"login": None}), "intent", "REQUIRED_ONE_OF_FIELD")


def test_a_refusal_never_repeats_a_secret(shared_app: App) -> None:
    """OPS-07: what was received is shown, except where it is a secret."""
    secret = "hunter2hunter2"
    bodies = [
        (REGISTER, {"loginId": {"email": "ann@example.com"}, "password": [secret]}),
        (LOGIN, {"loginId": 5, "password": secret}),
        (LOGIN, {"loginId": {"email": "ann@example.com"}, "password": {"x": secret}}),
        (CREATE, {"auth": {"authRequest": {"sessionToken": [secret]}}}),
        (CREATE, {"auth": {"authRequest": {"sessionToken": secret}}}),
        ("/oauth2/token", {"clientId": shared_app.world.shop.id, "grantType": "refresh_token", "refreshToken": secret}),
        (
            "/oauth2/token",
            {"clientId": shared_app.world.shop.id, "grantType": "authorization_code", "code": secret, "codeVerifier": secret},
        ),
        ("/oauth2/token", {"clientId": shared_app.world.shop.id, "grantType": "anonymous", "code": [secret]}),
        ("/oauth2/token-info", {"token": [secret]}),
    ]
    for path, body in bodies:
        answer = shared_app.post(path, body, shared_app.visitor())
        assert secret not in answer.text, answer.text


def test_a_long_value_is_shown_shortened(shared_app: App) -> None:
    data = violated(shared_app.create({"ecomCheckout": {"checkoutId": "x" * 5000}}), "ecomCheckout.checkoutId", "FORMAT")
    assert data["received"] == "x" * 200


def test_a_backslash_before_the_letters_of_a_nul_is_just_text(shared_app: App) -> None:
    token = shared_app.visitor()
    body = b'{"login": {}, "callbacks": {"state": "%s"}}'
    assert shared_app.post(CREATE, body % b"\\\\u0000", token).status_code == 200
    refused(shared_app.post(CREATE, body % b"\\\\\\u0000", token), 400, "NUL_CHARACTER")


def test_a_nul_never_reaches_the_database(app_on_each: App) -> None:
    """PostgreSQL cannot keep U+0000, so no field may carry one that far, on either database."""
    app = app_on_each
    token = app.visitor()
    profile = {"nickname": "a\0", "firstName": "\0", "lastName": "\0", "slug": "\0"}
    refused(app.post(REGISTER, {"loginId": {"email": "ann@example.com"}, "password": PASSWORD, "profile": profile}, token), 400)
    refused(app.post(REGISTER, {"loginId": {"email": "a\0nn@example.com"}, "password": PASSWORD}, token), 400)
    refused(app.post(LOGIN, {"loginId": {"email": "a\0nn@example.com"}, "password": PASSWORD}, token), 400)
    refused(app.post("/oauth2/token", {"clientId": "a\0b", "grantType": "anonymous"}), 400)
    form = {"content-type": "application/x-www-form-urlencoded"}
    refused(app.request("POST", "/oauth2/token", content=b"client_id=a%00b&grant_type=anonymous", headers=form), 400)
    refused(app.create(auth(app.world.shop, nonce="a\0b"), token), 400)
    refused(app.create(login(state="\0"), token), 400)
    for query in ("cursor=%00", "clientId=a%00b", "status=%00", "intent=%00"):
        refused(app.get(f"/api/v1/redirect-sessions?{query}", app.world.key), 400)
    refused(app.get("/api/v1/redirect-sessions/a%00b", token), 404)


def test_names_that_are_words_of_programs_are_harmless(shared_app: App) -> None:
    token = shared_app.visitor()
    for name in ("__proto__", "constructor", "__class__", "", "a" * 100, "\U0001f600"):
        body = {"login": {}, "preferences": {"additionalQueryParameters": {name: "x"}}}
        assert not is_violated(shared_app.create(body, token), "preferences.additionalQueryParameters")
