"""The endpoints that only standard clients know: discovery, introspection, revocation and userinfo by their specifications."""

from __future__ import annotations

from typing import Any

import msgspec

from roundtrip.api.oauth import REFUSED, challenge, header, named_client, read_params
from roundtrip.api.operation import VISITORS, Answer, Call, Operation
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.identity import ApiKey
from roundtrip.oauth import discovery, endpoints, user_info
from roundtrip.oauth import errors as oauth_errors
from roundtrip.redirect_session.entry_url import END_SESSION_PATH

INTROSPECT = "oauth.introspect"
"""What an API key needs for asking about tokens."""
TOKEN, JWKS, INTROSPECTION, REVOCATION, USERINFO = (
    "/oauth2/token",
    "/oauth2/jwks",
    "/oauth2/introspect",
    "/oauth2/revoke",
    "/oauth2/userinfo",
)
ENDPOINTS = {
    "authorization_endpoint": "/oauth2/authorize",
    "token_endpoint": TOKEN,
    "userinfo_endpoint": USERINFO,
    "jwks_uri": JWKS,
    "introspection_endpoint": INTROSPECTION,
    "revocation_endpoint": REVOCATION,
    "end_session_endpoint": END_SESSION_PATH,
}
_EXAMPLE_CLIENT = "5d0b2c1e-7a54-4f0e-9b1f-1f6f0f1b7a01"


async def describe_server(call: Call) -> dict[str, object]:
    """Everything a standard client needs to know of this server."""
    return discovery.metadata(call.services.issuer, ENDPOINTS)


async def introspect(call: Call) -> Answer:
    """Whether a token is alive, and whose it is."""
    try:
        params, authorization = read_params(call), header(call)
        _count(call, params, authorization)
        key = call.caller if isinstance(call.caller, ApiKey) else None
        if key is not None and not key.may(INTROSPECT):
            raise oauth_errors.refuse("unauthorized_client", f"This API key lacks the permission {INTROSPECT!r}", kind=Kind.FORBIDDEN)
        found = await call.read(
            endpoints.introspect, params=params, authorization=authorization, key=key, access_tokens=call.services.tokens, now=call.now
        )
    except AppError as error:
        return _refused(call, error)
    return Answer(msgspec.json.encode(found))


async def revoke(call: Call) -> Answer:
    """End what a token stands for. A token that is dead or unknown is fine: it is as dead as it was to be."""
    try:
        params, authorization = read_params(call), header(call)
        _count(call, params, authorization)
        subject = await call.write(
            endpoints.revoke, params=params, authorization=authorization, access_tokens=call.services.tokens, now=call.now
        )
    except AppError as error:
        return _refused(call, error)
    if subject is not None:
        call.services.revocations.add(subject, call.now)
    return Answer(b"{}")


async def userinfo(call: Call) -> Answer:
    """The member behind the token of this call, by the scopes of the token."""
    assert call.caller is not None  # the operation lists its callers, so there is one
    try:
        claims = await call.read(user_info.claims, call.caller)
    except AppError as error:
        if error.kind is not Kind.FORBIDDEN:
            raise
        # RFC 6750 3.1: what is missing is a scope, not a login.
        body: dict[str, Any] = oauth_errors.body(error)
        return Answer(
            msgspec.json.encode(body), 403, headers=((b"www-authenticate", b'Bearer error="insufficient_scope", scope="openid"'),)
        )
    return Answer(msgspec.json.encode(claims))


def _count(call: Call, params: dict[str, object], authorization: str | None) -> None:
    client_id = named_client(params, authorization)
    limits = call.services.limits
    limits.count_for(client_id, "tokens", f"{client_id} {call.address}", limits.settings.tokens_per_minute, call.now)


def _refused(call: Call, error: AppError) -> Answer:
    status = REFUSED.get(error.kind, 400)
    retry = ((b"retry-after", b"%d" % error.retry_after),) if error.retry_after else ()
    return Answer(msgspec.json.encode(oauth_errors.body(error)), status, headers=(*retry, *challenge(call, status)))


_CLIENT_ERRORS = ("invalid_request", "invalid_client")

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="Discovery",
        method="GET",
        paths=("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"),
        summary="What this server supports, for standard clients.",
        run=describe_server,
        permission="public",
    ),
    Operation(
        name="Introspect",
        method="POST",
        paths=(INTROSPECTION,),
        summary="Say what a token is good for, to a client with a secret or an API key of the same site.",
        run=introspect,
        permission="public",
        form_body=True,
        example={"token": "OauthNG.JWS.example", "client_id": _EXAMPLE_CLIENT, "client_secret": "rts_example"},
        errors=(*_CLIENT_ERRORS, "unauthorized_client"),
    ),
    Operation(
        name="Revoke",
        method="POST",
        paths=(REVOCATION,),
        summary="End a token and all that was made with it.",
        run=revoke,
        permission="public",
        form_body=True,
        example={"token": "JWS.example", "client_id": _EXAMPLE_CLIENT},
        errors=(*_CLIENT_ERRORS, "invalid_grant"),
    ),
    *(
        Operation(
            name=name,
            method=method,
            paths=(USERINFO,),
            summary="Read the claims about the member behind the token, by its scopes.",
            run=userinfo,
            permission="public",
            callers=VISITORS,
            errors=("UNAUTHENTICATED",),
        )
        for name, method in (("UserInfoClaims", "GET"), ("UserInfoClaimsByPost", "POST"))
    ),
)
