"""Bookings for booking pages: begin one, cancel one's own, move it. The owner's server code does the same for everybody."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from roundtrip.api.bookings_book_view import BookedEntityIn, SlotIn, booking_out, require_named, wanted_slot
from roundtrip.api.callers import moment_of_call, owner_of
from roundtrip.api.operation import KEYS, VISITORS, Call, Operation
from roundtrip.api.settings_calls import own_site
from roundtrip.api.stores_views import sees_hidden
from roundtrip.api.wire import Wire
from roundtrip.bookings.book import actions
from roundtrip.bookings.book.model import MOST_PARTICIPANTS, Booking, Contact, Option
from roundtrip.bookings.book.wanted import Slot, Wanted
from roundtrip.bookings.business.actions import check_zone
from roundtrip.bookings.services import store as services
from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.core.identity import Member
from roundtrip.core.ids import new_id
from roundtrip.storage.database import Tx
from roundtrip.workflows import move_booking

Name = Annotated[str, Meta(max_length=100)]
Revision = Annotated[str, Meta(pattern=r"^\d{1,15}$")]


class AddressIn(Wire):
    """Where somebody lives, on one line."""

    address_line: Annotated[str, Meta(max_length=300)] | None = None


class ContactIn(Wire):
    """Who comes."""

    first_name: Name | None = None
    last_name: Name | None = None
    email: Annotated[str, Meta(max_length=254)] | None = None
    phone: Annotated[str, Meta(max_length=50)] | None = None
    full_address: AddressIn | None = None


class BookingIn(Wire):
    """What is to be booked, by whom, for how many. `selectedPaymentOption` is the service's own way when it is not sent."""

    booked_entity: BookedEntityIn | None = None
    slot: SlotIn | None = None
    total_participants: Annotated[int, Meta(ge=1, le=MOST_PARTICIPANTS)] = 1
    contact_details: ContactIn | None = None
    selected_payment_option: Annotated[str, Meta(max_length=40)] | None = None
    message: Annotated[str, Meta(max_length=1000)] | None = None


class CreateBody(Wire):
    """A booking to begin."""

    booking: BookingIn


class BookingAnswer(Wire, omit_defaults=False):
    """One booking."""

    booking: dict[str, Any]


class NotificationIn(Wire):
    """Whether who booked gets a mail."""

    notify_participants: bool = True


class RevisionBody(Wire):
    """Which state of the booking the caller has read. Without `revision` what it is now counts."""

    revision: Revision | None = None
    participant_notification: NotificationIn | None = None


class RescheduleBody(Wire):
    """Another time of the same service."""

    slot: SlotIn
    revision: Revision | None = None


async def create(call: Call) -> BookingAnswer:
    """Begin a booking: its time is held for ten minutes."""
    call.count("bookings", call.services.limits.settings.purchases_per_minute)
    return BookingAnswer(booking_out(await call.write(_create, call, new_id(call.now))))


def _create(tx: Tx, call: Call, made: str) -> Booking:
    body: CreateBody = call.body
    sent = body.booking
    entity = sent.booked_entity or BookedEntityIn()
    slot = entity.slot or sent.slot
    service_id = require_named(slot, entity.schedule, "booking.bookedEntity")
    visitor_id, member_id = owner_of(call)
    wanted = Wanted(
        slot=wanted_slot(tx, call.site_id, slot, "booking.bookedEntity.slot") if slot else Slot(),
        participants=sent.total_participants,
        option=_option(sent.selected_payment_option),
        contact=_contact(sent.contact_details),
        message=sent.message or "",
        language=own_site(tx, call).language,
        zone=_zone(slot),
        visitor_id=visitor_id,
        member_id=member_id,
        is_owners=sees_hidden(call),
    )
    return move_booking.book(tx, call.site_id, service_id, wanted, moment_of_call(tx, call, made))


def _zone(slot: SlotIn | None) -> str:
    if slot is None or not slot.timezone:
        return ""
    check_zone(slot.timezone, "booking.bookedEntity.slot.timezone")
    return slot.timezone


def _option(text: str | None) -> Option | None:
    """Raises INVALID for a way to pay that bookings have not."""
    if not text or text == "UNDEFINED":
        return None
    try:
        return Option(text)
    except ValueError:
        names = ", ".join(Option)
        raise invalid_field(
            "booking.selectedPaymentOption", f"must be one of {names} (received {text!r})", "INVALID_ENUM_VALUE", received=text
        ) from None


def _contact(sent: ContactIn | None) -> Contact:
    if sent is None:
        return Contact()
    email = (sent.email or "").strip()
    if email and "@" not in email:
        raise invalid_field("booking.contactDetails.email", f"must be an address of mail (received {email!r})", "FORMAT", received=email)
    address = sent.full_address.address_line if sent.full_address else None
    return Contact((sent.first_name or "").strip(), (sent.last_name or "").strip(), email, (sent.phone or "").strip(), address or "")


def require_own(tx: Tx, call: Call) -> Booking:
    """The booking that the path names, if it is for this caller: NOT_FOUND `BOOKING_NOT_FOUND` otherwise."""
    booking = actions.require(tx, call.site_id, call.path_params["id"])
    if not sees_hidden(call) and not booking.is_of(*owner_of(call)):
        raise actions.no_booking(booking.id)
    return booking


async def get(call: Call) -> BookingAnswer:
    """Read a booking."""
    return BookingAnswer(booking_out(await call.read(require_own, call)))


async def cancel(call: Call) -> BookingAnswer:
    """Cancel a booking: visitors and members their own, as long as its policy lets them."""
    return BookingAnswer(booking_out(await call.write(_cancel, call, new_id(call.now))))


def _cancel(tx: Tx, call: Call, made: str) -> Booking:
    body: RevisionBody = call.body
    booking, is_owners = require_own(tx, call), sees_hidden(call)
    if not is_owners and not actions.may_cancel(services.service(tx, call.site_id, booking.service_id), booking, call.now):
        _require_standing(booking)
        raise not_allowed("cancelled")
    tells = not is_owners or body.participant_notification is None or body.participant_notification.notify_participants
    by = "owner" if is_owners else "member" if isinstance(call.caller, Member) else "visitor"
    moment = moment_of_call(tx, call, made)
    return move_booking.cancel(tx, call.site_id, booking.id, revision_of(body.revision), by, moment, tells=tells)


async def reschedule(call: Call) -> BookingAnswer:
    """Move a booking to another time of its service: visitors and members their own, as long as its policy lets them."""
    return BookingAnswer(booking_out(await call.write(_reschedule, call, new_id(call.now))))


def _reschedule(tx: Tx, call: Call, made: str) -> Booking:
    body: RescheduleBody = call.body
    booking, is_owners = require_own(tx, call), sees_hidden(call)
    if not is_owners and not actions.may_reschedule(services.service(tx, call.site_id, booking.service_id), booking, call.now):
        _require_standing(booking)
        raise not_allowed("moved")
    slot = wanted_slot(tx, call.site_id, body.slot, "slot")
    moment = moment_of_call(tx, call, made)
    return move_booking.reschedule(tx, call.site_id, booking.id, revision_of(body.revision), slot, moment, is_owners=is_owners)


def _require_standing(booking: Booking) -> None:
    if not booking.stands:
        raise actions.not_in_state(booking, "be cancelled or moved", "confirmed and pending ones")


def not_allowed(what: str) -> AppError:
    """The policy of the service says no."""
    text = f"The booking policy of the service does not let visitors have a booking {what} (any more). Ask the business."
    return AppError(Kind.CONFLICT, "BOOKING_POLICY_VIOLATION", text)


def revision_of(text: str | None) -> int | None:
    """The state that the caller has read."""
    return int(text) if text else None


PREFIXES = ("/_api/bookings-service/v2/bookings", "/bookings/v2/bookings")


def paths(rest: str = "") -> tuple[str, ...]:
    """All addresses of one call."""
    return tuple(prefix + rest for prefix in PREFIXES)


_TIME_ERRORS = ("SERVICE_NOT_FOUND", "SLOT_NOT_AVAILABLE", "SESSION_CAPACITY_EXCEEDED", "BOOKING_POLICY_VIOLATION")
_MOVE_ERRORS = ("BOOKING_NOT_FOUND", "BOOKING_STATUS", "REVISION_CHANGED", "BOOKING_POLICY_VIOLATION")
_SLOT = {"serviceId": "5b0d0001-0000-4000-8000-000000000001", "startDate": "2026-12-01T14:00:00.000Z", "timezone": "UTC"}
_WHO = {"firstName": "Ann", "lastName": "Example", "email": "ann@example.com"}
_NEW = {"booking": {"bookedEntity": {"slot": _SLOT}, "totalParticipants": 1, "contactDetails": _WHO}}
_ALL = VISITORS | KEYS
OPERATIONS: tuple[Operation, ...] = (
    Operation("CreateBooking", "POST", paths(), "Begin a booking; its time is held for ten minutes.", create, "booking.manage", _ALL,
              CreateBody, BookingAnswer, idempotent=True, example=_NEW, errors=(*_TIME_ERRORS, "RESOURCE_EXHAUSTED")),
    Operation("GetBooking", "GET", paths("/{id}"), "Read a booking: one's own, or for keys any of the site.", get, "booking.read", _ALL,
              None, BookingAnswer, errors=("BOOKING_NOT_FOUND",)),
    Operation("CancelBooking", "POST", paths("/{id}/cancel"),
              "Cancel a booking: one's own as its policy says, or for keys any of the site.", cancel, "booking.manage", _ALL,
              RevisionBody, BookingAnswer, example={"revision": "1"}, errors=_MOVE_ERRORS),
    Operation("RescheduleBooking", "POST", paths("/{id}/reschedule"),
              "Move a booking to another time of its service: one's own as its policy says, or for keys any of the site.", reschedule,
              "booking.manage", _ALL, RescheduleBody, BookingAnswer, example={"slot": _SLOT, "revision": "1"},
              errors=(*_MOVE_ERRORS, *_TIME_ERRORS[:3])),
)  # fmt: skip
