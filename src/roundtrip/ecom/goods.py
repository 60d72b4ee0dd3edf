"""What can be put into a cart, as carts and orders see it: whatever it is (a product's variant, a booking), whoever keeps it.

Whoever keeps goods gives a `Shelf`; which shelves there are is put together in `workflows/shop.py`, because goods of other rooms are sold
through the same cart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, Protocol

import msgspec

from roundtrip.core.money import Money
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx

_canonical = msgspec.json.Encoder(order="deterministic").encode


class Kind(StrEnum):
    """What sort of thing it is."""

    PHYSICAL = "PHYSICAL"
    DIGITAL = "DIGITAL"
    SERVICE = "SERVICE"


class Reference(msgspec.Struct, frozen=True, omit_defaults=True):
    """What somebody asked for: the app that sells it, its id there, and options in that app's own form, as sent."""

    app_id: str
    item_id: str
    options: Mapping[str, Any] = {}

    @property
    def options_text(self) -> str:
        """The options as JSON, the same for the same options."""
        return _canonical(self.options).decode()


class DescriptionLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that was chosen (`Size`: `S`). `colour` is its CSS colour, if it is one. `is_typed`: in the buyer's own words, which may
    be about a person; it goes when the buyer is erased."""

    name: str
    value: str
    colour: str = ""
    is_typed: bool = False


class Picture(msgspec.Struct, frozen=True, omit_defaults=True):
    """A picture with its size in pixels. `id` is empty for one that is kept elsewhere."""

    id: str
    url: str
    width: int
    height: int
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Good:
    """Something that is sold now. `key` names exactly this thing: two lines with the same key are one. `stock_key` names what is taken from
    the shelf for it, which differently inscribed things may share. Carts and orders go by both without asking for the app, so neither may
    be used by two shelves: make them from ids that nothing else has.

    `unit` is today's price of one, `full_unit` what it costs without the seller's own reduction. `available` None: nobody counts.
    `weight_grams` is that of one. `path` is the page on the site. `is_paid_first`: its seller does not wait for the money, even where the
    shop does for other things.
    """

    key: str
    stock_key: str
    name: str
    unit: Money
    full_unit: Money
    kind: Kind = Kind.PHYSICAL
    available: int | None = None
    item_id: str = ""
    collection_ids: tuple[str, ...] = ()
    description: tuple[DescriptionLine, ...] = ()
    picture: Picture | None = None
    sku: str = ""
    weight_grams: int | None = None
    tax_group: str = ""
    path: str = ""
    is_paid_first: bool = False

    @property
    def ships(self) -> bool:
        """True when it has to be sent somewhere."""
        return self.kind is Kind.PHYSICAL


class Taken(Enum):
    """What became of taking something from a shelf."""

    NOTHING = "nothing"
    """There are not so many."""
    UNCOUNTED = "uncounted"
    """It is there, and nobody counts how many."""
    COUNTED = "counted"
    """There are so many fewer now."""


class Shelf(Protocol):
    """Where goods of some apps are kept."""

    def find(self, tx: Tx, site_id: str, references: Sequence[Reference]) -> list[Good | None]:
        """What each reference means today, in order; None for what is not sold (any more). As many reads for a hundred as for one."""
        ...

    def take(self, tx: Tx, site_id: str, order_id: str, stock_key: str, quantity: int, now: int) -> Taken:
        """Take so many for an order, by one conditional update.

        What is taken stays taken until it is given back. The row of the order is written later in the same transaction.
        """
        ...

    def give_back(self, tx: Tx, site_id: str, order_id: str, stock_key: str, quantity: int) -> None:
        """Put back what was taken for an order and counted then. What is not sold any more is left alone."""
        ...

    def order_stands(self, tx: Tx, site_id: str, order_id: str, moment: Moment) -> None:
        """An order with goods of this shelf stands: bookings are sure now, tickets can be issued. Once per order, in the transaction that
        let it stand; raising undoes that."""
        ...

    def order_paid(self, tx: Tx, site_id: str, order_id: str, moment: Moment) -> None:
        """The money for an order with goods of this shelf is there: right after it stood, or any time later. Once per order, and never for
        one that cost nothing."""
        ...

    def ids_of(self, tx: Tx, site_id: str, order_id: str) -> Mapping[str, str]:
        """What a site is told about an order with goods of this shelf besides its id, when its buyer comes back from paying."""
        ...

    def order_fell(self, tx: Tx, site_id: str, order_id: str, moment: Moment) -> None:
        """An order with goods of this shelf was given up before it stood, or cancelled after. Its goods were put back before this, or stay
        taken when the owner wants it so. May be followed by `order_stands`, when late money finds everything still there."""
        ...
