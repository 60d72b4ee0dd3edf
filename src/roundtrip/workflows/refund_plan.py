"""An owner gives back money of an order of a plan: the newest payment that is left, or another amount of it. The order goes on."""

from __future__ import annotations

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.money import Money
from roundtrip.payments import store as payments
from roundtrip.payments.refunds import actions as refunds
from roundtrip.plans.orders import actions, life, store
from roundtrip.plans.orders.model import Paid, PlanOrder
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx

MOST = 1000


def refund(tx: Tx, site_id: str, order_id: str, amount: Money | None, *, reason: str, key: str, moment: Moment) -> PlanOrder:
    """Give back `amount`, or all that is left, of the newest payment that has anything left. The same `key` gives back once.

    Raises NOT_FOUND `PLAN_ORDER_NOT_FOUND`, CONFLICT `NOTHING_TO_REFUND`, `REFUND_TOO_HIGH`.
    """
    order = actions.locked(tx, site_id, order_id)
    for charge in store.charges(tx, site_id, order.id, MOST):
        attempt = payments.attempt(tx, charge.attempt_id) if charge.attempt_id else None
        if attempt is None or not attempt.captured_units or (not attempt.refundable and amount is None):
            continue
        made = refunds.request(tx, attempt.id, amount, reason=reason, key=key, now=moment.now, refund_id=moment.new_id("refund"))
        after = life.with_paid(order, Paid.REFUNDED) if charge.cycle == order.cycle else order
        return actions.moved(tx, order, after, "refunded", moment, refundAmount=made.amount.text)
    text = "Nothing of this order was paid here, or all of it was given back. What the owner took in cash is given back by hand."
    raise AppError(Kind.CONFLICT, "NOTHING_TO_REFUND", text, data={"orderId": order.id})
