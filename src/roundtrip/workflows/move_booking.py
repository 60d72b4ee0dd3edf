"""What people do with bookings: make one, finish it, confirm, decline, cancel, move and pay it; with mails, and with who waits.

Who may do it is decided by whoever calls. Money is not given back here: that is `refund_order.py`, which the owner asks for separately.
What a plan paid with is.
"""

from __future__ import annotations

from roundtrip.bookings.book import actions, store
from roundtrip.bookings.book.model import Booking, Payment, Status
from roundtrip.bookings.book.wanted import Slot, Wanted
from roundtrip.bookings.services import actions as services
from roundtrip.bookings.services import store as service_store
from roundtrip.bookings.services.model import Service
from roundtrip.bookings.times import actions as times
from roundtrip.core.errors import AppError, Kind
from roundtrip.plans.credits import actions as credit
from roundtrip.sites.change import changed_meanwhile
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows import booking_mails, waiting_list


def book(tx: Tx, site_id: str, service_id: str, wanted: Wanted, moment: Moment) -> Booking:
    """Begin a booking, which is held for ten minutes. Raises NOT_FOUND `SERVICE_NOT_FOUND`, and as `actions.book`."""
    return actions.book(tx, _service(tx, site_id, service_id), wanted, moment)


def wait(tx: Tx, site_id: str, service_id: str, wanted: Wanted, moment: Moment) -> Booking:
    """Wait for a place in a full class that can be had without paying first. Raises as `actions.wait`."""
    service = _service(tx, site_id, service_id)
    if not is_payable_at_place(service):
        raise actions.no_waiting("This class has to be paid when booking, so nobody can wait for it.")
    waiting = actions.wait(tx, service, wanted, moment)
    booking_mails.to_booker(tx, waiting, booking_mails.WAITING, moment)
    return waiting


def is_payable_at_place(service: Service) -> bool:
    """Whether a booking can stand before money moves: it costs nothing, or is paid at the place, or the price is a matter of words."""
    due = service.terms.rate.due
    return (due is not None and not due) or service.terms.pays_in_person or due is None


def finish(tx: Tx, site_id: str, booking_id: str, moment: Moment) -> Booking:
    """Let a booking stand that needs no money now. Raises CONFLICT when its time is gone, `BOOKING_STATUS`, and `PAYMENT_REQUIRED` for a
    service that is only sold online."""
    booking = actions.locked(tx, site_id, booking_id)
    service = services.require(tx, site_id, booking.service_id)
    if not is_payable_at_place(service):
        text = f"{service.name} has to be paid when booking: make a checkout of the booking."
        raise AppError(Kind.CONFLICT, "PAYMENT_REQUIRED", text, data={"bookingId": booking.id})
    stands = actions.finish(tx, service, booking, moment)
    booking_mails.stands(tx, service, stands, moment)
    return stands


def confirm(tx: Tx, site_id: str, booking_id: str, revision: int | None, moment: Moment) -> Booking:
    """The owner says yes. Raises as `actions.confirm`."""
    confirmed = actions.confirm(tx, _read(tx, site_id, booking_id, revision), moment)
    booking_mails.to_booker(tx, confirmed, booking_mails.CONFIRMED, moment)
    return confirmed


def decline(tx: Tx, site_id: str, booking_id: str, revision: int | None, moment: Moment) -> Booking:
    """The owner says no. Raises as `actions.decline`."""
    before = _read(tx, site_id, booking_id, revision)
    declined = actions.decline(tx, before, moment)
    credit.give_back(tx, site_id, before.id, moment.now)
    booking_mails.to_booker(tx, declined, booking_mails.DECLINED, moment)
    _offer_next(tx, before, moment)
    return declined


def cancel(tx: Tx, site_id: str, booking_id: str, revision: int | None, by: str, moment: Moment, *, tells: bool = True) -> Booking:
    """It does not take place. `by` is `visitor`, `member` or `owner`; `tells` False: they get no mail. Raises as `actions.cancel`."""
    before = _read(tx, site_id, booking_id, revision)
    cancelled = actions.cancel(tx, before, by, moment)
    credit.give_back(tx, site_id, before.id, moment.now)
    if tells:
        booking_mails.to_booker(tx, cancelled, booking_mails.CANCELED, moment)
    if by != "owner" and before.stands:
        service = service_store.service(tx, site_id, before.service_id)
        booking_mails.to_business(tx, service, cancelled, booking_mails.CANCELED_SHOP, moment)
    _offer_next(tx, before, moment)
    return cancelled


def reschedule(tx: Tx, site_id: str, booking_id: str, revision: int | None, slot: Slot, moment: Moment, *, is_owners: bool) -> Booking:
    """Another time of the same service. Raises as `actions.reschedule`."""
    before = _read(tx, site_id, booking_id, revision)
    service = services.require(tx, site_id, before.service_id)
    moved = actions.reschedule(tx, service, before, slot, moment, is_owners=is_owners)
    if moved.revision != before.revision:
        booking_mails.to_booker(tx, moved, booking_mails.MOVED, moment)
        if not is_owners:
            booking_mails.to_business(tx, service, moved, booking_mails.RECEIVED, moment)
        _offer_next(tx, before, moment)
    return moved


def mark_paid(tx: Tx, site_id: str, booking_id: str, moment: Moment) -> Booking:
    """The owner has the money. Raises CONFLICT `BOOKING_STATUS` for a booking that does not stand."""
    booking = actions.locked(tx, site_id, booking_id)
    if not booking.stands:
        raise actions.not_in_state(booking, "be paid", "confirmed and pending ones")
    return actions.pay(tx, booking, Payment.PAID, moment)


def remind(tx: Tx, site_id: str, booking_id: str, moment: Moment) -> bool:
    """Send a reminder that is due, or let go who waited in vain. True for exactly one caller; the worker asks."""
    if not store.take_reminder(tx, site_id, booking_id, moment.now):
        return False
    booking = actions.require(tx, site_id, booking_id)
    if booking.status is Status.WAITING_LIST:
        # No mail: that it has begun without them, they know. The page of their link says what became of it.
        actions.decline(tx, booking, moment)
    elif booking.status is Status.CONFIRMED:
        booking_mails.to_booker(tx, booking, booking_mails.REMINDER, moment)
    return True


def release_overdue(tx: Tx, site_id: str, holder: str, moment: Moment) -> bool:
    """Give back a time that was held for too long, and keep it for who waits. True for exactly one caller; the worker asks."""
    store.lock(tx, site_id, holder)
    if not times.release_overdue(tx, site_id, holder, moment.now):
        return False
    booking = store.get(tx, site_id, holder)
    if booking is not None:
        _offer_next(tx, booking, moment)
    return True


def _read(tx: Tx, site_id: str, booking_id: str, revision: int | None) -> Booking:
    """Locked; and as the caller has read it, if they said so."""
    booking = actions.locked(tx, site_id, booking_id)
    if revision is not None and revision != booking.revision:
        raise changed_meanwhile("booking", revision)
    return booking


def _service(tx: Tx, site_id: str, service_id: str) -> Service:
    found = service_store.service(tx, site_id, service_id.lower())
    if found is None or found.hidden:
        raise services.no_such_service(service_id)
    return found


def _offer_next(tx: Tx, gone: Booking, moment: Moment) -> None:
    service = service_store.service(tx, gone.site_id, gone.service_id)
    if service is not None:
        waiting_list.offer_next(tx, service, gone, moment)
