"""What an order keeps of a purchase: the quote of the moment in which it was placed, in amounts that never change again. Pure."""

from __future__ import annotations

from decimal import Decimal

from roundtrip.ecom.address import Recipient
from roundtrip.ecom.checkout.model import Checkout
from roundtrip.ecom.goods import Good
from roundtrip.ecom.orders.model import Amounts, Content, OrderCoupon, OrderDelivery, OrderLine
from roundtrip.ecom.pricing.model import Charge
from roundtrip.ecom.quote import Quote, QuotedLine
from roundtrip.ecom.shop import Shop
from roundtrip.text.catalogue import spoken


def content_of(shop: Shop, checkout: Checkout, quote: Quote) -> Content:
    """Everything that was agreed on."""
    said, totals = checkout.details, quote.totals
    return Content(
        lines=tuple(_line(line, good, totals.lines[line.id]) for line, good in quote.sold),
        amounts=Amounts(
            subtotal=totals.subtotal.text,
            discount=totals.discount.text,
            delivery=totals.delivery.price.text,
            tax=totals.tax.text,
            taxable=totals.taxable.text,
            total=totals.total.text,
        ),
        email=said.email.strip(),
        delivery=_delivery(quote),
        coupon=_coupon(quote, checkout.customer or ""),
        shipping=said.shipping if quote.ships else None,
        billing=said.billing or said.shipping or Recipient(),
        buyer_note=said.buyer_note,
        gift_note=said.gift_note,
        answers=said.answers,
        tax_included=totals.tax_included,
        weight_unit=shop.terms.weight_unit,
        channel=said.channel,
        language=spoken(said.language, shop.language),
        site_language=shop.language,
    )


def _line(line: QuotedLine, good: Good, charge: Charge) -> OrderLine:
    return OrderLine(
        id=line.id,
        reference=line.reference,
        key=good.key,
        stock_key=good.stock_key,
        name=good.name,
        quantity=line.quantity,
        unit=good.unit.text,
        full_unit=good.full_unit.text,
        price=charge.price.text,
        discount=charge.discount.text,
        tax=charge.tax.text,
        before_tax=charge.before_tax.text,
        after_tax=charge.after_tax.text,
        kind=good.kind,
        tax_name=charge.rate.name if charge.rate else "",
        tax_percent=_percent(charge),
        description=good.description,
        picture=good.picture,
        sku=good.sku,
        weight_grams=good.weight_grams,
        path=good.path,
    )


def _delivery(quote: Quote) -> OrderDelivery | None:
    if quote.chosen is None:
        return None
    option, charge = quote.chosen.option, quote.totals.delivery
    return OrderDelivery(
        option_id=option.id,
        title=option.terms.title,
        price=charge.price.text,
        discount=charge.discount.text,
        tax=charge.tax.text,
        before_tax=charge.before_tax.text,
        after_tax=charge.after_tax.text,
        delivery_time=option.terms.delivery_time,
        tax_percent=_percent(charge),
        pickup=option.terms.pickup,
    )


def _coupon(quote: Quote, customer: str) -> OrderCoupon | None:
    saving = quote.saving
    if saving is None:
        return None
    coupon = saving.coupon
    return OrderCoupon(coupon.id, coupon.code, coupon.terms.name, saving.amount.text, saving.takes_off_delivery, saving.line_ids, customer)


def _percent(charge: Charge) -> str:
    return f"{charge.rate.percent if charge.rate else Decimal(0):f}"
