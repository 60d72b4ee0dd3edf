"""An owner gives money back for an order. How much has gone back, or is on its way, is what payments say; the order follows."""

from __future__ import annotations

from roundtrip.core.money import Money
from roundtrip.ecom.orders import actions as orders
from roundtrip.ecom.orders.model import Order
from roundtrip.ecom.shop import Shop
from roundtrip.payments.model import Refund
from roundtrip.payments.refunds import actions as refunds
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows import order_mails
from roundtrip.workflows.order_locks import alone_with
from roundtrip.workflows.order_money import follow_refunds, paid_by


def refund(
    tx: Tx, shop: Shop, order_id: str, amount: Money | None, *, reason: str, key: str, tells_buyer: bool = True, moment: Moment
) -> tuple[Order, Refund]:
    """Give back `amount`, or all that is left for None. Who repeats it with the same `key` gets the same refund.

    The money is moved by the worker afterwards. Raises NOT_FOUND, CONFLICT `ORDER_STATUS` when nothing was paid, `REFUND_TOO_HIGH`.
    """
    order = alone_with(tx, orders.require(tx, shop.site_id, order_id), moment.now)
    attempt = paid_by(tx, order)
    if attempt is None:
        raise orders.not_in_state(order, "be refunded", "paid ones")
    made = refunds.request(tx, attempt.id, amount, reason=reason, key=key, now=moment.now, refund_id=moment.new_id("refund"))
    if made.id == moment.new_id("refund"):  # not one that was asked for before
        follow_refunds(tx, order, moment.now)
        seen = orders.require(tx, shop.site_id, order_id)
        orders.note(tx, seen, "ORDER_REFUNDED", moment, reason)
        orders.tell(tx, seen, "refund_requested", moment, refundId=made.id, refundAmount=made.amount.text, reason=reason)
        orders.note_change(tx, seen, "refunded", moment, {"amount": made.amount.text, "currency": order.currency})
        if tells_buyer:
            more = {"refund": made.amount.text}
            order_mails.to_buyer(tx, shop, seen, order_mails.REFUNDED, moment, more)
    return orders.require(tx, shop.site_id, order_id), made
