"""An owner has the money for an order in hand: cash, a transfer. The order stands, or is paid, by the same way as any other payment."""

from __future__ import annotations

from roundtrip.ecom.orders import actions as orders
from roundtrip.ecom.orders.model import Order
from roundtrip.ecom.shop import Shop
from roundtrip.payments.selling import Sellers
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows.order_seller import owed
from roundtrip.workflows.selling import SELLERS, mark_paid

_NOWHERE = "/orders"
"""Nobody goes to a page for it."""


def mark_order_paid(tx: Tx, shop: Shop, order_id: str, moment: Moment, sellers: Sellers = SELLERS) -> Order:
    """`sellers` act on it: those of `flows.paid`, at the edge, so that the visit in which it was ordered ends too.

    Raises NOT_FOUND, CONFLICT `ALREADY_PAID`, `PAYMENT_PENDING`, `ORDER_STATUS` for one that does not stand and does not wait.
    """
    order = orders.require(tx, shop.site_id, order_id)
    if order.total and not order.is_paid and order.status.value in ("CANCELED", "REJECTED"):
        raise orders.not_in_state(order, "be marked as paid", "ones that wait for money or stand unpaid")
    mark_paid(tx, sellers, owed(order, return_path=_NOWHERE), moment.now)
    orders.note_change(tx, order, "marked_as_paid", moment, {"amount": order.total.text, "currency": order.currency})
    return orders.require(tx, shop.site_id, order_id)
