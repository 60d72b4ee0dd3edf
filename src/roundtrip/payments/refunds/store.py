"""Where refunds are kept: SQL, and nothing else. What is set aside for them stands with the attempt.

Attempts are locked before their refunds (decision 0135). Each move is one conditional UPDATE whose count decides.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from roundtrip.payments.model import Refund, RefundStatus
from roundtrip.payments.store import LOCK, one_changed
from roundtrip.storage.database import Row, Tx

_REFUND = ", ".join(Refund.__struct_fields__)


def reserve(tx: Tx, attempt_id: str, units: int) -> bool:
    """Set money of an attempt aside to be given back; False when less than that is left."""
    return one_changed(
        tx,
        "UPDATE payment_attempt SET refunded_units = refunded_units + :units WHERE id = :id AND refunded_units + :units <= captured_units",
        id=attempt_id,
        units=units,
    )


def release(tx: Tx, attempt_id: str, units: int) -> None:
    """It was not given back after all."""
    tx.execute("UPDATE payment_attempt SET refunded_units = refunded_units - :units WHERE id = :id", id=attempt_id, units=units)


def insert(tx: Tx, refund: Refund) -> None:
    """Keep a new refund."""
    values = ", ".join(f":{name}" for name in Refund.__struct_fields__)
    tx.execute(
        f"INSERT INTO payment_refund ({_REFUND}) VALUES ({values})", **{**msgspec.structs.asdict(refund), "status": refund.status.value}
    )


def refund(tx: Tx, refund_id: str) -> Refund | None:
    """One refund by its id."""
    row = tx.one(f"SELECT {_REFUND} FROM payment_refund WHERE id = :id", id=refund_id)
    return _refund(row) if row else None


def by_key(tx: Tx, attempt_id: str, key: str) -> Refund | None:
    """The refund of an attempt that was asked for with this key."""
    row = tx.one(f"SELECT {_REFUND} FROM payment_refund WHERE attempt_id = :attempt_id AND key = :key", attempt_id=attempt_id, key=key)
    return _refund(row) if row else None


def of_attempt(tx: Tx, attempt_id: str, limit: int = 100) -> list[Refund]:
    """Refunds of an attempt, oldest first."""
    sql = f"SELECT {_REFUND} FROM payment_refund WHERE attempt_id = :attempt_id ORDER BY requested_at, id LIMIT :limit"
    return [_refund(row) for row in tx.all(sql, attempt_id=attempt_id, limit=limit)]


def end(
    tx: Tx, refund_id: str, new: RefundStatus, old: Iterable[RefundStatus], *, provider_ref: str | None, error: str | None, now: int
) -> bool:
    """How a refund ended; True for exactly one caller."""
    statuses = ", ".join(f"'{status.value}'" for status in old)
    return one_changed(
        tx,
        "UPDATE payment_refund SET status = :new, provider_ref = COALESCE(:provider_ref, provider_ref), error = :error, try_at = NULL, "
        f"changed_at = :now WHERE id = :id AND status IN ({statuses})",
        id=refund_id,
        new=new.value,
        provider_ref=provider_ref,
        error=error,
        now=now,
    )


def due(tx: Tx, now: int, limit: int, lease_ms: int) -> list[Refund]:
    """Refunds that the worker has to make, reserved for the caller for `lease_ms` milliseconds."""
    rows = tx.all(
        f"WITH picked AS (SELECT id FROM payment_refund WHERE try_at <= :now ORDER BY try_at, id LIMIT :limit {LOCK[tx.dialect]}) "
        "UPDATE payment_refund SET try_at = :until, tries = tries + 1 WHERE id IN (SELECT id FROM picked) AND try_at <= :now "
        f"RETURNING {_REFUND}",
        now=now,
        limit=limit,
        until=now + lease_ms,
    )
    return sorted((_refund(row) for row in rows), key=lambda one: one.id)


def try_again(tx: Tx, refund_id: str, try_at: int, error: str) -> bool:
    """The provider could not be asked; False when the refund has ended meanwhile."""
    return one_changed(
        tx,
        "UPDATE payment_refund SET try_at = :try_at, error = :error WHERE id = :id AND status = 'requested'",
        id=refund_id,
        try_at=try_at,
        error=error,
    )


def _refund(row: Row) -> Refund:
    named = dict(zip(Refund.__struct_fields__, row, strict=True))
    return Refund(**{**named, "status": RefundStatus(named["status"])})
