"""Who said that they come. Pure; `store.py` keeps answers, `actions.py` moves them.

    YES <──there is room── (answered) ──it is full──> WAITLIST ──a place is free──> OFFERED ──says yes──> YES
     └──does not come──> NO <──time over, or no──────────┴────────────────────────────┘

Places of the event are taken while an answer is YES or OFFERED, and never otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from roundtrip.core.clock import DAY
from roundtrip.core.told import told
from roundtrip.events.orders.model import Guest

ENTITY = "rsvp"
OFFER_FOR = DAY
"""How long a place that became free is kept for who waits; not longer than until the event begins."""
MOST_WAITING_LOOKED_AT = 20
_OF_ANSWER = "id eventId status totalGuests:number revision memberId?"
EVENTS: Mapping[str, Mapping[str, str]] = {
    ENTITY: {
        "created": told("Somebody answered an invitation, or joined the waiting list.", _OF_ANSWER),
        "updated": told("An answer changed.", _OF_ANSWER),
        "offered": told("A place became free and is kept for somebody who waits.", _OF_ANSWER),
        "deleted": told("An owner deleted an answer.", _OF_ANSWER),
        "checked_in": told("Somebody who answered has come.", _OF_ANSWER),
        "check_in_undone": told("A check-in was taken back.", _OF_ANSWER),
    }
}
"""What is told to the world about answers, by slug."""


class Status(StrEnum):
    """The first three are known to clients of the wire; who is offered a place still waits there."""

    YES = "YES"
    NO = "NO"
    WAITLIST = "WAITLIST"
    OFFERED = "OFFERED"


TAKES_PLACES = frozenset({Status.YES, Status.OFFERED})


class Content(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who answered, and in which language they read."""

    guest: Guest
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Rsvp:
    """An answer as it is kept; `guests` counts everybody who comes, whoever answered included."""

    site_id: str
    id: str
    event_id: str
    status: Status
    guests: int
    visitor_id: str | None
    member_id: str | None
    offer_ends_at: int | None
    checked_in: int
    content: Content
    revision: int
    created_at: int
    updated_at: int

    @property
    def takes_places(self) -> bool:
        """True while places of the event are taken for it."""
        return self.status in TAKES_PLACES
