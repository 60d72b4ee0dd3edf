"""Plans and their orders as the wire shows them (`docs/reference/wire.md`)."""

from __future__ import annotations

from typing import Any

import msgspec

from roundtrip.core.clock import rfc3339
from roundtrip.plans.orders.model import Paid, PlanOrder, Status
from roundtrip.plans.plan.fields import picture, pricing_out
from roundtrip.plans.plan.model import Plan

Json = dict[str, Any]
_OWNERS = ("benefits", "hidden", "archived", "sortOrder")
"""Fields that only keys see."""


def plan_out(plan: Plan, *, whole: bool) -> Json:
    """A plan; `whole` with what is the owner's business."""
    fields = picture(plan)
    shown = fields if whole else {name: value for name, value in fields.items() if name not in _OWNERS}
    stamps: Json = {"createdDate": rfc3339(plan.created_at), "updatedDate": rfc3339(plan.updated_at)}
    return {"id": plan.id, **shown, **stamps, **({"revision": str(plan.revision)} if whole else {})}


def order_out(order: PlanOrder) -> Json:
    """An order. Times are those of the site's plans."""
    content, terms = order.content, order.terms
    cancellation = None
    if order.cancel_cause is not None and order.cancel_effect is not None:
        cancellation = {
            "requestedDate": rfc3339(order.canceled_at or order.updated_at),
            "cause": order.cancel_cause.value,
            "effectiveAt": order.cancel_effect.value,
        }
    optional: Json = {
        "endDate": rfc3339(order.ends_at) if order.ends_at is not None else None,
        "earliestEndDate": rfc3339(order.cycle_ends_at) if order.cycle_ends_at is not None else None,
        "autoRenewCanceled": not order.renews if terms.recurs else None,
        "cancellation": cancellation,
        "currentCycle": _cycle(order),
        "freeTrialDays": terms.trial_days or None,
        "wixPayOrderId": None if order.paid is Paid.NOT_APPLICABLE else order.id,
    }
    return {
        "id": order.id,
        "planId": order.plan_id,
        "subscriptionId": order.id,
        "buyer": {"memberId": order.member_id or "", "contactId": order.member_id or ""},
        "type": order.kind.value,
        "status": order.status.value,
        "lastPaymentStatus": order.paid.value,
        "startDate": rfc3339(order.starts_at),
        "pausePeriods": [_pause(one) for one in msgspec.to_builtins(content.pauses)],
        "planName": content.name,
        "planDescription": content.description,
        "planPrice": terms.price,
        "pricing": {**pricing_out(terms), "prices": [prices_out(order)]},
        "createdDate": rfc3339(order.created_at),
        "updatedDate": rfc3339(order.updated_at),
        **{name: value for name, value in optional.items() if value is not None},
    }


def prices_out(order: PlanOrder) -> Json:
    """What each cycle costs. There are no coupons and no taxes on plans: the price is what is paid."""
    terms = order.terms
    duration = {"cycleFrom": 1, **({"numberOfCycles": terms.cycles} if terms.cycles else {})}
    return {"duration": duration, "price": {"subtotal": terms.price, "discount": "0", "total": terms.price, "currency": terms.currency}}


def _cycle(order: PlanOrder) -> Json | None:
    if order.status in (Status.DRAFT, Status.PENDING):
        return None
    ended = {"endedDate": rfc3339(order.cycle_ends_at)} if order.cycle_ends_at is not None else {}
    return {"index": order.cycle, "startedDate": rfc3339(order.cycle_starts_at), **ended}


def _pause(one: Json) -> Json:
    ended = one.get("ends_at")
    status = "ACTIVE" if ended is None else "ENDED"
    return {"status": status, "pauseDate": rfc3339(one["starts_at"]), **({"resumeDate": rfc3339(ended)} if ended is not None else {})}
