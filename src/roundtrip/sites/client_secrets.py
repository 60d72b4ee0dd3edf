"""Secrets of one client: make one, replace all others, end one. The secret itself is made and shown by the edge, once (OPS-03)."""

from __future__ import annotations

from enum import StrEnum

from roundtrip.core.clock import DAY
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.ids import new_id
from roundtrip.sites import actions, store
from roundtrip.sites.change import Change
from roundtrip.sites.clients import require_tokens_within
from roundtrip.sites.model import Client, ClientSecret
from roundtrip.storage.database import Tx

MOST = 10
PREFIX = "rts_"
"""What every secret starts with, so that scanners of leaked secrets know one."""


class Others(StrEnum):
    """What becomes of the secrets that were there before."""

    KEEP = "KEEP"
    A_DAY = "A_DAY"
    END = "END"


def add(tx: Tx, *, client: Client, secret_id: str, secret: str, others: Others, change: Change) -> ClientSecret:
    """Keep a new secret; the living others stay, live on for a day, or end now. Raises CONFLICT `TOO_MANY_SECRETS`."""
    require_tokens_within(change, client)
    living = alive(tx, client.id, change.now)
    if len(living) >= MOST:
        raise AppError(
            Kind.CONFLICT,
            "TOO_MANY_SECRETS",
            f"The client has {len(living)} living secrets, and {MOST} is the limit. End one that nobody uses any more first.",
            data={"limit": MOST},
        )
    made = actions.add_client_secret(tx, client, secret_id, secret, change.actor, change.now, entry_id=change.id)
    ends_at = {Others.A_DAY: change.now + DAY, Others.END: change.now}.get(others)
    for one in living if ends_at is not None else ():
        actions.expire_client_secret(tx, client, one.id, ends_at or 0, change.actor, change.now, entry_id=new_id(change.now))
    return made


def end(tx: Tx, *, client: Client, secret_id: str, change: Change) -> None:
    """End one secret now. Raises NOT_FOUND `SECRET_NOT_FOUND` when it is not one of the client's, or has ended."""
    if not actions.expire_client_secret(tx, client, secret_id, change.now, change.actor, change.now, entry_id=change.id):
        raise AppError(
            Kind.NOT_FOUND, "SECRET_NOT_FOUND", f"The client has no living secret with the id {secret_id}.", data={"secretId": secret_id}
        )


def alive(tx: Tx, client_id: str, now: int) -> list[ClientSecret]:
    """The secrets that are good now, newest first."""
    return [one for one in store.secrets_of(tx, client_id) if one.expires_at is None or one.expires_at > now]
