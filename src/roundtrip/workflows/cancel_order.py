"""An owner cancels an order. Money is not given back by itself: that is `refund_order.py`, which the owner asks for separately."""

from __future__ import annotations

from roundtrip.ecom.orders import actions as orders
from roundtrip.ecom.orders import store
from roundtrip.ecom.orders.model import OWED_KIND, Fulfilment, Order, Status, Stock
from roundtrip.ecom.shop import Shop
from roundtrip.payments import actions as payments
from roundtrip.sites.change import changed_meanwhile
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows import order_mails
from roundtrip.workflows.order_locks import alone_with


def cancel(tx: Tx, shop: Shop, order_id: str, *, restocks: bool, reason: str = "", tells_buyer: bool = True, moment: Moment) -> Order:
    """Cancel an order that stands, or give up one that waits for its money. `restocks`: what was taken for it can be sold again.

    Raises NOT_FOUND, CONFLICT `ORDER_STATUS` for one that was sent, cancelled or given up already, `REVISION_CHANGED`.
    """
    order = alone_with(tx, orders.require(tx, shop.site_id, order_id), moment.now)
    if order.waits_for_money:
        if not store.give_up(tx, order.id, Status.CANCELED, moment.now):
            raise changed_meanwhile("order", order.revision)
        orders.release(tx, shop, order)
    elif order.status is not Status.APPROVED or order.fulfilment is not Fulfilment.NOT_FULFILLED:
        raise orders.not_in_state(order, "be cancelled", "approved ones of which nothing was sent")
    else:
        releases = restocks and order.stock is Stock.KEPT
        if not store.cancel(tx, order, moment.now, releases=releases):
            raise changed_meanwhile("order", order.revision)
        if releases:
            orders.release(tx, shop, order)
    payments.cancel_owed(tx, order.site_id, OWED_KIND, order.id, moment.now, reason="the order was cancelled")
    seen = orders.require(tx, shop.site_id, order.id)
    orders.note(tx, seen, "ORDER_CANCELED", moment, reason)
    orders.tell(tx, seen, "canceled", moment, reason=reason or "by the shop")
    orders.note_change(tx, seen, "canceled", moment, {"restocked": seen.stock is Stock.RELEASED})
    orders.tell_fallen(tx, shop, seen, moment)
    if tells_buyer and not order.waits_for_money:
        order_mails.to_buyer(tx, shop, seen, order_mails.CANCELED, moment)
    return seen
