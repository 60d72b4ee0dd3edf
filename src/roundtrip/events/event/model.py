"""What an event is, and where it is in its life. Pure; `store.py` keeps events, `actions.py` changes them.

    DRAFT ──publish──> UPCOMING ──begins──> STARTED ──ends──> ENDED
      └───────────────────┴────────────────────┴──cancel──> CANCELED

Beginning and ending are a matter of the clock: `status_at` tells them at once, the worker writes them down a little later, so that
lists can be asked for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from roundtrip.core.clock import MINUTE
from roundtrip.core.told import told
from roundtrip.media.medium import Medium

ENTITY = "event"
MOST_PER_ORDER = 20
"""No order has more tickets of one kind, whatever an owner says: clients offer no more either."""
RESERVED_FOR = 20
"""Minutes for which tickets are kept, where an owner says nothing else."""
NOT_SAID = 253_402_214_400_000
"""When an event begins and ends whose time is still to be decided: after everything else (9999-12-31)."""
EVENTS: Mapping[str, Mapping[str, str]] = {
    ENTITY: {
        "created": told("An owner made an event; one that is a draft is seen by nobody else.", "event:map"),
        "updated": told("An owner changed an event. `changedFields` names what is different.", "event:map changedFields:texts"),
        "published": told("An event can be seen, and people can register for it.", "event:map"),
        "started": told("An event has begun.", "id status"),
        "ended": told("An event is over.", "id status"),
        "canceled": told("An event does not take place. Orders stay until they are cancelled.", "event:map"),
        "deleted": told("An owner deleted an event.", "event:map"),
    }
}
"""What is told to the world about events, by slug."""


class Status(StrEnum):
    """The names that clients of the wire know."""

    DRAFT = "DRAFT"
    UPCOMING = "UPCOMING"
    STARTED = "STARTED"
    ENDED = "ENDED"
    CANCELED = "CANCELED"


class Registration(StrEnum):
    """How people register: with tickets, by saying that they come, somewhere else, or not at all."""

    TICKETING = "TICKETING"
    RSVP = "RSVP"
    EXTERNAL = "EXTERNAL"
    NONE = "NONE"


class TaxKind(StrEnum):
    """Whether prices have the tax in them."""

    INCLUDED = "INCLUDED_IN_PRICE"
    ADDED = "ADDED_AT_CHECKOUT"


class Address(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where it takes place. `formatted` is the whole on one line."""

    formatted: str = ""
    line: str = ""
    city: str = ""
    subdivision: str = ""
    country: str = ""
    postal_code: str = ""
    latitude: float | None = None
    longitude: float | None = None


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """`is_tbd`: it is still to be decided."""

    is_online: bool = False
    name: str = ""
    is_tbd: bool = False
    address: Address | None = None

    @property
    def words(self) -> str:
        """Name and address on one line; empty for one that is online or not decided."""
        return ", ".join(part for part in (self.name, self.address.formatted if self.address else "") if part)


class Tax(msgspec.Struct, frozen=True, omit_defaults=True):
    """`rate` is a percentage as a decimal number; `on_donations`: also on what people give of their own accord."""

    kind: TaxKind
    name: str
    rate: str
    on_donations: bool = False


class Question(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that everybody who registers is asked."""

    title: str
    is_required: bool = False


class Terms(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an owner says about an event besides its name and its time.

    `description` is a document of the wire, kept as it came. `separately`: each guest fills in a form of their own. `reserved_for` is in
    minutes. `opens_at` and `closes_at` (UTC milliseconds) bound an RSVP; `more_guests` is how many others one person may bring.
    """

    short_description: str = ""
    details: str = ""
    description: dict[str, Any] | None = None
    image: Medium | None = None
    place: Place = Place()
    hide_end: bool = False
    show_zone: bool = False
    currency: str = "USD"
    per_order: int = MOST_PER_ORDER
    separately: bool = False
    reserved_for: int = RESERVED_FOR
    tax: Tax | None = None
    says_no: bool = False
    waits: bool = False
    more_guests: int = 0
    opens_at: int | None = None
    closes_at: int | None = None
    external_url: str = ""
    members_only: bool = False
    paused: bool = False
    questions: tuple[Question, ...] = ()
    organizer_email: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """An event as it is kept; times are UTC milliseconds. `status` is how far the worker has written it down: ask `status_at`."""

    site_id: str
    id: str
    slug: str
    title: str
    status: Status
    registration: Registration
    starts_at: int
    ends_at: int
    zone: str
    recurrence_id: str
    guest_limit: int | None
    guests: int
    terms: Terms
    revision: int
    created_at: int
    updated_at: int

    @property
    def is_tbd(self) -> bool:
        """True while nobody knows when."""
        return self.starts_at == NOT_SAID

    def status_at(self, now: int) -> Status:
        """How far it is."""
        if self.status in (Status.DRAFT, Status.CANCELED):
            return self.status
        if now >= self.ends_at:
            return Status.ENDED
        return Status.STARTED if now >= self.starts_at else Status.UPCOMING

    def moves_at(self, now: int) -> int | None:
        """When its status changes next by the clock; None when it does not."""
        match self.status_at(now):
            case Status.UPCOMING if not self.is_tbd:
                return self.starts_at
            case Status.STARTED:
                return self.ends_at
            case _:
                return None

    def is_open(self, now: int) -> bool:
        """Whether people can register at all; whether there is room is another question."""
        return not self.terms.paused and self.status_at(now) in (Status.UPCOMING, Status.STARTED)

    def may_answer(self, now: int) -> bool:
        """Whether an RSVP can be given now."""
        opens, closes = self.terms.opens_at or 0, self.terms.closes_at
        return self.is_open(now) and now >= opens and (closes is None or now < closes)

    @property
    def places_left(self) -> int | None:
        """How many more can say yes; None: as many as like."""
        return None if self.guest_limit is None else max(0, self.guest_limit - self.guests)

    @property
    def hold(self) -> int:
        """Milliseconds for which tickets are kept."""
        return self.terms.reserved_for * MINUTE
