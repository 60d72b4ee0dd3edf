"""What this room keeps about a person: what they said in checkouts, which are deleted; orders that were made of them stay (OPS-08)."""

from __future__ import annotations

from typing import Any

from roundtrip.ecom.checkout import store
from roundtrip.ecom.checkout.model import Checkout
from roundtrip.ecom.handed_out import recipient, said, wanted
from roundtrip.storage.database import Tx
from roundtrip.storage.keeps import Keeps, Person


def _checkouts(tx: Tx, person: Person) -> list[dict[str, Any]]:
    return [_shown(checkout) for checkout in store.of_person(tx, person)]


def _shown(checkout: Checkout) -> dict[str, Any]:
    details = checkout.details
    return said(
        id=checkout.id,
        owner_kind=checkout.owner.kind,
        owner_id=checkout.owner.id,
        order_id=checkout.order_id,
        email=details.email,
        member_id=details.member_id,
        shipping=recipient(details.shipping),
        billing=recipient(details.billing),
        coupon_code=details.coupon_code,
        buyer_note=details.buyer_note,
        gift_note=details.gift_note,
        answers=[{"title": answer.title, "value": answer.value} for answer in details.answers],
        lines=wanted(details.lines),
        language=details.language,
        created_at=checkout.created_at,
        updated_at=checkout.updated_at,
    )


KEEPS = Keeps("checkouts", ("checkout",), _checkouts, store.delete_of_person, place=80)
