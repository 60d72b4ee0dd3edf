"""Where deliveries and their attempts are kept: the SQL about them, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from roundtrip.storage import outbox
from roundtrip.storage.database import Row, Tx, Value
from roundtrip.webhooks.deliveries.model import Attempt, Delivery, DeliveryStatus, Due, Tried

_COLUMNS = (
    "id, site_id, endpoint_id, event_id, entity, slug, entity_id, status, attempts, tries, due_at, last_status, last_error, last_at, "
    "created_at"
)
LONGEST_ERROR = 300
_WRITE = """
UPDATE webhook_delivery SET status = :new, attempts = attempts + 1, tries = tries + 1, due_at = :due_at, last_status = :last_status,
    last_error = :error, last_at = :at
WHERE id = :id AND attempts = :attempts AND due_at IS NOT NULL
"""
_ATTEMPT = "INSERT INTO webhook_attempt (delivery_id, number, at, took, status, error, address, next_at)"
_KEEP_ATTEMPT = f"{_ATTEMPT} VALUES (:id, :attempts + 1, :at, :took, :last_status, :error, :address, :due_at)"
# PostgreSQL does both in one round trip. A statement with two writes is more than SQLite can do, where a second one costs little.
_WRITE_BOTH = f"""
WITH written AS ({_WRITE} RETURNING id, attempts, last_at, last_status, last_error, due_at)
{_ATTEMPT} SELECT id, attempts, last_at, :took, last_status, last_error, :address, due_at FROM written
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deliveries to list; None: any. `name` is an event (`order.paid`) or a kind of thing (`order`)."""

    endpoint_id: str | None = None
    status: DeliveryStatus | None = None
    name: str | None = None
    entity_id: str | None = None


def insert(tx: Tx, delivery: Delivery) -> bool:
    """Keep a new delivery; False when this event has one for this endpoint already."""
    return (
        tx.execute(
            f"INSERT INTO webhook_delivery ({_COLUMNS}) VALUES (:id, :site_id, :endpoint_id, :event_id, :entity, :slug, :entity_id, "
            ":status, 0, 0, :due_at, NULL, NULL, NULL, :created_at) ON CONFLICT (event_id, endpoint_id) DO NOTHING",
            id=delivery.id,
            site_id=delivery.site_id,
            endpoint_id=delivery.endpoint_id,
            event_id=delivery.event_id,
            entity=delivery.entity,
            slug=delivery.slug,
            entity_id=delivery.entity_id,
            status=delivery.status.value,
            due_at=delivery.due_at,
            created_at=delivery.created_at,
        )
        == 1
    )


def due(tx: Tx, endpoint_id: str, now: int, limit: int) -> list[Due]:
    """What is due at an endpoint, longest due first, with its events."""
    rows = tx.all(
        "SELECT d.id, d.attempts, d.tries, o.id, o.site_id, o.entity, o.slug, o.entity_id, o.body, o.identity, o.occurred_at, o.sequence, "
        "o.is_erasure, o.position FROM webhook_delivery d LEFT JOIN outbox o ON o.id = d.event_id "
        "WHERE d.endpoint_id = :endpoint_id AND d.due_at <= :now ORDER BY d.due_at, d.id LIMIT :limit",
        endpoint_id=endpoint_id,
        now=now,
        limit=limit,
    )
    return [Due(row[0], row[1], row[2], outbox.recorded(row[3:]) if row[3] else None) for row in rows]


def next_due(tx: Tx, endpoint_id: str) -> int | None:
    """When something is due at an endpoint next; None: nothing waits."""
    row = tx.one(
        "SELECT due_at FROM webhook_delivery WHERE endpoint_id = :endpoint_id AND due_at IS NOT NULL ORDER BY due_at LIMIT 1",
        endpoint_id=endpoint_id,
    )
    return row[0] if row else None


def write_down(tx: Tx, tried: Tried, status: DeliveryStatus, due_at: int | None) -> bool:
    """Keep what came of a try; False when another worker has written down the same one."""
    params: dict[str, Value] = {
        "id": tried.delivery_id,
        "attempts": tried.attempts,
        "last_status": tried.status,
        "error": tried.error[:LONGEST_ERROR] if tried.error else None,
        "at": tried.at,
        "due_at": due_at,
    }
    more: dict[str, Value] = {"new": status.value, "took": tried.took, "address": tried.address}
    if tx.dialect == "postgresql":
        return tx.execute(_WRITE_BOTH, **params, **more) == 1
    written = tx.execute(_WRITE, new=status.value, **params)
    if written:
        tx.execute(_KEEP_ATTEMPT, took=tried.took, address=tried.address, **params)
    return written == 1


def end_without_event(tx: Tx, delivery_id: str, why: str) -> bool:
    """There is nothing to deliver any more."""
    return (
        tx.execute(
            "UPDATE webhook_delivery SET status = 'failed', due_at = NULL, last_error = :why WHERE id = :id AND due_at IS NOT NULL",
            id=delivery_id,
            why=why,
        )
        == 1
    )


def pull_forward(tx: Tx, endpoint_id: str, now: int) -> int:
    """What waits for a later try at an endpoint is due now; answers how many that were."""
    return tx.execute(
        "UPDATE webhook_delivery SET due_at = :now WHERE endpoint_id = :endpoint_id AND due_at > :now", endpoint_id=endpoint_id, now=now
    )


def ask_again(tx: Tx, delivery_id: str, now: int) -> bool:
    """Deliver once more, now and from the beginning of the schedule, whatever became of it; False when it is not there."""
    return (
        tx.execute(
            "UPDATE webhook_delivery SET status = 'waiting', tries = 0, due_at = :now WHERE id = :id",
            id=delivery_id,
            now=now,
        )
        == 1
    )


def find(tx: Tx, site_id: str, delivery_id: str) -> Delivery | None:
    """A site's delivery with this id, or None."""
    row = tx.one(f"SELECT {_COLUMNS} FROM webhook_delivery WHERE id = :id AND site_id = :site_id", id=delivery_id, site_id=site_id)
    return _delivery(row) if row else None


def of_event(tx: Tx, event_id: str, endpoint_id: str) -> Delivery | None:
    """The delivery of an event to an endpoint, or None."""
    row = tx.one(
        f"SELECT {_COLUMNS} FROM webhook_delivery WHERE event_id = :event_id AND endpoint_id = :endpoint_id",
        event_id=event_id,
        endpoint_id=endpoint_id,
    )
    return _delivery(row) if row else None


def deliveries_of_event(tx: Tx, event_id: str) -> list[Delivery]:
    """Every delivery of an event."""
    rows = tx.all(f"SELECT {_COLUMNS} FROM webhook_delivery WHERE event_id = :event_id ORDER BY id LIMIT 100", event_id=event_id)
    return [_delivery(row) for row in rows]


def search(tx: Tx, site_id: str, wanted: Wanted, *, before_id: str | None, limit: int) -> list[Delivery]:
    """Up to `limit` deliveries of a site, newest event first, older than `before_id`."""
    conditions, params = ["site_id = :site_id"], dict[str, Value](site_id=site_id, limit=limit)
    if before_id is not None:
        conditions.append("id < :before_id")
        params["before_id"] = before_id
    if wanted.endpoint_id is not None:
        conditions.append("endpoint_id = :endpoint_id")
        params["endpoint_id"] = wanted.endpoint_id
    if wanted.entity_id is not None:
        conditions.append("entity_id = :entity_id")
        params["entity_id"] = wanted.entity_id
    if wanted.status is not None:
        # The second half lets the search use the index of those that are not delivered.
        conditions.append(
            "status = 'delivered'" if wanted.status is DeliveryStatus.DELIVERED else "status = :status AND status <> 'delivered'"
        )
        params["status"] = wanted.status.value
    if wanted.name is not None:
        entity, _, slug = wanted.name.partition(".")
        conditions.append("entity = :entity" + (" AND slug = :slug" if slug else ""))
        params |= {"entity": entity, "slug": slug}
    used = {name: value for name, value in params.items() if any(f":{name}" in one for one in conditions) or name == "limit"}
    rows = tx.all(f"SELECT {_COLUMNS} FROM webhook_delivery WHERE {' AND '.join(conditions)} ORDER BY id DESC LIMIT :limit", **used)
    return [_delivery(row) for row in rows]


def attempts(tx: Tx, delivery_id: str) -> list[Attempt]:
    """Every attempt at a delivery, oldest first."""
    rows = tx.all(
        "SELECT number, at, took, status, error, address, next_at FROM webhook_attempt WHERE delivery_id = :id ORDER BY number LIMIT 1000",
        id=delivery_id,
    )
    return [Attempt(*row) for row in rows]


def delete_of_endpoint(tx: Tx, endpoint_id: str, limit: int) -> int:
    """Forget at most `limit` deliveries of an endpoint that is gone, with their attempts; answers how many."""
    return _delete(tx, "endpoint_id = :endpoint_id", limit, endpoint_id=endpoint_id)


def purge(tx: Tx, before_id: str, limit: int) -> int:
    """Forget at most `limit` deliveries of events from before `before_id`, with their attempts; answers how many."""
    return _delete(tx, "id < :before_id", limit, before_id=before_id)


def _delete(tx: Tx, which: str, limit: int, **params: Value) -> int:
    rows = tx.all(
        f"DELETE FROM webhook_delivery WHERE id IN (SELECT id FROM webhook_delivery WHERE {which} ORDER BY id LIMIT :limit) RETURNING id",
        limit=limit,
        **params,
    )
    for (delivery_id,) in sorted(rows):
        tx.execute("DELETE FROM webhook_attempt WHERE delivery_id = :id", id=delivery_id)
    return len(rows)


def _delivery(row: Row) -> Delivery:
    return Delivery(
        row[0],
        row[1],
        row[2],
        row[3],
        row[4],
        row[5],
        row[6],
        DeliveryStatus(row[7]),
        row[8],
        row[9],
        row[10],
        row[11],
        row[12],
        row[13],
        row[14],
    )
