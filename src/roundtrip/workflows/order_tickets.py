"""A reservation becomes an order. The order is there, and its tickets are kept, before anybody goes to pay (PAY-03).

The one order in which everybody locks what belongs to it (decision 0163):

    report, reservation, payment (the owed thing), attempt, refund, order, kinds of tickets, coupon, redirect session
"""

from __future__ import annotations

from dataclasses import dataclass

from roundtrip.core.email import email_key
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.money import Money
from roundtrip.ecom.coupons import actions as coupons
from roundtrip.ecom.coupons import store as coupon_store
from roundtrip.ecom.coupons.model import Coupon as ShopCoupon
from roundtrip.ecom.coupons.model import Problem
from roundtrip.events.event import actions as events
from roundtrip.events.event.model import Event
from roundtrip.events.event.model import Status as EventStatus
from roundtrip.events.orders import actions, store
from roundtrip.events.orders.model import (
    CHANGED,
    OWED_KIND,
    TIME_OVER,
    WAITING,
    Content,
    Coupon,
    Guest,
    Order,
    Status,
    amounts_of,
)
from roundtrip.events.pricing import Invoice, discountable, invoice
from roundtrip.events.reservations import actions as reservations
from roundtrip.events.reservations import store as reservation_store
from roundtrip.events.reservations.model import Reservation
from roundtrip.events.reservations.wanted import Wanted as WantedTicket
from roundtrip.payments import actions as payments
from roundtrip.payments import store as payment_store
from roundtrip.payments.model import Owed
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.text.catalogue import say
from roundtrip.text.marks import marked
from roundtrip.workflows import event_coupons, event_mails

TICKETS_FOR = marked("Tickets for %(event)s")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody says when they order. `guests` has one for each ticket, or none where one form is for all. `seen` is the total that
    they agreed to; None: any."""

    buyer: Guest
    guests: tuple[Guest, ...] = ()
    coupon_code: str = ""
    pays_later: bool = False
    language: str = "en"
    session_id: str | None = None
    visitor_id: str | None = None
    member_id: str | None = None
    seen: Money | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """What a reservation comes to. `problem`: why a coupon takes nothing off."""

    event: Event
    reservation: Reservation
    invoice: Invoice
    coupon: ShopCoupon | None
    problem: Problem | None


def quote(tx: Tx, event: Event, reservation: Reservation, coupon_code: str, customer: str, now: int) -> Quote:
    """With the prices of when it was reserved, and the coupon as it is now."""
    currency = reservation.content.currency
    off: Money | None = None
    coupon: ShopCoupon | None = None
    problem: Problem | None = None
    if coupon_code:
        subtotal = discountable(reservation.lines, currency)
        own = store.get(tx, event.site_id, reservation.order_id) if reservation.order_id else None
        found = event_coupons.usable(tx, event.site_id, coupon_code, event.id, subtotal, customer, now, own)
        if isinstance(found, Problem):
            problem = found
        else:
            coupon, off = found
    return Quote(event, reservation, invoice(reservation.lines, currency, event.terms.tax, off), coupon, problem)


def place(tx: Tx, site_id: str, reservation_id: str, wanted: Wanted, moment: Moment) -> Order:
    """Order what is reserved. It stands at once when it costs nothing, or is paid later; otherwise its tickets are kept for paying.

    Two tabs that say the same get the same order; who says something else gets another one, and the first is given up, but not while its
    money is on its way. Raises NOT_FOUND, CONFLICT `RESERVATION_EXPIRED`, `EVENT_STATUS`, `ORDER_CHANGED` when it costs something else
    than was seen, and the code of what is wrong with a coupon.
    """
    reservation = reservations.locked(tx, site_id, reservation_id)
    known = store.get(tx, site_id, reservation.order_id) if reservation.order_id else None
    if known is not None and (known.stands or known.status is Status.PENDING):
        return known
    if not reservation.is_kept(moment.now):
        raise is_over(reservation)
    event = events.require(tx, site_id, reservation.event_id)
    if event.status_at(moment.now) not in (EventStatus.UPCOMING, EventStatus.STARTED):
        raise events.in_other_state(event, "be registered for", "events that are to come")
    quoted = quote(tx, event, reservation, wanted.coupon_code, email_key(wanted.buyer.email), moment.now)
    _require_as_seen(quoted, wanted)
    content = _content(quoted, wanted)
    if known is not None and known.waits:
        if known.content == content and not wanted.pays_later and reservations.extend(tx, reservation, moment.now) is not None:
            return known
        _give_up(tx, known, CHANGED, moment)
    return _made(tx, quoted, wanted, content, moment)


def _require_as_seen(quoted: Quote, wanted: Wanted) -> None:
    if quoted.problem is not None:
        raise coupons.refusal(quoted.problem, wanted.coupon_code)
    if wanted.seen is not None and wanted.seen != quoted.invoice.total:
        text = "The total has changed since it was shown. Show it again before the guest agrees."
        raise AppError(Kind.CONFLICT, "ORDER_CHANGED", text, data={"total": quoted.invoice.total.text})


def _content(quoted: Quote, wanted: Wanted) -> Content:
    event, coupon = quoted.event, quoted.coupon
    return Content(
        title=event.title,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        zone=event.zone,
        place=event.terms.place.words,
        lines=quoted.reservation.lines,
        amounts=amounts_of(quoted.invoice),
        buyer=wanted.buyer,
        guests=wanted.guests,
        coupon=Coupon(coupon.id, coupon.code, email_key(wanted.buyer.email)) if coupon else None,
        language=wanted.language,
        pays_later=wanted.pays_later,
    )


def _made(tx: Tx, quoted: Quote, wanted: Wanted, content: Content, moment: Moment) -> Order:
    reservation, total = quoted.reservation, quoted.invoice.total
    status = Status.INITIATED if total else Status.FREE
    if total and wanted.pays_later:
        status = Status.OFFLINE_PENDING
    order = Order(
        site_id=reservation.site_id,
        id=moment.new_id(f"order {reservation.id}"),
        number="",
        event_id=reservation.event_id,
        reservation_id=reservation.id,
        session_id=wanted.session_id,
        status=status,
        why="",
        visitor_id=wanted.visitor_id,
        member_id=wanted.member_id,
        currency=total.currency,
        total_units=total.units,
        refunded_units=0,
        tickets=reservation.quantity,
        archived=False,
        content=content,
        revision=1,
        created_at=moment.now,
        updated_at=moment.now,
    )
    kept = actions.insert(tx, order, moment)
    reservation_store.set_order(tx, reservation.site_id, reservation.id, kept.id)
    if not kept.stands:
        reservations.extend(tx, reservation, moment.now)
    elif not reservations.confirm(tx, reservation, moment):
        raise is_over(reservation)
    if quoted.coupon is not None:
        coupons.use(tx, quoted.coupon, email_key(wanted.buyer.email), moment.now)
    return stands(tx, actions.issued(tx, kept, moment), moment) if kept.stands else kept


def stands(tx: Tx, order: Order, moment: Moment) -> Order:
    """What follows when an order stands. Runs once per order."""
    event_mails.to_buyer(tx, order, event_mails.TICKETS, moment)
    event_mails.to_organizer(tx, order, event_mails.RECEIVED, moment)
    return order


def _give_up(tx: Tx, order: Order, why: str, moment: Moment) -> bool:
    """An order that waits for its money is not wanted like this any more; this transaction has locked its reservation."""
    payment_store.be_alone(tx, order.site_id, OWED_KIND, order.id)
    if not actions.give_up(tx, order, why, moment):
        return False
    give_coupon_back(tx, order)
    payments.cancel_owed(tx, order.site_id, OWED_KIND, order.id, moment.now, reason=why)
    return True


def give_coupon_back(tx: Tx, order: Order) -> None:
    """Its coupon was not used after all."""
    if order.content.coupon is not None:
        coupon_store.give_back(tx, order.content.coupon.id, order.content.coupon.customer)


def release(tx: Tx, site_id: str, reservation_id: str, moment: Moment) -> bool:
    """The time of a reservation is over: its tickets are free, its order and the payment are given up. False when it was bought, or kept
    for longer, meanwhile. The worker asks."""
    reservation_store.lock(tx, site_id, reservation_id)
    reservation = reservation_store.get(tx, site_id, reservation_id)
    if reservation is None or reservation.is_kept(moment.now):
        return False
    order = store.get(tx, site_id, reservation.order_id) if reservation.order_id else None
    if order is not None and order.status in WAITING and not _give_up(tx, order, TIME_OVER, moment):
        return False
    return reservations.expire(tx, reservation, moment)


def give_up_reservation(tx: Tx, site_id: str, reservation_id: str, moment: Moment) -> None:
    """Whoever reserved does not want it any more: tickets, order and payment are given up. What was bought, or is being paid, stays."""
    reservation = reservations.locked(tx, site_id, reservation_id)
    order = store.get(tx, site_id, reservation.order_id) if reservation.order_id else None
    if order is not None and order.status is Status.PENDING:
        return
    if order is not None and order.waits:
        _give_up(tx, order, CHANGED, moment)
    reservations.cancel(tx, reservation, moment)


def owed(order: Order, reservation: Reservation, *, return_path: str) -> Owed:
    """What has to be paid for an order: what `payments.actions.begin` takes."""
    return Owed(
        site_id=order.site_id,
        kind=OWED_KIND,
        id=order.id,
        amount=order.total,
        description=say(order.content.language, TICKETS_FOR, event=order.content.title),
        return_path=return_path,
        language=order.content.language,
        session_id=order.session_id,
        buyer_email=order.content.buyer.email or None,
        buyer_id=order.member_id,
        pay_until=reservation.expires_at,
    )


def again(tx: Tx, site_id: str, reservation_id: str, moment: Moment) -> Reservation:
    """Reserve the same tickets once more, at the prices of now. Raises as `reservations.reserve`."""
    before = reservations.require(tx, site_id, reservation_id)
    event = events.require(tx, site_id, before.event_id)
    wanted = [
        WantedTicket(line.definition_id, line.quantity, line.option_id, line.unit if line.is_donation else "") for line in before.lines
    ]
    return reservations.reserve(tx, event, wanted, visitor_id=before.visitor_id, member_id=before.member_id, moment=moment)


def is_over(reservation: Reservation) -> AppError:
    """The tickets are not kept any more."""
    text = "These tickets were kept for a while, and the time is over. Reserve again what is still there."
    return AppError(Kind.CONFLICT, "RESERVATION_EXPIRED", text, data={"reservationId": reservation.id, "status": reservation.status.value})
