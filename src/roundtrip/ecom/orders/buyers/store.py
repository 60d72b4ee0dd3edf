"""SQL of who bought what, and nothing else."""

from __future__ import annotations

import msgspec

from roundtrip.ecom.orders.model import Content, Order
from roundtrip.ecom.orders.store import COLUMNS, order_of
from roundtrip.storage.database import Tx, Value
from roundtrip.storage.keeps import Person

# Two reads of two indexes: told with OR, SQLite would read everything of the site.
# An erased order has no address: an empty key finds none of them.
_OF_PERSON = (
    "id IN (SELECT id FROM shop_order WHERE site_id = :site_id AND member_id = :member_id"
    " UNION SELECT id FROM shop_order WHERE site_id = :site_id AND email_key = :email_key AND email_key <> '')"
)


def orders_of(tx: Tx, person: Person, limit: int) -> list[Order]:
    """The orders of a person, by the member or by the address that was said, oldest first."""
    sql = f"SELECT {COLUMNS} FROM shop_order WHERE {_OF_PERSON} ORDER BY number LIMIT :limit"
    return [order_of(row) for row in tx.all(sql, limit=limit, **_params(person))]


def ids_of(tx: Tx, person: Person) -> list[str]:
    """Their ids."""
    return [row[0] for row in tx.all(f"SELECT id FROM shop_order WHERE {_OF_PERSON} ORDER BY number", **_params(person))]


def forget_buyer(tx: Tx, order: Order, content: Content) -> bool:
    """Keep an order, as it was read, without who bought it. True for exactly one caller."""
    return (
        tx.execute(
            "UPDATE shop_order SET member_id = NULL, visitor_id = NULL, email_key = '', content = :content, revision = revision + 1"
            " WHERE id = :id AND revision = :revision",
            id=order.id,
            content=msgspec.json.encode(content).decode(),
            revision=order.revision,
        )
        == 1
    )


def forget_words(tx: Tx, order: Order) -> None:
    """Take out of what belongs to an order whatever people wrote about it, and where its parcels went."""
    tx.execute("UPDATE order_parcel SET tracking = '{}' WHERE order_id = :id", id=order.id)
    tx.execute("UPDATE order_activity SET note = '' WHERE order_id = :id AND note <> ''", id=order.id)
    tx.execute("UPDATE payment_request SET title = '' WHERE site_id = :site_id AND order_id = :id", id=order.id, site_id=order.site_id)


def touch(tx: Tx, order_id: str, now: int) -> None:
    """It was changed now: who asks for what changed is told."""
    tx.execute("UPDATE shop_order SET updated_at = :now WHERE id = :id", id=order_id, now=now)


def _params(person: Person) -> dict[str, Value]:
    return {"site_id": person.site_id, "member_id": person.member_id or "", "email_key": person.email_key}
