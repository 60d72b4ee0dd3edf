"""The demo plans: ten classes, everything for a month, and a newsletter. Making them twice changes nothing."""

from __future__ import annotations

from itertools import count

import msgspec

from roundtrip.core.identity import COMMAND
from roundtrip.core.ids import new_id
from roundtrip.plans.plan import actions, store
from roundtrip.plans.plan.draft import PlanDraft
from roundtrip.sites.change import Change
from roundtrip.storage.database import Tx

PASS, MONTHLY, COMMUNITY = (f"91a0000{number}-0000-4000-8000-000000000001" for number in (1, 2, 3))
YOGA, COACHING = "5b0d0003-0000-4000-8000-000000000001", "5b0d0002-0000-4000-8000-000000000001"
"""The ids that the demo services have."""
CURRENCY = "USD"


def _price(value: str) -> dict[str, str]:
    return {"value": value, "currency": CURRENCY}


PLANS: tuple[tuple[str, dict[str, object]], ...] = (
    (PASS, {
        "slug": "class-pass-10", "name": "10-Class Pass", "description": "Come when you like, ten times.",
        "perks": {"values": ["10 classes", "Valid for 3 months"]}, "benefits": [{"serviceId": YOGA, "credits": 10}],
        "pricing": {"singlePaymentForDuration": {"count": 3, "unit": "MONTH"}, "price": _price("150.00")}, "buyerCanCancel": True,
    }),
    (MONTHLY, {
        "slug": "monthly-unlimited", "name": "Monthly Unlimited", "description": "Train as often as you like.", "primary": True,
        "perks": {"values": ["Unlimited classes", "1 coaching session each month"]},
        "benefits": [{"serviceId": YOGA}, {"serviceId": COACHING, "credits": 1}],
        "pricing": {"subscription": {"cycleDuration": {"count": 1, "unit": "MONTH"}, "cycleCount": 0}, "price": _price("79.00"),
                    "freeTrialDays": 7},
        "buyerCanCancel": True, "allowFutureStartDate": True,
        "termsAndConditions": "The plan goes on month by month until you cancel it.\nClasses can't be passed on to somebody else.",
    }),
    (COMMUNITY, {
        "slug": "community", "name": "Community", "description": "Hear from us first.", "perks": {"values": ["Newsletter"]},
        "pricing": {"singlePaymentUnlimited": True, "price": _price("0.00")}, "maxPurchasesPerBuyer": 1, "buyerCanCancel": True,
    }),
)  # fmt: skip


def seed(tx: Tx, site_id: str, *, now: int) -> bool:
    """Let a site sell the demo plans. False, and nothing changed, when it has one of them already."""
    if any(store.plan(tx, site_id, plan_id) is not None for plan_id, _ in PLANS):
        return False
    moments = (Change(new_id(now + number), COMMAND, now + number) for number in count(1))
    for place, (plan_id, fields) in enumerate(PLANS):
        sent = msgspec.convert({**fields, "sortOrder": place}, PlanDraft)
        actions.create(tx, site_id, sent, plan_id=plan_id, currency=CURRENCY, change=next(moments))
    return True
