"""Making and moving bookings inside this room: their times, their states, what is told. Money, mails and pages are in `workflows/`.

Whoever moves a booking locks its row first, then the lanes of its times.
"""

from __future__ import annotations

from dataclasses import replace

import msgspec

from roundtrip.bookings.availability import Offer
from roundtrip.bookings.book import store
from roundtrip.bookings.book.model import (
    ENTITY,
    HOLDS_AT_ONCE,
    PLACE_KEPT_FOR,
    REMINDED_BEFORE,
    STANDING,
    Booking,
    Content,
    Option,
    Payment,
    Status,
)
from roundtrip.bookings.book.wanted import Slot, Wanted, not_available, offered, require_offered
from roundtrip.bookings.business import store as business
from roundtrip.bookings.services.model import Service, ServiceKind
from roundtrip.bookings.times import actions as times
from roundtrip.bookings.times import store as lanes
from roundtrip.bookings.times.model import HOLD
from roundtrip.core.email import email_key
from roundtrip.core.errors import AppError, Kind
from roundtrip.sites.change import changed_meanwhile
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx

MOST_WAITING_LOOKED_AT = 20


def book(tx: Tx, service: Service, wanted: Wanted, moment: Moment) -> Booking:
    """Begin a booking: everything is read again, and the time is held for ten minutes. Raises as `require_offered`; of many who want
    the same time at once exactly as many get it as there is room for (PAY-07)."""
    offer = require_offered(tx, service, wanted, moment.now)
    made = _made(tx, offer, wanted, Status.CREATED, moment)
    if not times.take(tx, offer.taking(made.id, made.participants), moment.now, hold_ends_at=made.hold_ends_at):
        raise not_available(service)
    store.insert(tx, made)
    store.end_oldest_holds(tx, made, HOLDS_AT_ONCE, moment.now)
    tell(tx, made, "created", moment)
    return made


def wait(tx: Tx, service: Service, wanted: Wanted, moment: Moment) -> Booking:
    """Wait for a place in a full class. Raises CONFLICT `WAITLIST_NOT_AVAILABLE` when there are places, when nobody waits for this class,
    when enough people do, or this person does already."""
    offer = offered(tx, service, wanted.slot, moment.now)
    may_wait = offer is not None and service.kind is ServiceKind.CLASS and not any(offer.obstacles) and offer.open < wanted.participants
    if offer is None or not may_wait or offer.session is None:
        raise no_waiting("There are places, or nobody can wait for this one.")
    lanes.lock_lane(tx, service.site_id, offer.session.event_id)
    others = store.first_waiting(tx, service.site_id, offer.session.event_id, offer.waiting + 1)
    key = email_key(wanted.contact.email)
    if len(others) >= offer.waiting or any(email_key(one.content.contact.email) == key for one in others):
        raise no_waiting("The waiting list is full, or this person waits already.")
    made = _made(tx, offer, wanted, Status.WAITING_LIST, moment)
    # Looked at when it begins: who still waits then did not get a place.
    store.insert(tx, made, remind_at=made.starts_at)
    tell(tx, made, "waiting", moment)
    return made


def _made(tx: Tx, offer: Offer, wanted: Wanted, status: Status, moment: Moment) -> Booking:
    service, terms = offer.service, offer.service.terms
    due = terms.rate.due
    option = wanted.option or default_option(service)
    holds = status is Status.CREATED
    return Booking(
        site_id=service.site_id,
        id=moment.new_id("booking"),
        status=status,
        payment=Payment.UNDEFINED,
        option=option,
        service_id=service.id,
        schedule_id=service.schedule_id,
        staff_id=offer.staff.id if offer.staff else "",
        event_id=event_of(offer),
        starts_at=offer.start,
        ends_at=offer.end,
        participants=wanted.participants,
        visitor_id=wanted.visitor_id,
        member_id=wanted.member_id,
        order_id=None,
        hold_ends_at=moment.now + HOLD if holds else None,
        content=_at_place(
            Content(
                service=service.name,
                zone=wanted.zone or business.business(tx, service.site_id).terms.zone,
                currency=terms.rate.currency,
                price=(due * wanted.participants).text if due is not None else "",
                contact=wanted.contact,
                message=wanted.message,
                answers=wanted.answers,
                language=wanted.language,
            ),
            offer,
        ),
        revision=1,
        created_at=moment.now,
        updated_at=moment.now,
    )


def _at_place(content: Content, offer: Offer) -> Content:
    """With the names of who does it and where, as they are now."""
    where = offer.location
    return msgspec.structs.replace(
        content,
        staff=offer.staff.name if offer.staff else "",
        location_id=where.id if where else "",
        location=where.name if where else "",
        address=where.content.address if where else "",
    )


def event_of(offer: Offer) -> str:
    """What is booked of a class or course; empty for an appointment."""
    if offer.service.kind is ServiceKind.COURSE:
        return offer.service.schedule_id
    return offer.session.event_id if offer.session else ""


def default_option(service: Service) -> Option:
    """How a booking is paid when nobody said so."""
    rate = service.terms.rate
    return Option.ONLINE if service.terms.pays_online and rate.due_now else Option.OFFLINE


def require(tx: Tx, site_id: str, booking_id: str) -> Booking:
    """The booking of this site; raises NOT_FOUND `BOOKING_NOT_FOUND`."""
    found = store.get(tx, site_id, booking_id.lower())
    if found is None:
        raise no_booking(booking_id)
    return found


def locked(tx: Tx, site_id: str, booking_id: str) -> Booking:
    """The same, which nobody else changes until the transaction ends."""
    if not store.lock(tx, site_id, booking_id.lower()):
        raise no_booking(booking_id)
    return require(tx, site_id, booking_id)


def take_again(tx: Tx, service: Service, booking: Booking, now: int) -> bool:
    """Take the time of a booking that nobody finished for good, as long as an order has it. Held or not, it has to be offered still:
    hours, days off and zones may have changed since. False when it is not, or somebody else has it."""
    slot = slot_of(booking)
    offer = offered(tx, service, slot, now, ignoring=booking.id)
    if offer is None or (offer.start, offer.end) != booking.time or not _still_given(offer):
        return False
    # Of sessions the places are counted when they are taken; an appointment may lie under a class that was planned since.
    if times.confirm(tx, booking.site_id, booking.id):
        return True
    return times.take(tx, offer.taking(booking.id, booking.participants), now, hold_ends_at=None)


def _still_given(offer: Offer) -> bool:
    if offer.session is None:
        return offer.service.kind is ServiceKind.COURSE or offer.open > 0
    return not offer.session.cancelled


def slot_of(booking: Booking) -> Slot:
    """Which time a booking has."""
    return Slot(booking.starts_at, booking.staff_id, booking.event_id)


def choose_option(tx: Tx, booking: Booking, option: Option, moment: Moment) -> Booking:
    """It is paid another way than was said when it was begun."""
    if booking.option is option:
        return booking
    if not store.set_option(tx, booking, option, moment.now):
        raise not_in_state(booking, "be paid another way", "ones that nobody finished")
    return require(tx, booking.site_id, booking.id)


def stand(tx: Tx, service: Service | None, booking: Booking, payment: Payment, moment: Moment) -> Booking:
    """Let a booking stand whose time is its own: sure at once, or once the owner says so. Raises CONFLICT `BOOKING_STATUS` for whoever
    comes second."""
    status = Status.PENDING if service is not None and service.terms.needs_approval else Status.CONFIRMED
    if not store.stand(tx, booking, status, payment, _remind_at(booking.starts_at, moment.now), moment.now):
        raise not_in_state(booking, "be finished", "ones that nobody finished")
    stands = require(tx, booking.site_id, booking.id)
    tell(tx, stands, "pending" if status is Status.PENDING else "confirmed", moment)
    return stands


def finish(tx: Tx, service: Service, booking: Booking, moment: Moment) -> Booking:
    """Let a booking stand that needs no order: it is free, or paid at the place. Raises CONFLICT when the time is gone."""
    if not take_again(tx, service, booking, moment.now):
        raise not_available(service)
    due = booking.price
    return stand(tx, service, booking, Payment.EXEMPT if due is not None and not due else Payment.NOT_PAID, moment)


def confirm(tx: Tx, booking: Booking, moment: Moment) -> Booking:
    """The owner says yes. Raises CONFLICT `BOOKING_STATUS`, `REVISION_CHANGED`."""
    return _moved(tx, booking, (Status.PENDING,), Status.CONFIRMED, "confirmed", moment)


def decline(tx: Tx, booking: Booking, moment: Moment) -> Booking:
    """The owner says no, and the time is free again. Raises as `confirm`."""
    declined = _moved(tx, booking, (Status.PENDING, Status.WAITING_LIST), Status.DECLINED, "declined", moment)
    times.release(tx, booking.site_id, booking.id)
    return declined


def cancel(tx: Tx, booking: Booking, by: str, moment: Moment, *, frees_time: bool = True) -> Booking:
    """It does not take place, and its time is free again. Raises as `confirm`."""
    cancelled = _moved(tx, booking, (*STANDING, Status.WAITING_LIST), Status.CANCELED, "canceled", moment, by=by)
    if frees_time:
        times.release(tx, booking.site_id, booking.id)
    return cancelled


def _moved(tx: Tx, booking: Booking, among: tuple[Status, ...], to: Status, slug: str, moment: Moment, **more: str) -> Booking:
    if booking.status not in among:
        words = " or ".join(status.value for status in among)
        raise not_in_state(booking, f"become {to.value}", f"ones that are {words}")
    if not store.move(tx, booking, to, moment.now):
        raise changed_meanwhile("booking", booking.revision)
    moved = require(tx, booking.site_id, booking.id)
    tell(tx, moved, slug, moment, **more)
    note_change(tx, moved, slug, moment)
    return moved


def reschedule(tx: Tx, service: Service, booking: Booking, slot: Slot, moment: Moment, *, is_owners: bool) -> Booking:
    """Move a booking that stands to another time of its service. Raises as `book`, and CONFLICT `BOOKING_STATUS`, `REVISION_CHANGED`."""
    if not booking.stands or service.kind is ServiceKind.COURSE:
        raise not_in_state(booking, "be moved", "confirmed and pending ones of appointments and classes")
    offer = offered(tx, service, slot, moment.now, ignoring=booking.id)
    if offer is None or (not is_owners and any(offer.obstacles)):
        raise not_available(service)
    if event_of(offer) == booking.event_id and (offer.start, offer.staff.id if offer.staff else "") == (
        booking.starts_at,
        booking.staff_id,
    ):
        return booking
    taking = offer.taking(booking.id, booking.participants)
    # Two who swap lanes take them in the same order.
    for lane_id in sorted({taking.lane_id, booking.event_id or booking.staff_id}):
        lanes.lock_lane(tx, booking.site_id, lane_id)
    times.release(tx, booking.site_id, booking.id)
    if not times.take(tx, taking, moment.now, hold_ends_at=None):
        raise not_available(service, offer.open)
    content = _at_place(booking.content, offer)
    staff_id = offer.staff.id if offer.staff else ""
    after = replace(booking, staff_id=staff_id, event_id=event_of(offer), starts_at=offer.start, ends_at=offer.end, content=content)
    if not store.set_time(tx, booking, after, _remind_at(offer.start, moment.now), moment.now):
        raise changed_meanwhile("booking", booking.revision)
    moved = require(tx, booking.site_id, booking.id)
    tell(tx, moved, "rescheduled", moment)
    note_change(tx, moved, "rescheduled", moment)
    return moved


def pay(tx: Tx, booking: Booking, payment: Payment, moment: Moment) -> Booking:
    """Keep how far it is paid. What does not stand, or is so already, stays as it is."""
    if not store.set_payment(tx, booking, payment, moment.now):
        return booking
    paid = require(tx, booking.site_id, booking.id)
    tell(tx, paid, "paid", moment)
    note_change(tx, paid, "paid", moment)
    return paid


def offer_place(tx: Tx, service: Service, event_id: str, moment: Moment) -> Booking | None:
    """Keep what became free in a session for the first who waits for so many places, until tomorrow or until it begins. None: nobody."""
    for waiting in store.first_waiting(tx, service.site_id, event_id, MOST_WAITING_LOOKED_AT):
        offer = offered(tx, service, slot_of(waiting), moment.now)
        if offer is None or any(offer.obstacles):
            return None
        until = min(moment.now + PLACE_KEPT_FOR, offer.start)
        if offer.open >= waiting.participants and times.take(
            tx, offer.taking(waiting.id, waiting.participants), moment.now, hold_ends_at=until
        ):
            if not store.move(tx, waiting, Status.CREATED, moment.now, hold_ends_at=until):
                raise changed_meanwhile("booking", waiting.revision)
            kept = require(tx, waiting.site_id, waiting.id)
            tell(tx, kept, "offered", moment)
            return kept
    return None


def may_cancel(service: Service | None, booking: Booking, now: int) -> bool:
    """Whether who booked may cancel it themselves now. One who only waits always may."""
    if booking.status is Status.WAITING_LIST:
        return True
    return booking.stands and service is not None and service.policy.allows_cancelling(booking.starts_at, now)


def may_reschedule(service: Service | None, booking: Booking, now: int) -> bool:
    """Whether who booked may choose another time themselves now."""
    is_whole = service is None or service.kind is ServiceKind.COURSE
    return booking.stands and not is_whole and service is not None and service.policy.allows_rescheduling(booking.starts_at, now)


def _remind_at(start: int, now: int) -> int | None:
    """None when it is so soon that the confirmation reminds enough."""
    at = start - REMINDED_BEFORE
    return at if at > now + REMINDED_BEFORE // 12 else None


def tell(tx: Tx, booking: Booking, slug: str, moment: Moment, **more: object) -> None:
    """Record a domain event about a booking."""
    body: dict[str, object] = {
        "id": booking.id,
        "status": booking.status.value,
        "paymentStatus": booking.payment.value,
        "serviceId": booking.service_id,
        "start": booking.starts_at,
        "revision": str(booking.revision),
        **({"orderId": booking.order_id} if booking.order_id else {}),
        **({"memberId": booking.member_id} if booking.member_id else {}),
        **more,
    }
    person = booking.member_id or email_key(booking.content.contact.email) or None
    moment.tell(tx, booking.site_id, ENTITY, slug, booking.id, body, person=person)


def note_change(tx: Tx, booking: Booking, slug: str, moment: Moment) -> None:
    """Write down what an owner did with it, without a word about who booked: entries stay when people are erased."""
    moment.note(tx, booking.site_id, f"booking.{slug}", booking.id, booking.content.service, None, {"status": booking.status.value})


def no_booking(booking_id: str) -> AppError:
    """There is none with this id for who asks."""
    text = f"There is no booking {booking_id[:40]!r} for this caller."
    return AppError(Kind.NOT_FOUND, "BOOKING_NOT_FOUND", text, data={"bookingId": booking_id[:40]})


def no_waiting(why: str) -> AppError:
    """Nobody can wait for this."""
    return AppError(Kind.CONFLICT, "WAITLIST_NOT_AVAILABLE", f"{why} Ask for times again.")


def not_in_state(booking: Booking, what: str, which: str) -> AppError:
    """The booking is in the wrong state for what was asked."""
    text = f"The booking is {booking.status.value}; only {which} can {what}."
    return AppError(Kind.CONFLICT, "BOOKING_STATUS", text, data={"status": booking.status.value})
