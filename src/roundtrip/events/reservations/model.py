"""Tickets that are kept for somebody until a certain time. Pure.

    PENDING ──ordered, and paid if it costs something──> CONFIRMED
       ├──time over──> EXPIRED ──late money, and everything is still there──> CONFIRMED
       └──given up──> CANCELED

What is kept is counted in `ticket_definition.taken` while it is PENDING or CONFIRMED, and never otherwise: each move is one conditional
update, in one transaction with the counting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from roundtrip.core.clock import DAY, HOUR, MINUTE
from roundtrip.core.money import Money
from roundtrip.core.told import told

ENTITY = "ticket_reservation"
PAY_FOR = 20 * MINUTE
"""At least so much time is left to who goes to pay."""
LONGEST = 2 * HOUR
"""No tickets are kept for longer than this by going to pay again and again."""
AT_ONCE = 3
"""How many reservations of one event somebody may have who has not bought yet. A further one ends the oldest."""
KEPT_FOR = 30 * DAY
"""How long one is remembered that nobody bought."""
MOST_LINES = 50
_OF_RESERVATION = "id eventId status expirationDate tickets:list"
EVENTS: Mapping[str, Mapping[str, str]] = {
    ENTITY: {
        "created": told("Tickets are kept for somebody until `expirationDate`.", _OF_RESERVATION),
        "expired": told("Nobody bought them in time, and they are free again.", _OF_RESERVATION),
        "canceled": told("They were given up, and are free again.", _OF_RESERVATION),
        "confirmed": told("They were bought.", _OF_RESERVATION),
    }
}
"""What is told to the world about reservations, by slug."""


class Status(StrEnum):
    """The names that clients of the wire know."""

    PENDING = "PENDING"
    CONFIRMED = "CONFIRMED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """So many tickets of one kind at one price; `unit` is the price of one, as text. `adds_fee`: a service fee comes on top."""

    id: str
    definition_id: str
    name: str
    quantity: int
    unit: str
    option_id: str = ""
    option_name: str = ""
    adds_fee: bool = False
    is_donation: bool = False


class Content(msgspec.Struct, frozen=True):
    """What is kept. Prices are those that were shown when it was reserved: they do not change while somebody fills in a form."""

    currency: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Reservation:
    """A reservation as it is kept; times are UTC milliseconds. `order_id` is the order that is or was to buy it."""

    site_id: str
    id: str
    event_id: str
    status: Status
    expires_at: int
    visitor_id: str | None
    member_id: str | None
    order_id: str | None
    content: Content
    revision: int
    created_at: int
    updated_at: int

    def is_kept(self, now: int) -> bool:
        """True while somebody may buy it."""
        return self.status is Status.PENDING and now < self.expires_at

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is kept."""
        return self.content.lines

    @property
    def quantity(self) -> int:
        """How many tickets."""
        return sum(line.quantity for line in self.lines)

    def by_definition(self) -> list[tuple[str, int]]:
        """How many of each kind, in the order in which everybody takes them."""
        found: dict[str, int] = {}
        for line in self.lines:
            found[line.definition_id] = found.get(line.definition_id, 0) + line.quantity
        return sorted(found.items())

    def price_of(self, line: Line) -> Money:
        """What one ticket of a line costs."""
        return Money.parse(line.unit, self.content.currency)
