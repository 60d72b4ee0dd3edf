"""What this room keeps about a person: their carts, which are deleted (OPS-08).

A visitor's cart without an address of mail is nobody's, and gone when nobody touches it for `KEPT_FOR`.
"""

from __future__ import annotations

from typing import Any

from roundtrip.ecom.cart import store
from roundtrip.ecom.cart.model import Cart
from roundtrip.ecom.handed_out import recipient, said, wanted
from roundtrip.storage.database import Tx
from roundtrip.storage.keeps import Keeps, Person


def _carts(tx: Tx, person: Person) -> list[dict[str, Any]]:
    return [_shown(cart) for cart in store.of_person(tx, person)]


def _shown(cart: Cart) -> dict[str, Any]:
    details = cart.details
    return said(
        id=cart.id,
        owner_kind=cart.owner.kind,
        owner_id=cart.owner.id,
        email=details.email,
        contact=recipient(details.contact),
        coupon_code=details.coupon_code,
        buyer_note=details.buyer_note,
        lines=wanted(cart.lines),
        created_at=cart.created_at,
        updated_at=cart.updated_at,
    )


KEEPS = Keeps("carts", ("cart", "cart_line"), _carts, store.delete_of_person, place=60)
