"""Where endpoints are kept, and how each has answered lately: the SQL about them, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from roundtrip.storage.database import Dialect, Row, Tx
from roundtrip.webhooks.endpoints.model import Because, Endpoint, Envelope, Lane

_COLUMNS = "id, site_id, url, description, events, envelope, client_id, disabled_at, disabled_because, revision, created_at, changed_at"
_decode = msgspec.json.Decoder(tuple[str, ...]).decode

_CLAIM = """
WITH picked AS (
    SELECT endpoint_id FROM webhook_lane WHERE due_at <= :now AND held_until <= :now ORDER BY due_at LIMIT :limit {lock}
)
UPDATE webhook_lane SET held_by = :holder, held_until = :until
WHERE endpoint_id IN (SELECT endpoint_id FROM picked) AND due_at <= :now AND held_until <= :now
RETURNING endpoint_id
"""
# On PostgreSQL several workers pick at once, each passing over what another is just picking. SQLite has one writer at a time.
_CLAIM_BY_DIALECT: dict[Dialect, str] = {"sqlite": _CLAIM.format(lock=""), "postgresql": _CLAIM.format(lock="FOR UPDATE SKIP LOCKED")}
_LOCK: dict[Dialect, str] = {"sqlite": "", "postgresql": " FOR UPDATE"}


@dataclass(frozen=True, slots=True)
class Listed:
    """An endpoint and how it answers, for owners."""

    endpoint: Endpoint
    lane: Lane


def insert(tx: Tx, endpoint: Endpoint) -> None:
    """Keep a new endpoint, to which nothing is due."""
    tx.execute(
        f"INSERT INTO webhook_endpoint ({_COLUMNS}) VALUES (:id, :site_id, :url, :description, :events, :envelope, :client_id, "
        ":disabled_at, :disabled_because, :revision, :created_at, :changed_at)",
        id=endpoint.id,
        site_id=endpoint.site_id,
        url=endpoint.url,
        description=endpoint.description,
        events=_text(endpoint.events),
        envelope=endpoint.envelope.value,
        client_id=endpoint.client_id,
        disabled_at=endpoint.disabled_at,
        disabled_because=endpoint.disabled_because,
        revision=endpoint.revision,
        created_at=endpoint.created_at,
        changed_at=endpoint.changed_at,
    )
    tx.execute(
        "INSERT INTO webhook_lane (endpoint_id, held_until, failures, paused_until) VALUES (:id, 0, 0, 0)",
        id=endpoint.id,
    )
    tx.memo.clear()


def find(tx: Tx, endpoint_id: str) -> Endpoint | None:
    """The endpoint with this id, or None."""
    row = tx.one(f"SELECT {_COLUMNS} FROM webhook_endpoint WHERE id = :id", id=endpoint_id)
    return _endpoint(row) if row else None


def of_site(tx: Tx, site_id: str) -> list[Endpoint]:
    """Every endpoint of a site, oldest first (a site has a handful)."""
    rows = tx.all(f"SELECT {_COLUMNS} FROM webhook_endpoint WHERE site_id = :site_id ORDER BY id LIMIT 100", site_id=site_id)
    return [_endpoint(row) for row in rows]


def listed(tx: Tx, site_id: str) -> list[Listed]:
    """Every endpoint of a site and how it answers, oldest first."""
    columns = ", ".join(f"e.{name}" for name in _COLUMNS.split(", "))
    rows = tx.all(
        f"SELECT {columns}, l.due_at, l.failures, l.failing_since, l.paused_until FROM webhook_endpoint e "
        "JOIN webhook_lane l ON l.endpoint_id = e.id WHERE e.site_id = :site_id ORDER BY e.id LIMIT 100",
        site_id=site_id,
    )
    return [Listed(_endpoint(row[:12]), Lane(*row[12:])) for row in rows]


def replace(tx: Tx, changed: Endpoint, revision: int) -> bool:
    """Write every field that can be set if the stored revision is still `revision`; True for exactly one caller."""
    tx.memo.clear()
    return (
        tx.execute(
            "UPDATE webhook_endpoint SET url = :url, description = :description, events = :events, disabled_at = :disabled_at, "
            "disabled_because = :disabled_because, changed_at = :changed_at, revision = revision + 1 "
            "WHERE id = :id AND revision = :revision",
            id=changed.id,
            url=changed.url,
            description=changed.description,
            events=_text(changed.events),
            disabled_at=changed.disabled_at,
            disabled_because=changed.disabled_because,
            changed_at=changed.changed_at,
            revision=revision,
        )
        == 1
    )


def disable(tx: Tx, endpoint_id: str, because: Because, now: int) -> bool:
    """Stop telling an endpoint; True for exactly one caller."""
    tx.memo.clear()
    stopped = tx.execute(
        "UPDATE webhook_endpoint SET disabled_at = :now, disabled_because = :because, changed_at = :now, revision = revision + 1 "
        "WHERE id = :id AND disabled_at IS NULL",
        id=endpoint_id,
        because=because.value,
        now=now,
    )
    tx.execute("UPDATE webhook_lane SET due_at = NULL WHERE endpoint_id = :id", id=endpoint_id)
    return stopped == 1


def delete(tx: Tx, endpoint_id: str) -> bool:
    """Remove an endpoint; True for exactly one caller. Its lane stays until its log is gone, too (`tidy.py`)."""
    tx.memo.clear()
    tx.execute("UPDATE webhook_lane SET due_at = NULL WHERE endpoint_id = :id", id=endpoint_id)
    return tx.execute("DELETE FROM webhook_endpoint WHERE id = :id", id=endpoint_id) == 1


def lane_without_endpoint(tx: Tx) -> str | None:
    """The lane of an endpoint that was deleted and still has a log. Looks at lanes, of which there are as many as endpoints."""
    row = tx.one(
        "SELECT l.endpoint_id FROM webhook_lane l WHERE l.due_at IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM webhook_endpoint e WHERE e.id = l.endpoint_id) LIMIT 1"
    )
    return row[0] if row else None


def delete_lane(tx: Tx, endpoint_id: str) -> None:
    """Forget the lane of an endpoint that is gone, with its log."""
    tx.execute("DELETE FROM webhook_lane WHERE endpoint_id = :id", id=endpoint_id)


def lane(tx: Tx, endpoint_id: str) -> Lane | None:
    """How an endpoint has answered lately, locked until the end of a transaction that writes."""
    row = tx.one(
        "SELECT due_at, failures, failing_since, paused_until FROM webhook_lane WHERE endpoint_id = :id" + _LOCK[tx.dialect], id=endpoint_id
    )
    return Lane(*row) if row else None


def failures(tx: Tx, endpoint_id: str) -> int:
    """How often an endpoint has failed in a row."""
    row = tx.one("SELECT failures FROM webhook_lane WHERE endpoint_id = :id", id=endpoint_id)
    return row[0] if row else 0


def bring_forward(tx: Tx, endpoint_id: str, due_at: int) -> None:
    """Something is due at an endpoint at `due_at`: look there then, but not while it is left alone."""
    tx.execute(
        "UPDATE webhook_lane SET due_at = CASE WHEN paused_until > :due_at THEN paused_until ELSE :due_at END "
        "WHERE endpoint_id = :id AND (due_at IS NULL OR due_at > :due_at)",
        id=endpoint_id,
        due_at=due_at,
    )


def some_due(tx: Tx, now: int) -> bool:
    """True when something may be due somewhere. A read of one index entry: what an idle worker does all day."""
    return tx.one("SELECT 1 FROM webhook_lane WHERE due_at <= :now AND held_until <= :now LIMIT 1", now=now) is not None


def claim(tx: Tx, holder: str, limit: int, now: int, lease_ms: int) -> list[str]:
    """Endpoints at which something is due and nobody else is, at most `limit`, held for `holder` for `lease_ms` milliseconds."""
    rows = tx.all(_CLAIM_BY_DIALECT[tx.dialect], holder=holder, limit=limit, now=now, until=now + lease_ms)
    return sorted(row[0] for row in rows)


def keep_holding(tx: Tx, endpoint_id: str, holder: str, until: int) -> bool:
    """Hold on until `until`; False when somebody else has it by now."""
    return (
        tx.execute(
            "UPDATE webhook_lane SET held_until = :until WHERE endpoint_id = :id AND held_by = :holder",
            id=endpoint_id,
            holder=holder,
            until=until,
        )
        == 1
    )


def let_go(tx: Tx, endpoint_id: str, holder: str, due_at: int | None) -> None:
    """Nobody holds it any more, and `due_at` is when to look again. Right after `lane`, which has locked the row."""
    tx.execute(
        "UPDATE webhook_lane SET held_by = NULL, held_until = 0, due_at = :due_at WHERE endpoint_id = :id AND held_by = :holder",
        id=endpoint_id,
        holder=holder,
        due_at=due_at,
    )


def forget_failures(tx: Tx, endpoint_id: str) -> None:
    """An owner switched it off or on: how it answered before does not count any more."""
    tx.execute(
        "UPDATE webhook_lane SET failures = 0, failing_since = NULL, paused_until = 0, due_at = NULL WHERE endpoint_id = :id",
        id=endpoint_id,
    )


def set_lane(tx: Tx, endpoint_id: str, answered: Lane) -> None:
    """Write down how an endpoint answers. Right after `lane`, which has locked the row."""
    tx.execute(
        "UPDATE webhook_lane SET failures = :failures, failing_since = :since, paused_until = :paused_until WHERE endpoint_id = :id",
        id=endpoint_id,
        failures=answered.failures,
        since=answered.failing_since,
        paused_until=answered.paused_until,
    )


def _endpoint(row: Row) -> Endpoint:
    because = Because(row[8]) if row[8] else None
    return Endpoint(row[0], row[1], row[2], row[3], _decode(row[4]), Envelope(row[5]), row[6], row[7], because, row[9], row[10], row[11])


def _text(events: tuple[str, ...]) -> str:
    return msgspec.json.encode(events).decode()
