"""What a way of delivery is, where it is offered and what it costs. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import msgspec

from roundtrip.core.money import Money, rounded
from roundtrip.core.told import told
from roundtrip.ecom.address import Address, Place
from roundtrip.ecom.goods import Good

MOST = 100
"""How many ways of delivery a site can have: all are read for every checkout."""
EVENTS: Mapping[str, Mapping[str, str]] = {
    "shipping_option": {
        "created": told("An owner made a way of delivery.", "id title"),
        "updated": told("An owner changed a way of delivery.", "id title"),
        "deleted": told("An owner deleted a way of delivery.", "id title"),
    }
}
"""What is told to the world about ways of delivery, by slug."""

Measure = Literal["BY_TOTAL_WEIGHT", "BY_TOTAL_PRICE", "BY_TOTAL_QUANTITY"]
Operator = Literal["EQ", "GT", "GTE", "LT", "LTE"]


class Condition(msgspec.Struct, frozen=True, omit_defaults=True):
    """When a price holds: a measure of everything that has to be sent, compared with `value` (kilograms, an amount, pieces)."""

    type: Measure
    operator: Operator
    value: str

    def holds(self, measures: Mapping[str, Decimal]) -> bool:
        """True when it is met."""
        seen, wanted = measures[self.type], Decimal(self.value)
        return {
            "EQ": seen == wanted,
            "GT": seen > wanted,
            "GTE": seen >= wanted,
            "LT": seen < wanted,
            "LTE": seen <= wanted,
        }[self.operator]


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One price and all conditions that it needs. `amount` is in the shop's currency."""

    amount: str
    conditions: tuple[Condition, ...] = ()


class Region(msgspec.Struct, frozen=True, omit_defaults=True):
    """A country, or some parts of one (ISO 3166-2)."""

    country: str
    subdivisions: tuple[str, ...] = ()

    def has(self, place: Place) -> bool:
        """True for places in it."""
        return self.country == place.country and (not self.subdivisions or place.subdivision in self.subdivisions)


class Terms(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an owner says about it. Without regions it is offered everywhere. With `pickup` buyers fetch their goods there.

    Of `rates` the first one counts whose conditions are met; when there is none, the way is not offered.
    """

    title: str
    rates: tuple[Step, ...]
    delivery_time: str = ""
    regions: tuple[Region, ...] = ()
    pickup: Address | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class DeliveryOption:
    """A way of delivery as it is kept."""

    id: str
    site_id: str
    terms: Terms
    revision: int
    created_at: int
    updated_at: int

    def serves(self, place: Place) -> bool:
        """True when it is offered there. Who fetches goods need not say where they live."""
        if not self.terms.is_active:
            return False
        return self.terms.pickup is not None or not self.terms.regions or any(region.has(place) for region in self.terms.regions)

    def price(self, parcel: Sequence[tuple[Good, int]], currency: str) -> Money | None:
        """What it costs for these goods and quantities; None when it is not offered for them."""
        measures = {
            "BY_TOTAL_WEIGHT": Decimal(sum((good.weight_grams or 0) * quantity for good, quantity in parcel)) / 1000,
            "BY_TOTAL_PRICE": sum((good.unit.amount * quantity for good, quantity in parcel), Decimal(0)),
            "BY_TOTAL_QUANTITY": Decimal(sum(quantity for _, quantity in parcel)),
        }
        for step in self.terms.rates:
            if all(condition.holds(measures) for condition in step.conditions):
                return Money(rounded(Decimal(step.amount), currency), currency)
        return None


@dataclass(frozen=True, slots=True)
class Offer:
    """A way of delivery with its price for one parcel."""

    option: DeliveryOption
    price: Money


def offers(options: Sequence[DeliveryOption], parcel: Sequence[tuple[Good, int]], place: Place, currency: str) -> tuple[Offer, ...]:
    """The ways that are offered for these goods at this place, in the owner's order; none for goods that need not be sent."""
    shipped = [(good, quantity) for good, quantity in parcel if good.ships]
    if not shipped:
        return ()
    served = [(option, option.price(shipped, currency)) for option in options if option.serves(place)]
    return tuple(Offer(option, price) for option, price in served if price is not None)
