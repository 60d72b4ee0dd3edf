"""SQL of checkouts, and nothing else."""

from __future__ import annotations

import msgspec

from roundtrip.core.email import email_key
from roundtrip.ecom.cart.model import Owner
from roundtrip.ecom.checkout.model import Checkout, Details
from roundtrip.storage.database import Row, Tx, Value
from roundtrip.storage.keeps import Person

_CHECKOUT = "id, site_id, owner_kind, owner_id, cart_id, order_id, is_completed, details, revision, created_at, updated_at"
# Two reads of two indexes: told with OR, SQLite would read everything of the site.
_OF_PERSON = (
    "id IN (SELECT id FROM checkout WHERE site_id = :site_id AND member_id = :member"
    " UNION SELECT id FROM checkout WHERE site_id = :site_id AND email_key = :email)"
)
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
        f"INSERT INTO checkout ({_CHECKOUT}, member_id, email_key) VALUES"
        " (:id, :site_id, :kind, :owner_id, :cart_id, NULL, :no, :details, 1, :now, :now, :member_id, :email_key)",
        id=checkout.id,
        site_id=checkout.site_id,
        kind=checkout.owner.kind,
        owner_id=checkout.owner.id,
        cart_id=checkout.cart_id,
        no=False,
        now=checkout.created_at,
        **_said(checkout.details),
    )


def set_details(tx: Tx, checkout: Checkout, details: Details) -> None:
    """Keep what was said, in a checkout that this transaction has locked."""
    tx.execute(
        "UPDATE checkout SET details = :details, member_id = :member_id, email_key = :email_key, revision = revision + 1 WHERE id = :id",
        id=checkout.id,
        **_said(details),
    )


def set_order(tx: Tx, checkout_id: str, order_id: str) -> None:
    """Remember the order that was placed from it; this transaction has locked it."""
    tx.execute("UPDATE checkout SET order_id = :order_id WHERE id = :id", id=checkout_id, order_id=order_id)


def set_cart(tx: Tx, checkout_id: str, cart_id: str) -> None:
    """The cart that it was made from is part of this one now."""
    tx.execute("UPDATE checkout SET cart_id = :cart_id WHERE id = :id", id=checkout_id, cart_id=cart_id)


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


def of_person(tx: Tx, person: Person) -> list[Checkout]:
    """The checkouts of a person, by the member or by the address that was said, oldest first."""
    rows = tx.all(f"SELECT {_CHECKOUT} FROM checkout WHERE {_OF_PERSON} ORDER BY id LIMIT 10000", **_person(person))
    return [_checkout(row) for row in rows]


def delete_of_person(tx: Tx, person: Person) -> int:
    """Delete those; answers how many."""
    return tx.execute(f"DELETE FROM checkout WHERE {_OF_PERSON}", **_person(person))


def _person(person: Person) -> dict[str, Value]:
    return {"site_id": person.site_id, "member": person.member_id or "", "email": person.email_key}


def _said(details: Details) -> dict[str, Value]:
    """What was said, and the two columns by which a person's checkouts are found."""
    text = msgspec.json.encode(details).decode()
    return {"details": text, "member_id": details.member_id or None, "email_key": email_key(details.email) or None}


def _checkout(row: Row) -> Checkout:
    return Checkout(row[0], row[1], Owner(row[2], row[3]), row[4], row[5], bool(row[6]), _details(row[7]), row[8], row[9], row[10])
