"""The arithmetic of a purchase. Where it rounds is written down here and explained in `docs/explanation/totals.md`.

1. A line is price times quantity. Both are exact.
2. A discount in percent is taken of the sum of its lines and rounded once. A fixed one takes at most that sum. Either is then divided over
   its lines in proportion to them (`Money.split`), so that the parts add up exactly and no line goes below zero.
3. Tax is computed once for each rate, on the sum of all that has this rate, and rounded once: what a tax office gets by doing the sum
   again. It is divided over the lines in the same way.
4. Everything else is adding and subtracting.
"""

from __future__ import annotations

from decimal import Decimal

from roundtrip.core.money import Money
from roundtrip.ecom.pricing.model import Basket, Charge, Discount, Fixed, FreeShipping, Line, Percent, Rate, Totals

_DELIVERY = object()


def total_up(basket: Basket) -> Totals:
    """What the basket costs. Line ids must differ; prices must not be negative and must have the basket's currency."""
    zero = Money.zero(basket.currency)
    reductions = _reductions(basket.lines, basket.discount, zero)
    prices: dict[object, Money] = {line.id: line.subtotal - reductions[line.id] for line in basket.lines}
    rates: dict[object, Rate | None] = {line.id: basket.taxes.of_group.get(line.tax_group) for line in basket.lines}
    delivery = basket.delivery or zero
    is_free = basket.discount is not None and isinstance(basket.discount.reduction, FreeShipping)
    prices[_DELIVERY] = zero if is_free else delivery
    rates[_DELIVERY] = basket.taxes.of_delivery
    taxes = _taxes(prices, rates, zero, included=basket.taxes.included)

    def charge(key: object, full: Money) -> Charge:
        return Charge(full, full - prices[key], prices[key], taxes[key], rates[key], basket.taxes.included)

    subtotal = sum((line.subtotal for line in basket.lines), zero)
    discount = sum(reductions.values(), zero)
    tax = sum(taxes.values(), zero)
    total = subtotal - discount + prices[_DELIVERY]
    return Totals(
        currency=basket.currency,
        lines={line.id: charge(line.id, line.subtotal) for line in basket.lines},
        delivery=charge(_DELIVERY, delivery),
        subtotal=subtotal,
        discount=discount,
        tax=tax,
        total=total if basket.taxes.included else total + tax,
        tax_included=basket.taxes.included,
    )


def _reductions(lines: tuple[Line, ...], discount: Discount | None, zero: Money) -> dict[str, Money]:
    """What each line is reduced by; never more than the line."""
    none = {line.id: zero for line in lines}
    if discount is None:
        return none
    covered = [line for line in lines if discount.covers(line)]
    whole = sum((line.subtotal for line in covered), zero)
    match discount.reduction:
        case Percent(share):
            amount = whole.share(min(share, Decimal(100)))
        case Fixed(fixed):
            amount = min(fixed, whole, key=lambda money: money.amount)
        case FreeShipping():
            return none
    parts = amount.split([line.subtotal.amount for line in covered])
    return {**none, **{line.id: part for line, part in zip(covered, parts, strict=True)}}


def _taxes(prices: dict[object, Money], rates: dict[object, Rate | None], zero: Money, *, included: bool) -> dict[object, Money]:
    taxes = dict.fromkeys(prices, zero)
    for rate in dict.fromkeys(rate for rate in rates.values() if rate is not None):
        keys = [key for key in prices if rates[key] == rate]
        whole = sum((prices[key] for key in keys), zero)
        parts = _tax_of(whole, rate, included=included).split([prices[key].amount for key in keys])
        taxes.update(zip(keys, parts, strict=True))
    return taxes


def _tax_of(price: Money, rate: Rate, *, included: bool) -> Money:
    base = 100 + rate.percent if included else Decimal(100)
    return Money.of(price.amount * rate.percent / base, price.currency)
