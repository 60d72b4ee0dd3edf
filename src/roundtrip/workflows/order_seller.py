"""Where orders and payments meet: money lets an order stand, money that came too late takes what is still free or goes back (PAY-08)."""

from __future__ import annotations

from roundtrip.core.ids import new_id
from roundtrip.ecom.checkout import store as checkouts
from roundtrip.ecom.coupons import store as coupons
from roundtrip.ecom.orders import actions as orders
from roundtrip.ecom.orders import store
from roundtrip.ecom.orders.model import OWED_KIND, Order, Payment, Status
from roundtrip.ecom.shop import Shop
from roundtrip.payments import store as payments
from roundtrip.payments.model import Attempt, Owed, Settled
from roundtrip.payments.model import Status as AttemptStatus
from roundtrip.payments.refunds import actions as refunds
from roundtrip.payments.selling import Sellers
from roundtrip.sites import store as sites
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.text.catalogue import say
from roundtrip.text.marks import marked
from roundtrip.workflows import order_mails
from roundtrip.workflows.order_locks import alone_with
from roundtrip.workflows.order_money import follow_refunds
from roundtrip.workflows.order_stands import is_on_its_way, stands
from roundtrip.workflows.shop import open_shop

TOO_LATE = "The payment came after the time for it was over, and what was ordered is not there any more."
ORDER = marked("Order %(number)s")
NOT_WANTED = "The payment came after the order was cancelled or replaced."


def owed(order: Order, *, return_path: str, session_id: str | None = None) -> Owed:
    """What has to be paid for an order: what `payments.actions.begin` takes."""
    return Owed(
        site_id=order.site_id,
        kind=OWED_KIND,
        id=order.id,
        amount=order.total,
        description=say(order.content.language, ORDER, number=order.number),
        return_path=return_path,
        language=order.content.language,
        session_id=session_id,
        buyer_email=order.content.email or None,
        buyer_id=order.member_id,
        pay_until=order.hold_ends_at,
    )


class OrderSeller:
    """Sells orders (`payments/selling.py`)."""

    def be_alone(self, tx: Tx, site_id: str, owed_id: str, now: int) -> None:
        """See `Seller.be_alone`."""
        order = store.get(tx, site_id, owed_id)
        if order is not None:
            alone_with(tx, order, now)

    def settled(self, tx: Tx, settled: Settled, now: int) -> None:
        """See `Seller.settled`. What was ordered at a site that is gone, or never was, is nobody's business any more."""
        attempt = settled.attempt
        site = sites.site(tx, attempt.site_id)
        order = store.get(tx, attempt.site_id, attempt.owed_id)
        if site is None or order is None:
            return
        shop, moment = open_shop(tx, site), Moment(now, new_id(now))
        if settled.is_paid:
            _paid(tx, shop, order, attempt, moment)
        elif attempt.status is AttemptStatus.PENDING:
            _is_on_its_way(tx, order, moment)
        elif order.status is Status.PENDING and payments.running(tx, order.site_id, OWED_KIND, order.id) is None:
            # Also when money came and goes back, because it was not what was owed: nothing else is to be waited for.
            _did_not_come(tx, shop, order, moment)

    def refund_failed(self, tx: Tx, attempt: Attempt, now: int) -> None:
        """See `Seller.refund_failed`. The order shows again what it really gave back."""
        order = store.get(tx, attempt.site_id, attempt.owed_id)
        # A report that is repeated changes nothing more, and is not told again.
        if order is not None and order.is_paid and follow_refunds(tx, order, now):
            orders.tell(tx, order, "refund_failed", Moment(now, new_id(now)))


def _paid(tx: Tx, shop: Shop, order: Order, attempt: Attempt, moment: Moment) -> None:
    if store.approve(tx, order.id, Payment.PAID, moment.now):
        approved = orders.require(tx, shop.site_id, order.id)
        stands(tx, shop, approved, moment)
        orders.tell_paid(tx, shop, approved, moment, late=False)
    elif store.mark_paid(tx, order.id, moment.now):
        orders.tell_paid(tx, shop, orders.require(tx, shop.site_id, order.id), moment, late=False)
    else:
        _paid_late(tx, shop, order, attempt, moment)


def _paid_late(tx: Tx, shop: Shop, order: Order, attempt: Attempt, moment: Moment) -> None:
    """All of it is still free: it is theirs. Otherwise, or when another order of the same checkout took its place, the money goes back."""
    checkout = checkouts.get(tx, order.site_id, order.checkout_id)
    is_free = checkout is None or (not checkout.is_completed and checkout.order_id == order.id)
    # Nobody is left to send it to when the buyer was erased meanwhile.
    is_wanted = is_free and not order.content.is_erased
    seen = orders.require(tx, shop.site_id, order.id)
    taken = orders.take_stock(tx, shop, order, moment.now) if is_wanted and seen.status is Status.REJECTED else None
    if taken is not None and not taken.missing:
        if store.approve_late(tx, order.id, taken.uncounted, moment.now):
            if order.content.coupon is not None:
                coupons.use_again(tx, order.content.coupon.id, order.content.coupon.customer)
            approved = orders.require(tx, shop.site_id, order.id)
            stands(tx, shop, approved, moment)
            orders.tell_paid(tx, shop, approved, moment, late=True)
            return
        orders.put_back(tx, shop, order, [stock_key for stock_key in order.taken if stock_key not in taken.uncounted])
    _give_back(tx, shop, order, attempt, TOO_LATE if is_wanted and seen.status is Status.REJECTED else NOT_WANTED, moment)


def _give_back(tx: Tx, shop: Shop, order: Order, attempt: Attempt, reason: str, moment: Moment) -> None:
    refunds.undo(tx, attempt, reason=reason, now=moment.now, refund_id=moment.new_id("refund"))
    if not store.give_up_late(tx, order.id, moment.now):
        return
    given_up = orders.require(tx, shop.site_id, order.id)
    orders.note(tx, given_up, "ORDER_CANCELED", moment, reason)
    orders.tell(tx, given_up, "canceled", moment, reason=reason)
    orders.tell(tx, given_up, "refund_requested", moment, refundAmount=attempt.amount.text, reason=reason)
    order_mails.to_buyer(tx, shop, given_up, order_mails.TOO_LATE, moment)
    order_mails.to_shop(tx, shop, given_up, order_mails.TOO_LATE_SHOP, moment)


def _is_on_its_way(tx: Tx, order: Order, moment: Moment) -> None:
    if store.wait_for_money(tx, order.id, moment.now):
        is_on_its_way(tx, order, moment)


def _did_not_come(tx: Tx, shop: Shop, order: Order, moment: Moment) -> None:
    """The money that was on its way did not arrive: what was held so long is free again."""
    if store.give_up(tx, order.id, Status.REJECTED, moment.now):
        orders.let_go(tx, shop, order, "the payment failed", moment)
        order_mails.to_buyer(tx, shop, order, order_mails.UNPAID, moment)


SELLERS: Sellers = {OWED_KIND: OrderSeller()}
