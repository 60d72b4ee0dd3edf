"""What can be done with sites, clients and keys. Called alike by commands, the API and the dashboard."""

from __future__ import annotations

import re
from dataclasses import replace

from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.core.identity import Actor
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import hash_secret
from roundtrip.sites import allow_list, store
from roundtrip.sites.entries import EntryKind, check_entries
from roundtrip.sites.model import ApplicationType, Client, Mode, Site
from roundtrip.sites.pages_address import check_pages_url
from roundtrip.storage import audit
from roundtrip.storage.audit import AuditEntry
from roundtrip.storage.database import Tx

KEY_PURPOSE = "api_key"
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
RESERVED_SLUGS = frozenset({"account", "find", "join", "login", "logout", "new", "people", "second-factor", "sites"})
"""Words that are addresses of the dashboard itself."""


def create_site(tx: Tx, *, site_id: str, slug: str, name: str, mode: Mode, language: str, theme: str, now: int) -> Site:
    """Make a tenant. Raises INVALID for a slug that can't be one, and CONFLICT `SITE_EXISTS` when it is taken."""
    if _SLUG.fullmatch(slug) is None or slug in RESERVED_SLUGS:
        raise invalid_field(
            "slug", f"must be 1 to 40 small letters, digits and dashes, and no word of the dashboard; received {slug!r}", "FORMAT"
        )
    site = Site(site_id, slug, name, mode, language, None, theme, now)
    if not store.insert_site(tx, site):
        raise AppError(Kind.CONFLICT, "SITE_EXISTS", f"A site called {slug!r} exists already; choose another slug.", data={"slug": slug})
    return site


def require_site(tx: Tx, slug: str) -> Site:
    """The site that commands call `slug`. Raises NOT_FOUND `SITE_NOT_FOUND`."""
    site = store.site_by_slug(tx, slug)
    if site is None:
        raise AppError(Kind.NOT_FOUND, "SITE_NOT_FOUND", f"There is no site called {slug!r}.", data={"slug": slug})
    return site


def change_pages_url(tx: Tx, *, site: Site, url: str | None, actor: Actor, now: int) -> Site:
    """Set the address that visitors see the hosted pages under, or None for the server's own.

    Raises INVALID for anything that is not the address of a host, CONFLICT `PAGES_ADDRESS_TAKEN` when another site has it, and CONFLICT
    `REVISION_CHANGED` when somebody else changed the site meanwhile (OPS-04). Audited.
    """
    checked = None if url is None else check_pages_url(url, site.mode)
    if checked == site.pages_url:
        return site
    if not store.change_pages_url(tx, site, checked):
        if checked is not None and store.has_pages_url(tx, checked):
            raise AppError(
                Kind.CONFLICT,
                "PAGES_ADDRESS_TAKEN",
                f"{checked} is the pages address of another site; each site needs a host name of its own.",
                data={"field": "pagesUrl", "url": checked},
            )
        raise AppError(
            Kind.CONFLICT,
            "REVISION_CHANGED",
            f"The site was changed meanwhile (you read revision {site.revision}); read it again and repeat.",
            data={"revision": site.revision},
        )
    before, after = {"pagesUrl": site.pages_url}, {"pagesUrl": checked}
    audit.record(tx, AuditEntry(new_id(now), site.id, now, actor, "site.updated", site.id, site.name, before, after))
    return replace(site, pages_url=checked, revision=site.revision + 1)


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
    redirect_uris: tuple[str, ...] = (),
    redirect_domains: tuple[str, ...] = (),
    post_logout_uris: tuple[str, ...] = (),
    application_type: ApplicationType = ApplicationType.WEB_APP,
) -> Client:
    """Make an OAuth app of a site. Each address is checked as an owner's entry (RED-16); raises INVALID naming the field."""
    client = Client(
        id=client_id,
        site_id=site.id,
        name=name,
        application_type=application_type,
        redirect_uris=check_entries(EntryKind.REDIRECT_URI, redirect_uris, site.mode),
        redirect_domains=check_entries(EntryKind.REDIRECT_DOMAIN, redirect_domains, site.mode),
        post_logout_uris=check_entries(EntryKind.POST_LOGOUT_URI, post_logout_uris, site.mode),
        login_url=None,
        logout_url=None,
        signed_result=False,
        revision=1,
        created_at=now,
    )
    store.insert_client(tx, client)
    return client


def change_addresses(
    tx: Tx,
    *,
    client: Client,
    site: Site,
    redirect_uris: tuple[str, ...] | None = None,
    redirect_domains: tuple[str, ...] | None = None,
    post_logout_uris: tuple[str, ...] | None = None,
) -> Client:
    """Replace the named lists of a client as it was read. Raises CONFLICT `REVISION_CHANGED` when somebody else was quicker (OPS-04)."""
    changed = replace(
        client,
        redirect_uris=client.redirect_uris if redirect_uris is None else check_entries(EntryKind.REDIRECT_URI, redirect_uris, site.mode),
        redirect_domains=(
            client.redirect_domains if redirect_domains is None else check_entries(EntryKind.REDIRECT_DOMAIN, redirect_domains, site.mode)
        ),
        post_logout_uris=(
            client.post_logout_uris if post_logout_uris is None else check_entries(EntryKind.POST_LOGOUT_URI, post_logout_uris, site.mode)
        ),
    )
    if not store.replace_addresses(tx, changed, client.revision):
        raise AppError(
            Kind.CONFLICT,
            "REVISION_CHANGED",
            f"The client was changed meanwhile (you read revision {client.revision}); read it again and repeat.",
            data={"revision": client.revision},
        )
    return replace(changed, revision=client.revision + 1)


def create_api_key(tx: Tx, *, site: Site, key_id: str, key: str, name: str, permissions: tuple[str, ...], now: int) -> None:
    """Keep a key for the owner's own server code; `key` itself is shown once by the caller and stored as a hash only (OPS-03)."""
    store.insert_api_key(
        tx, key_id=key_id, site_id=site.id, name=name, key_hash=hash_secret(KEY_PURPOSE, key), permissions=permissions, now=now
    )
