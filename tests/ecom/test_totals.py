"""What a purchase comes to is exact in every currency (PAY-10): parts add up, nothing is below zero, coupons take no more than there is."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roundtrip.core.money import Money
from roundtrip.ecom.pricing.model import Basket, Charge, Discount, Fixed, FreeShipping, Line, Percent, Rate, Taxes, Totals
from roundtrip.ecom.pricing.totals import total_up

CURRENCIES = st.sampled_from(["JPY", "EUR", "KWD"])
PERCENTS = st.decimals(min_value=0, max_value=100, places=3)
RATES = st.builds(Rate, st.sampled_from(["VAT", "City tax"]), PERCENTS)
UNITS = st.integers(0, 10**7)


@st.composite
def baskets(draw: st.DrawFn) -> Basket:
    currency = draw(CURRENCIES)
    money = st.builds(lambda units: Money.from_units(units, currency), UNITS)
    count = draw(st.integers(0, 6))
    groups = st.sampled_from(["", "books", "untaxed"])
    lines = tuple(Line(f"line {n}", draw(money), draw(st.integers(1, 1000)), draw(groups)) for n in range(count))
    reductions = st.one_of(st.builds(Percent, PERCENTS), st.builds(Fixed, money), st.just(FreeShipping()))
    names = st.frozensets(st.sampled_from([f"line {n}" for n in range(6)]))
    discount = draw(st.none() | st.builds(Discount, reductions, st.none() | names))
    taxes = Taxes(draw(st.booleans()), {"": draw(RATES), "books": draw(RATES)}, draw(st.none() | RATES))
    return Basket(currency, lines, discount, draw(st.none() | money), taxes)


def parts(totals: Totals) -> list[Charge]:
    return [*totals.lines.values(), totals.delivery]


def summed(amounts: list[Money], currency: str) -> Money:
    return sum(amounts, Money.zero(currency))


@given(baskets())
def test_all_parts_add_up_to_the_total_exactly(basket: Basket) -> None:
    totals = total_up(basket)
    zero = Money.zero(basket.currency)
    lines = list(totals.lines.values())
    assert totals.subtotal == summed([line.full for line in lines], basket.currency)
    assert totals.discount == summed([line.discount for line in lines], basket.currency)
    assert totals.tax == summed([part.tax for part in parts(totals)], basket.currency)
    assert totals.total == summed([part.after_tax for part in parts(totals)], basket.currency)
    on_top = zero if totals.tax_included else totals.tax
    assert totals.total == totals.subtotal - totals.discount + totals.delivery.price + on_top
    assert all(part.before_tax + part.tax == part.after_tax for part in parts(totals))


@given(baskets())
def test_nothing_is_ever_below_zero_and_a_coupon_takes_no_more_than_there_is(basket: Basket) -> None:
    totals = total_up(basket)
    zero = Money.zero(basket.currency)
    for part in parts(totals):
        assert zero <= part.discount <= part.full
        assert zero <= part.price
        assert zero <= part.tax
        assert zero <= part.before_tax
    assert zero <= totals.discount <= totals.subtotal
    assert zero <= totals.total


@given(baskets())
def test_every_amount_can_be_paid_in_its_currency(basket: Basket) -> None:
    totals = total_up(basket)
    for amount in (totals.total, totals.tax, totals.discount, *(part.after_tax for part in parts(totals))):
        assert Money.parse(amount.text, basket.currency) == amount


@given(baskets())
def test_tax_of_a_rate_is_rounded_once_as_the_tax_office_does(basket: Basket) -> None:
    totals = total_up(basket)
    for rate in {part.rate for part in parts(totals) if part.rate is not None}:
        those = [part for part in parts(totals) if part.rate == rate]
        price = summed([part.price for part in those], basket.currency)
        exact = price.amount * rate.percent / ((100 + rate.percent) if totals.tax_included else 100)
        assert summed([part.tax for part in those], basket.currency) == Money.of(exact, basket.currency)


@given(baskets())
def test_tax_in_the_price_changes_nothing_of_what_is_paid(basket: Basket) -> None:
    untaxed = Basket(basket.currency, basket.lines, basket.discount, basket.delivery)
    included = Basket(basket.currency, basket.lines, basket.discount, basket.delivery, Taxes(True, basket.taxes.of_group))
    assert total_up(included).total == total_up(untaxed).total


@given(baskets())
def test_lines_that_a_coupon_does_not_name_cost_what_they_cost(basket: Basket) -> None:
    totals = total_up(basket)
    for line in basket.lines:
        if basket.discount is None or not basket.discount.covers(line):
            assert not totals.lines[line.id].discount


def usd(text: str) -> Money:
    return Money.parse(text, "USD")


def test_a_receipt_as_a_shop_in_new_york_prints_it() -> None:
    lines = (Line("shirt", usd("25.00"), 2), Line("mug", usd("12.50"), 1))
    taxes = Taxes(False, {"": Rate("Sales tax", Decimal("8.875"))}, Rate("Sales tax", Decimal("8.875")))
    totals = total_up(Basket("USD", lines, Discount(Percent(Decimal(10))), usd("5.00"), taxes))
    assert (totals.subtotal, totals.discount, totals.delivery.price) == (usd("62.50"), usd("6.25"), usd("5.00"))
    assert totals.tax == usd("5.44")  # 8.875 % of 61.25 is 5.4359...
    assert totals.total == usd("66.69")
    assert totals.taxable == usd("61.25")


@pytest.mark.parametrize(
    ("currency", "price", "percent", "tax"),
    [("JPY", "1000", "10", "91"), ("EUR", "19.99", "19", "3.19"), ("KWD", "1.005", "5", "0.048")],
)
def test_tax_inside_a_price(currency: str, price: str, percent: str, tax: str) -> None:
    taxes = Taxes(True, {"": Rate("VAT", Decimal(percent))})
    totals = total_up(Basket(currency, (Line("one", Money.parse(price, currency), 1),), taxes=taxes))
    assert (totals.tax.text, totals.total.text) == (tax, price)


def test_a_fixed_coupon_never_pays_the_buyer() -> None:
    lines = (Line("pin", usd("6.00"), 1),)
    assert total_up(Basket("USD", lines, Discount(Fixed(usd("10.00"))), usd("5.00"))).total == usd("5.00")


def test_free_shipping_leaves_the_goods_alone() -> None:
    totals = total_up(Basket("USD", (Line("pin", usd("6.00"), 1),), Discount(FreeShipping()), usd("5.00")))
    assert (totals.delivery.full, totals.delivery.discount, totals.delivery.price) == (usd("5.00"), usd("5.00"), usd("0.00"))
    assert (totals.discount, totals.total) == (usd("0.00"), usd("6.00"))


def test_a_third_of_the_reduction_each_loses_no_cent() -> None:
    lines = tuple(Line(f"line {n}", usd("10.00"), 1) for n in range(3))
    totals = total_up(Basket("USD", lines, Discount(Fixed(usd("10.00")))))
    assert [totals.lines[line.id].discount.text for line in lines] == ["3.34", "3.33", "3.33"]
