"""SQL of carts, and nothing else."""

from __future__ import annotations

import msgspec

from roundtrip.core.email import email_key
from roundtrip.ecom.cart.model import Cart, CartDetails, Owner
from roundtrip.ecom.goods import Reference
from roundtrip.ecom.quote import Wanted
from roundtrip.query.listed import listed
from roundtrip.storage.database import Row, Tx, Value
from roundtrip.storage.keeps import Person

_CART = "id, site_id, owner_kind, owner_id, checkout_id, details, created_at, updated_at"
# Two reads of two indexes: told with OR, SQLite would read everything of the site.
_OF_PERSON = (
    "id IN (SELECT id FROM cart WHERE site_id = :site_id AND owner_kind = 'member' AND owner_id = :member_id"
    " UNION SELECT id FROM cart WHERE site_id = :site_id AND email_key = :email_key)"
)
_details = msgspec.json.Decoder(CartDetails).decode
_options = msgspec.json.Decoder(dict[str, object]).decode


def of_owner(tx: Tx, site_id: str, owner: Owner) -> Cart | None:
    """The cart of a visitor or member."""
    row = tx.one(
        f"SELECT {_CART} FROM cart WHERE site_id = :site_id AND owner_kind = :kind AND owner_id = :owner_id",
        site_id=site_id,
        kind=owner.kind,
        owner_id=owner.id,
    )
    return _cart(tx, row) if row else None


def get(tx: Tx, site_id: str, cart_id: str) -> Cart | None:
    """A cart by its id."""
    row = tx.one(f"SELECT {_CART} FROM cart WHERE id = :id AND site_id = :site_id", id=cart_id, site_id=site_id)
    return _cart(tx, row) if row else None


def open_(tx: Tx, site_id: str, owner: Owner, new_id: str, now: int) -> str:
    """The id of the owner's cart, made if there is none, and locked until this transaction ends: nobody deletes it meanwhile."""
    row = tx.one(
        "INSERT INTO cart (id, site_id, owner_kind, owner_id, checkout_id, details, created_at, updated_at)"
        " VALUES (:id, :site_id, :kind, :owner_id, NULL, '{}', :now, :now)"
        " ON CONFLICT (site_id, owner_kind, owner_id) DO UPDATE SET updated_at = :now RETURNING id",
        id=new_id,
        site_id=site_id,
        kind=owner.kind,
        owner_id=owner.id,
        now=now,
    )
    assert row is not None
    return str(row[0])


def touch(tx: Tx, site_id: str, owner: Owner, now: int) -> str | None:
    """The id of the owner's cart, locked until this transaction ends; None when there is none."""
    row = tx.one(
        "UPDATE cart SET updated_at = :now WHERE site_id = :site_id AND owner_kind = :kind AND owner_id = :owner_id RETURNING id",
        site_id=site_id,
        kind=owner.kind,
        owner_id=owner.id,
        now=now,
    )
    return str(row[0]) if row else None


def lock(tx: Tx, cart_id: str, now: int) -> bool:
    """True when the cart is there, and stays until this transaction ends."""
    return tx.execute("UPDATE cart SET updated_at = :now WHERE id = :id", id=cart_id, now=now) == 1


def touch_of_checkout(tx: Tx, site_id: str, checkout_id: str, now: int) -> str | None:
    """The id of the cart that a checkout was made from, whoever's it is now, locked until this transaction ends; None when it is gone."""
    row = tx.one(
        "UPDATE cart SET updated_at = :now WHERE site_id = :site_id AND checkout_id = :checkout_id RETURNING id",
        site_id=site_id,
        checkout_id=checkout_id,
        now=now,
    )
    return str(row[0]) if row else None


def add_line(tx: Tx, cart_id: str, line: Wanted, key: str, most: int) -> bool:
    """Put so many of one thing into a cart, more to what is there of it. False when that would be too many."""
    return (
        tx.execute(
            "INSERT INTO cart_line (id, cart_id, app_id, key, item_id, options, quantity, position)"
            " VALUES (:id, :cart_id, :app_id, :key, :item_id, :options, :quantity,"
            " (SELECT COALESCE(MAX(position), 0) + 1 FROM cart_line WHERE cart_id = :cart_id))"
            " ON CONFLICT (cart_id, key) DO UPDATE SET quantity = cart_line.quantity + excluded.quantity"
            " WHERE cart_line.quantity + excluded.quantity <= :most",
            id=line.id,
            cart_id=cart_id,
            app_id=line.reference.app_id,
            key=key,
            item_id=line.reference.item_id,
            options=line.reference.options_text,
            quantity=line.quantity,
            most=most,
        )
        == 1
    )


def set_quantity(tx: Tx, cart_id: str, line_id: str, quantity: int) -> bool:
    """False when the cart has no such line."""
    return (
        tx.execute(
            "UPDATE cart_line SET quantity = :quantity WHERE id = :id AND cart_id = :cart_id",
            id=line_id,
            cart_id=cart_id,
            quantity=quantity,
        )
        == 1
    )


def remove_lines(tx: Tx, cart_id: str, line_ids: list[str]) -> int:
    """Take lines out; answers how many there were."""
    if not line_ids:
        return 0
    names, params = listed("id", line_ids)
    return tx.execute(f"DELETE FROM cart_line WHERE cart_id = :cart_id AND id IN ({names})", cart_id=cart_id, **params)


def keyed_lines(tx: Tx, cart_id: str) -> list[tuple[str, Wanted]]:
    """The lines of a cart with the keys of their things."""
    rows = tx.all(
        "SELECT id, app_id, item_id, options, quantity, key FROM cart_line WHERE cart_id = :cart_id ORDER BY position, id LIMIT 1000",
        cart_id=cart_id,
    )
    return [(row[5], _line(row)) for row in rows]


def take_out(tx: Tx, cart_id: str, key: str, quantity: int) -> None:
    """Take so many of one thing out: as many as were bought, never what was added since."""
    if tx.execute(
        "DELETE FROM cart_line WHERE cart_id = :cart_id AND key = :key AND quantity <= :quantity",
        cart_id=cart_id,
        key=key,
        quantity=quantity,
    ):
        return
    tx.execute(
        "UPDATE cart_line SET quantity = quantity - :quantity WHERE cart_id = :cart_id AND key = :key",
        cart_id=cart_id,
        key=key,
        quantity=quantity,
    )


def set_details(tx: Tx, cart_id: str, details: CartDetails) -> None:
    """Keep what the buyer said; the cart is locked by this transaction."""
    tx.execute(
        "UPDATE cart SET details = :details, email_key = :email_key WHERE id = :id",
        id=cart_id,
        details=msgspec.json.encode(details).decode(),
        email_key=email_key(details.email) or None,
    )


def set_checkout(tx: Tx, cart_id: str, checkout_id: str | None) -> None:
    """Remember which checkout was made from it."""
    tx.execute("UPDATE cart SET checkout_id = :checkout_id WHERE id = :id", id=cart_id, checkout_id=checkout_id)


def delete(tx: Tx, cart_id: str) -> bool:
    """Delete a cart with its lines. True for exactly one caller."""
    return tx.execute("DELETE FROM cart WHERE id = :id", id=cart_id) == 1


def delete_if_empty(tx: Tx, cart_id: str) -> bool:
    """Delete a cart that has no lines."""
    return tx.execute("DELETE FROM cart WHERE id = :id AND NOT EXISTS (SELECT 1 FROM cart_line WHERE cart_id = :id)", id=cart_id) == 1


def claim_of_visitor(tx: Tx, site_id: str, visitor_id: str) -> str | None:
    """The id of the visitor's cart, which is nobody's from now on: exactly one caller gets it."""
    row = tx.one(
        "UPDATE cart SET owner_kind = 'merging', owner_id = id WHERE site_id = :site_id AND owner_kind = 'visitor'"
        " AND owner_id = :visitor_id RETURNING id",
        site_id=site_id,
        visitor_id=visitor_id,
    )
    return str(row[0]) if row else None


def forget(tx: Tx, before: int, limit: int) -> int:
    """Delete carts that nobody touched since `before` (UTC milliseconds); answers how many. Call until it is 0."""
    return tx.execute(
        "DELETE FROM cart WHERE id IN (SELECT id FROM cart WHERE updated_at < :before ORDER BY updated_at LIMIT :limit)",
        before=before,
        limit=limit,
    )


def of_person(tx: Tx, person: Person) -> list[Cart]:
    """The carts of a person: the member's, and those in which somebody said their address."""
    rows = tx.all(f"SELECT {_CART} FROM cart WHERE {_OF_PERSON} ORDER BY id LIMIT 1000", **_person(person))
    return [_cart(tx, row) for row in rows]


def delete_of_person(tx: Tx, person: Person) -> int:
    """Delete those, with their lines; answers how many."""
    return tx.execute(f"DELETE FROM cart WHERE {_OF_PERSON}", **_person(person))


def _person(person: Person) -> dict[str, Value]:
    return {"site_id": person.site_id, "member_id": person.member_id or "", "email_key": person.email_key}


def _cart(tx: Tx, row: Row) -> Cart:
    lines = tuple(line for _, line in keyed_lines(tx, row[0]))
    kind = row[2]
    return Cart(row[0], row[1], Owner(kind, row[3]), row[4], _details(row[5]), lines, row[6], row[7])


def _line(row: Row) -> Wanted:
    return Wanted(row[0], Reference(row[1], row[2], _options(row[3])), row[4])
