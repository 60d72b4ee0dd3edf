"""What tickets are sold for an event, at which price, and how many. Pure; `store.py` keeps them, `actions.py` changes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from roundtrip.core.money import Money
from roundtrip.core.told import told
from roundtrip.events.event.model import MOST_PER_ORDER, Event

ENTITY = "ticket_definition"
EVENTS: Mapping[str, Mapping[str, str]] = {
    ENTITY: {
        "created": told("An owner made a kind of ticket.", "ticketDefinition:map"),
        "updated": told(
            "An owner changed a kind of ticket. `changedFields` names what is different.", "ticketDefinition:map changedFields:texts"
        ),
        "deleted": told("An owner deleted a kind of ticket that nobody has.", "ticketDefinition:map"),
        "sold_out": told("The last ticket of a kind was sold or reserved.", "id"),
    }
}
"""What is told to the world about kinds of tickets, by slug."""


class Pricing(StrEnum):
    """One price, a price that the guest decides, or one of several."""

    FIXED = "FIXED"
    DONATION = "DONATION"
    OPTIONS = "OPTIONS"


class Fee(StrEnum):
    """Whether the service fee is in the price or comes on top."""

    INCLUDED = "FEE_INCLUDED"
    ADDED = "FEE_ADDED_AT_CHECKOUT"


class SaleStatus(StrEnum):
    """The names that clients of the wire know."""

    SCHEDULED = "SALE_SCHEDULED"
    STARTED = "SALE_STARTED"
    ENDED = "SALE_ENDED"


class PriceOption(msgspec.Struct, frozen=True):
    """One of several prices; an amount in the currency of the event, as text."""

    id: str
    name: str
    price: str


class Terms(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an owner says about a kind of ticket. Amounts are text in the currency of the event.

    `price` is the price, or the least that is given of one's own accord; with options it is empty. `sale_from` and `sale_until` are UTC
    milliseconds. `hides_off_sale`: not listed before and after that.
    """

    description: str = ""
    pricing: Pricing = Pricing.FIXED
    price: str = "0"
    options: tuple[PriceOption, ...] = ()
    policy: str = ""
    fee: Fee = Fee.INCLUDED
    per_order: int | None = None
    sale_from: int | None = None
    sale_until: int | None = None
    hides_off_sale: bool = False


@dataclass(frozen=True, slots=True)
class Definition:
    """A kind of ticket as it is kept. `taken` counts what is held or sold, of at most `stock` (None: as many as like)."""

    site_id: str
    id: str
    event_id: str
    name: str
    hidden: bool
    position: int
    stock: int | None
    taken: int
    sold: int
    terms: Terms
    revision: int
    created_at: int
    updated_at: int

    @property
    def left(self) -> int | None:
        """How many can still be had; None: as many as like."""
        return None if self.stock is None else max(0, self.stock - self.taken)

    def prices(self, currency: str) -> list[Money]:
        """What one can cost, the least first."""
        texts = [option.price for option in self.terms.options] if self.terms.pricing is Pricing.OPTIONS else [self.terms.price]
        return sorted((Money.parse(text, currency) for text in texts), key=lambda money: money.amount)

    def is_free(self, currency: str) -> bool:
        """Whether it costs nothing, whatever is chosen. What people give of their own accord is not free."""
        return self.terms.pricing is not Pricing.DONATION and not any(self.prices(currency))

    def sale_at(self, now: int) -> SaleStatus:
        """Whether it is sold now."""
        if self.terms.sale_from is not None and now < self.terms.sale_from:
            return SaleStatus.SCHEDULED
        if self.terms.sale_until is not None and now >= self.terms.sale_until:
            return SaleStatus.ENDED
        return SaleStatus.STARTED

    def is_listed(self, now: int) -> bool:
        """Whether visitors see it."""
        return not self.hidden and not (self.terms.hides_off_sale and self.sale_at(now) is not SaleStatus.STARTED)

    def per_order(self, event: Event, now: int) -> int:
        """How many of it one order can have now; 0: none."""
        if self.sale_at(now) is not SaleStatus.STARTED or not event.is_open(now):
            return 0
        limits = [event.terms.per_order, self.terms.per_order or MOST_PER_ORDER, MOST_PER_ORDER]
        return min(limits if self.left is None else [*limits, self.left])
