"""The token endpoint without its HTTP: parameters in, tokens out. The protocol is in `token_server.py`, the answer's body in `api/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from roundtrip.core.errors import Refused
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import new_secret
from roundtrip.oauth.access_token import AccessTokens
from roundtrip.oauth.errors import refuse
from roundtrip.oauth.keys import KeyRing
from roundtrip.oauth.revocation import end_grant
from roundtrip.oauth.server_grants import AuthorizedClientGrant, ClientCredentialsGrant
from roundtrip.oauth.spelling import both, spelled
from roundtrip.oauth.token_grants import AnonymousGrant, AuthorizationCodeGrant, RefreshTokenGrant
from roundtrip.oauth.token_server import FamilyEndedError, TokenContext, TokenServer
from roundtrip.sites.model import GRANT_TYPES
from roundtrip.storage.database import Tx

__all__ = ["TokenAnswer", "TokenContext", "exchange", "token_context"]

_GRANTS = (AnonymousGrant, RefreshTokenGrant, AuthorizationCodeGrant, ClientCredentialsGrant, AuthorizedClientGrant)
_PARAMETERS = both(
    "client_id",
    "client_secret",
    "grant_type",
    "code",
    "code_verifier",
    "redirect_uri",
    "refresh_token",
    "scope",
    "member_id",
    "session_token",
    "instance_id",
)


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """What a client gets (RFC 6749 5.1). `expires_in` is in seconds; `scope` is what was granted, which may be less than asked for.

    `is_repeated`: the same refresh token came again within its grace, and got the same answer (AUT-11).
    """

    access_token: str
    refresh_token: str | None
    expires_in: int
    scope: str
    id_token: str | None = None
    token_type: str = "Bearer"  # noqa: S105  a name
    is_repeated: bool = False

    def __repr__(self) -> str:
        return "TokenAnswer(...)"


def token_context(*, access_tokens: AccessTokens, key_ring: KeyRing, rotation_key: bytes, now: int) -> TokenContext:
    """Made anew at the edge for every exchange: a transaction may run twice and must give out the same values both times."""
    return TokenContext(
        now=now,
        issuer=access_tokens.issuer,
        access_tokens=access_tokens,
        key_ring=key_ring,
        grant_id=new_id(now),
        visitor_id=new_id(now),
        refresh_secret=new_secret(""),
        rotation_key=rotation_key,
    )


def exchange(tx: Tx, *, params: Mapping[str, object], context: TokenContext, authorization: str | None = None) -> TokenAnswer | Refused:
    """Answer a token request; `params` are those of the body in either spelling, `authorization` is the header.

    Raises `AppError` with an RFC 6749 name in `oauth_error`. Returns `Refused` for a code or a rotated refresh token that comes a
    second time: the tokens that were made from it are revoked, and that must be kept (AUT-04, AUT-11).
    """
    given = {name: text for name, text in spelled(params, _PARAMETERS).items() if text}  # RFC 6749 3.2: empty means absent
    if "grant_type" not in given:
        raise refuse("invalid_request", f"grantType is missing; expected one of {', '.join(GRANT_TYPES)}")
    try:
        answer = TokenServer(tx, context, _GRANTS, authorization).create_token_response(given)
    except FamilyEndedError as reuse:
        if reuse.grant_id is not None:
            end_grant(tx, reuse.grant_id, context.now)
        return Refused(refuse("invalid_grant", reuse.description))
    return TokenAnswer(
        access_token=answer["access_token"],
        refresh_token=answer.get("refresh_token"),
        expires_in=answer["expires_in"],
        scope=answer["scope"],
        id_token=answer.get("id_token"),
        is_repeated=answer.get("is_repeated", False),
    )
