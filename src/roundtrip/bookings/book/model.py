"""What a booking is, and which moves it can make (decision 0153). Pure; `store.py` keeps bookings, `actions.py` moves them.

CREATED ──stands──> CONFIRMED, or PENDING when the owner approves each one ──> CONFIRMED, DECLINED
CONFIRMED, PENDING, WAITING_LIST ──> CANCELED
WAITING_LIST ──a place is free──> CREATED
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from roundtrip.bookings.hours import Interval
from roundtrip.core.clock import DAY
from roundtrip.core.money import Money
from roundtrip.core.told import told

HOLDS_AT_ONCE = 3
"""How many times one visitor or member holds without having booked them. A further one ends the oldest hold."""
PLACE_KEPT_FOR = DAY
"""How long a place that became free is kept for the first who waited for it; at most until it begins."""
REMINDED_BEFORE = DAY
"""How long before the beginning a reminder is sent."""
KEPT_FOR = DAY
"""How long a booking that nobody finished is kept after its hold."""
MOST_PARTICIPANTS = 1000


class Status(StrEnum):
    """How far a booking got; the names that clients of the wire know."""

    CREATED = "CREATED"
    PENDING = "PENDING"
    CONFIRMED = "CONFIRMED"
    DECLINED = "DECLINED"
    CANCELED = "CANCELED"
    WAITING_LIST = "WAITING_LIST"


class Payment(StrEnum):
    """How far it is paid; the names that clients of the wire know. `EXEMPT`: it costs nothing."""

    UNDEFINED = "UNDEFINED"
    NOT_PAID = "NOT_PAID"
    PARTIALLY_PAID = "PARTIALLY_PAID"
    PAID = "PAID"
    EXEMPT = "EXEMPT"


class Option(StrEnum):
    """How it is to be paid: now, at the place, or with a plan."""

    ONLINE = "ONLINE"
    OFFLINE = "OFFLINE"
    MEMBERSHIP = "MEMBERSHIP"


STANDING = (Status.CONFIRMED, Status.PENDING)
"""Bookings that somebody relies on."""


class Contact(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who comes."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""

    @property
    def name(self) -> str:
        """Both names."""
        return f"{self.first_name} {self.last_name}".strip()


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What somebody said to one of the service's questions."""

    title: str
    value: str


class Content(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a booking keeps of its moment: names as they were then, what it costs in all (a text in `currency`; empty: only the owner
    knows), and who comes. `zone` is the one in which the visitor read times. `language` is that of mails."""

    service: str
    zone: str
    currency: str
    price: str = ""
    staff: str = ""
    location_id: str = ""
    location: str = ""
    address: str = ""
    contact: Contact = Contact()
    message: str = ""
    answers: tuple[Answer, ...] = ()
    language: str = "en"
    is_erased: bool = False


@dataclass(frozen=True, slots=True)
class Booking:
    """A booking as it is kept. An appointment has a `staff_id`, a class or course an `event_id` (of a session; of the course's schedule).

    `order_id` is the order that pays for it. `hold_ends_at` is there while its time is only held; None: it is its own, or it has none.
    """

    site_id: str
    id: str
    status: Status
    payment: Payment
    option: Option
    service_id: str
    schedule_id: str
    staff_id: str
    event_id: str
    starts_at: int
    ends_at: int
    participants: int
    visitor_id: str | None
    member_id: str | None
    order_id: str | None
    hold_ends_at: int | None
    content: Content
    revision: int
    created_at: int
    updated_at: int

    @property
    def time(self) -> Interval:
        """When it is."""
        return Interval(self.starts_at, self.ends_at)

    @property
    def stands(self) -> bool:
        """True when somebody relies on it."""
        return self.status in STANDING

    @property
    def price(self) -> Money | None:
        """What it costs in all; None when only the owner knows."""
        return Money.parse(self.content.price, self.content.currency) if self.content.price else None

    def is_of(self, visitor_id: str | None, member_id: str | None) -> bool:
        """True for the visitor or member who made it."""
        return (member_id is not None and member_id == self.member_id) or (visitor_id is not None and visitor_id == self.visitor_id)


ENTITY = "booking"
_OF_BOOKING = "id status paymentStatus serviceId start:time revision orderId? memberId?"
EVENTS: Mapping[str, Mapping[str, str]] = {
    ENTITY: {
        "created": told(
            "Somebody began to book; the time is held for them, and nothing is sure yet.",
            _OF_BOOKING,
        ),
        "waiting": told("Somebody waits for a place in a full class.", _OF_BOOKING),
        "offered": told("A place became free, and is kept for the first who waited for it.", _OF_BOOKING),
        "confirmed": told("A booking is sure.", _OF_BOOKING),
        "pending": told("A booking was made that the owner has to confirm or decline.", _OF_BOOKING),
        "declined": told("The owner declined a booking; its time is free again.", _OF_BOOKING),
        "canceled": told(
            "A booking was cancelled; `by` says by whom. Its time is free again.",
            f"{_OF_BOOKING} by",
        ),
        "rescheduled": told("A booking was moved to another time.", _OF_BOOKING),
        "paid": told("A booking is paid, or a part of it; `paymentStatus` says which.", _OF_BOOKING),
        "updated": told("Who booked was erased: read it again, and forget your copy.", _OF_BOOKING),
    }
}
"""What is told to the world about a booking, by entity and slug."""
