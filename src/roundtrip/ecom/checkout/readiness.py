"""Why a checkout can't be placed yet. Pages show it as the next thing to do, the API refuses with it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.money import HIGHEST
from roundtrip.ecom.checkout.model import Checkout
from roundtrip.ecom.coupons import actions as coupons
from roundtrip.ecom.quote import Availability, DeliveryProblem, Quote
from roundtrip.ecom.shop import Shop


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that is missing or wrong. `code` is a name of the wire, `field` where it is said in the checkout."""

    code: str
    text: str
    field: str = ""


_DELIVERY = {
    DeliveryProblem.NOT_CHOSEN: "No way of delivery is chosen.",
    DeliveryProblem.NOT_OFFERED: "The chosen way of delivery is not offered for this purchase at this address (any more).",
    DeliveryProblem.NONE_HERE: "Nothing is delivered to this address.",
}


def lacks(shop: Shop, checkout: Checkout, quote: Quote) -> tuple[Lack, ...]:
    """All that keeps it from being placed, the most important first; empty when it can be."""
    return (
        *_goods(quote),
        *_amounts(quote),
        *_coupon(checkout, quote),
        *_people(checkout, quote),
        *_delivery(quote),
        *_questions(shop, checkout),
    )


def require_ready(shop: Shop, checkout: Checkout, quote: Quote) -> None:
    """Raises CONFLICT with the first thing that is missing, and all of them in its data."""
    found = lacks(shop, checkout, quote)
    if found:
        names = [{"code": lack.code, "description": lack.text, "field": lack.field} for lack in found]
        raise AppError(Kind.CONFLICT, found[0].code, found[0].text, data={"problems": names})


def _goods(quote: Quote) -> Iterator[Lack]:
    if not quote.lines:
        yield Lack("EMPTY_CHECKOUT", "There is nothing to buy.", "lineItems")
        return
    gone = [line for line in quote.lines if line.availability is not Availability.AVAILABLE]
    if gone:
        nothing_left = all(line.availability in (Availability.NOT_FOUND, Availability.NOT_AVAILABLE) for line in quote.lines)
        named = ", ".join(line.good.name if line.good else line.reference.item_id[:40] for line in gone)
        yield Lack("FULL_OUT_OF_STOCK" if nothing_left else "PARTIAL_OUT_OF_STOCK", f"Not available as wanted: {named}.", "lineItems")


def _amounts(quote: Quote) -> Iterator[Lack]:
    """No line is more than the sum of all, and nothing of an order more than these."""
    totals = quote.totals
    if any(amount.amount > HIGHEST for amount in (totals.subtotal, totals.delivery.full, totals.total)):
        text = f"It comes to more than {HIGHEST:f} {totals.currency}, which is the most that can be ordered at once. Order less."
        yield Lack("TOTAL_TOO_HIGH", text, "lineItems")


def _coupon(checkout: Checkout, quote: Quote) -> Iterator[Lack]:
    if quote.coupon_problem is not None:
        error = coupons.refusal(quote.coupon_problem, checkout.details.coupon_code)
        yield Lack(error.code, error.description, "couponCode")


def _people(checkout: Checkout, quote: Quote) -> Iterator[Lack]:
    said = checkout.details
    if "@" not in said.email:
        yield Lack("BUYER_EMAIL_MISSING", "The buyer's e-mail address is missing.", "buyerInfo.email")
    pickup = quote.chosen is not None and quote.chosen.option.terms.pickup is not None
    if quote.ships and not pickup and not (said.shipping and said.shipping.address.is_complete):
        text = "The address that the goods go to is missing or not complete (country, city and street)."
        yield Lack("SHIPPING_ADDRESS_MISSING", text, "shippingInfo.shippingDestination.address")
    payer = said.billing or said.shipping
    if quote.total and not pickup and not (payer and payer.address.country):
        yield Lack("BILLING_ADDRESS_MISSING", "The buyer's address is missing (at least the country).", "billingInfo.address")


def _delivery(quote: Quote) -> Iterator[Lack]:
    if quote.delivery_problem is not None:
        yield Lack(quote.delivery_problem.value, _DELIVERY[quote.delivery_problem], "shippingInfo.selectedCarrierServiceOption")


def _questions(shop: Shop, checkout: Checkout) -> Iterator[Lack]:
    answered = {answer.title for answer in checkout.details.answers if answer.value.strip()}
    for question in shop.terms.questions:
        if question.is_required and question.title not in answered:
            yield Lack("CUSTOM_FIELD_MISSING", f"{question.title!r} has to be answered.", "customFields")
