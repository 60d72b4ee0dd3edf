"""A checkout becomes an order. The order is there, and what it needs is held for it, before anybody goes to pay (PAY-03).

Locks are taken in the order that `order_locks.py` tells.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from roundtrip.core.errors import AppError, Kind
from roundtrip.ecom.checkout import actions as checkouts
from roundtrip.ecom.checkout import shown
from roundtrip.ecom.checkout import store as checkout_store
from roundtrip.ecom.checkout.model import Checkout
from roundtrip.ecom.checkout.readiness import require_ready
from roundtrip.ecom.checkout.shown import Shown
from roundtrip.ecom.coupons import actions as coupons
from roundtrip.ecom.orders import actions as orders
from roundtrip.ecom.orders import store
from roundtrip.ecom.orders.content import content_of
from roundtrip.ecom.orders.model import (
    HOLD,
    HOLDS_AT_ONCE,
    OWED_KIND,
    Content,
    Fulfilment,
    Order,
    Payment,
    Status,
    Stock,
)
from roundtrip.ecom.quote import Quote
from roundtrip.ecom.shop import Shop
from roundtrip.payments import actions as payments
from roundtrip.payments import store as payment_store
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows.order_stands import stands

CHANGED = "the checkout was changed"


@dataclass(frozen=True, slots=True)
class Placed:
    """The order of a checkout. `is_new` False: it was there already, as it would be made now (another tab, a reload)."""

    order: Order
    is_new: bool

    @property
    def waits_for_money(self) -> bool:
        """True when the buyer has to pay before it stands."""
        return self.order.waits_for_money


def place(tx: Tx, shop: Shop, checkout_id: str, *, pays_later: bool = False, seen: Shown | None = None, moment: Moment) -> Placed:
    """Place a checkout, with today's prices.

    `pays_later`: the shop lets the order stand before it is paid, if nothing in it has to be paid first. `seen` is what the buyer saw: when
    something changed since, nothing is placed and CONFLICT `CHECKOUT_CHANGED` says what (PAY-09). Stock is held for `HOLD`.

    Two tabs that place the same checkout get the same order. When the checkout was changed since its unpaid order was placed, that order is
    given up and another one is made; not while its money is on its way. An order that was cancelled since is answered as it is: look at its
    status. Raises NOT_FOUND, CONFLICT with what is missing (`checkout/readiness.py`) or with what is out of stock.
    """
    checkout = checkouts.locked(tx, shop.site_id, checkout_id, moment.now)
    known = store.get(tx, shop.site_id, checkout.order_id) if checkout.order_id else None
    if known is not None and (checkout.is_completed or known.status is Status.PENDING):
        return Placed(known, False)
    quote = checkouts.quoted(tx, shop, checkout, moment.now)
    if seen is not None:
        _require_unchanged(seen, quote)
    require_ready(shop, checkout, quote)
    content = content_of(shop, checkout, quote)
    if known is not None and known.waits_for_money:
        if known.content == content and not pays_later and store.hold_until(tx, known.id, moment.now + HOLD, moment.now):
            return Placed(orders.require(tx, shop.site_id, known.id), False)
        _give_up(tx, shop, known, moment)
    return Placed(_make(tx, shop, checkout, quote, content, pays_later=pays_later, moment=moment), True)


def _require_unchanged(seen: Shown, quote: Quote) -> None:
    changes = shown.changes(seen, quote)
    if changes:
        found = [
            {"what": one.what.value, "name": one.name, "before": one.before.text, "after": one.after.text if one.after else None}
            for one in changes
        ]
        text = "Prices or conditions have changed since they were shown; show them again before the buyer agrees."
        raise AppError(Kind.CONFLICT, "CHECKOUT_CHANGED", text, data={"changes": found})


def _give_up(tx: Tx, shop: Shop, order: Order, moment: Moment) -> None:
    """An order that was not paid and is not wanted like this any more; this transaction has locked its checkout."""
    payment_store.be_alone(tx, order.site_id, OWED_KIND, order.id)
    if not store.give_up(tx, order.id, Status.REJECTED, moment.now):
        return  # its time was over, and the worker was quicker
    orders.let_go(tx, shop, order, CHANGED, moment)
    payments.cancel_owed(tx, order.site_id, OWED_KIND, order.id, moment.now, reason=CHANGED)


def _make(tx: Tx, shop: Shop, checkout: Checkout, quote: Quote, content: Content, *, pays_later: bool, moment: Moment) -> Order:
    pays_later = pays_later and quote.may_be_paid_later
    stands_now = pays_later or not quote.total
    owner = checkout.owner
    order = Order(
        id=moment.new_id("order"),
        site_id=shop.site_id,
        number=0,
        checkout_id=checkout.id,
        cart_id=checkout.cart_id,
        visitor_id=owner.id if owner.kind == "visitor" else None,
        member_id=checkout.details.member_id or None,
        status=Status.APPROVED if stands_now else Status.INITIALIZED,
        payment=Payment.NOT_PAID if quote.total else Payment.PAID,
        fulfilment=Fulfilment.NOT_FULFILLED,
        stock=Stock.KEPT if stands_now else Stock.HELD,
        hold_ends_at=None if stands_now else moment.now + HOLD,
        pays_later=pays_later,
        currency=shop.currency,
        total_units=quote.total.units,
        refunded_units=0,
        is_archived=False,
        content=content,
        revision=1,
        created_at=moment.now,
        updated_at=moment.now,
        approved_at=moment.now if stands_now else None,
    )
    return _keep(tx, shop, checkout, quote, order, moment)


def _keep(tx: Tx, shop: Shop, checkout: Checkout, quote: Quote, order: Order, moment: Moment) -> Order:
    taken = orders.take_stock(tx, shop, order, moment.now)
    if taken.missing:
        code = "FULL_OUT_OF_STOCK" if len(taken.missing) == len(order.taken) else "PARTIAL_OUT_OF_STOCK"
        text = f"Somebody else has just bought: {', '.join(taken.missing)}."
        raise AppError(Kind.CONFLICT, code, text, data={"lineItems": list(taken.missing)})
    if quote.coupon is not None:
        coupons.use(tx, quote.coupon, checkout.customer or "", moment.now)
    kept = replace(order, number=store.take_number(tx, shop.site_id), uncounted=taken.uncounted)
    store.insert(tx, kept)
    checkout_store.set_order(tx, checkout.id, kept.id)
    orders.tell(tx, kept, "created", moment)
    if kept.waits_for_money:
        store.end_oldest_holds(tx, kept, HOLDS_AT_ONCE, moment.now)
    else:
        stands(tx, shop, kept, moment)
    return kept
