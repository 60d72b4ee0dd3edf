"""Amounts are exact whatever is done to them (PAY-10, TST-03)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roundtrip.core.money import HIGHEST, Money, NotAnAmount, OtherCurrency, known_currencies

CURRENCIES = st.sampled_from(["JPY", "USD", "EUR", "KWD", "ILS"])
UNITS = st.integers(min_value=-(10**12), max_value=10**12)


@given(units=UNITS, currency=CURRENCIES)
def test_an_amount_survives_being_stored_and_sent(units: int, currency: str) -> None:
    money = Money.from_units(units, currency)
    assert money.units == units
    assert Money.parse(money.text, currency) == money


@given(units=UNITS, currency=CURRENCIES, weights=st.lists(st.integers(0, 10**6), min_size=1, max_size=12))
def test_a_divided_amount_adds_up_to_the_whole_and_no_part_is_off_by_more_than_one_unit(
    units: int, currency: str, weights: list[int]
) -> None:
    whole = Money.from_units(units, currency)
    total = sum(weights)
    if not total:
        return
    parts = whole.split([Decimal(weight) for weight in weights])
    assert sum((part.units for part in parts), 0) == units
    assert all(abs(part.units - Decimal(units) * weight / total) < 1 for part, weight in zip(parts, weights, strict=True))
    assert all(part.units == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)


def test_what_is_divided_over_nothing_is_an_error_unless_it_is_nothing() -> None:
    assert Money.zero("EUR").split([Decimal(0), Decimal(0)]) == [Money.zero("EUR")] * 2
    with pytest.raises(ValueError, match="all zero"):
        Money.of(1, "EUR").split([Decimal(0)])


@pytest.mark.parametrize(
    ("text", "currency", "expected"),
    [
        ("19.9", "USD", "19.90"),
        ("19.900", "USD", "19.90"),
        ("1990", "JPY", "1990"),
        ("1.234", "KWD", "1.234"),
        ("-0", "USD", "0.00"),
        ("-3.5", "EUR", "-3.50"),
    ],
)
def test_amounts_are_read(text: str, currency: str, expected: str) -> None:
    assert Money.parse(text, currency).text == expected


@pytest.mark.parametrize(
    "text", ["", "abc", "1e3", "NaN", "Infinity", "1,50", " 1", "1.2.3", "--1", "0x10", "١٢", "1_000", "1.999", f"{HIGHEST + 1:f}"]
)
def test_what_is_no_amount_is_named(text: str) -> None:
    with pytest.raises(NotAnAmount) as error:
        Money.parse(text, "USD")
    assert f'"{text}"' in str(error.value)


def test_a_half_cent_goes_away_from_zero() -> None:
    assert Money.of(Decimal("0.125"), "USD").text == "0.13"
    assert Money.of(Decimal("-0.125"), "USD").text == "-0.13"
    assert Money.of(Decimal("49.5"), "JPY").text == "50"


def test_amounts_of_two_currencies_are_never_mixed() -> None:
    with pytest.raises(OtherCurrency):
        _ = Money.of(1, "USD") + Money.of(1, "EUR")
    with pytest.raises(OtherCurrency):
        _ = Money.of(1, "USD") < Money.of(1, "EUR")


def test_money_is_written_as_the_reader_writes_it() -> None:
    assert Money.of(Decimal("1234.5"), "USD").words("en") == "$1,234.50"
    assert Money.of(Decimal("1234.5"), "EUR").words("de") == "1.234,50\xa0€"
    assert "EUR" in known_currencies()
    assert "XQQ" not in known_currencies()
