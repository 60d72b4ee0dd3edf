"""What this room keeps about a person: which coupons they used (OPS-08).

Erased, they could use one with a limit again; how often it was used altogether stays.
"""

from __future__ import annotations

from typing import Any

from roundtrip.ecom.coupons import store
from roundtrip.storage.database import Tx
from roundtrip.storage.keeps import Keeps, Person


def _uses(tx: Tx, person: Person) -> list[dict[str, Any]]:
    return [{"code": coupon.code, "used": used} for coupon, used in store.uses_of(tx, person.site_id, person.email_key)]


def _forget_uses(tx: Tx, person: Person) -> int:
    return store.forget_customer(tx, person.site_id, person.email_key)


KEEPS = Keeps("coupons", ("coupon_customer",), _uses, _forget_uses, place=65)
