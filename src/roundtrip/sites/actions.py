"""What can be done with sites, clients and keys. Called alike by commands, the API and the dashboard."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.core.identity import COMMAND, Actor
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import hash_secret
from roundtrip.sites import allow_list, clients, store
from roundtrip.sites.change import Change
from roundtrip.sites.client_fields import picture, with_fields
from roundtrip.sites.model import ApplicationType, Client, Mode, Site, TokenSettings
from roundtrip.sites.permissions import check_permissions
from roundtrip.storage import audit
from roundtrip.storage.database import Tx

KEY_PURPOSE = "api_key"
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
MAX_KEY_NAME = 100
RESERVED_SLUGS = frozenset({"account", "find", "join", "login", "logout", "new", "people", "second-factor", "sites"})
"""Words that are addresses of the dashboard itself."""


def create_site(
    tx: Tx, *, site_id: str, slug: str, name: str, mode: Mode, language: str, theme: str, now: int, actor: Actor = COMMAND
) -> Site:
    """Make a tenant. Raises INVALID for a slug that can't be one, and CONFLICT `SITE_EXISTS` when it is taken."""
    if _SLUG.fullmatch(slug) is None or slug in RESERVED_SLUGS:
        raise invalid_field(
            "slug", f"must be 1 to 40 small letters, digits and dashes, and no word of the dashboard; received {slug!r}", "FORMAT"
        )
    site = Site(site_id, slug, name, mode, language, None, theme, now)
    if not store.insert_site(tx, site):
        raise AppError(Kind.CONFLICT, "SITE_EXISTS", f"A site called {slug!r} exists already; choose another slug.", data={"slug": slug})
    after = {"slug": slug, "name": name, "mode": mode.value, "language": language}
    audit.record(tx, audit.AuditEntry(new_id(now), site_id, now, actor, "site.created", site_id, name, None, after))
    return site


def require_site(tx: Tx, slug: str) -> Site:
    """The site that commands call `slug`. Raises NOT_FOUND `SITE_NOT_FOUND`."""
    site = store.site_by_slug(tx, slug)
    if site is None:
        raise AppError(Kind.NOT_FOUND, "SITE_NOT_FOUND", f"There is no site called {slug!r}.", data={"slug": slug})
    return site


def require_client(tx: Tx, client_id: str) -> tuple[Client, Site]:
    """A client and its site. Raises NOT_FOUND `CLIENT_NOT_FOUND`."""
    found = store.client_and_site(tx, client_id)
    if found is None:
        raise AppError(
            Kind.NOT_FOUND,
            "CLIENT_NOT_FOUND",
            f"There is no client {client_id!r}. Copy the client id from Headless Settings, or make one with `roundtrip client create`.",
            data={"clientId": client_id},
            oauth_error="invalid_client",
        )
    return found


def require_origin(client: Client, site: Site, origin: str | None, now: int) -> None:
    """A browser's `Origin` has to be one of the client's (decision record 0004). Raises FORBIDDEN `ORIGIN_NOT_ALLOWED`.

    None (no browser) and `null` (an app's web view, a file) pass: the header protects browsers' users, the token protects the API.
    """
    if origin is not None and origin != "null" and not allow_list.allows_origin(client, site.mode, origin, now=now):
        raise AppError(
            Kind.FORBIDDEN,
            "ORIGIN_NOT_ALLOWED",
            f"The client {client.name!r} does not list the origin {origin}. Add it to the allowed redirect domains in Headless Settings.",
            data={"origin": origin, "clientId": client.id},
        )


def create_client(
    tx: Tx,
    *,
    site: Site,
    client_id: str,
    name: str,
    now: int,
    change: Change | None = None,
    tokens: TokenSettings | None = None,
    application_type: ApplicationType = ApplicationType.WEB_APP,
    redirect_uris: tuple[str, ...] = (),
    redirect_domains: tuple[str, ...] = (),
    post_logout_uris: tuple[str, ...] = (),
    fields: Mapping[str, Any] | None = None,
) -> Client:
    """Make an OAuth app of a site. Each address is checked as an owner's entry (RED-16); raises INVALID naming the field.

    `fields` sets more of them, by the names of `client_fields.py`. `change` says who makes it; None: the command line.
    """
    by = change or Change(new_id(now), COMMAND, now)
    blank = Client(client_id, site.id, name, application_type, (), (), (), None, None, False, 1, now, tokens=tokens or TokenSettings())
    given = {
        "name": name,
        "allowedRedirectUris": redirect_uris,
        "allowedRedirectDomains": redirect_domains,
        "postLogoutRedirectUris": post_logout_uris,
        **(fields or {}),
    }
    client = with_fields(blank, site.mode, given, now)
    clients.require_tokens_within(by, client)
    store.insert_client(tx, client)
    clients.note(tx, client, "created", by, None, picture(client))
    return client


def create_api_key(
    tx: Tx,
    *,
    site: Site,
    key_id: str,
    key: str,
    name: str,
    permissions: tuple[str, ...],
    now: int,
    change: Change | None = None,
) -> tuple[str, ...]:
    """Keep a key for the owner's own server code; `key` itself is shown once by the caller and stored as a hash only (OPS-03).

    Answers what it may do. Raises INVALID for a permission that does not exist, and FORBIDDEN `PERMISSION_TOO_WIDE`. `change` says who
    makes it; None: the command line.
    """
    by = change or Change(new_id(now), COMMAND, now)
    name = name.strip()
    if not 1 <= len(name) <= MAX_KEY_NAME:
        raise invalid_field("name", f"must have 1 to {MAX_KEY_NAME} characters", "MAX_LENGTH", threshold=MAX_KEY_NAME)
    allowed = check_permissions(permissions, "permissions")
    by.require_may_give(allowed, f"The key {name}")
    store.insert_api_key(
        tx,
        key_id=key_id,
        site_id=site.id,
        name=name,
        key_hash=hash_secret(KEY_PURPOSE, key),
        permissions=allowed,
        now=now,
        hint=key[-4:],
    )
    after = {"permissions": list(allowed), "hint": key[-4:]}
    by.note(tx, site_id=site.id, action="api_key.created", object_id=key_id, object_name=name, after=after)
    by.tell(tx, DomainEvent(site.id, "api_key", "created", key_id, {"id": key_id, "name": name, **after}))
    return allowed


def revoke_api_key(tx: Tx, *, site_id: str, key_id: str, change: Change) -> None:
    """End a key at once, on every node: keys are looked up on each request. Raises NOT_FOUND `KEY_NOT_FOUND` for a dead one too."""
    key = store.live_key(tx, site_id, key_id)
    if key is None or not store.revoke_api_key(tx, site_id, key_id, change.now):
        raise AppError(Kind.NOT_FOUND, "KEY_NOT_FOUND", f"There is no API key with the id {key_id} (any more).", data={"keyId": key_id})
    before = {"permissions": list(key.permissions), "hint": key.hint}
    change.note(tx, site_id=site_id, action="api_key.revoked", object_id=key_id, object_name=key.name, before=before)
    change.tell(tx, DomainEvent(site_id, "api_key", "revoked", key_id, {"id": key_id, "name": key.name, **before}))
