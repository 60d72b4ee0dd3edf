"""Where payment requests are kept."""

from __future__ import annotations

from roundtrip.ecom.payment_requests.model import PaymentRequest
from roundtrip.storage.database import Row, Tx

_COLUMNS = "id, site_id, order_id, title, cancelled_at, expires_at, created_at"


def insert(tx: Tx, made: PaymentRequest) -> None:
    """Keep a new one."""
    tx.execute(
        f"INSERT INTO payment_request ({_COLUMNS}) VALUES (:id, :site_id, :order_id, :title, :cancelled_at, :expires_at, :created_at)",
        id=made.id,
        site_id=made.site_id,
        order_id=made.order_id,
        title=made.title,
        cancelled_at=made.cancelled_at,
        expires_at=made.expires_at,
        created_at=made.created_at,
    )


def get(tx: Tx, site_id: str, request_id: str) -> PaymentRequest | None:
    """The request with this id at this site."""
    row = tx.one(f"SELECT {_COLUMNS} FROM payment_request WHERE id = :id AND site_id = :site_id", id=request_id, site_id=site_id)
    return _request(row) if row else None


def of_order(tx: Tx, site_id: str, order_id: str, limit: int) -> list[PaymentRequest]:
    """The requests for one order, newest first."""
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM payment_request WHERE site_id = :site_id AND order_id = :order_id ORDER BY id DESC LIMIT :limit",
        site_id=site_id,
        order_id=order_id,
        limit=limit,
    )
    return [_request(row) for row in rows]


def cancel(tx: Tx, request_id: str, now: int) -> bool:
    """End it; True for exactly one caller."""
    return tx.execute("UPDATE payment_request SET cancelled_at = :now WHERE id = :id AND cancelled_at IS NULL", id=request_id, now=now) == 1


def _request(row: Row) -> PaymentRequest:
    return PaymentRequest(*row)
