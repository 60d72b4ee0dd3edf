"""The OAuth endpoints over HTTP: the token endpoint in JSON and in form, token-info, user-info and the public keys."""

from __future__ import annotations

import contextlib
import logging
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from roundtrip.api.operation import VISITORS, Answer, Call, Operation
from roundtrip.api.wire import Wire
from roundtrip.core.errors import AppError, Kind, Refused
from roundtrip.core.ids import is_guid
from roundtrip.core.nul import refuse_in_fields, refuse_in_json
from roundtrip.oauth import errors as oauth_errors
from roundtrip.oauth import jwks, token, token_info, user_info
from roundtrip.oauth.client_authentication import credentials, is_basic
from roundtrip.sites import actions as sites
from roundtrip.sites import store as site_store
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows.keep_cart import keep_cart

# RFC 6749 5.1: token answers must not be kept by anybody on the way. `no-store` is on every answer of the API already.
_PRAGMA = ((b"pragma", b"no-cache"),)
REFUSED = {Kind.UNAUTHENTICATED: 401, Kind.LIMITED: 429, Kind.FORBIDDEN: 403}

logger = logging.getLogger("roundtrip.oauth")


class TokenRequest(Wire):
    """All parameters of all grants; which are needed depends on `grantType`. snake_case and form bodies work as well."""

    grant_type: str | None = None
    client_id: str | None = None
    client_secret: str | None = None
    code: str | None = None
    code_verifier: str | None = None
    redirect_uri: str | None = None
    refresh_token: str | None = None
    scope: str | None = None
    member_id: str | None = None
    session_token: str | None = None
    instance_id: str | None = None


class TokenResponse(msgspec.Struct, omit_defaults=True):
    """RFC 6749 5.1; `expires_in` in seconds."""

    access_token: str
    expires_in: int
    token_type: str
    refresh_token: str | None = None
    scope: str | None = None
    id_token: str | None = None


async def exchange(call: Call) -> Answer:
    """One grant for tokens. Refusals have RFC 6749's body and the contract's in one (`docs/reference/oauth.md`)."""
    try:
        return await _exchange(call)
    except AppError as error:
        status = REFUSED.get(error.kind, 400)
        retry = ((b"retry-after", b"%d" % error.retry_after),) if error.retry_after else ()
        return Answer(msgspec.json.encode(oauth_errors.body(error)), status, headers=(*_PRAGMA, *retry, *challenge(call, status)))


async def _exchange(call: Call) -> Answer:
    params = read_params(call)
    authorization = header(call)
    client_id = named_client(params, authorization)
    limits = call.services.limits
    limits.count_for(client_id, "tokens", f"{client_id} {call.address}", limits.settings.tokens_per_minute, call.now)
    services = call.services
    context = token.token_context(
        access_tokens=services.tokens, key_ring=services.key_ring, rotation_key=services.rotation_key, now=call.now
    )
    origin = call.headers.get(b"origin")
    answer, is_test = await call.write(
        _checked_exchange, params, context, authorization, client_id, origin.decode("latin-1") if origin else None
    )
    if is_test is not None:
        limits.learn(client_id, is_test)
    if isinstance(answer, Refused):
        raise answer.error
    if answer.is_repeated:
        logger.info("a refresh token came again within its grace, client %s", client_id)
    response = TokenResponse(
        answer.access_token, answer.expires_in, answer.token_type, answer.refresh_token, answer.scope or None, answer.id_token
    )
    return Answer(msgspec.json.encode(response), headers=_PRAGMA)


def _checked_exchange(
    tx: Tx, params: dict[str, object], context: token.TokenContext, authorization: str | None, client_id: str, origin: str | None
) -> tuple[token.TokenAnswer | Refused, bool | None]:
    found = site_store.client_and_site(tx, client_id) if client_id else None
    if found is not None:
        sites.require_origin(found[0], found[1], origin, context.now)
    answer = token.exchange(tx, params=params, context=context, authorization=authorization)
    code = params.get("code")
    if isinstance(answer, token.TokenAnswer) and isinstance(code, str) and code:
        keep_cart(tx, code=code, moment=Moment(context.now, context.grant_id))
    return answer, found[1].is_test if found else None


def header(call: Call) -> str | None:
    """The `Authorization` header, if there is one."""
    text = call.headers.get(b"authorization", b"").decode("latin-1").strip()
    return text or None


def challenge(call: Call, status: int) -> tuple[tuple[bytes, bytes], ...]:
    """RFC 6749 5.2: a client that tried `Basic` is asked for it again."""
    return ((b"www-authenticate", b'Basic realm="token endpoint"'),) if status == 401 and is_basic(header(call)) else ()


def named_client(params: dict[str, object], authorization: str | None) -> str:
    """The client that a request names, or nothing: what is no id is neither looked up nor remembered as a counter of its own."""
    named = str(params.get("clientId") or params.get("client_id") or "")
    if not named and is_basic(authorization):
        with contextlib.suppress(AppError):  # what is wrong with it is told later
            named = credentials({}, authorization).client_id or ""
    return named.lower() if is_guid(named) else ""


def read_params(call: Call) -> dict[str, object]:
    """JSON or form, as the content type says (and JSON when it says nothing)."""
    body, content_type = call.raw_body, call.headers.get(b"content-type", b"")
    if content_type.split(b";")[0].strip().lower() == b"application/x-www-form-urlencoded":
        return _form(body)
    refuse_in_json(body)
    try:
        params: Any = msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise oauth_errors.refuse("invalid_request", f"The body is not valid JSON: {error}. Send JSON or a form.") from error
    if not isinstance(params, dict):
        raise oauth_errors.refuse("invalid_request", "The body must be a JSON object or a form.")
    return params


def _form(body: bytes) -> dict[str, object]:
    """A form's parameters. None may come twice (RFC 6749 3.2)."""
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    params: dict[str, object] = dict(pairs)
    if len(params) < len(pairs):
        raise oauth_errors.refuse("invalid_request", "A parameter was sent more than once.")
    refuse_in_fields(pairs)
    return params


class TokenInfoRequest(Wire):
    """The token to look at."""

    token: str = ""


async def describe(call: Call) -> dict[str, object]:
    """What a token is good for. A token that is not alive answers `active: false`, never an error."""
    answer = await call.read(token_info.describe, call.body.token, access_tokens=call.services.tokens, now=call.now)
    return answer


async def who(call: Call) -> dict[str, object]:
    """The member behind the token of this call, with the standard claims."""
    assert call.caller is not None  # the operation lists its callers, so there is one
    return await call.read(user_info.user_info, call.caller)


async def keys(call: Call) -> dict[str, object]:
    """The public keys that id_tokens and signed results are verified with (RFC 7517)."""
    return jwks.public_keys(call.services.key_ring)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="Token",
        method="POST",
        paths=("/oauth2/token", "/_api/oauth2/token"),
        summary="Exchange a grant for tokens.",
        run=exchange,
        permission="public",
        form_body=True,
        form=TokenRequest,
        request=None,
        response=TokenResponse,
        example={"clientId": "5d0b2c1e-7a54-4f0e-9b1f-1f6f0f1b7a01", "grantType": "anonymous"},
        errors=(
            "invalid_request",
            "invalid_client",
            "invalid_grant",
            "unauthorized_client",
            "unsupported_grant_type",
            "invalid_scope",
            "RESOURCE_EXHAUSTED",
        ),
    ),
    Operation(
        name="TokenInfo",
        method="POST",
        paths=("/oauth2/token-info", "/oauth2/token_info", "/_api/oauth2/token-info", "/_api/oauth2/token_info"),
        summary="Say whether a token is alive and whom it stands for.",
        run=describe,
        permission="public",
        request=TokenInfoRequest,
        example={"token": "OauthNG.JWS.example"},
    ),
    Operation(
        name="UserInfo",
        method="GET",
        paths=("/oauth2/user-info", "/_api/oauth2/user-info"),
        summary="Read the standard claims of the member behind the token.",
        run=who,
        permission="public",
        callers=VISITORS,
        errors=("UNAUTHENTICATED",),
    ),
    Operation(
        name="Jwks",
        method="GET",
        paths=("/oauth2/jwks", "/_api/oauth2/jwks", "/.well-known/jwks.json"),
        summary="The public keys of this server.",
        run=keys,
        permission="public",
    ),
)
