"""Whatever JSON arrives: never a fault of ours, always the contract's shape (TST-09)."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roundtrip.flows.registry import registry
from tests.api.shape import refused, succeeded
from tests.app_fixture import CALLBACK, CREATE, LOGIN, REGISTER, App

EXAMPLES = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
CLIENT = "00000000-0000-4000-8000-000000000011"
ODD_TEXTS = ["", "\0", "\ud7ff", CALLBACK, "https://evil.tld", "x" * 3000, "\u202e", CLIENT]
TEXTS = st.text(max_size=40) | st.sampled_from(ODD_TEXTS)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([2**63, -(2**63), 10**400, 0.1, -0.0])
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
TOKEN_NAMES = ("clientId", "client_id", "grantType", "grant_type", "code", "codeVerifier", "refreshToken", "redirectUri", "scope")
CALLBACK_NAMES = ["postFlowUrl", "thankYouPageUrl", "loginUrl", "plansListUrl", "state"]
CONTENT_TYPES = ["application/json", "application/x-www-form-urlencoded", "text/plain", "\u00ff"]
GRANTS = st.sampled_from(["anonymous", "refresh_token", "authorization_code", "client_credentials", "password"])


def _fields(kind: Any) -> dict[str, Any]:
    return {field.encode_name: field.type for field in msgspec.structs.fields(kind)}


def _near(kind: Any) -> st.SearchStrategy[Any]:
    """Objects with the right names in the right places, and anything in them."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return st.fixed_dictionaries({}, optional={name: _near(inner) | VALUES for name, inner in _fields(kind).items()})
    inner = [part for part in getattr(kind, "__args__", ()) if isinstance(part, type) and issubclass(part, msgspec.Struct)]
    return _near(inner[0]) if inner else VALUES


MESSAGES = st.fixed_dictionaries(
    {},
    optional={
        **{intent: _near(kind) for intent, kind in registry().params.items()},
        "callbacks": st.dictionaries(st.sampled_from(CALLBACK_NAMES), VALUES, max_size=4),
        "preferences": st.dictionaries(st.sampled_from(["additionalQueryParameters", "maintainIdentity"]), VALUES, max_size=2),
        "origin": VALUES,
    },
)
ADDITIONS = st.builds(
    lambda parameters, callbacks, origin: {
        "login": {},
        "preferences": {"additionalQueryParameters": parameters},
        "callbacks": callbacks,
        "origin": origin,
    },
    st.dictionaries(TEXTS, TEXTS, max_size=6),
    st.dictionaries(st.sampled_from(["state"]), TEXTS, max_size=1),
    TEXTS,
)
CREDENTIALS = st.fixed_dictionaries(
    {}, optional={"loginId": VALUES | st.fixed_dictionaries({}, optional={"email": VALUES}), "password": VALUES, "profile": VALUES}
)


def _post(app: App, path: str, body: object, token: str | None) -> None:
    try:
        content = msgspec.json.encode(body)
    except OverflowError:
        return
    answer = app.post(path, content, token)
    if answer.status_code == 200:
        succeeded(answer)
    else:
        refused(answer)


@EXAMPLES
@given(body=VALUES | MESSAGES | ADDITIONS)
def test_any_json_to_create_redirect_session(app_on_each_shared: App, body: object) -> None:
    _post(app_on_each_shared, CREATE, body, app_on_each_shared.visitor())


@EXAMPLES
@given(body=VALUES | st.dictionaries(st.sampled_from(TOKEN_NAMES), VALUES | GRANTS, max_size=5))
def test_any_json_to_the_token_endpoint(app_on_each_shared: App, body: object) -> None:
    _post(app_on_each_shared, "/oauth2/token", body, None)


@EXAMPLES
@given(body=CREDENTIALS | VALUES)
def test_any_json_to_login_and_registration(app_on_each_shared: App, body: object) -> None:
    token = app_on_each_shared.visitor()
    _post(app_on_each_shared, REGISTER, body, token)
    answer = app_on_each_shared.post(LOGIN, msgspec.json.encode(body) if not _is_too_large(body) else b"{}", token)
    assert "applicationError" in answer.json()["details"]


@EXAMPLES
@given(
    body=st.binary(max_size=200),
    content_type=st.sampled_from(CONTENT_TYPES),
)
def test_any_bytes_to_the_token_endpoint(app_on_each_shared: App, body: bytes, content_type: str) -> None:
    headers = [(b"content-type", content_type.encode("latin-1"))]
    refused(app_on_each_shared.request("POST", "/oauth2/token", content=body, headers=headers))


@EXAMPLES
@given(query=st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#"), max_size=80))
def test_any_query_to_the_list(app_on_each_shared: App, query: str) -> None:
    answer = app_on_each_shared.get(f"/api/v1/redirect-sessions?{query}", app_on_each_shared.world.key)
    if answer.status_code == 200:
        succeeded(answer)
    else:
        refused(answer)


def _is_too_large(body: object) -> bool:
    try:
        msgspec.json.encode(body)
    except OverflowError:
        return True
    return False
