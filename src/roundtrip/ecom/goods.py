"""What can be put into a cart, as carts and orders see it: whatever it is (a product's variant, a booking), whoever keeps it.

Whoever keeps goods gives a `Shelf`; which shelves there are is put together in `workflows/shop.py`, because goods of other rooms are sold
through the same cart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import msgspec

from roundtrip.core.money import Money
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
    """One thing that was chosen (`Size`: `S`). `colour` is its CSS colour, if it is one."""

    name: str
    value: str
    colour: str = ""


class Picture(msgspec.Struct, frozen=True, omit_defaults=True):
    """A picture with its size in pixels. `id` is empty for one that is kept elsewhere."""

    id: str
    url: str
    width: int
    height: int
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Good:
    """Something that is sold now. `key` names exactly this thing within its app: two lines with the same key are one. `stock_key` names
    what is taken from the shelf for it, which differently inscribed things may share.

    `unit` is today's price of one, `full_unit` what it costs without the seller's own reduction. `available` None: nobody counts.
    `weight_grams` is that of one. `path` is the page on the site.
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

    @property
    def ships(self) -> bool:
        """True when it has to be sent somewhere."""
        return self.kind is Kind.PHYSICAL


class Shelf(Protocol):
    """Where goods of some apps are kept."""

    def find(self, tx: Tx, site_id: str, references: Sequence[Reference]) -> list[Good | None]:
        """What each reference means today, in order; None for what is not sold (any more). As many reads for a hundred as for one."""
        ...

    def take(self, tx: Tx, site_id: str, stock_key: str, quantity: int) -> bool:
        """Take so many, by one conditional update; False when there are not so many, and nothing was taken then."""
        ...

    def give_back(self, tx: Tx, site_id: str, stock_key: str, quantity: int) -> None:
        """Put back what was taken. What is not sold any more is left alone."""
        ...
