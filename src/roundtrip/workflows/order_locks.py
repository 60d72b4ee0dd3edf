"""The one order in which everybody locks what belongs to an order (decision 0135).

    report, checkout, payment (the owed thing), attempt, refund, order, stock, coupon, number, cart, redirect session

Who moves an order is alone with it first: with its checkout, and with what is owed for it. One of the two is always there when anybody else
could be about. Everything behind them is then locked by nobody else, and two who want the same order wait in line instead of in a circle.
"""

from __future__ import annotations

from roundtrip.ecom.checkout import store as checkouts
from roundtrip.ecom.orders import actions as orders
from roundtrip.ecom.orders.model import OWED_KIND, Order
from roundtrip.payments import store as payments
from roundtrip.storage.database import Tx


def alone_with(tx: Tx, order: Order, now: int) -> Order:
    """Be alone with an order until the transaction ends, and read it again as it is then. Raises NOT_FOUND when it is gone."""
    checkouts.lock(tx, order.site_id, order.checkout_id, now)
    payments.be_alone(tx, order.site_id, OWED_KIND, order.id)
    return orders.require(tx, order.site_id, order.id)
