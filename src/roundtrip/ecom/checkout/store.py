"""SQL of checkouts, and nothing else."""

from __future__ import annotations

import msgspec

from roundtrip.ecom.cart.model import Owner
from roundtrip.ecom.checkout.model import Checkout, Details
from roundtrip.storage.database import Row, Tx

_CHECKOUT = "id, site_id, owner_kind, owner_id, cart_id, order_id, is_completed, details, revision, created_at, updated_at"
_details = msgspec.json.Decoder(Details).decode


def get(tx: Tx, site_id: str, checkout_id: str) -> Checkout | None:
    """A checkout of this site."""
    row = tx.one(f"SELECT {_CHECKOUT} FROM checkout WHERE id = :id AND site_id = :site_id", id=checkout_id, site_id=site_id)
    return _checkout(row) if row else None


def lock(tx: Tx, site_id: str, checkout_id: str, now: int) -> Checkout | None:
    """A checkout that nobody else changes, completes or places until this transaction ends."""
    row = tx.one(
        f"UPDATE checkout SET updated_at = :now WHERE id = :id AND site_id = :site_id RETURNING {_CHECKOUT}",
        id=checkout_id,
        site_id=site_id,
        now=now,
    )
    return _checkout(row) if row else None


def insert(tx: Tx, checkout: Checkout) -> None:
    """Keep a new one."""
    tx.execute(
        f"INSERT INTO checkout ({_CHECKOUT}) VALUES (:id, :site_id, :kind, :owner_id, :cart_id, NULL, :no, :details, 1, :now, :now)",
        id=checkout.id,
        site_id=checkout.site_id,
        kind=checkout.owner.kind,
        owner_id=checkout.owner.id,
        cart_id=checkout.cart_id,
        no=False,
        details=_text(checkout.details),
        now=checkout.created_at,
    )


def set_details(tx: Tx, checkout: Checkout, details: Details) -> None:
    """Keep what was said, in a checkout that this transaction has locked."""
    tx.execute("UPDATE checkout SET details = :details, revision = revision + 1 WHERE id = :id", id=checkout.id, details=_text(details))


def set_order(tx: Tx, checkout_id: str, order_id: str) -> None:
    """Remember the order that was placed from it; this transaction has locked it."""
    tx.execute("UPDATE checkout SET order_id = :order_id WHERE id = :id", id=checkout_id, order_id=order_id)


def complete(tx: Tx, checkout_id: str, order_id: str) -> bool:
    """Let this order stand for the checkout. True for the one that did."""
    return (
        tx.execute(
            "UPDATE checkout SET is_completed = :yes, order_id = :order_id WHERE id = :id AND NOT is_completed",
            id=checkout_id,
            order_id=order_id,
            yes=True,
        )
        == 1
    )


def forget(tx: Tx, before: int, limit: int) -> int:
    """Delete checkouts that nobody touched since `before` (UTC milliseconds); answers how many. Call until it is 0."""
    return tx.execute(
        "DELETE FROM checkout WHERE id IN (SELECT id FROM checkout WHERE updated_at < :before ORDER BY updated_at LIMIT :limit)",
        before=before,
        limit=limit,
    )


def _text(details: Details) -> str:
    return msgspec.json.encode(details).decode()


def _checkout(row: Row) -> Checkout:
    return Checkout(row[0], row[1], Owner(row[2], row[3]), row[4], row[5], bool(row[6]), _details(row[7]), row[8], row[9], row[10])
