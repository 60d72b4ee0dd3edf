"""An order on the wire, in both shapes that clients read. Amounts are those that were agreed on, never worked out again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from roundtrip.api.ecom_parts import (
    CARRIER,
    Json,
    address_out,
    buyer_out,
    description_out,
    picture_out,
    recipient_out,
    reference_out,
    text,
)
from roundtrip.api.stores_views import Front, plain_amount, words
from roundtrip.core.clock import rfc3339
from roundtrip.core.money import Money
from roundtrip.ecom.orders.model import Activity, Order, OrderDelivery, OrderLine, Payment, Status


def order_out(order: Order, activities: Sequence[Activity], shown: Front) -> Json:
    """An order. `priceSummary` is always there, because clients read it without looking."""
    content = order.content
    owner = ("member", order.member_id) if order.member_id else ("visitor", order.visitor_id or "")
    found: Json = {
        "id": order.id,
        "number": str(order.number),
        "createdDate": rfc3339(order.created_at),
        "updatedDate": rfc3339(order.updated_at),
        "purchasedDate": rfc3339(order.approved_at) if order.approved_at is not None else None,
        "lineItems": [_line(line, order, shown) for line in content.lines],
        "buyerInfo": buyer_out(owner[0], owner[1], content.email),
        "paymentStatus": order.payment.value,
        "fulfillmentStatus": order.fulfilment.value,
        "status": order.status.value,
        "currency": order.currency,
        "weightUnit": content.weight_unit,
        "buyerLanguage": content.language,
        "siteLanguage": content.site_language,
        "taxIncludedInPrices": content.tax_included,
        "priceSummary": _summary(order, shown),
        "billingInfo": recipient_out(content.billing) if content.billing else None,
        "recipientInfo": recipient_out(content.shipping) if content.shipping else None,
        "shippingInfo": _shipping(content.delivery, order, shown) if content.delivery else None,
        "buyerNote": content.buyer_note or None,
        "giftNote": content.gift_note or None,
        "appliedDiscounts": _discounts(order, shown),
        "activities": [_activity(one) for one in activities],
        "channelInfo": {"type": content.channel},
        "checkoutId": order.checkout_id,
        "customFields": [{"title": one.title, "value": one.value, "translatedTitle": one.title} for one in content.answers],
        "balanceSummary": _balance(order, shown),
        **_taxes(order, shown),
        "additionalFees": [],
        "archived": order.is_archived,
        "seenByAHuman": False,
        "createdBy": buyer_out(owner[0], owner[1]),
        "revision": str(order.revision),
    }
    return {name: value for name, value in found.items() if value is not None}


def _taxes(order: Order, shown: Front) -> Json:
    amount, known = _amounts(order, shown), order.content.amounts
    return {
        "taxSummary": {"totalTax": amount(known.tax), "taxableAmount": amount(known.taxable)},
        "taxInfo": {"totalTax": amount(known.tax), "taxBreakdown": []},
    }


def _activity(one: Activity) -> Json:
    return {"id": one.id, "type": one.type, "createdDate": rfc3339(one.created_at), **({"note": one.note} if one.note else {})}


def old_order_out(order: Order, shown: Front) -> Json:
    """An order as the stores API of old shows it: numbers are numbers, amounts plain texts."""
    content = order.content
    return {
        "id": order.id,
        "number": order.number,
        "dateCreated": rfc3339(order.created_at),
        "lastUpdated": rfc3339(order.updated_at),
        "currency": order.currency,
        "fulfillmentStatus": "CANCELED" if order.status is Status.CANCELED else order.fulfilment.value,
        "paymentStatus": order.payment.value,
        "lineItems": [_old_line(place, line, order, shown) for place, line in enumerate(content.lines, 1)],
        "totals": {
            "subtotal": content.amounts.subtotal,
            "shipping": content.amounts.delivery,
            "tax": content.amounts.tax,
            "discount": content.amounts.discount,
            "total": content.amounts.total,
            "refund": order.refunded.text,
            "quantity": sum(line.quantity for line in content.lines),
            "weight": f"{sum(Decimal(line.weight_grams or 0) * line.quantity for line in content.lines) / 1000:f}",
        },
        "buyerInfo": {
            "id": order.member_id or order.visitor_id or "",
            "type": "MEMBER" if order.member_id else "VISITOR",
            "email": content.email,
            "firstName": content.billing.contact.first_name if content.billing else "",
            "lastName": content.billing.contact.last_name if content.billing else "",
        },
        "billingInfo": recipient_out(content.billing) if content.billing else {},
        "shippingInfo": {
            "deliveryOption": content.delivery.title if content.delivery else "",
            "shipmentDetails": recipient_out(content.shipping) if content.shipping else {},
        },
    }


def _amounts(order: Order, shown: Front) -> Callable[[str], Json]:
    def amount(kept: str) -> Json:
        return plain_amount(Money.parse(kept, order.currency), shown.language)

    return amount


def _summary(order: Order, shown: Front) -> Json:
    amount, amounts = _amounts(order, shown), order.content.amounts
    return {
        "subtotal": amount(amounts.subtotal),
        "shipping": amount(amounts.delivery),
        "tax": amount(amounts.tax),
        "discount": amount(amounts.discount),
        "total": amount(amounts.total),
        "totalPrice": amount(amounts.total),
        "totalAdditionalFees": amount("0"),
    }


def _balance(order: Order, shown: Front) -> Json:
    zero = Money.zero(order.currency)
    paid = order.total if order.is_paid else zero
    is_owed = order.status is Status.APPROVED and not order.is_paid
    owed = plain_amount(order.total if is_owed else zero, shown.language)
    pending = order.total if order.payment is Payment.PENDING else zero
    return {
        "balance": owed,
        "paid": plain_amount(paid, shown.language),
        "refunded": plain_amount(order.refunded, shown.language),
        "pending": plain_amount(pending, shown.language),
        "authorized": plain_amount(zero, shown.language),
    }


def _line(line: OrderLine, order: Order, shown: Front) -> Json:
    amount = _amounts(order, shown)
    weight = {} if line.weight_grams is None else {"weight": line.weight_grams / 1000}
    return {
        "id": line.id,
        "productName": text(line.name),
        "catalogReference": reference_out(line.reference),
        "quantity": line.quantity,
        "image": picture_out(line.picture, shown),
        "descriptionLines": description_out(line.description),
        "itemType": {"preset": line.kind.value},
        "physicalProperties": {"sku": line.sku, "shippable": line.ships, **weight},
        "price": amount(line.unit),
        "priceBeforeDiscounts": amount(line.full_unit),
        "lineItemPrice": plain_amount(Money.parse(line.unit, order.currency) * line.quantity, shown.language),
        "totalDiscount": amount(line.discount),
        "totalPriceBeforeTax": amount(line.before_tax),
        "totalPriceAfterTax": amount(line.after_tax),
        "taxDetails": _tax(line.tax_percent, line.before_tax, line.tax, order, shown),
        "paymentOption": "FULL_PAYMENT_OFFLINE" if order.pays_later else "FULL_PAYMENT_ONLINE",
        "refundQuantity": 0,
    }


def _tax(percent: str, before: str, tax: str, order: Order, shown: Front) -> Json:
    amount = _amounts(order, shown)
    return {"taxRate": f"{Decimal(percent) / 100:f}", "taxableAmount": amount(before), "totalTax": amount(tax)}


def _shipping(delivery: OrderDelivery, order: Order, shown: Front) -> Json:
    amount = _amounts(order, shown)
    logistics: Json = {"deliveryTime": delivery.delivery_time}
    if delivery.pickup is not None:
        logistics["pickupDetails"] = {"address": address_out(delivery.pickup), "pickupMethod": "STORE_PICKUP"}
    elif order.content.shipping is not None:
        logistics["shippingDestination"] = recipient_out(order.content.shipping)
    return {
        "carrierId": CARRIER,
        "code": delivery.option_id,
        "title": delivery.title,
        "logistics": logistics,
        "cost": {
            "price": amount(delivery.price),
            "discount": amount(delivery.discount),
            "totalPriceBeforeTax": amount(delivery.before_tax),
            "totalPriceAfterTax": amount(delivery.after_tax),
            "taxDetails": _tax(delivery.tax_percent, delivery.before_tax, delivery.tax, order, shown),
        },
    }


def _discounts(order: Order, shown: Front) -> list[Json]:
    coupon = order.content.coupon
    if coupon is None:
        return []
    said = {"id": coupon.id, "code": coupon.code, "name": coupon.name, "amount": _amounts(order, shown)(coupon.amount)}
    kind = "SHIPPING" if coupon.takes_off_delivery else "GLOBAL" if len(coupon.line_ids) == len(order.content.lines) else "SPECIFIC_ITEMS"
    return [{"discountType": kind, "lineItemIds": list(coupon.line_ids), "coupon": said}]


def _old_line(place: int, line: OrderLine, order: Order, shown: Front) -> Json:
    picture = picture_out(line.picture, shown)
    return {
        "id": line.id,
        "index": place,
        "name": line.name,
        "quantity": line.quantity,
        "price": line.unit,
        "totalPrice": (Money.parse(line.unit, order.currency) * line.quantity).text,
        "priceData": {
            "price": line.unit,
            "totalPrice": line.price,
            "formatted": words(Money.parse(line.unit, order.currency), shown.language),
        },
        "productId": line.reference.item_id,
        "sku": line.sku,
        "lineItemType": line.kind.value,
        "mediaItem": {
            "mediaType": "PICTURE",
            "url": picture["url"],
            "width": picture["width"],
            "height": picture["height"],
            "id": picture["id"],
        },
        "options": [{"option": one.name, "selection": one.value} for one in line.description],
    }
