"""Where sites, clients and API keys are kept: the SQL of this room, and nothing else."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from roundtrip.core.identity import ApiKey
from roundtrip.core.secrets import same
from roundtrip.sites.model import ApplicationType, Client, ClientSecret, KeyRecord, Mode, Site, TokenSettings
from roundtrip.storage.database import Row, Tx

_SITE = (
    "id, slug, name, mode, language, home_url, theme, created_at, pages_url, require_owner_approval, require_email_verification, revision"
)
_CLIENT = (
    "id, site_id, name, application_type, redirect_uris, redirect_domains, post_logout_uris, login_url, logout_url, "
    "signed_result, revision, created_at, description, technology, tokens, waits_for_webhook"
)
_KEY = "id, site_id, name, permissions, hint, created_at"

_CLIENT_OF_SECRET = ", ".join(f"c.{name}" for name in _CLIENT.split(", "))
_CLIENT_WIDTH = _CLIENT.count(",") + 1
_CLIENT_AND_SITE = ", ".join([*(f"c.{name}" for name in _CLIENT.split(", ")), *(f"s.{name}" for name in _SITE.split(", "))])


def insert_site(tx: Tx, site: Site) -> bool:
    """Keep a new site; False when its slug is taken."""
    return (
        tx.execute(
            f"INSERT INTO site ({_SITE}) VALUES (:id, :slug, :name, :mode, :language, :home_url, :theme, :created_at, :pages_url, "
            ":require_owner_approval, :require_email_verification, :revision) "
            "ON CONFLICT (slug) DO NOTHING",
            id=site.id,
            slug=site.slug,
            name=site.name,
            mode=site.mode.value,
            language=site.language,
            home_url=site.home_url,
            theme=site.theme,
            created_at=site.created_at,
            pages_url=site.pages_url,
            require_owner_approval=site.require_owner_approval,
            require_email_verification=site.require_email_verification,
            revision=site.revision,
        )
        == 1
    )


def site(tx: Tx, site_id: str) -> Site | None:
    """The site with this id, or None."""
    row = tx.one(f"SELECT {_SITE} FROM site WHERE id = :id", id=site_id)
    return _site(row) if row else None


def site_by_slug(tx: Tx, slug: str) -> Site | None:
    """The site that commands call `slug`, or None."""
    row = tx.one(f"SELECT {_SITE} FROM site WHERE slug = :slug", slug=slug)
    return _site(row) if row else None


def sites(tx: Tx) -> list[Site]:
    """Every site of this server, oldest first."""
    return [_site(row) for row in tx.all(f"SELECT {_SITE} FROM site ORDER BY created_at, id LIMIT 1000")]


def pages_addresses(tx: Tx) -> list[tuple[str, str]]:
    """Every site's own address for its pages, with the site's id."""
    rows = tx.all("SELECT pages_url, id FROM site WHERE pages_url IS NOT NULL ORDER BY pages_url LIMIT 100000")
    return [(row[0], row[1]) for row in rows]


def is_pages_url_taken(tx: Tx, url: str, site_id: str) -> bool:
    """True when another site has this address for its pages."""
    return tx.one("SELECT 1 FROM site WHERE pages_url = :url AND id <> :site_id", url=url, site_id=site_id) is not None


def insert_client(tx: Tx, client: Client) -> None:
    """Keep a new client."""
    tx.execute(
        f"INSERT INTO client ({_CLIENT}) VALUES (:id, :site_id, :name, :application_type, :redirect_uris, :redirect_domains, "
        ":post_logout_uris, :login_url, :logout_url, :signed_result, :revision, :created_at, :description, :technology, :tokens, :waits)",
        id=client.id,
        site_id=client.site_id,
        name=client.name,
        application_type=client.application_type.value,
        redirect_uris=_text(client.redirect_uris),
        redirect_domains=_text(client.redirect_domains),
        post_logout_uris=_text(client.post_logout_uris),
        login_url=client.login_url,
        logout_url=client.logout_url,
        signed_result=client.signed_result,
        revision=client.revision,
        created_at=client.created_at,
        description=client.description,
        technology=client.technology,
        tokens=msgspec.json.encode(client.tokens).decode(),
        waits=client.waits_for_webhook,
    )


def client(tx: Tx, client_id: str) -> Client | None:
    """The client with this id, or None."""
    row = tx.one(f"SELECT {_CLIENT} FROM client WHERE id = :id", id=client_id)
    return _client(row) if row else None


def client_and_site(tx: Tx, client_id: str) -> tuple[Client, Site] | None:
    """A client with its site in one read: what every redirect session needs first, and the sessions of one commit need together."""
    remembered: tuple[Client, Site] | None = tx.memo.get(client_id)
    if remembered is not None:
        return remembered
    row = tx.one(
        f"SELECT {_CLIENT_AND_SITE} FROM client c JOIN site s ON s.id = c.site_id WHERE c.id = :id",
        id=client_id,
    )
    if row is None:
        return None
    found = tx.memo[client_id] = _client_and_site(row)
    return found


def clients_of_site(tx: Tx, site_id: str) -> list[Client]:
    """Every client of a site, oldest first (a site has a handful)."""
    return [
        _client(row) for row in tx.all(f"SELECT {_CLIENT} FROM client WHERE site_id = :site_id ORDER BY id LIMIT 1000", site_id=site_id)
    ]


def replace_client(tx: Tx, changed: Client, revision: int) -> bool:
    """Write every field that can be set if the stored revision is still `revision`; True for exactly one caller."""
    tx.memo.clear()
    return (
        tx.execute(
            "UPDATE client SET name = :name, application_type = :application_type, redirect_uris = :uris, redirect_domains = :domains, "
            "post_logout_uris = :logouts, login_url = :login_url, logout_url = :logout_url, description = :description, "
            "technology = :technology, tokens = :tokens, waits_for_webhook = :waits, revision = revision + 1 "
            "WHERE id = :id AND revision = :revision",
            id=changed.id,
            name=changed.name,
            application_type=changed.application_type.value,
            uris=_text(changed.redirect_uris),
            domains=_text(changed.redirect_domains),
            logouts=_text(changed.post_logout_uris),
            login_url=changed.login_url,
            logout_url=changed.logout_url,
            description=changed.description,
            technology=changed.technology,
            tokens=msgspec.json.encode(changed.tokens).decode(),
            waits=changed.waits_for_webhook,
            revision=revision,
        )
        == 1
    )


def delete_client(tx: Tx, client_id: str) -> bool:
    """Remove a client and its secrets; True for exactly one caller."""
    tx.memo.clear()
    return tx.execute("DELETE FROM client WHERE id = :id", id=client_id) == 1


def replace_site(tx: Tx, changed: Site, revision: int) -> bool:
    """Write the fields an owner sets, if the stored revision is still `revision` and no other site has the pages address.

    True for exactly one caller.
    """
    tx.memo.clear()
    return (
        tx.execute(
            "UPDATE site SET name = :name, mode = :mode, language = :language, home_url = :home_url, theme = :theme, "
            "pages_url = :pages_url, revision = revision + 1 WHERE id = :id AND revision = :revision "
            "AND NOT EXISTS (SELECT 1 FROM site other WHERE other.pages_url = :pages_url AND other.id <> :id)",
            id=changed.id,
            name=changed.name,
            mode=changed.mode.value,
            language=changed.language,
            home_url=changed.home_url,
            theme=changed.theme,
            pages_url=changed.pages_url,
            revision=revision,
        )
        == 1
    )


def replace_sign_on_policy(tx: Tx, changed: Site, revision: int) -> bool:
    """Write what a site asks of new members if its stored revision is still `revision`; True for exactly one caller."""
    tx.memo.clear()
    return (
        tx.execute(
            "UPDATE site SET require_owner_approval = :approval, require_email_verification = :verification, revision = revision + 1 "
            "WHERE id = :id AND revision = :revision",
            id=changed.id,
            approval=changed.require_owner_approval,
            verification=changed.require_email_verification,
            revision=revision,
        )
        == 1
    )


def insert_secret(tx: Tx, secret: ClientSecret, secret_hash: str) -> None:
    """Keep a client's new secret (its hash only)."""
    tx.execute(
        "INSERT INTO client_secret (id, client_id, secret_hash, hint, created_at, expires_at) "
        "VALUES (:id, :client_id, :secret_hash, :hint, :created_at, :expires_at)",
        id=secret.id,
        client_id=secret.client_id,
        secret_hash=secret_hash,
        hint=secret.hint,
        created_at=secret.created_at,
        expires_at=secret.expires_at,
    )


def secrets_of(tx: Tx, client_id: str) -> list[ClientSecret]:
    """A client's secrets, replaced ones too, newest first."""
    rows = tx.all(
        "SELECT id, client_id, hint, created_at, expires_at FROM client_secret WHERE client_id = :client_id ORDER BY id DESC LIMIT 100",
        client_id=client_id,
    )
    return [ClientSecret(*row) for row in rows]


def expire_secret(tx: Tx, client_id: str, secret_id: str, at: int) -> bool:
    """Let a secret be good until `at`, never longer than was said before; False when there was nothing to shorten."""
    return (
        tx.execute(
            "UPDATE client_secret SET expires_at = :at "
            "WHERE id = :id AND client_id = :client_id AND (expires_at IS NULL OR expires_at > :at)",
            id=secret_id,
            client_id=client_id,
            at=at,
        )
        == 1
    )


def valid_secret(tx: Tx, client_id: str, secret_hash: str, now: int) -> str | None:
    """The id of the client's secret with this hash, if it is good now. Compares all of them, each in constant time (AUT-13)."""
    rows = tx.all(
        "SELECT id, secret_hash FROM client_secret WHERE client_id = :client_id AND (expires_at IS NULL OR expires_at > :now) LIMIT 100",
        client_id=client_id,
        now=now,
    )
    matching = [str(secret_id) for secret_id, kept in rows if same(kept, secret_hash)]
    return matching[0] if matching else None


def client_by_secret(tx: Tx, client_id: str, secret_id: str, now: int) -> Client | None:
    """The client, if this secret of it is good now: what a token of the client itself is worth."""
    row = tx.one(
        f"SELECT {_CLIENT_OF_SECRET} FROM client c JOIN client_secret s ON s.client_id = c.id "
        "WHERE c.id = :client_id AND s.id = :secret_id AND (s.expires_at IS NULL OR s.expires_at > :now)",
        client_id=client_id,
        secret_id=secret_id,
        now=now,
    )
    return _client(row) if row else None


def insert_api_key(
    tx: Tx, *, key_id: str, site_id: str, name: str, key_hash: str, permissions: tuple[str, ...], now: int, hint: str
) -> None:
    """Keep a new API key (its hash only)."""
    tx.execute(
        "INSERT INTO api_key (id, site_id, name, key_hash, permissions, created_at, hint) "
        "VALUES (:id, :site_id, :name, :key_hash, :permissions, :now, :hint)",
        id=key_id,
        site_id=site_id,
        name=name,
        key_hash=key_hash,
        permissions=_text(permissions),
        now=now,
        hint=hint,
    )


def keys_of_site(tx: Tx, site_id: str) -> list[KeyRecord]:
    """The living keys of a site, newest first."""
    rows = tx.all(
        f"SELECT {_KEY} FROM api_key WHERE site_id = :site_id AND revoked_at IS NULL ORDER BY id DESC LIMIT 1000", site_id=site_id
    )
    return [_key(row) for row in rows]


def live_key(tx: Tx, site_id: str, key_id: str) -> KeyRecord | None:
    """A living key of a site by its id, or None."""
    row = tx.one(f"SELECT {_KEY} FROM api_key WHERE id = :id AND site_id = :site_id AND revoked_at IS NULL", id=key_id, site_id=site_id)
    return _key(row) if row else None


def revoke_api_key(tx: Tx, site_id: str, key_id: str, now: int) -> bool:
    """True for exactly one caller."""
    return (
        tx.execute(
            "UPDATE api_key SET revoked_at = :now WHERE id = :id AND site_id = :site_id AND revoked_at IS NULL",
            id=key_id,
            site_id=site_id,
            now=now,
        )
        == 1
    )


def api_key(tx: Tx, key_hash: str) -> ApiKey | None:
    """The living key with this hash, or None."""
    row = tx.one("SELECT site_id, id, permissions FROM api_key WHERE key_hash = :h AND revoked_at IS NULL", h=key_hash)
    return ApiKey(row[0], row[1], frozenset(_list(row[2]))) if row else None


def api_key_name(tx: Tx, site_id: str, key_id: str) -> str | None:
    """What the owner calls a key, revoked ones too."""
    row = tx.one("SELECT name FROM api_key WHERE id = :id AND site_id = :site_id", id=key_id, site_id=site_id)
    return str(row[0]) if row else None


# Read on every request and changed a few times a year: the same row gives the same (immutable) values without making them again.
@lru_cache(maxsize=1024)
def _client_and_site(row: Row) -> tuple[Client, Site]:
    return _client(row[:_CLIENT_WIDTH]), _site(row[_CLIENT_WIDTH:])


def _site(row: Row) -> Site:
    return Site(row[0], row[1], row[2], Mode(row[3]), row[4], row[5], row[6], row[7], row[8], bool(row[9]), bool(row[10]), row[11])


def _client(row: Row) -> Client:
    return Client(
        row[0],
        row[1],
        row[2],
        ApplicationType(row[3]),
        _list(row[4]),
        _list(row[5]),
        _list(row[6]),
        row[7],
        row[8],
        bool(row[9]),
        row[10],
        row[11],
        row[12],
        row[13],
        _tokens(row[14]),
        bool(row[15]),
    )


def _key(row: Row) -> KeyRecord:
    return KeyRecord(row[0], row[1], row[2], _list(row[3]), row[4], row[5])


def _text(entries: tuple[str, ...]) -> str:
    return msgspec.json.encode(entries).decode()


@lru_cache(maxsize=256)
def _tokens(text: str) -> TokenSettings:
    return msgspec.json.decode(text, type=TokenSettings)


@lru_cache(maxsize=1024)
def _list(text: str) -> tuple[str, ...]:
    # The same few lists are read on every request; decoding them again would be most of the cost of reading a client.
    return msgspec.json.decode(text, type=tuple[str, ...])
