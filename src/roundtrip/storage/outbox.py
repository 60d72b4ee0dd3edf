"""Domain events, kept in the transaction that made them true (WHK-01), until they are taken to be told.

Each gets two numbers: `sequence` counts the events of one entity, in the transaction that changes it; `position` is its place in the
feed, given when it is taken. Ids are made before a commit and commits overtake each other, so an order in which nothing is ever slipped in
behind a reader can only be given afterwards, by one at a time (decision 0174). Who is told, and how often it is tried, is not decided here.
Rows of the entity `mail` are for nobody but `mail_queue.py`, which claims and ends them itself.
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

_COLUMNS = "id, site_id, entity, slug, entity_id, body, identity, occurred_at, sequence, is_erasure, position"
_RECORD = """
INSERT INTO outbox (id, site_id, entity, slug, entity_id, body, identity, occurred_at, claimed_until, person, sequence, is_erasure)
VALUES (:id, :site_id, :entity, :slug, :entity_id, :body, :identity, :now, 0, :person, :sequence, :is_erasure)
"""
# One counter for each entity, found by its key: the next number costs the same however many events there were, and it is a lock that
# whoever changes the entity holds anyway.
_COUNT = """
INSERT INTO event_count (entity, entity_id, last) VALUES (:entity, :entity_id, :least)
ON CONFLICT (entity, entity_id) DO UPDATE SET last = event_count.last + 1 RETURNING last
"""
# PostgreSQL counts and records in one round trip. A statement with two writes is more than SQLite can do, where a second one costs little.
_COUNT_AND_RECORD = f"""
WITH counted AS ({_COUNT})
INSERT INTO outbox (id, site_id, entity, slug, entity_id, body, identity, occurred_at, claimed_until, person, sequence, is_erasure)
SELECT :id, :site_id, :entity, :slug, :entity_id, :body, :identity, :now, 0, :person, last, :is_erasure FROM counted
"""
_UNTOLD = "done_at IS NULL AND entity <> 'mail'"
_IS_WAITING = f"SELECT 1 FROM outbox WHERE {_UNTOLD} LIMIT 1"
_LAST_POSITION: Mapping[Dialect, str] = {
    "sqlite": "SELECT last FROM event_position WHERE name = 'feed'",
    # Who does not get it has nothing to do: another one is giving out positions.
    "postgresql": "SELECT last FROM event_position WHERE name = 'feed' FOR UPDATE SKIP LOCKED",
}
_FIRST_POSITION = "INSERT INTO event_position (name, last) VALUES ('feed', 0) ON CONFLICT (name) DO NOTHING"
# By id, which is by time; but two events of one entity are in the order of their numbers, also when they share a millisecond or the clocks
# of two servers differ: each counts as no earlier than those before it.
_TAKE = f"""
WITH oldest AS (
    SELECT id, sequence, MAX(id) OVER (PARTITION BY entity, entity_id ORDER BY sequence) AS not_before
    FROM (SELECT id, entity, entity_id, sequence FROM outbox WHERE {_UNTOLD} ORDER BY id LIMIT :limit) AS waiting
), picked AS (
    SELECT id, ROW_NUMBER() OVER (ORDER BY not_before, sequence, id) AS place FROM oldest
)
UPDATE outbox SET done_at = :now, position = :last + picked.place FROM picked
WHERE outbox.id = picked.id AND outbox.done_at IS NULL
RETURNING {", ".join(f"outbox.{name}" for name in _COLUMNS.split(", "))}
"""
_COUNTED_AT_ONCE = 20
_COUNTS = (
    "SELECT entity_id, last FROM event_count WHERE entity = :entity AND entity_id IN "
    f"({', '.join(f':id_{place}' for place in range(_COUNTED_AT_ONCE))})"
)
_PURGE = """
DELETE FROM outbox WHERE id IN (
    SELECT id FROM outbox WHERE id < :bound AND occurred_at < :before ORDER BY id LIMIT :limit
)
"""


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """A domain event as it was kept.

    `event_id` is its name for the world and stays the same however often it is told (WHK-03). `sequence` counts the events of its entity
    from 1 on; there may be gaps. `position` is its place in the feed; None: not taken yet.
    """

    event_id: str
    event: DomainEvent
    occurred_at: int
    sequence: int
    position: int | None = None


def record(
    tx: Tx, event: DomainEvent, *, event_id: str, now: int, person: str | None = None, is_first: bool = False, least: int = 1
) -> None:
    """Keep `event`. `event_id` comes from `core.ids.new_id(now)`: ids in order of time keep this insert equally cheap for ever.

    `person`: whom its body says something about, a member's id or the key of an address, so that it is found when they ask (OPS-08).
    `is_first`: its thing was made in this transaction, so its number is 1 and needs no counter; who says so lets the counter of all later
    ones begin at `least` 2.
    """
    row = {
        "id": event_id,
        "site_id": event.site_id,
        "entity": event.entity,
        "slug": event.slug,
        "entity_id": event.entity_id,
        "body": _encode(event.body).decode(),
        "identity": None if event.identity is None else _encode(event.identity).decode(),
        "now": now,
        "person": person,
        "is_erasure": event.is_erasure,
    }
    if event.entity == MAIL:
        tx.execute(_RECORD, sequence=0, **row)
    elif is_first:
        tx.execute(_RECORD, sequence=1, **row)
    elif tx.dialect == "postgresql":
        tx.execute(_COUNT_AND_RECORD, least=least, **row)
    else:
        counted = tx.one(_COUNT, entity=event.entity, entity_id=event.entity_id, least=least)
        assert counted is not None
        tx.execute(_RECORD, sequence=counted[0], **row)


def is_waiting(tx: Tx) -> bool:
    """True when there is something to take. A read of one index entry: what an idle worker does all day."""
    return tx.one(_IS_WAITING) is not None


def take(tx: Tx, limit: int, now: int) -> list[RecordedEvent]:
    """The oldest events that are not taken yet, at most `limit`, each with its position from now on; nobody else gets them again.

    Whoever takes them writes down in the same transaction who is to be told. Empty also while another transaction is taking some.
    """
    last = tx.one(_LAST_POSITION[tx.dialect])
    if last is None:
        if last_position(tx) or not tx.execute(_FIRST_POSITION):
            return []
        last = (0,)
    taken = sorted((recorded(row) for row in tx.all(_TAKE, limit=limit, now=now, last=last[0])), key=lambda one: one.position or 0)
    if taken:
        tx.execute("UPDATE event_position SET last = :last WHERE name = 'feed'", last=taken[-1].position)
    return taken


def untold(tx: Tx, limit: int) -> list[RecordedEvent]:
    """The oldest events that are not taken yet."""
    return [recorded(row) for row in tx.all(f"SELECT {_COLUMNS} FROM outbox WHERE {_UNTOLD} ORDER BY id LIMIT :limit", limit=limit)]


def following(tx: Tx, site_id: str, after: int, limit: int) -> list[RecordedEvent]:
    """A site's events behind a position of the feed, in its order (WHK-10)."""
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM outbox WHERE site_id = :site_id AND position > :after ORDER BY position LIMIT :limit",
        site_id=site_id,
        after=after,
        limit=limit,
    )
    return [recorded(row) for row in rows]


def last_position(tx: Tx) -> int:
    """Where the feed ends now."""
    row = tx.one("SELECT last FROM event_position WHERE name = 'feed'")
    return row[0] if row else 0


def counts(tx: Tx, entity: str, entity_ids: Sequence[str]) -> dict[str, int]:
    """How many events there were of each of these things; one with none, or with its first only (`is_first`), is left out.

    Each costs a look at an index.
    """
    found: dict[str, int] = {}
    for first in range(0, len(entity_ids), _COUNTED_AT_ONCE):
        some = entity_ids[first : first + _COUNTED_AT_ONCE]
        # The last one fills the statement up, so that there is one text for any number.
        ids = {f"id_{place}": some[min(place, len(some) - 1)] for place in range(_COUNTED_AT_ONCE)}
        found |= {row[0]: row[1] for row in tx.all(_COUNTS, entity=entity, **ids)}
    return found


def one(tx: Tx, site_id: str, event_id: str) -> RecordedEvent | None:
    """One event of a site; None when it is forgotten, or was never there."""
    row = tx.one(f"SELECT {_COLUMNS} FROM outbox WHERE id = :id AND site_id = :site_id AND entity <> 'mail'", id=event_id, site_id=site_id)
    return recorded(row) if row else None


def between(tx: Tx, site_id: str, after: int, first: int, end: int, limit: int) -> list[RecordedEvent]:
    """A site's events behind a position of the feed that happened from `first` on and before `end` (UTC milliseconds), in its order."""
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM outbox WHERE site_id = :site_id AND position > :after AND occurred_at >= :first AND occurred_at < :end "
        "ORDER BY position LIMIT :limit",
        site_id=site_id,
        after=after,
        first=first,
        end=end,
        limit=limit,
    )
    return [recorded(row) for row in rows]


def purge(tx: Tx, before: int, limit: int = 1000) -> int:
    """Forget at most `limit` events that happened before `before` (UTC milliseconds), told or not; answers how many. Call until it is 0.

    Whoever could not be told for as long as events are kept will not be told any more: the disk is bounded by time, not by receivers.
    """
    # An id starts with its time: the bound keeps the search at the old end of the table.
    first_id = f"{before:012x}"
    return tx.execute(_PURGE, bound=f"{first_id[:8]}-{first_id[8:]}", before=before, limit=limit)


def recorded(row: Row) -> RecordedEvent:
    """An event from its columns: id, site, entity, slug, entity id, body, identity, time, sequence, erasure, position."""
    event_id, site_id, entity, slug, entity_id, body, identity, occurred_at, sequence, is_erasure, position = row
    kept_identity = None if identity is None else _decode_identity(identity)
    event = DomainEvent(site_id, entity, slug, entity_id, _decode_body(body), kept_identity, bool(is_erasure))
    return RecordedEvent(event_id, event, occurred_at, sequence, position)
