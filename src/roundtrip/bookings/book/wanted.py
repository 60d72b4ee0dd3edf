"""What somebody wants to book, held against what can be booked now. Nothing that a client says about a time is believed."""

from __future__ import annotations

from dataclasses import dataclass, field

from roundtrip.bookings import availability
from roundtrip.bookings.availability import Obstacles, Offer
from roundtrip.bookings.book.model import MOST_PARTICIPANTS, Answer, Contact, Option
from roundtrip.bookings.services.model import Service, ServiceKind
from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.storage.database import Tx


@dataclass(frozen=True, slots=True)
class Slot:
    """Which time: of a staff member (empty: whoever is free) for an appointment, of a session for a class. A course needs neither."""

    start: int = 0
    staff_id: str = ""
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A wish. `option` None: online when the service takes that, else at the place. `is_owners`: the owner books for somebody, whatever
    the policy says."""

    slot: Slot
    participants: int = 1
    option: Option | None = None
    contact: Contact = field(default_factory=Contact)
    message: str = ""
    answers: tuple[Answer, ...] = ()
    language: str = "en"
    zone: str = ""
    visitor_id: str | None = None
    member_id: str | None = None
    is_owners: bool = False


def offered(tx: Tx, service: Service, slot: Slot, now: int, ignoring: str = "") -> Offer | None:
    """The time as it is now; None when it is not offered (any more). What the booking `ignoring` has taken of a staff member is free."""
    match service.kind:
        case ServiceKind.APPOINTMENT:
            return availability.appointment(tx, service, slot.staff_id, slot.start, now, ignoring)
        case ServiceKind.CLASS:
            return availability.class_session(tx, service, slot.event_id, now)
        case ServiceKind.COURSE:
            return availability.course(tx, service, now)


def require_offered(tx: Tx, service: Service, wanted: Wanted, now: int) -> Offer:
    """The time, if this many can have it now. Raises CONFLICT `SLOT_NOT_AVAILABLE`, `SESSION_CAPACITY_EXCEEDED` or
    `BOOKING_POLICY_VIOLATION`, INVALID for a number of participants that nobody can have."""
    most = most_participants(service)
    if not 1 <= wanted.participants <= most:
        text = f"must be from 1 to {most} for this service (received {wanted.participants})"
        raise invalid_field("booking.totalParticipants", text, "FORMAT")
    offer = offered(tx, service, wanted.slot, now)
    if offer is None:
        raise not_available(service)
    if not wanted.is_owners and any(offer.obstacles):
        raise _against_policy(offer.obstacles)
    if offer.open < wanted.participants:
        raise not_available(service, offer.open)
    return offer


def most_participants(service: Service) -> int:
    """How many may come with one booking."""
    if service.kind is ServiceKind.APPOINTMENT:
        return 1
    return max(1, min(service.policy.most_participants, service.terms.capacity, MOST_PARTICIPANTS))


def not_available(service: Service, left: int = 0) -> AppError:
    """The time is taken, full, or was never offered."""
    if service.kind is ServiceKind.APPOINTMENT:
        text = f"{service.name} can't be booked at this time (any more). Ask for free times again and choose another one."
        return AppError(Kind.CONFLICT, "SLOT_NOT_AVAILABLE", text, data={"serviceId": service.id})
    text = f"Not so many places of {service.name} are free ({left} left). Take fewer, or another session."
    return AppError(Kind.CONFLICT, "SESSION_CAPACITY_EXCEEDED", text, data={"serviceId": service.id, "openSpots": left})


def _against_policy(obstacles: Obstacles) -> AppError:
    names = {"tooEarlyToBook": obstacles.too_early, "tooLateToBook": obstacles.too_late, "bookOnlineDisabled": obstacles.not_online}
    why = ", ".join(name for name, is_so in names.items() if is_so)
    text = f"The booking policy of the service does not let visitors book this time now ({why}). Ask for bookable times."
    return AppError(Kind.CONFLICT, "BOOKING_POLICY_VIOLATION", text, data=names)
