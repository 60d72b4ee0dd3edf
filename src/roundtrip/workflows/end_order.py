"""What owners do with an order of tickets: they have its money in hand, or cancel it."""

from __future__ import annotations

from roundtrip.events.orders import actions, store
from roundtrip.events.orders.model import BY_OWNER, OWED_KIND, Order, Status
from roundtrip.events.reservations import actions as reservations
from roundtrip.events.reservations import store as reservation_store
from roundtrip.payments import store as payments
from roundtrip.payments.refunds import actions as refunds
from roundtrip.payments.selling import Sellers
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows import event_mails, order_tickets, selling
from roundtrip.workflows.ticket_seller import follow_refunds

_NOWHERE = "/orders"
"""Nobody goes to a page for it."""
REASON = "The order was cancelled."


def mark_paid(tx: Tx, order: Order, moment: Moment, sellers: Sellers) -> Order:
    """The owner has the money. `sellers` act on it: those of `flows.paid`, at the edge, so that the visit of the order ends too.

    Raises CONFLICT `ORDER_STATUS` for one that waits for nothing, `ALREADY_PAID`, `PAYMENT_PENDING`.
    """
    if order.status not in (Status.OFFLINE_PENDING, Status.INITIATED):
        raise actions.in_other_state(order, "be marked as paid")
    reservation = reservations.require(tx, order.site_id, order.reservation_id)
    selling.mark_paid(tx, sellers, order_tickets.owed(order, reservation, return_path=_NOWHERE), moment.now)
    moment.note(tx, order.site_id, "event_order.marked_as_paid", order.id, order.number, None, {"amount": order.total.text})
    return actions.require(tx, order.site_id, order.id)


def cancel(tx: Tx, order: Order, moment: Moment, *, gives_back: bool) -> Order:
    """Its tickets open no door any more and are free for others. `gives_back`: what was paid goes back.

    Raises CONFLICT `ORDER_STATUS` for one that does not stand.
    """
    reservation = reservations.locked(tx, order.site_id, order.reservation_id)
    payments.be_alone(tx, order.site_id, OWED_KIND, order.id)
    cancelled = actions.cancel(tx, order, BY_OWNER, moment)
    seen = reservation_store.get(tx, order.site_id, reservation.id)
    if seen is not None:
        reservations.give_back_sold(tx, seen, moment)
    order_tickets.give_coupon_back(tx, order)
    paid = payments.captured_by(tx, order.site_id, OWED_KIND, order.id)
    if gives_back and paid is not None and paid.refundable:
        made = refunds.request(tx, paid.id, None, reason=REASON, key="cancelled", now=moment.now, refund_id=moment.new_id("refund"))
        follow_refunds(tx, order, moment.now)
        actions.tell(tx, cancelled, "refund_requested", moment, refundAmount=made.amount.text, reason=REASON)
    event_mails.to_buyer(tx, cancelled, event_mails.CANCELED, moment)
    return store.get(tx, order.site_id, order.id) or cancelled
