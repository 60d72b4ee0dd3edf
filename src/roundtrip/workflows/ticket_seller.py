"""Where orders of tickets and payments meet: money lets an order stand; money that came too late takes what is still free, or goes back
(PAY-08)."""

from __future__ import annotations

from roundtrip.core.clock import DAY
from roundtrip.core.ids import new_id
from roundtrip.ecom.coupons import store as coupons
from roundtrip.events.event import store as events
from roundtrip.events.event.model import Status as EventStatus
from roundtrip.events.orders import actions, store
from roundtrip.events.orders.model import CHANGED, GIVEN_BACK, OWED_KIND, TIME_OVER, Order, Status
from roundtrip.events.reservations import actions as reservations
from roundtrip.events.reservations import store as reservation_store
from roundtrip.payments import store as payments
from roundtrip.payments.model import Attempt, Settled
from roundtrip.payments.model import Status as AttemptStatus
from roundtrip.payments.refunds import actions as refunds
from roundtrip.payments.selling import Sellers
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows import event_mails, order_tickets

LONGEST_WAY = 15 * DAY
"""How long tickets are kept while money is on its way: direct debits take up to a fortnight."""
TOO_LATE = "The payment came after the time for it was over, and the tickets are not there any more."
NOT_WANTED = "The payment came after the order was cancelled or replaced."


class TicketSeller:
    """Sells tickets (`payments/selling.py`)."""

    def be_alone(self, tx: Tx, site_id: str, owed_id: str, now: int) -> None:
        """See `Seller.be_alone`."""
        order = store.get(tx, site_id, owed_id)
        if order is not None:
            reservation_store.lock(tx, site_id, order.reservation_id)

    def settled(self, tx: Tx, settled: Settled, now: int) -> None:
        """See `Seller.settled`."""
        attempt = settled.attempt
        order = store.get(tx, attempt.site_id, attempt.owed_id)
        if order is None:
            return
        moment = Moment(now, new_id(now))
        if settled.is_paid:
            _paid(tx, order, attempt, moment)
        elif attempt.status is AttemptStatus.PENDING:
            _is_on_its_way(tx, order, moment)
        elif order.status is Status.PENDING and payments.running(tx, order.site_id, OWED_KIND, order.id) is None:
            # Also when money came and goes back, because it was not what was owed: nothing else is to be waited for.
            _did_not_come(tx, order, moment)

    def refund_failed(self, tx: Tx, attempt: Attempt, now: int) -> None:
        """See `Seller.refund_failed`. The order shows again what it really gave back."""
        order = store.get(tx, attempt.site_id, attempt.owed_id)
        if order is not None and follow_refunds(tx, order, now):
            actions.tell(tx, order, "refund_failed", Moment(now, new_id(now)))


def follow_refunds(tx: Tx, order: Order, now: int) -> bool:
    """Bring an order to what payments say goes back; False when it says so already."""
    paid = payments.captured_by(tx, order.site_id, OWED_KIND, order.id)
    return store.set_refunded(tx, order, paid.refunded_units if paid else 0, now)


def _paid(tx: Tx, order: Order, attempt: Attempt, moment: Moment) -> None:
    if order.status is Status.OFFLINE_PENDING:
        if store.move(tx, order, (Status.OFFLINE_PENDING,), Status.PAID, moment.now):
            actions.tell(tx, actions.require(tx, order.site_id, order.id), "paid", moment, late=False)
        return
    reservation = reservation_store.get(tx, order.site_id, order.reservation_id)
    waits = order.waits or order.status is Status.DECLINED or order.why == TIME_OVER
    # Nobody is left to send tickets to when the buyer was erased meanwhile; another order may have taken its place.
    is_wanted = waits and reservation is not None and reservation.order_id == order.id and not order.content.is_erased
    if not is_wanted or reservation is None or not _takes_place(tx, order, moment.now):
        _give_back(tx, order, attempt, NOT_WANTED, moment)
        return
    if not reservations.confirm(tx, reservation, moment):
        _give_back(tx, order, attempt, TOO_LATE, moment)
        return
    late = not store.move(tx, order, (Status.INITIATED, Status.PENDING), Status.PAID, moment.now)
    if late:
        store.pay_late(tx, order, moment.now)
        if order.content.coupon is not None:
            coupons.use_again(tx, order.content.coupon.id, order.content.coupon.customer)
    stands = actions.issued(tx, order, moment)
    actions.tell(tx, stands, "paid", moment, late=late)
    order_tickets.stands(tx, stands, moment)


def _takes_place(tx: Tx, order: Order, now: int) -> bool:
    event = events.get(tx, order.site_id, order.event_id)
    return event is not None and event.status_at(now) in (EventStatus.UPCOMING, EventStatus.STARTED)


def _give_back(tx: Tx, order: Order, attempt: Attempt, reason: str, moment: Moment) -> None:
    refunds.undo(tx, attempt, reason=reason, now=moment.now, refund_id=moment.new_id("refund"))
    if order.waits:
        actions.give_up(tx, order, GIVEN_BACK, moment)
        order_tickets.give_coupon_back(tx, order)
        reservation = reservation_store.get(tx, order.site_id, order.reservation_id)
        if reservation is not None and reservation.order_id == order.id:
            reservations.cancel(tx, reservation, moment)
    elif order.why != CHANGED:
        store.move(tx, order, (Status.CANCELED, Status.DECLINED), Status.CANCELED, moment.now, GIVEN_BACK)
    follow_refunds(tx, order, moment.now)
    given_up = actions.require(tx, order.site_id, order.id)
    actions.tell(tx, given_up, "refund_requested", moment, refundAmount=attempt.amount.text, reason=reason)
    event_mails.to_buyer(tx, given_up, event_mails.TOO_LATE, moment)


def _is_on_its_way(tx: Tx, order: Order, moment: Moment) -> None:
    """Its tickets are kept until it is known."""
    if store.move(tx, order, (Status.INITIATED,), Status.PENDING, moment.now):
        until = moment.now + LONGEST_WAY
        reservation_store.keep_until(tx, order.site_id, order.reservation_id, until, moment.now, even_if_over=True)
        actions.tell(tx, actions.require(tx, order.site_id, order.id), "pending", moment)


def _did_not_come(tx: Tx, order: Order, moment: Moment) -> None:
    """What was kept so long is free again."""
    if not actions.give_up(tx, order, "", moment, declined=True):
        return
    order_tickets.give_coupon_back(tx, order)
    reservation = reservation_store.get(tx, order.site_id, order.reservation_id)
    if reservation is not None:
        reservations.lapse(tx, reservation, moment)
    event_mails.to_buyer(tx, order, event_mails.UNPAID, moment)


SELLERS: Sellers = {OWED_KIND: TicketSeller()}
