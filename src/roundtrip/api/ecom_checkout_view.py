"""A checkout on the wire."""

from __future__ import annotations

from roundtrip.api.ecom_parts import Counter, Json, buyer_out, recipient_out
from roundtrip.api.ecom_quote_view import (
    checkout_line_out,
    delivery_out,
    discounts_out,
    errors_out,
    nothing_out,
    summary_out,
    tax_summary_out,
)
from roundtrip.core.clock import rfc3339
from roundtrip.ecom.checkout.model import Checkout
from roundtrip.ecom.checkout.readiness import lacks
from roundtrip.ecom.quote import Quote


def checkout_out(checkout: Checkout, quote: Quote, at: Counter) -> Json:
    """A checkout as it is at this moment. What keeps it from being placed is among its `calculationErrors`."""
    said, summary = checkout.details, summary_out(quote, at)
    owner = checkout.owner
    buyer = ("member", said.member_id) if said.member_id else (owner.kind, owner.id)
    errors = errors_out(quote, said.coupon_code)
    missing = [{"code": lack.code, "description": lack.text, "data": {"field": lack.field}} for lack in lacks(at.shop, checkout, quote)]
    if missing:
        errors["orderValidationErrors"] = missing
    shipping = delivery_out(quote, at)
    if said.shipping is not None:
        shipping["shippingDestination"] = recipient_out(said.shipping)
    found: Json = {
        "id": checkout.id,
        "lineItems": [checkout_line_out(line, quote, at) for line in quote.lines],
        "shippingInfo": shipping,
        "buyerInfo": buyer_out(buyer[0], buyer[1], said.email),
        "priceSummary": summary,
        "appliedDiscounts": discounts_out(quote, at),
        "calculationErrors": errors,
        "taxSummary": tax_summary_out(quote, at),
        "createdBy": buyer_out(owner.kind, owner.id),
        "payNow": summary,
        "payLater": nothing_out(at),
        "membershipOptions": {"eligibleMemberships": [], "selectedMemberships": {"memberships": []}},
        "additionalFees": [],
        "violations": [],
        **_plain(checkout, at),
    }
    return {name: value for name, value in found.items() if value is not None}


def _plain(checkout: Checkout, at: Counter) -> Json:
    """What was said, and what is known without a quote."""
    said = checkout.details
    return {
        "billingInfo": recipient_out(said.billing) if said.billing else None,
        "buyerNote": said.buyer_note or None,
        "giftNote": said.gift_note or None,
        "customFields": [{"title": one.title, "value": one.value, "translatedTitle": one.title} for one in said.answers],
        "weightUnit": at.shop.terms.weight_unit,
        "currency": at.shop.currency,
        "conversionCurrency": at.shop.currency,
        "channelType": said.channel,
        "siteLanguage": at.shown.language,
        "buyerLanguage": said.language or at.shown.language,
        "completed": checkout.is_completed,
        "taxIncludedInPrice": at.shop.terms.tax_included,
        "createdDate": rfc3339(checkout.created_at),
        "updatedDate": rfc3339(checkout.updated_at),
        "cartId": checkout.cart_id,
        "orderId": checkout.order_id if checkout.is_completed else None,
        "purchaseFlowId": checkout.cart_id or checkout.id,
    }
