"""What this room keeps about a person: what they subscribed to. Orders stay for the books, without who it was (OPS-08).

Whoever is erased has nothing any more that goes on: what runs is cancelled at once, and no card is charged again.
"""

from __future__ import annotations

from typing import Any

import msgspec

from roundtrip.plans.clock.actions import plan_time
from roundtrip.plans.orders import life, store
from roundtrip.plans.orders.model import Cause, Effect, PlanOrder, Status
from roundtrip.storage.database import Tx
from roundtrip.storage.keeps import Keeps, Person

MOST = 10_000


def _orders(tx: Tx, person: Person) -> list[dict[str, Any]]:
    return [_shown(tx, one) for one in store.of_person(tx, person, MOST)]


def _shown(tx: Tx, one: PlanOrder) -> dict[str, Any]:
    content = one.content
    return {
        "id": one.id,
        "plan": content.name,
        "status": one.status.value,
        "paid": one.paid.value,
        "price": content.terms.price,
        "currency": content.terms.currency,
        "name": content.buyer,
        "email": content.email,
        "member_id": one.member_id,
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "canceled_at": one.canceled_at,
        "created_at": one.created_at,
        "payments": [
            {"cycle": charge.cycle, "amount": charge.amount.text, "paid_at": charge.paid_at}
            for charge in store.charges(tx, one.site_id, one.id, MOST)
        ],
    }


def _erase(tx: Tx, person: Person) -> int:
    found = store.of_person(tx, person, MOST)
    for one in found:
        store.lock(tx, one.site_id, one.id)
        if one.status is Status.DRAFT:
            store.delete(tx, one.site_id, one.id)
            continue
        now = plan_time(tx, one.site_id, one.updated_at)
        order = store.order(tx, one.site_id, one.id) or one
        if order.is_running:
            store.move(tx, order, life.canceled(order, Cause.MEMBER_ACTION, Effect.IMMEDIATELY, now), now)
        content = msgspec.structs.replace(order.content, email="", buyer="", is_erased=True)
        store.erase_person(tx, order, content)
    return len(found)


KEEPS = Keeps("plan_orders", ("plan_order", "plan_charge"), _orders, _erase, place=72)
