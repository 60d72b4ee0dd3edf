"""What was paid for an order and what goes back, as payments say it; the order follows."""

from __future__ import annotations

from roundtrip.core.errors import AppError, Kind
from roundtrip.ecom.orders import actions as orders
from roundtrip.ecom.orders import store
from roundtrip.ecom.orders.model import OWED_KIND, Order, Payment
from roundtrip.payments import store as payments
from roundtrip.payments.model import Attempt
from roundtrip.storage.database import Tx


def paid_by(tx: Tx, order: Order) -> Attempt | None:
    """The attempt whose money paid this order."""
    return payments.captured_by(tx, order.site_id, OWED_KIND, order.id)


def follow_refunds(tx: Tx, order: Order, now: int) -> bool:
    """Bring an order to what payments say; False when it says so already. Raises CONFLICT when somebody changes the order right now."""
    attempt = paid_by(tx, order)
    units = attempt.refunded_units if attempt is not None else 0
    if units == order.refunded_units:
        return False
    payment = Payment.PAID
    if units:
        payment = Payment.FULLY_REFUNDED if units >= order.total_units else Payment.PARTIALLY_REFUNDED
    for _ in range(3):
        if store.set_refunded(tx, order, units, payment, now):
            return True
        order = orders.require(tx, order.site_id, order.id)
    raise AppError(Kind.CONFLICT, "REVISION_CHANGED", "The order is being changed right now; repeat in a moment.")
