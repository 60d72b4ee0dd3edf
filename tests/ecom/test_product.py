"""What a product knows about itself: its variants, its price, and what of it can be bought."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roundtrip.core.money import Money, decimals
from roundtrip.ecom.catalogue.model import NO_VARIANT, Discount, StockState
from tests.ecom.shelf import COLOR, SIZE, mug, shirt


def test_a_variant_is_chosen_by_description_or_by_colour_value() -> None:
    by_name = shirt().chosen({"Size": "S", "Color": "Black"})
    assert by_name is not None
    assert by_name.id == "va000001"
    assert shirt().chosen({"Color": "#000000", "Size": "S"}) == by_name


@pytest.mark.parametrize(
    "choices",
    [
        {},
        {"Size": "S"},
        {"Size": "S", "Color": "black"},
        {"Size": "XL", "Color": "Black"},
        {"Size": "M", "Color": "White"},
        {"Size": "S", "Color": "White"},
        {"Size": "S", "Color": "Black", "Fabric": "Wool"},
    ],
    ids=["nothing", "half", "other case", "unknown", "no such combination", "hidden variant", "unknown option"],
)
def test_what_is_not_offered_cannot_be_chosen(choices: dict[str, str]) -> None:
    assert shirt().chosen(choices) is None


def test_a_product_without_managed_variants_has_one_for_all_choices() -> None:
    plain = replace(mug(), options=(SIZE, COLOR))
    chosen = plain.chosen({"Size": "M", "Color": "White"})
    assert chosen is not None
    assert chosen.id == NO_VARIANT
    assert mug().chosen({}) == mug().variant(NO_VARIANT)
    assert plain.chosen({}) is None


def test_a_hidden_variant_cannot_be_bought_by_its_id_either() -> None:
    assert shirt().variant("va000003") is None
    assert shirt().variant(NO_VARIANT) is None


def test_a_shirt_of_which_one_size_is_sold_out_is_partly_there() -> None:
    product = shirt()
    assert product.stock_state is StockState.PARTIALLY_OUT_OF_STOCK
    assert product.is_offered(SIZE, SIZE.choices[0])
    assert not product.is_offered(SIZE, SIZE.choices[1])
    assert mug().stock_state is StockState.IN_STOCK
    assert mug(quantity=0).stock_state is StockState.OUT_OF_STOCK


def test_a_discount_counts_for_the_price_of_a_variant_too() -> None:
    product = replace(shirt(), discount=Discount("PERCENT", "10"))
    prices = [product.price_of(one).due.text for one in product.variants]
    assert prices == ["22.50", "27.00", "22.50"]
    assert product.price_rank == 225_000


@given(
    units=st.integers(0, 10**9),
    currency=st.sampled_from(["USD", "JPY", "KWD"]),
    kind=st.sampled_from(["NONE", "PERCENT", "AMOUNT"]),
    value=st.decimals(0, 100, places=3),
)
def test_a_discount_never_makes_a_price_higher_or_negative(units: int, currency: str, kind: str, value: Decimal) -> None:
    full = Money.from_units(units, currency)
    due = Discount(kind, str(value)).taken_off(full)  # type: ignore[arg-type]
    assert Money.zero(currency) <= due <= full
    assert due.amount == round(due.amount, decimals(currency))
