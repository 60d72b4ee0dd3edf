"""The four kinds of parts. Pure values. They are kept, changed and deleted alike; what each one says differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

import msgspec

from roundtrip.bookings.hours import Week
from roundtrip.core.clock import MINUTE
from roundtrip.core.told import told
from roundtrip.media.medium import Medium

END_OF_TIME = 2**62


class PartKind(StrEnum):
    """The value is what the database and domain events call it."""

    CATEGORY = "category"
    LOCATION = "location"
    STAFF = "staff"
    POLICY = "policy"


class Category(msgspec.Struct, frozen=True, omit_defaults=True):
    """Services that belong together. It has a name and a place in the order, nothing else."""


class Location(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where services take place. `address` is a text as people read it; `is_default` marks the main one."""

    address: str = ""
    is_default: bool = False


class StaffMember(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who does it. `hours` None: the hours of the business. Mails about bookings go to `email`, if there is one."""

    description: str = ""
    email: str = ""
    phone: str = ""
    picture: Medium | None = None
    hours: Week | None = None


class Policy(msgspec.Struct, frozen=True, omit_defaults=True):
    """When a service may be booked, cancelled and moved. Minutes before the start; None: no such limit.

    `earliest`: not yet, more than so many minutes before. `latest`: not any more, fewer than so many before.
    `waiting_list` is how many may wait for a full session; 0: nobody. `most_participants` is per booking.
    """

    earliest: int | None = None
    latest: int | None = None
    may_cancel: bool = True
    cancel_until: int | None = None
    may_reschedule: bool = True
    reschedule_until: int | None = None
    most_participants: int = 1
    waiting_list: int = 0
    text: str = ""
    is_default: bool = False

    def bounds(self, now: int) -> tuple[int, int]:
        """Booking has not begun for what starts after the first instant, and is over for what starts until the second."""
        return (END_OF_TIME if self.earliest is None else now + self.earliest * MINUTE), now + (self.latest or 0) * MINUTE

    def allows_cancelling(self, start: int, now: int) -> bool:
        """Whether a visitor may still cancel."""
        return self.may_cancel and now < start - (self.cancel_until or 0) * MINUTE

    def allows_rescheduling(self, start: int, now: int) -> bool:
        """Whether a visitor may still choose another time."""
        return self.may_reschedule and now < start - (self.reschedule_until or 0) * MINUTE


Content = Category | Location | StaffMember | Policy
C_co = TypeVar("C_co", bound=Content, covariant=True)
CONTENTS: Mapping[PartKind, type[Content]] = {
    PartKind.CATEGORY: Category,
    PartKind.LOCATION: Location,
    PartKind.STAFF: StaffMember,
    PartKind.POLICY: Policy,
}
NO_POLICY = Policy()
"""What holds for a service without one."""


@dataclass(frozen=True, slots=True)
class Part(Generic[C_co]):
    """One category, location, staff member or policy of a site. `position` is its place in the order that the owner chose."""

    site_id: str
    kind: PartKind
    id: str
    name: str
    position: int
    content: C_co
    revision: int
    created_at: int
    updated_at: int


EVENTS: Mapping[str, Mapping[str, str]] = {
    f"booking_{kind.value}": {
        "created": told(f"A {noun} was made. Carries its fields.", f"{kind.value}:map"),
        "updated": told(
            f"Fields of a {noun} were changed. Carries all fields and the names of those that changed.",
            f"{kind.value}:map changedFields:texts",
        ),
        "deleted": told(f"A {noun} was deleted.", f"{kind.value}:map"),
    }
    for kind, noun in {
        PartKind.CATEGORY: "category of services",
        PartKind.LOCATION: "location of services",
        PartKind.STAFF: "staff member",
        PartKind.POLICY: "booking policy",
    }.items()
}
"""What is told to the world about parts, by entity and slug."""
