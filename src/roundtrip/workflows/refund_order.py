"""An owner gives money back for an order. How much has gone back, or is on its way, is what payments say; the order follows."""

from __future__ import annotations

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.money import Money
from roundtrip.ecom.moment import Moment
from roundtrip.ecom.orders import actions as orders
from roundtrip.ecom.orders import store
from roundtrip.ecom.orders.model import OWED_KIND, Order, Payment
from roundtrip.ecom.shop import Shop
from roundtrip.payments import refunds
from roundtrip.payments import store as payments
from roundtrip.payments.model import Attempt, Refund
from roundtrip.storage.database import Tx
from roundtrip.workflows import order_mails


def refund(
    tx: Tx, shop: Shop, order_id: str, amount: Money | None, *, reason: str, key: str, tells_buyer: bool = True, moment: Moment
) -> tuple[Order, Refund]:
    """Give back `amount`, or all that is left for None. Who repeats it with the same `key` gets the same refund.

    The money is moved by the worker afterwards. Raises NOT_FOUND, CONFLICT `ORDER_STATUS` when nothing was paid, `REFUND_TOO_HIGH`.
    """
    order = orders.require(tx, shop.site_id, order_id)
    attempt = paid_by(tx, order)
    if attempt is None:
        raise orders.not_in_state(order, "be refunded", "paid ones")
    made = refunds.request(tx, attempt.id, amount, reason=reason, key=key, now=moment.now, refund_id=moment.new_id("refund"))
    if _follow(tx, order, moment.now):
        seen = orders.require(tx, shop.site_id, order_id)
        orders.note(tx, seen, "ORDER_REFUNDED", moment, reason)
        orders.tell(tx, seen, "refund_requested", moment, refundId=made.id, refundAmount=made.amount.text, reason=reason)
        if tells_buyer:
            more = {"refund": made.amount.words(order.content.language)}
            order_mails.to_buyer(tx, shop, seen, order_mails.REFUNDED, moment, more)
    return orders.require(tx, shop.site_id, order_id), made


def refund_ended(tx: Tx, refund: Refund, now: int) -> None:
    """A refund went through, or failed. Call in the transaction that ended it: a failed one is not given back any more."""
    attempt = payments.attempt(tx, refund.attempt_id)
    if attempt is None or attempt.owed_kind != OWED_KIND:
        return
    order = store.get(tx, attempt.site_id, attempt.owed_id)
    if order is not None and order.is_paid:
        _follow(tx, order, now)


def paid_by(tx: Tx, order: Order) -> Attempt | None:
    """The attempt whose money paid this order."""
    return payments.captured_by(tx, order.site_id, OWED_KIND, order.id)


def _follow(tx: Tx, order: Order, now: int) -> bool:
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
