"""Domain events, kept in the transaction that made them true (WHK-01), until a worker has told everybody who wants to know.

A worker claims events for a while, tells, and finishes them. When it dies in between, the claim runs out and another worker takes over: an
event may be told twice, never not at all. Who is told, and how often it is tried, is not decided here. Rows of the entity `mail` are
for nobody but `mail_queue.py`, which claims and ends them itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from roundtrip.core.domain_event import DomainEvent
from roundtrip.storage.database import Dialect, Row, Tx

_encode = msgspec.json.Encoder().encode
_decode_body = msgspec.json.Decoder(dict[str, Any]).decode
_decode_identity = msgspec.json.Decoder(dict[str, str]).decode

MAIL = "mail"
"""The entity of rows that are mails to be sent, not events to be told."""

_RECORD = """
INSERT INTO outbox (id, site_id, entity, slug, entity_id, body, identity, occurred_at, claimed_until, person)
VALUES (:id, :site_id, :entity, :slug, :entity_id, :body, :identity, :now, 0, :person)
"""
_CLAIM = """
WITH picked AS (
    SELECT id FROM outbox WHERE done_at IS NULL AND claimed_until <= :now AND entity <> 'mail' ORDER BY id LIMIT :limit {lock}
)
UPDATE outbox SET claimed_until = :until
WHERE id IN (SELECT id FROM picked) AND done_at IS NULL AND claimed_until <= :now
RETURNING id, site_id, entity, slug, entity_id, body, identity, occurred_at
"""
# PostgreSQL lets several workers pick at once, each passing over what another is just picking. SQLite has one writer at a time.
_CLAIM_BY_DIALECT: Mapping[Dialect, str] = {
    "sqlite": _CLAIM.format(lock=""),
    "postgresql": _CLAIM.format(lock="FOR UPDATE SKIP LOCKED"),
}
_FINISH = "UPDATE outbox SET done_at = :now WHERE id = :id AND done_at IS NULL"
_PURGE = """
DELETE FROM outbox WHERE id IN (
    SELECT id FROM outbox WHERE id < :bound AND occurred_at < :before ORDER BY id LIMIT :limit
)
"""


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """A domain event as it was kept. `event_id` is its name for the world and stays the same however often it is told (WHK-03)."""

    event_id: str
    event: DomainEvent
    occurred_at: int


def record(tx: Tx, event: DomainEvent, *, event_id: str, now: int, person: str | None = None) -> None:
    """Keep `event`. `event_id` comes from `core.ids.new_id(now)`: ids in order of time keep this insert equally cheap for ever.

    `person`: whom its body says something about, a member's id or the key of an address, so that it is found when they ask (OPS-08).
    """
    tx.execute(
        _RECORD,
        id=event_id,
        site_id=event.site_id,
        entity=event.entity,
        slug=event.slug,
        entity_id=event.entity_id,
        body=_encode(event.body).decode(),
        identity=None if event.identity is None else _encode(event.identity).decode(),
        now=now,
        person=person,
    )


def claim(tx: Tx, limit: int, now: int, lease_ms: int) -> list[RecordedEvent]:
    """The oldest events that nobody else is telling, at most `limit`, reserved for the caller for `lease_ms` milliseconds."""
    rows = tx.all(_CLAIM_BY_DIALECT[tx.dialect], now=now, limit=limit, until=now + lease_ms)
    return sorted((_recorded(row) for row in rows), key=lambda recorded: recorded.event_id)


def finish(tx: Tx, ids: Sequence[str], now: int) -> int:
    """These have been told. Answers how many of them were not finished before."""
    # In order of id, so that two workers with the same events never wait for each other in a circle.
    return sum(tx.execute(_FINISH, id=event_id, now=now) for event_id in sorted(ids))


def purge(tx: Tx, before: int, limit: int = 1000) -> int:
    """Forget at most `limit` events that happened before `before` (UTC milliseconds), told or not; answers how many. Call until it is 0.

    Whoever could not be told for as long as events are kept will not be told any more: the disk is bounded by time, not by receivers.
    """
    # An id starts with its time: the bound keeps the search at the old end of the table.
    first_id = f"{before:012x}"
    return tx.execute(_PURGE, bound=f"{first_id[:8]}-{first_id[8:]}", before=before, limit=limit)


def _recorded(row: Row) -> RecordedEvent:
    event_id, site_id, entity, slug, entity_id, body, identity, occurred_at = row
    kept_identity = None if identity is None else _decode_identity(identity)
    return RecordedEvent(event_id, DomainEvent(site_id, entity, slug, entity_id, _decode_body(body), kept_identity), occurred_at)
