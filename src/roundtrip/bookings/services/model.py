"""What a service is. Pure values; `store.py` keeps them, `actions.py` changes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from roundtrip.bookings.parts.model import NO_POLICY, Category, Location, Part, PartKind, Policy, StaffMember
from roundtrip.bookings.slots import Pattern
from roundtrip.core.clock import MINUTE
from roundtrip.core.money import Money
from roundtrip.core.told import told
from roundtrip.media.medium import Medium

LONGEST_MINUTES = 24 * 60


class ServiceKind(StrEnum):
    """An appointment is made with a staff member at a free time; a class has sessions; a course is all of its sessions together."""

    APPOINTMENT = "APPOINTMENT"
    CLASS = "CLASS"
    COURSE = "COURSE"


class RateKind(StrEnum):
    """How the price is said: one price, a range, in words, or nothing to pay."""

    FIXED = "FIXED"
    VARIED = "VARIED"
    CUSTOM = "CUSTOM"
    NO_FEE = "NO_FEE"


class Rate(msgspec.Struct, frozen=True, omit_defaults=True):
    """What it costs, amounts as text in `currency`. `price` is that of FIXED and the usual one of VARIED; `words` are those of CUSTOM.

    `deposit` is what is paid at once of it; empty: all.
    """

    kind: RateKind = RateKind.NO_FEE
    currency: str = "USD"
    price: str = ""
    least: str = ""
    most: str = ""
    deposit: str = ""
    words: str = ""

    @property
    def due(self) -> Money | None:
        """What one participant pays in all; None when only the owner knows."""
        if self.kind is RateKind.NO_FEE:
            return Money.zero(self.currency)
        return Money.parse(self.price, self.currency) if self.price else None

    @property
    def due_now(self) -> Money | None:
        """What one participant pays when booking online."""
        return Money.parse(self.deposit, self.currency) if self.deposit else self.due


class Question(msgspec.Struct, frozen=True, omit_defaults=True):
    """One more thing that whoever books is asked."""

    title: str
    is_required: bool = False


class ServiceTerms(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an owner says about a service besides its name, slug and parts. Minutes; `gap` is what stays free after each appointment."""

    tag_line: str = ""
    description: str = ""
    minutes: int = 60
    gap: int = 0
    capacity: int = 1
    rate: Rate = Rate()
    pays_online: bool = False
    pays_in_person: bool = True
    plan_ids: tuple[str, ...] = ()
    pays_by_plan: bool = False
    is_online: bool = True
    needs_approval: bool = False
    takes_many_requests: bool = False
    media: tuple[Medium, ...] = ()
    form_id: str = ""
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """Something to book. `position` is its place in the owner's order; `schedule_id` names all of its times together."""

    site_id: str
    id: str
    kind: ServiceKind
    slug: str
    name: str
    hidden: bool
    position: int
    schedule_id: str
    terms: ServiceTerms
    parts: tuple[Part[Any], ...]
    revision: int
    created_at: int
    updated_at: int

    @property
    def category(self) -> Part[Category] | None:
        """The group that it is listed in."""
        return next((one for one in self.parts if one.kind is PartKind.CATEGORY), None)

    @property
    def locations(self) -> list[Part[Location]]:
        """Where it takes place."""
        return [one for one in self.parts if one.kind is PartKind.LOCATION]

    @property
    def staff(self) -> list[Part[StaffMember]]:
        """Who does it."""
        return [one for one in self.parts if one.kind is PartKind.STAFF]

    @property
    def policy(self) -> Policy:
        """When it may be booked, cancelled and moved."""
        found = self.policy_part
        return found.content if found is not None else NO_POLICY

    @property
    def policy_part(self) -> Part[Policy] | None:
        """The policy with its id and name."""
        return next((one for one in self.parts if one.kind is PartKind.POLICY), None)

    @property
    def pattern(self) -> Pattern:
        """How long an appointment takes, in milliseconds."""
        return Pattern(self.terms.minutes * MINUTE, self.terms.gap * MINUTE)


ENTITY = "service"
EVENTS: Mapping[str, Mapping[str, str]] = {
    "service": {
        "created": told("A service was made. Carries its fields.", "service:map"),
        "updated": told(
            "Fields of a service were changed. Carries all fields and the names of those that changed.", "service:map changedFields:texts"
        ),
        "deleted": told("A service was deleted, with its sessions.", "service:map"),
    }
}
"""What is told to the world about a service, by slug."""
