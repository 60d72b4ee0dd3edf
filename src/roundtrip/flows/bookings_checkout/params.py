"""`bookingsCheckout`: this intent's message on the wire (`docs/reference/redirect-sessions.md`)."""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import available_timezones

from msgspec import Meta

from roundtrip.flows.wire import Guid, Message

Name = Annotated[str, Meta(max_length=1200)]
Instant = Annotated[str, Meta(max_length=30)]
Zone = Annotated[str, Meta(max_length=40)]


class Resource(Message):
    """The staff member or room that a slot belongs to."""

    id: Guid | None = None
    name: Name | None = None
    schedule_id: str | None = None


class Location(Message):
    """Where the service takes place."""

    id: Guid | None = None
    name: str | None = None
    formatted_address: str | None = None
    formatted_address_translated: Annotated[str, Meta(max_length=512)] | None = None
    location_type: Literal["UNDEFINED", "OWNER_BUSINESS", "OWNER_CUSTOM", "CUSTOM"] | None = None


class NestedSlot(Message):
    """One part of a slot that spans several services."""

    service_id: str | None = None
    start: Instant | None = None
    end: Instant | None = None
    resource: Resource | None = None
    schedule_id: str | None = None


class Slot(Message):
    """A time that the availability API offered. Only ids and times of it are ever believed; the rest is read again."""

    session_id: str | None = None
    service_id: str | None = None
    schedule_id: str | None = None
    start_date: str | None = None
    end_date: str | None = None
    timezone: str | None = None
    resource: Resource | None = None
    location: Location | None = None
    event_id: Annotated[str, Meta(min_length=36, max_length=250)] | None = None
    phone_call: bool | None = None


class WaitingList(Message):
    """Room on the waiting list of a full class."""

    total_spots: int | None = None
    open_spots: int | None = None


class PolicyViolations(Message):
    """Why a slot may not be booked online."""

    too_early_to_book: bool | None = None
    too_late_to_book: bool | None = None
    book_online_disabled: bool | None = None
    valid_submission_required: bool | None = None


class SlotAvailability(Message):
    """One entry of the availability API's answer, handed back as it came."""

    slot: Slot | None = None
    bookable: bool | None = None
    total_spots: int | None = None
    open_spots: int | None = None
    waiting_list: WaitingList | None = None
    booking_policy_violations: PolicyViolations | None = None
    locked: bool | None = None
    is_from_v2: bool | None = None
    nested_slots: list[NestedSlot] | None = None


class BookingsCheckout(Message):
    """Book a slot. `slot` is the older name of `slot_availability`; one of them has to be there."""

    slot_availability: SlotAvailability | None = None
    slot: SlotAvailability | None = None
    timezone: Zone | None = None

    def broken_rule(self) -> tuple[str, str, str] | None:
        """One of the two names has to be there, and a zone has to be one (IANA)."""
        if self.slot_availability is None and self.slot is None:
            return "slotAvailability", "is required and missing", "REQUIRED_FIELD"
        if self.timezone is not None and self.timezone not in available_timezones():
            return "timezone", f"must be an IANA time zone such as Europe/Berlin (received {self.timezone!r})", "FORMAT"
        return None


INTENT = "bookingsCheckout"
PARAMS = BookingsCheckout
