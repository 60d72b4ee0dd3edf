"""What totals are made of, and what they are. Pure values; the arithmetic is in `totals.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from roundtrip.core.money import Money


@dataclass(frozen=True, slots=True)
class Line:
    """So many of one thing at one price. `tax_group` names what kind of goods it is for the tax office; `""` is the usual kind."""

    id: str
    unit: Money
    quantity: int
    tax_group: str = ""

    @property
    def subtotal(self) -> Money:
        """Price times quantity: exact, nothing to round."""
        return self.unit * self.quantity


@dataclass(frozen=True, slots=True)
class Percent:
    """So many percent off, more than 0 and at most 100."""

    share: Decimal


@dataclass(frozen=True, slots=True)
class Fixed:
    """An amount off, or everything where there is less."""

    amount: Money


@dataclass(frozen=True, slots=True)
class FreeShipping:
    """Delivery costs nothing; the goods cost what they cost."""


Reduction = Percent | Fixed | FreeShipping


@dataclass(frozen=True, slots=True)
class Discount:
    """A reduction of all lines, or of those that `line_ids` names. Free shipping ignores the lines."""

    reduction: Reduction
    line_ids: frozenset[str] | None = None

    def covers(self, line: Line) -> bool:
        """True when this line takes part."""
        return self.line_ids is None or line.id in self.line_ids


@dataclass(frozen=True, slots=True)
class Rate:
    """A tax in percent, with the name that buyers read (`VAT 19 %`)."""

    name: str
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Taxes:
    """Which rates hold where the goods go. `included` says that prices, delivery's too, have the tax in them already.

    A tax group without a rate is not taxed.
    """

    included: bool = False
    of_group: Mapping[str, Rate] = field(default_factory=dict)
    of_delivery: Rate | None = None


UNTAXED = Taxes()


@dataclass(frozen=True, slots=True)
class Basket:
    """Everything that totals depend on. `delivery` is None while nothing is chosen, or when nothing has to be sent."""

    currency: str
    lines: tuple[Line, ...]
    discount: Discount | None = None
    delivery: Money | None = None
    taxes: Taxes = UNTAXED


@dataclass(frozen=True, slots=True)
class Charge:
    """What one line, or delivery, comes to. `price` is after its share of the discount; the tax is inside it or comes on top."""

    full: Money
    discount: Money
    price: Money
    tax: Money
    rate: Rate | None
    tax_included: bool

    @property
    def before_tax(self) -> Money:
        """The price without its tax: what the tax is a percentage of."""
        return self.price - self.tax if self.tax_included else self.price

    @property
    def after_tax(self) -> Money:
        """What the buyer pays for it."""
        return self.price if self.tax_included else self.price + self.tax


@dataclass(frozen=True, slots=True)
class Totals:
    """What the buyer pays, and of what it is the sum. `lines` holds the charge of each line by its id."""

    currency: str
    lines: Mapping[str, Charge]
    delivery: Charge
    subtotal: Money
    discount: Money
    tax: Money
    total: Money
    tax_included: bool

    @property
    def taxable(self) -> Money:
        """What tax was paid on, without it."""
        zero = Money.zero(self.currency)
        return sum((one.before_tax for one in (*self.lines.values(), self.delivery) if one.rate is not None), zero)
