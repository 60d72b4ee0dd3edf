"""How one site sells: its currency, whether prices have the tax in them, what buyers are asked, and where its goods are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from roundtrip.ecom.goods import Good, Reference, Shelf
from roundtrip.storage.database import Tx

WeightUnit = Literal["KG", "LB"]


class Question(msgspec.Struct, frozen=True, omit_defaults=True):
    """One more thing that buyers are asked at checkout, such as a company's order number."""

    title: str
    is_required: bool = False


class ShopTerms(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an owner says about selling. `tax_included`: prices, delivery's too, have the tax in them already. `orders_email` gets a mail
    for each order; empty: every owner of this server does. `takes_back_in_stock`: visitors may ask to be told when something is back."""

    tax_included: bool = False
    weight_unit: WeightUnit = "KG"
    offers_gift_note: bool = True
    questions: tuple[Question, ...] = ()
    orders_email: str = ""
    takes_back_in_stock: bool = True


DEFAULT_TERMS = ShopTerms()


@dataclass(frozen=True, slots=True)
class Shop:
    """A site as a seller. `shelves` holds who keeps the goods of which app; goods of other apps are not sold here."""

    site_id: str
    currency: str
    language: str = "en"
    terms: ShopTerms = DEFAULT_TERMS
    revision: int = 0
    shelves: Mapping[str, Shelf] = field(default_factory=dict)

    def find(self, tx: Tx, references: Sequence[Reference]) -> list[Good | None]:
        """What the references mean today, in order. One look-up for each shelf."""
        found: list[Good | None] = [None] * len(references)
        by_shelf: dict[int, list[int]] = {}
        for place, reference in enumerate(references):
            shelf = self.shelves.get(reference.app_id)
            if shelf is not None:
                by_shelf.setdefault(id(shelf), []).append(place)
        for places in by_shelf.values():
            shelf = self.shelves[references[places[0]].app_id]
            for place, good in zip(places, shelf.find(tx, self.site_id, [references[place] for place in places]), strict=True):
                # A price in another currency could not be added to the others.
                found[place] = good if good is not None and good.unit.currency == self.currency else None
        return found
