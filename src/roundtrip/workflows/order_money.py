"""What was paid for an order and what goes back, as payments say it; the order follows."""

from __future__ import annotations

from roundtrip.ecom.orders import store
from roundtrip.ecom.orders.model import OWED_KIND, Order, Payment
from roundtrip.payments import store as payments
from roundtrip.payments.model import Attempt
from roundtrip.storage.database import Tx


def paid_by(tx: Tx, order: Order) -> Attempt | None:
    """The attempt whose money paid this order."""
    return payments.captured_by(tx, order.site_id, OWED_KIND, order.id)


def follow_refunds(tx: Tx, order: Order, now: int) -> bool:
    """Bring an order to what payments say; False when it says so already.

    Call in the transaction that has just changed how much goes back: it has the attempt to itself until it ends, so what it reads is so.
    """
    attempt = paid_by(tx, order)
    units = attempt.refunded_units if attempt is not None else 0
    payment = Payment.PAID
    if units:
        payment = Payment.FULLY_REFUNDED if units >= order.total_units else Payment.PARTIALLY_REFUNDED
    return store.set_refunded(tx, order.id, units, payment, now)
