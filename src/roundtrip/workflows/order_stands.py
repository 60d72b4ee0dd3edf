"""What follows when an order stands: its checkout is done and its cart emptied; the sellers of its goods, its buyer and the shop are told.

Runs once per order. While its money is on its way for days, its cart is free for other things already.
"""

from __future__ import annotations

from roundtrip.ecom.cart import actions as carts
from roundtrip.ecom.checkout import store as checkouts
from roundtrip.ecom.orders import actions as orders
from roundtrip.ecom.orders import store
from roundtrip.ecom.orders.model import Order
from roundtrip.ecom.shop import Shop
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows import order_mails

ON_ITS_WAY = "PAYMENT_PENDING"
"""How an order's history says that its money takes a while."""


def stands(tx: Tx, shop: Shop, order: Order, moment: Moment) -> None:
    """Call right after the update that let `order` stand, in its transaction; `order` is as it is now."""
    checkouts.complete(tx, order.checkout_id, order.id)
    if not store.has_activity(tx, order.id, ON_ITS_WAY):
        _take_out_of_cart(tx, order, moment)
    orders.tell_standing(tx, shop, order, moment)
    orders.note(tx, order, "ORDER_PLACED", moment)
    orders.tell(tx, order, "approved", moment, paymentStatus=order.payment.value)
    order_mails.to_buyer(tx, shop, order, order_mails.CONFIRMED, moment)
    order_mails.to_shop(tx, shop, order, order_mails.RECEIVED, moment)


def is_on_its_way(tx: Tx, order: Order, moment: Moment) -> None:
    """Call right after the update that let `order` wait for money that is on its way. Its buyer may buy something else meanwhile: what was
    ordered leaves the cart now, and once."""
    if not store.has_activity(tx, order.id, ON_ITS_WAY):
        _take_out_of_cart(tx, order, moment)
    orders.note(tx, order, ON_ITS_WAY, moment)
    orders.tell(tx, order, "pending", moment)


def _take_out_of_cart(tx: Tx, order: Order, moment: Moment) -> None:
    """What was bought leaves the cart that it was in, wherever that is now; what was bought without a cart leaves none."""
    if order.cart_id is None:
        return
    checkout = checkouts.get(tx, order.site_id, order.checkout_id)
    # The checkout follows its cart into that of a member; the order is as it was placed.
    latest = (checkout.cart_id if checkout is not None else None) or order.cart_id
    cart_id = carts.locked_after_checkout(tx, order.site_id, latest, order.checkout_id, order.member_id, moment.now)
    if cart_id is not None:
        carts.take_out_bought(tx, cart_id, [(line.key, line.quantity) for line in order.content.lines])
