"""Amounts as Stripe counts them. For most currencies that is the smallest unit of ISO 4217, with exceptions that the two do not share.

Stripe's own list (its manual, "Supported currencies"): some currencies without decimals, five with three of which the last must be 0, and
two without decimals that are written with two for old times' sake. All others have two, whatever other tables say about coins in use.
"""

from __future__ import annotations

from decimal import Decimal

from roundtrip.core.money import Money

_WITHOUT_DECIMALS = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())
_THREE_DECIMALS = frozenset("BHD JOD KWD OMR TND".split())
_WHOLE_ONLY = frozenset({"ISK", "UGX"})
"""Written with two decimals that must be 0."""


class NotPayable(ValueError):
    """An amount that Stripe cannot charge exactly; the text says why."""


def to_stripe(money: Money) -> int:
    """The amount as an integer for Stripe. Raises `NotPayable` rather than charge another amount than the one that is owed."""
    scaled = money.amount.scaleb(_decimals(money.currency))
    step = 10 if money.currency in _THREE_DECIMALS else 100 if money.currency in _WHOLE_ONLY else 1
    if scaled != scaled.to_integral_value() or int(scaled) % step:
        raise NotPayable(f"Stripe can't charge {money.text} {money.currency} to the last digit.")
    return int(scaled)


def from_stripe(amount: int, currency: str) -> Money:
    """The amount that Stripe means. `currency` may be in small letters, as Stripe writes it. Raises `NotPayable`."""
    code = currency.upper()
    exact = Decimal(amount).scaleb(-_decimals(code))
    money = Money.of(exact, code)
    if money.amount != exact:
        raise NotPayable(f"{exact:f} {code} has more decimals than the currency.")
    return money


def _decimals(currency: str) -> int:
    if currency in _WITHOUT_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2
