"""Introspection (RFC 7662) and revocation (RFC 7009): what a client, or an owner's API key, may ask about a token and do to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from roundtrip.core.clock import SECOND
from roundtrip.core.identity import ApiKey
from roundtrip.oauth import client_authentication, grants, inspection, revocation
from roundtrip.oauth.access_token import AccessTokens, Holder
from roundtrip.oauth.client_authentication import Authenticated
from roundtrip.oauth.errors import refuse
from roundtrip.oauth.spelling import both, spelled
from roundtrip.storage.database import Tx

_PARAMETERS = both("token", "token_type_hint", "client_id", "client_secret")


def introspect(
    tx: Tx,
    *,
    params: Mapping[str, object],
    authorization: str | None,
    key: ApiKey | None,
    access_tokens: AccessTokens,
    now: int,
) -> dict[str, object]:
    """What a token is good for, for a client that shows its secret or for an API key, about tokens of their own site.

    Everything else is `active: false` and nothing more (RFC 7662 2.2). Raises `invalid_client` and `invalid_request`.
    """
    given = _read(params)
    if key is None:
        caller = _authenticate(tx, given, authorization, now)
        if caller.secret_id is None:
            raise refuse("invalid_client", "Introspection needs the client's secret, or an API key")
        site_id = caller.client.site_id
    else:
        site_id = key.site_id
    found = inspection.look(tx, given["token"], access_tokens=access_tokens, now=now)
    if found is None or found.holder.site_id != site_id:
        return {"active": False}
    facts: dict[str, object] = {
        "active": True,
        "client_id": found.holder.client_id,
        "token_type": "refresh_token" if found.is_refresh else "Bearer",
        "exp": found.expires_at // SECOND,
        "iat": found.issued_at // SECOND,
        "sub": found.subject,
        "aud": access_tokens.issuer,
        "iss": access_tokens.issuer,
    }
    return {**facts, "scope": found.scope} if found.scope else facts


def revoke(tx: Tx, *, params: Mapping[str, object], authorization: str | None, access_tokens: AccessTokens, now: int) -> str | None:
    """End the grant behind a token of the calling client: its access tokens and its refresh token (RFC 7009 2.1).

    Answers the subject for this node's revocation set, or None for a token that was dead or unknown, which is no error (2.2). Raises
    `invalid_client`, and `invalid_grant` for another client's token.
    """
    given = _read(params)
    shown = client_authentication.credentials(given, authorization)
    holder = _holder(tx, given["token"], access_tokens, now)
    if shown.client_id is None and holder is not None:
        # The vendor's message may name no client; whoever holds a public client's token could name it.
        shown = replace(shown, client_id=holder.client_id)
    client = client_authentication.authenticate(tx, shown, now).client
    if holder is None:
        return None
    if holder.client_id != client.id:
        raise refuse("invalid_grant", "token is not one that this server has given out to this client")
    return revocation.end_grant(tx, holder.grant_id, now)


def _holder(tx: Tx, text: str, access_tokens: AccessTokens, now: int) -> Holder | None:
    """Whose token it is; a refresh token that was replaced a moment ago counts, because its holder may not know yet."""
    found = inspection.look(tx, text, access_tokens=access_tokens, now=now)
    if found is not None:
        return found.holder
    grant = grants.named(tx, text)
    return grant.caller if grant is not None and grants.was_just_replaced(grant, text, now) else None


def _read(params: Mapping[str, object]) -> dict[str, str]:
    given = {name: text for name, text in spelled(params, _PARAMETERS).items() if text}
    if "token" not in given:
        raise refuse("invalid_request", "token is missing")
    return given


def _authenticate(tx: Tx, given: Mapping[str, str], authorization: str | None, now: int) -> Authenticated:
    return client_authentication.authenticate(tx, client_authentication.credentials(given, authorization), now)
