"""Amounts of money: exact, in one currency, rounded where a currency ends and nowhere else.

An amount is a `Decimal` in the currency's own unit (dollars, not cents). It is stored and sent as text (`"19.90"`) or as a whole number of
the currency's smallest unit (`1990`), never as a binary fraction. How many decimals a currency has (0, 2 or 3) comes from ISO 4217 by way
of Babel's bundled data.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from babel.core import get_global
from babel.numbers import format_currency, get_currency_precision

# Above this an amount is a slip of the keyboard, and SQLite's 64-bit integers still hold it in smallest units of three decimals.
HIGHEST = Decimal(10) ** 12


class NotAnAmount(ValueError):
    """A text that is no amount of this currency; its words say what was received and what was expected."""


class OtherCurrency(ValueError):
    """Two amounts of different currencies were added or compared: a mistake in the program, never something a visitor typed."""


@lru_cache(maxsize=1)
def known_currencies() -> frozenset[str]:
    """The three-letter codes (ISO 4217) that Babel's data knows."""
    return frozenset(get_global("all_currencies"))


@lru_cache(maxsize=256)
def decimals(currency: str) -> int:
    """How many digits follow the point in this currency: 0 for `JPY`, 2 for `EUR`, 3 for `KWD`."""
    return int(get_currency_precision(currency))


def rounded(amount: Decimal, currency: str) -> Decimal:
    """The amount as it can be paid in this currency; a half goes away from zero, as tax offices and shops round."""
    return amount.quantize(Decimal(1).scaleb(-decimals(currency)), rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount that can be paid. `Money.of` rounds; the constructor takes an amount that already has the currency's decimals."""

    amount: Decimal
    currency: str

    @classmethod
    def of(cls, amount: Decimal | int, currency: str) -> Money:
        """This amount, rounded to what the currency can pay."""
        return cls(rounded(Decimal(amount), currency), currency)

    @classmethod
    def from_units(cls, units: int, currency: str) -> Money:
        """From a whole number of the smallest unit, as it is stored and as payment providers count: `1990` is 19.90 EUR and 1990 JPY."""
        return cls(Decimal(units).scaleb(-decimals(currency)), currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """From text such as `"19.9"`. Raises `NotAnAmount` for anything that is no plain decimal number or has too many decimals."""
        return cls(parse_amount(text, currency), currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Nothing, in this currency."""
        return cls.of(0, currency)

    @property
    def units(self) -> int:
        """The amount as a whole number of the smallest unit."""
        return int(self.amount.scaleb(decimals(self.currency)))

    @property
    def text(self) -> str:
        """The amount as the wire and the database write it: `"19.90"`, `"1990"` for a currency without decimals."""
        return f"{self.amount:f}"

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other).amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other).amount, self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.amount * times, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other).amount

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other).amount

    def __bool__(self) -> bool:
        return bool(self.amount)

    def share(self, percent: Decimal) -> Money:
        """So many percent of it, rounded."""
        return Money.of(self.amount * percent / 100, self.currency)

    def split(self, weights: list[Decimal]) -> list[Money]:
        """Divided in proportion to the weights, so that the parts add up to the whole exactly.

        The smallest units that rounding leaves over go to the largest remainders (Hamilton's method), the earlier part first. Weights that
        are all zero divide nothing but zero; otherwise raises `ValueError`.
        """
        total = sum(weights, Decimal(0))
        if not total:
            if self.amount:
                raise ValueError("an amount cannot be split over weights that are all zero")
            return [self for _ in weights]
        sign = -1 if self.units < 0 else 1
        exact = [abs(self.units) * weight / total for weight in weights]
        floors = [int(part) for part in exact]
        left = abs(self.units) - sum(floors)
        for index in sorted(range(len(weights)), key=lambda i: (floors[i] - exact[i], i))[:left]:
            floors[index] += 1
        return [Money.from_units(sign * part, self.currency) for part in floors]

    def words(self, language: str) -> str:
        """The amount as people of this language write it: `$19.90`, `19,90 €`, `￥1,990`."""
        return _words(self.amount, self.currency, language)

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise OtherCurrency(f"{self.currency} and {other.currency}")
        return other


@lru_cache(maxsize=4096)
def _words(amount: Decimal, currency: str, language: str) -> str:
    # The same few amounts stand on every page of a purchase, several times each.
    return format_currency(amount, currency, locale=language)


def parse_amount(text: str, currency: str) -> Decimal:
    """The number in a text, with the currency's decimals. Raises `NotAnAmount`."""
    try:
        amount = Decimal(text) if text.isascii() and not text.strip("0123456789.-") else Decimal("NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    if amount.is_nan():
        raise NotAnAmount(f'"{text[:40]}" is not an amount; expected digits with a point, such as {rounded(Decimal("19.9"), currency)}')
    if abs(amount) > HIGHEST:
        raise NotAnAmount(f'"{text[:40]}" is more than {HIGHEST:f}')
    result = rounded(amount, currency)
    if result != amount:
        raise NotAnAmount(f'"{text[:40]}" has more decimals than {currency} can pay ({decimals(currency)})')
    return result + 0 if result else abs(result)
