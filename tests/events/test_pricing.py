"""What tickets come to, to the smallest unit, whatever is bought, taken off and taxed."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from roundtrip.core.money import Money
from roundtrip.events.event.model import Tax, TaxKind
from roundtrip.events.pricing import FEE, discountable, invoice
from roundtrip.events.reservations.model import Line

CURRENCIES = st.sampled_from(["USD", "JPY", "KWD"])
RATES = st.decimals(min_value="0.1", max_value="30", places=3).map(str)
TAXES = st.none() | st.builds(Tax, st.sampled_from(TaxKind), st.just("VAT"), RATES, st.booleans())


@st.composite
def baskets(draw: st.DrawFn) -> tuple[list[Line], str, Money]:
    """Some lines in one currency, and what a coupon would take off."""
    currency = draw(CURRENCIES)
    prices = st.integers(0, 5_000_000).map(lambda units: Money.from_units(units, currency).text)
    lines = draw(st.lists(st.builds(Line, st.just("l"), st.just("d"), st.just("T"), st.integers(1, 20), prices, st.just(""), st.just(""),
                                    st.booleans(), st.booleans()), min_size=1, max_size=6))  # fmt: skip
    return lines, currency, Money.from_units(draw(st.integers(0, 20_000_000)), currency)


@settings(max_examples=150, deadline=None)
@given(baskets(), TAXES)
def test_the_parts_of_an_invoice_add_up_exactly(basket: tuple[list[Line], str, Money], tax: Tax | None) -> None:
    lines, currency, off = basket
    found = invoice(lines, currency, tax, off)
    zero = Money.zero(currency)
    assert found.total == found.subtotal - found.discount + found.fees + (found.tax if found.adds_tax else zero)
    assert zero <= found.discount <= discountable(lines, currency)
    assert zero <= found.total
    assert zero <= found.taxable <= found.subtotal - found.discount
    assert found.fees <= (found.subtotal - found.discount).share(FEE) + Money.from_units(len(lines), currency)
    if tax is not None and not found.adds_tax:
        assert found.tax <= found.taxable, "it is in there already"


def test_the_worked_example_of_the_wire() -> None:
    line = Line("l", "d", "General", 1, "25.00")
    found = invoice([line], "USD", Tax(TaxKind.ADDED, "Sales tax", "8.875"))
    assert (found.tax.text, found.total.text) == ("2.22", "27.22")
    included = invoice([line], "USD", Tax(TaxKind.INCLUDED, "VAT", "19"), Money(Decimal("5.00"), "USD"))
    assert (included.tax.text, included.total.text) == ("3.19", "20.00")
