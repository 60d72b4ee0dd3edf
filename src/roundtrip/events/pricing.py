"""What tickets come to: discount, tax and fees, exact to the smallest unit. Pure.

    total = subtotal - discount + tax (if it is added) + fees

A discount is spread over what it takes something off; tax is reckoned once, on the whole of what is taxed, as an invoice shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from roundtrip.core.money import Money
from roundtrip.events.event.model import Tax, TaxKind
from roundtrip.events.reservations.model import Line

FEE = Decimal("2.5")
"""The service fee in percent, where a ticket adds one: what clients of the wire reckon with."""


@dataclass(frozen=True, slots=True)
class Invoice:
    """What somebody has to pay. `taxable` is what the tax is on; `tax` is in the total already unless it `adds_tax`."""

    subtotal: Money
    discount: Money
    taxable: Money
    tax: Money
    fees: Money
    total: Money
    adds_tax: bool
    rate: Tax | None


def discountable(lines: Sequence[Line], currency: str) -> Money:
    """What a coupon takes something off: everything but what is given of one's own accord."""
    return _sum([_full(line, currency) for line in lines if not line.is_donation], currency)


def invoice(lines: Sequence[Line], currency: str, tax: Tax | None, off: Money | None = None) -> Invoice:
    """What these lines come to. `off` is taken off, at most what there is to take it off from."""
    zero = Money.zero(currency)
    full = [_full(line, currency) for line in lines]
    most = discountable(lines, currency)
    discount = min(off or zero, most, key=lambda money: money.amount)
    weights = [Decimal(0) if line.is_donation else amount.amount for line, amount in zip(lines, full, strict=True)]
    shares = discount.split(weights) if discount else [zero for _ in lines]
    left = [amount - share for amount, share in zip(full, shares, strict=True)]
    taxed = [amount for line, amount in zip(lines, left, strict=True) if tax and (tax.on_donations or not line.is_donation)]
    taxable = _sum(taxed, currency)
    adds_tax = tax is not None and tax.kind is TaxKind.ADDED
    due = _tax(taxable, tax)
    fees = _sum([amount.share(FEE) for line, amount in zip(lines, left, strict=True) if line.adds_fee], currency)
    subtotal = _sum(full, currency)
    total = subtotal - discount + fees + (due if adds_tax else zero)
    return Invoice(subtotal, discount, taxable, due, fees, total, adds_tax, tax)


def _tax(taxable: Money, tax: Tax | None) -> Money:
    if tax is None:
        return Money.zero(taxable.currency)
    rate = Decimal(tax.rate)
    if tax.kind is TaxKind.ADDED:
        return taxable.share(rate)
    return Money.of(taxable.amount * rate / (100 + rate), taxable.currency)


def _full(line: Line, currency: str) -> Money:
    return Money.parse(line.unit, currency) * line.quantity


def _sum(amounts: Sequence[Money], currency: str) -> Money:
    return sum(amounts, Money.zero(currency))
