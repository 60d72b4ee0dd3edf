"""Who is calling an operation, and whether it is for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from roundtrip.api.operation import Operation
from roundtrip.api.services import ApiServices
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.identity import ApiKey, App, Caller, Member, Visitor
from roundtrip.core.secrets import hash_secret
from roundtrip.sites import store as sites
from roundtrip.sites.actions import KEY_PURPOSE, require_client, require_origin
from roundtrip.storage.database import Tx

KEY_PREFIX = "IST."


async def find_caller(services: ApiServices, operation: Operation, headers: Mapping[bytes, bytes], now: int) -> Caller | None:
    """The caller that the `Authorization` header names, raw or behind `Bearer`.

    Raises UNAUTHENTICATED when there is none and one is needed, or when the token is dead; FORBIDDEN when this operation is not for it.
    """
    given = headers.get(b"authorization", b"").decode("latin-1").strip()
    if not operation.callers and not given:
        return None
    bare = given[7:].lstrip() if given[:7].lower() == "bearer " else given
    caller: Caller
    if bare.startswith(KEY_PREFIX):
        caller = await key_of(services, bare, headers)
    elif not operation.callers:
        return None
    else:
        caller = services.tokens.verify(given or None, now)
        if isinstance(caller, App):
            caller = await services.db.read(_with_permissions, caller, now)
        if services.revocations.is_revoked(caller):
            raise AppError(
                Kind.UNAUTHENTICATED,
                "UNAUTHENTICATED",
                "Access token was revoked: the visitor logged out. Get a new one.",
                oauth_error="invalid_token",
            )
    _require(operation, caller)
    origin = headers.get(b"origin")
    if origin is not None and not operation.checks_origin and isinstance(caller, Visitor | Member):
        await services.db.read(_require_origin, caller.client_id, origin.decode("latin-1"), now)
    return caller


def _require_origin(tx: Tx, client_id: str, origin: str, now: int) -> None:
    client, site = require_client(tx, client_id)
    require_origin(client, site, origin, now)


def _with_permissions(tx: Tx, app: App, now: int) -> App:
    """What a client's own token may do today. Raises UNAUTHENTICATED once the secret that it was got by is taken away."""
    client = sites.client_by_secret(tx, app.client_id, app.secret_id, now)
    if client is None or "client_credentials" not in client.tokens.grant_types:
        raise AppError(
            Kind.UNAUTHENTICATED,
            "UNAUTHENTICATED",
            "The client's secret that this access token was got by is not valid any more. Get a new token with the new secret.",
            oauth_error="invalid_token",
        )
    return replace(app, permissions=frozenset(client.tokens.permissions))


def _require(operation: Operation, caller: Caller) -> None:
    if operation.callers and type(caller) not in operation.callers:
        wanted = " or ".join(sorted(_NAMES[kind] for kind in operation.callers))
        raise AppError(
            Kind.FORBIDDEN,
            "PERMISSION_DENIED",
            f"{operation.name} is for {wanted}; this call was made with {_NAMES[type(caller)]}.",
            data={"operation": operation.name},
        )
    if isinstance(caller, ApiKey | App) and operation.callers and not caller.may(operation.permission):
        raise AppError(
            Kind.FORBIDDEN,
            "PERMISSION_DENIED",
            f"This call, made with {_NAMES[type(caller)]}, lacks the permission {operation.permission!r} that {operation.name} needs.",
            data={"permission": operation.permission},
        )


_NAMES: dict[type[Caller], str] = {
    ApiKey: "an API key",
    App: "a client's own token",
    Member: "a member's token",
    Visitor: "a visitor's token",
}


async def key_of(services: ApiServices, text: str, headers: Mapping[bytes, bytes]) -> ApiKey:
    """The API key with this text. Raises UNAUTHENTICATED for an unknown one, FORBIDDEN when the call names another site."""
    key = await services.db.read(_find_key, hash_secret(KEY_PURPOSE, text))
    if key is None:
        raise AppError(Kind.UNAUTHENTICATED, "UNAUTHENTICATED", "This API key is unknown or was revoked.")
    site_id = headers.get(b"wix-site-id", b"").decode("latin-1")
    if site_id and site_id.lower() != key.site_id:
        raise AppError(Kind.FORBIDDEN, "PERMISSION_DENIED", f"This API key is not one of the site {site_id}.", data={"siteId": site_id})
    return key


def _find_key(tx: Tx, key_hash: str) -> ApiKey | None:
    return sites.api_key(tx, key_hash)
