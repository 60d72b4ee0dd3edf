"""Secrets of one client: make one, replace all others, end one, recognise one. The edge makes the text and shows it, once (OPS-03)."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from roundtrip.core.clock import DAY
from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import hash_secret
from roundtrip.sites import store
from roundtrip.sites.change import Change
from roundtrip.sites.clients import require_tokens_within
from roundtrip.sites.model import Client, ClientSecret
from roundtrip.storage.database import Tx

MOST = 10
PREFIX = "rts_"
"""What every secret starts with, so that scanners of leaked secrets know one."""
_PURPOSE = "client_secret"


class Others(StrEnum):
    """What becomes of the secrets that were there before."""

    KEEP = "KEEP"
    A_DAY = "A_DAY"
    END = "END"


def add(tx: Tx, *, client: Client, secret_id: str, secret: str, others: Others, change: Change) -> ClientSecret:
    """Keep the hash of a new secret; the living others stay, live on for a day, or end now. Raises CONFLICT `TOO_MANY_SECRETS`."""
    require_tokens_within(change, client)
    living = alive(tx, client.id, change.now)
    if len(living) >= MOST:
        raise AppError(
            Kind.CONFLICT,
            "TOO_MANY_SECRETS",
            f"The client has {len(living)} living secrets, and {MOST} is the limit. End one that nobody uses any more first.",
            data={"limit": MOST},
        )
    made = ClientSecret(secret_id, client.id, secret[-4:], change.now, None)
    store.insert_secret(tx, made, hash_secret(_PURPOSE, secret))
    _note(tx, client, made, "added", change)
    ends_at = {Others.A_DAY: change.now + DAY, Others.END: change.now}.get(others)
    for one in living if ends_at is not None else ():
        _shorten(tx, client, one, ends_at or 0, replace(change, id=new_id(change.now)))
    return made


def end(tx: Tx, *, client: Client, secret_id: str, change: Change) -> None:
    """End one secret now, and with it the tokens that the client got by it for itself.

    Raises NOT_FOUND `SECRET_NOT_FOUND` when it is not one of the client's, or has ended.
    """
    found = next((one for one in alive(tx, client.id, change.now) if one.id == secret_id), None)
    if found is None or not _shorten(tx, client, found, change.now, change):
        raise AppError(
            Kind.NOT_FOUND, "SECRET_NOT_FOUND", f"The client has no living secret with the id {secret_id}.", data={"secretId": secret_id}
        )


def alive(tx: Tx, client_id: str, now: int) -> list[ClientSecret]:
    """The secrets that are good now, newest first."""
    return [one for one in store.secrets_of(tx, client_id) if one.expires_at is None or one.expires_at > now]


def recognise(tx: Tx, client_id: str, secret: str, now: int) -> str | None:
    """The id of the client's living secret that this is; None when it is none of them."""
    return store.valid_secret(tx, client_id, hash_secret(_PURPOSE, secret), now)


def _shorten(tx: Tx, client: Client, secret: ClientSecret, ends_at: int, change: Change) -> bool:
    """Let a secret be good until `ends_at` (UTC milliseconds). False when it ends no later already."""
    shortened = store.expire_secret(tx, client.id, secret.id, ends_at)
    if shortened:
        _note(tx, client, secret, "expired", change)
    return shortened


def _note(tx: Tx, client: Client, secret: ClientSecret, what: str, change: Change) -> None:
    after = {"secretId": secret.id, "hint": secret.hint}
    action = f"client_secret.{what}"
    change.note(tx, site_id=client.site_id, action=action, object_id=client.id, object_name=client.name, after=after)
    body = {"id": secret.id, "clientId": client.id, "hint": secret.hint}
    change.tell(tx, DomainEvent(client.site_id, "client_secret", what, secret.id, body))
