"""What a tax rate is, and which one holds at a place. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from roundtrip.core.told import told
from roundtrip.ecom.address import Place
from roundtrip.ecom.pricing.model import Rate, Taxes

_OF_RATE = "id country subdivision taxGroup name percent coversShipping:yesno"
EVENTS: Mapping[str, Mapping[str, str]] = {
    "tax_rate": {
        "created": told("An owner made a tax rate.", _OF_RATE),
        "updated": told("An owner changed a tax rate.", _OF_RATE),
        "deleted": told("An owner deleted a tax rate.", _OF_RATE),
    }
}
"""What is told to the world about tax rates, by slug."""


@dataclass(frozen=True, slots=True)
class TaxRate:
    """One rate at one place for one kind of goods. An empty country is everywhere, an empty subdivision the whole country, an empty
    group the usual kind. `covers_delivery` says whether delivery is taxed with it too."""

    id: str
    site_id: str
    place: Place
    tax_group: str
    name: str
    percent: Decimal
    covers_delivery: bool
    revision: int
    created_at: int
    updated_at: int

    @property
    def rate(self) -> Rate:
        """What totals are made with."""
        return Rate(self.name, self.percent)

    @property
    def closeness(self) -> int:
        """The larger, the more closely it names the place."""
        return 2 if self.place.subdivision else 1 if self.place.country else 0


def taxes_at(rates: Sequence[TaxRate], groups: Iterable[str], *, included: bool) -> Taxes:
    """The rates that hold for these kinds of goods, out of all `rates` that apply at a place.

    For each kind the closest rate counts: one for the kind before the usual one, then the subdivision before the country before everywhere.
    Delivery is taxed with the usual rate there, if that covers delivery.
    """
    usual = _closest(rates, "")
    of_group = {group: _closest(rates, group) or usual for group in {*groups, ""}}
    return Taxes(
        included=included,
        of_group={group: found.rate for group, found in of_group.items() if found is not None},
        of_delivery=usual.rate if usual is not None and usual.covers_delivery else None,
    )


def _closest(rates: Sequence[TaxRate], group: str) -> TaxRate | None:
    return max((rate for rate in rates if rate.tax_group == group), key=lambda rate: rate.closeness, default=None)
