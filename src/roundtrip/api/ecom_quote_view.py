"""A quote on the wire: lines, totals, discounts and what is wrong, for carts and checkouts alike."""

from __future__ import annotations

from roundtrip.api.ecom_parts import (
    CARRIER,
    Counter,
    Json,
    address_out,
    description_out,
    page_out,
    picture_out,
    prices,
    properties_out,
    reference_out,
    text,
)
from roundtrip.core.money import Money
from roundtrip.ecom.coupons import actions as coupons
from roundtrip.ecom.delivery.model import Offer
from roundtrip.ecom.goods import Good
from roundtrip.ecom.pricing.model import Charge
from roundtrip.ecom.quote import Availability, DeliveryProblem, Quote, QuotedLine


def line_out(line: QuotedLine, at: Counter) -> Json:
    """A line of a cart. One that is not sold any more has the price 0 and says so."""
    if line.good is None:
        return _gone(line, at)
    good, language = line.good, at.shown.language
    unit = prices(good.unit, language)
    return {
        "id": line.id,
        "quantity": line.quantity,
        "catalogReference": reference_out(line.reference),
        "productName": text(good.name),
        "url": page_out(good.path, at.shown),
        "price": unit,
        "fullPrice": prices(good.full_unit, language),
        "priceBeforeDiscounts": unit,
        "lineItemPrice": prices(good.unit * line.quantity, language),
        "descriptionLines": description_out(good.description),
        "image": picture_out(good.picture, at.shown),
        "availability": _availability(line, good),
        "physicalProperties": properties_out(good),
        "itemType": {"preset": good.kind.value},
        "paymentOption": "FULL_PAYMENT_ONLINE",
        "rootCatalogItemId": good.item_id,
    }


def checkout_line_out(line: QuotedLine, quote: Quote, at: Counter) -> Json:
    """A line of a checkout: the same with its tax and discount, and the picture under another name."""
    found = line_out(line, at)
    found["media"] = found.pop("image")
    charge = quote.totals.lines.get(line.id)
    return found | charge_out(charge, at) if charge is not None else found


def calculated_line_out(line: QuotedLine, quote: Quote, at: Counter) -> Json:
    """What the estimate says about a line."""
    charge = quote.totals.lines.get(line.id)
    found: Json = {"lineItemId": line.id}
    return found | {"pricesBreakdown": charge_out(charge, at)} if charge is not None else found


def charge_out(charge: Charge, at: Counter) -> Json:
    """What one line, or delivery, comes to."""
    language = at.shown.language
    rate = charge.rate.percent if charge.rate else 0
    return {
        "totalPriceBeforeTax": prices(charge.before_tax, language),
        "totalPriceAfterTax": prices(charge.after_tax, language),
        "discount": prices(charge.discount, language),
        "taxDetails": {
            "taxRate": f"{rate / 100:f}",
            "totalTax": prices(charge.tax, language),
            "taxableAmount": prices(charge.before_tax, language),
            "rateBreakdown": [{"name": charge.rate.name, "rate": f"{rate / 100:f}"}] if charge.rate else [],
        },
    }


def summary_out(quote: Quote, at: Counter) -> Json:
    """The totals."""
    totals, language = quote.totals, at.shown.language
    return {
        "subtotal": prices(totals.subtotal, language),
        "shipping": prices(totals.delivery.price, language),
        "tax": prices(totals.tax, language),
        "discount": prices(totals.discount, language),
        "total": prices(totals.total, language),
        "additionalFees": prices(Money.zero(totals.currency), language),
    }


def nothing_out(at: Counter) -> Json:
    """Totals of what is paid some other time: nothing is."""
    nothing = prices(Money.zero(at.shop.currency), at.shown.language)
    return dict.fromkeys(("subtotal", "shipping", "tax", "discount", "total", "additionalFees"), nothing)


def tax_summary_out(quote: Quote, at: Counter) -> Json:
    """All taxes together."""
    language = at.shown.language
    return {"taxableAmount": prices(quote.totals.taxable, language), "totalTax": prices(quote.totals.tax, language)}


def discounts_out(quote: Quote, at: Counter) -> list[Json]:
    """The coupon that takes something off; none when it does not."""
    saving = quote.saving
    if saving is None:
        return []
    coupon = {
        "id": saving.coupon.id,
        "code": saving.coupon.code,
        "name": saving.coupon.terms.name,
        "amount": prices(saving.amount, at.shown.language),
        "couponType": {"percent": "PercentOff", "fixed": "MoneyOff", "free_shipping": "FreeShipping"}[saving.coupon.terms.kind.value],
    }
    reaches_all = len(saving.line_ids) == len(quote.sold)
    kind = "SHIPPING" if saving.takes_off_delivery else "GLOBAL" if reaches_all else "SPECIFIC_ITEMS"
    return [{"discountType": kind, "lineItemIds": list(saving.line_ids), "coupon": coupon}]


def offer_out(offer: Offer, at: Counter) -> Json:
    """A way of delivery to choose."""
    return {
        "code": offer.option.id,
        "title": offer.option.terms.title,
        "logistics": logistics_out(offer),
        "cost": {"price": prices(offer.price, at.shown.language)},
    }


def logistics_out(offer: Offer) -> Json:
    """When, or where to fetch it."""
    pickup = offer.option.terms.pickup
    found: Json = {"deliveryTime": offer.option.terms.delivery_time}
    if pickup is not None:
        found["pickupDetails"] = {"address": address_out(pickup), "pickupMethod": "STORE_PICKUP"}
    return found


def delivery_out(quote: Quote, at: Counter) -> Json:
    """The ways of delivery, and the one that counts."""
    found: Json = {}
    if quote.offers:
        found["carrierServiceOptions"] = [{"carrierId": CARRIER, "shippingOptions": [offer_out(one, at) for one in quote.offers]}]
    if quote.chosen is not None:
        cost = charge_out(quote.totals.delivery, at) | {"price": prices(quote.chosen.price, at.shown.language)}
        found["selectedCarrierServiceOption"] = offer_out(quote.chosen, at) | {"carrierId": CARRIER, "cost": cost}
    return found


def errors_out(quote: Quote, code: str) -> Json:
    """What could not be worked out; empty when everything could."""
    found: Json = {}
    if quote.coupon_problem is not None:
        error = coupons.refusal(quote.coupon_problem, code)
        found["couponCalculationError"] = {"applicationError": {"code": error.code, "description": error.description, "data": {}}}
    if quote.delivery_problem is DeliveryProblem.NOT_OFFERED:
        description = "The chosen way of delivery is not offered for this purchase at this address."
        found["selectedShippingOptionError"] = {
            "applicationError": {"code": quote.delivery_problem.value, "description": description, "data": {}}
        }
    elif quote.delivery_problem is DeliveryProblem.NONE_HERE:
        description = "Nothing is delivered to this address."
        error_out = {"applicationError": {"code": quote.delivery_problem.value, "description": description, "data": {}}}
        found["generalShippingCalculationError"] = error_out
    return found


def _availability(line: QuotedLine, good: Good) -> Json:
    counted = {} if good.available is None else {"quantityAvailable": good.available}
    return {"status": line.availability.value, **counted}


def _gone(line: QuotedLine, at: Counter) -> Json:
    nothing = prices(Money.zero(at.shop.currency), at.shown.language)
    return {
        "id": line.id,
        "quantity": line.quantity,
        "catalogReference": reference_out(line.reference),
        "productName": text(""),
        "url": page_out("/", at.shown),
        "price": nothing,
        "fullPrice": nothing,
        "priceBeforeDiscounts": nothing,
        "lineItemPrice": nothing,
        "descriptionLines": [],
        "image": picture_out(None, at.shown),
        "availability": {"status": Availability.NOT_FOUND.value, "quantityAvailable": 0},
        "physicalProperties": {"sku": "", "shippable": False},
        "itemType": {"preset": "UNRECOGNISED"},
        "paymentOption": "FULL_PAYMENT_ONLINE",
    }
