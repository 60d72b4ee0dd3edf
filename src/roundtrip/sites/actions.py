"""What can be done with sites, clients and keys. Called alike by commands, the API and the dashboard."""

from __future__ import annotations

from dataclasses import replace

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.identity import Actor
from roundtrip.core.secrets import hash_secret
from roundtrip.sites import allow_list, store
from roundtrip.sites.entries import EntryKind, check_entries
from roundtrip.sites.model import ApplicationType, Client, ClientSecret, Mode, Site
from roundtrip.storage import audit
from roundtrip.storage.database import Tx

KEY_PURPOSE = "api_key"
SECRET_PURPOSE = "client_secret"  # noqa: S105  a name


def create_site(tx: Tx, *, site_id: str, slug: str, name: str, mode: Mode, language: str, theme: str, now: int) -> Site:
    """Make a tenant. Raises CONFLICT `SITE_EXISTS` when the slug is taken."""
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


def add_client_secret(tx: Tx, client: Client, secret_id: str, secret: str, actor: Actor, now: int, *, entry_id: str) -> ClientSecret:
    """Keep one more secret for a client; `secret` itself is shown once by the caller and stored as a hash only (OPS-03).

    `entry_id` is for the audit log.
    """
    made = ClientSecret(secret_id, client.id, secret[-4:], now, None)
    store.insert_secret(tx, made, hash_secret(SECRET_PURPOSE, secret))
    _audit_secret(tx, client, secret_id, made.hint, "client_secret.added", actor, now, entry_id)
    return made


def expire_client_secret(tx: Tx, client: Client, secret_id: str, at: int, actor: Actor, now: int, *, entry_id: str) -> bool:
    """Let a secret be good until `at` (UTC milliseconds; `now` ends it at once). False when it ends no later already.

    Tokens that the client got by it for itself end with it.
    """
    ended = store.expire_secret(tx, client.id, secret_id, at)
    if ended:
        hint = next((one.hint for one in store.secrets_of(tx, client.id) if one.id == secret_id), "")
        _audit_secret(tx, client, secret_id, hint, "client_secret.expired", actor, now, entry_id)
    return ended


def _audit_secret(tx: Tx, client: Client, secret_id: str, hint: str, action: str, actor: Actor, now: int, entry_id: str) -> None:
    after = {"secretId": secret_id, "hint": hint}
    audit.record(tx, audit.AuditEntry(entry_id, client.site_id, now, actor, action, client.id, client.name, None, after))


def create_api_key(tx: Tx, *, site: Site, key_id: str, key: str, name: str, permissions: tuple[str, ...], now: int) -> None:
    """Keep a key for the owner's own server code; `key` itself is shown once by the caller and stored as a hash only (OPS-03)."""
    store.insert_api_key(
        tx, key_id=key_id, site_id=site.id, name=name, key_hash=hash_secret(KEY_PURPOSE, key), permissions=permissions, now=now
    )
