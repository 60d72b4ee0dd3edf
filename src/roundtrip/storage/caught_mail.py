"""The local mailbox of test sites: mails that would have been sent. Bodies carry codes, so they are sealed (OPS-03).

Kept for thirty days and never more than a few hundred per site; that only test sites have one is decided by the callers (OPS-12).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

import msgspec

from roundtrip.core.mail import MailKind
from roundtrip.core.secrets import seal, unseal
from roundtrip.storage.database import Row, Tx

MOST_PER_SITE = 500
_LISTED = "id, site_id, kind, recipient, subject, caught_at"
_KEEP = """
INSERT INTO caught_mail (id, site_id, kind, recipient, subject, sealed, caught_at, person)
VALUES (:id, :site_id, :kind, :recipient, :subject, :sealed, :caught_at, :person) ON CONFLICT (id) DO NOTHING
"""
_BOUND = """
DELETE FROM caught_mail WHERE site_id = :site_id AND id <= (
    SELECT id FROM caught_mail WHERE site_id = :site_id ORDER BY id DESC LIMIT 1 OFFSET :most
)
"""
_PURGE = "DELETE FROM caught_mail WHERE id IN (SELECT id FROM caught_mail WHERE caught_at < :before ORDER BY caught_at LIMIT :limit)"


@dataclass(frozen=True, slots=True)
class CaughtMail:
    """What a list shows. `id` is that of the event, in order of time."""

    id: str
    site_id: str
    kind: MailKind
    recipient: str
    subject: str
    caught_at: int


class Bodies(msgspec.Struct, frozen=True):
    """The two forms of one mail, as they would have been sent."""

    text: str
    html: str


def sealed(code_key: bytes, bodies: Bodies) -> str:
    """The bodies as they are stored; made before the transaction, because it takes random bytes."""
    return seal(_sealing_key(code_key), msgspec.json.encode(bodies)).decode()


def store(tx: Tx, caught: CaughtMail, sealed_bodies: str, *, person: str | None = None) -> None:
    """Keep a mail, and let the oldest of a full mailbox go. `person`: whom it is about (`MailRequest.person`)."""
    tx.execute(
        _KEEP,
        id=caught.id,
        site_id=caught.site_id,
        kind=caught.kind.value,
        recipient=caught.recipient,
        subject=caught.subject,
        sealed=sealed_bodies,
        caught_at=caught.caught_at,
        person=person,
    )
    tx.execute(_BOUND, site_id=caught.site_id, most=MOST_PER_SITE)


def page(tx: Tx, site_id: str, *, before_id: str | None, limit: int) -> list[CaughtMail]:
    """Up to `limit` mails of a site, newest first, older than `before_id`."""
    before = "AND id < :before_id" if before_id else ""
    params = {"before_id": before_id} if before_id else {}
    sql = f"SELECT {_LISTED} FROM caught_mail WHERE site_id = :site_id {before} ORDER BY id DESC LIMIT :limit"
    return [_caught(row) for row in tx.all(sql, site_id=site_id, limit=limit, **params)]


def find(tx: Tx, code_key: bytes, site_id: str, mail_id: str) -> tuple[CaughtMail, Bodies] | None:
    """One mail with what it says, or None when this site has none with that id."""
    row = tx.one(f"SELECT {_LISTED}, sealed FROM caught_mail WHERE id = :id AND site_id = :site_id", id=mail_id, site_id=site_id)
    if row is None:
        return None
    return _caught(row[:6]), msgspec.json.decode(unseal(_sealing_key(code_key), row[6].encode()), type=Bodies)


def purge(tx: Tx, before: int, limit: int) -> int:
    """Forget at most `limit` mails caught before `before` (UTC milliseconds); answers how many."""
    return tx.execute(_PURGE, before=before, limit=limit)


def _caught(row: Row) -> CaughtMail:
    return CaughtMail(row[0], row[1], MailKind(row[2]), row[3], row[4], row[5])


def _sealing_key(code_key: bytes) -> str:
    return hmac.digest(code_key, b"caught mail", "sha256").hex()
