"""What the owner's server code does with bookings besides what everybody may: confirm, decline, mark paid, book without a checkout."""

from __future__ import annotations

from collections.abc import Callable

from roundtrip.api.bookings_book_view import booking_out
from roundtrip.api.bookings_write import BookingAnswer, RevisionBody, paths, revision_of
from roundtrip.api.callers import moment_of_call
from roundtrip.api.operation import KEYS, Call, Operation
from roundtrip.bookings.book.model import Booking
from roundtrip.core.ids import new_id
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows import move_booking


async def confirm(call: Call) -> BookingAnswer:
    """Say yes to a booking that waits for it."""
    return await _moved(call, lambda tx, moment: move_booking.confirm(tx, call.site_id, _id(call), _revision(call), moment))


async def decline(call: Call) -> BookingAnswer:
    """Say no to a booking that waits for it."""
    return await _moved(call, lambda tx, moment: move_booking.decline(tx, call.site_id, _id(call), _revision(call), moment))


async def mark_paid(call: Call) -> BookingAnswer:
    """The money for a booking is there, all of it."""
    return await _moved(call, lambda tx, moment: move_booking.mark_paid(tx, call.site_id, _id(call), moment))


async def finish(call: Call) -> BookingAnswer:
    """Let a booking stand that is free or paid at the place, without a checkout."""
    return await _moved(call, lambda tx, moment: move_booking.finish(tx, call.site_id, _id(call), moment))


async def _moved(call: Call, move: Callable[[Tx, Moment], Booking]) -> BookingAnswer:
    def moving(tx: Tx, made: str) -> Booking:
        return move(tx, moment_of_call(tx, call, made))

    return BookingAnswer(booking_out(await call.write(moving, new_id(call.now))))


def _id(call: Call) -> str:
    return call.path_params["id"]


def _revision(call: Call) -> int | None:
    body: RevisionBody = call.body
    return revision_of(body.revision)


_ERRORS = ("BOOKING_NOT_FOUND", "BOOKING_STATUS")
OPERATIONS: tuple[Operation, ...] = (
    Operation("ConfirmBooking", "POST", paths("/{id}/confirm"), "Say yes to a booking that waits for it.", confirm, "booking.manage", KEYS,
              RevisionBody, BookingAnswer, example={"revision": "2"}, errors=(*_ERRORS, "REVISION_CHANGED")),
    Operation("DeclineBooking", "POST", paths("/{id}/decline"), "Say no to a booking that waits for it; its time is free again.", decline,
              "booking.manage", KEYS, RevisionBody, BookingAnswer, example={"revision": "2"}, errors=(*_ERRORS, "REVISION_CHANGED")),
    Operation("MarkBookingPaid", "POST", ("/api/v1/bookings/{id}/mark-paid",), "Say that all the money for a booking is there.", mark_paid,
              "booking.manage", KEYS, None, BookingAnswer, errors=_ERRORS),
    Operation("FinishBooking", "POST", ("/api/v1/bookings/{id}/finish",),
              "Let a booking stand that was begun over the API and is free or paid at the place.", finish, "booking.manage", KEYS, None,
              BookingAnswer, errors=(*_ERRORS, "PAYMENT_REQUIRED", "SLOT_NOT_AVAILABLE", "SESSION_CAPACITY_EXCEEDED")),
)  # fmt: skip
