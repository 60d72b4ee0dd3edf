"""What the steps of buying share: the checkout of a visit with today's prices, and the summary beside every step.

Amounts go to the templates as `Money`; they are written in the language of the page there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from roundtrip.core.money import Money
from roundtrip.ecom.checkout import actions as checkouts
from roundtrip.ecom.checkout import store
from roundtrip.ecom.checkout.model import Checkout
from roundtrip.ecom.goods import DescriptionLine, Picture
from roundtrip.ecom.orders.model import Order
from roundtrip.ecom.quote import Availability, Quote
from roundtrip.ecom.shop import Shop
from roundtrip.flows.base import Context
from roundtrip.media import address
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows.shop import open_shop

PICTURE = 56
"""Pixels of a picture in the summary, on each side."""


@dataclass(frozen=True, slots=True)
class Buying:
    """One checkout as it is now, and what it comes to."""

    shop: Shop
    checkout: Checkout
    quote: Quote


def buying(tx: Tx, checkout_id: str, context: Context[Any]) -> Buying:
    """Read it as it is now. Raises NOT_FOUND `CHECKOUT_NOT_FOUND`."""
    shop = open_shop(tx, context.site)
    checkout = store.get(tx, context.site.id, checkout_id)
    if checkout is None:
        raise checkouts.no_checkout(checkout_id)
    return Buying(shop, checkout, checkouts.quoted(tx, shop, checkout, context.now))


def as_found(tx: Tx, checkout_id: str, context: Context[Any]) -> Buying:
    """The same as the flow's `refresh` read it in this transaction; only for who has changed nothing since."""
    return context.found if isinstance(context.found, Buying) else buying(tx, checkout_id, context)


def moment_of(context: Context[Any]) -> Moment:
    """This request, for whoever makes something in it."""
    return Moment(context.now, context.fresh.event_id)


def summary_of_quote(quote: Quote) -> Mapping[str, object]:
    """What the buyer is getting and what it costs now; a line that can't be had as wanted says so."""
    lines: list[dict[str, object]] = []
    for line in quote.lines:
        good = line.good
        charge = quote.totals.lines.get(line.id)
        is_short = line.availability is not Availability.AVAILABLE
        lines.append(
            {
                "name": good.name if good else "",
                "unit": good.unit if good else None,
                "full_unit": good.full_unit if good and good.full_unit != good.unit else None,
                "quantity": line.quantity,
                "amount": charge.full if charge else None,
                "details": _details(good.description) if good else [],
                "picture": picture(good.picture) if good else None,
                "left": (good.available or 0) if is_short and good else 0 if is_short else None,
            }
        )
    totals = quote.totals
    return _summary(
        lines,
        subtotal=totals.subtotal,
        discount=totals.discount,
        coupon=quote.saving.coupon.code if quote.saving else None,
        delivery=(quote.chosen.option.terms.title, totals.delivery.price) if quote.chosen else None,
        tax=totals.tax,
        tax_included=totals.tax_included,
        total=totals.total,
    )


def summary_of_order(order: Order) -> Mapping[str, object]:
    """The same of what was bought, in the amounts of then."""

    def money(text: str) -> Money:
        return Money.parse(text, order.currency)

    content = order.content
    lines: list[dict[str, object]] = [
        {
            "name": line.name,
            "unit": money(line.unit),
            "full_unit": None,
            "quantity": line.quantity,
            "amount": money(line.unit) * line.quantity,
            "details": _details(line.description),
            "picture": picture(line.picture),
            "left": None,
        }
        for line in content.lines
    ]
    return _summary(
        lines,
        subtotal=money(content.amounts.subtotal),
        discount=money(content.amounts.discount),
        coupon=content.coupon.code if content.coupon else None,
        delivery=(content.delivery.title, money(content.amounts.delivery)) if content.delivery else None,
        tax=money(content.amounts.tax),
        tax_included=content.tax_included,
        total=order.total,
    )


def _summary(
    lines: list[dict[str, object]],
    *,
    subtotal: Money,
    discount: Money,
    coupon: str | None,
    delivery: tuple[str, Money] | None,
    tax: Money,
    tax_included: bool,
    total: Money,
) -> Mapping[str, object]:
    return {
        "lines": lines,
        "subtotal": subtotal,
        "discount": -discount if discount else None,
        "coupon": coupon,
        "delivery": {"title": delivery[0], "price": delivery[1]} if delivery else None,
        "tax": tax or None,
        "tax_included": tax_included,
        "total": total,
    }


def _details(lines: tuple[DescriptionLine, ...]) -> list[dict[str, str]]:
    return [{"name": line.name, "value": line.value} for line in lines]


def picture(kept: Picture | None, width: int = PICTURE, height: int = PICTURE) -> Mapping[str, object] | None:
    """A picture on our own host in the size of its place; None for one that is kept elsewhere, which our pages never ask for (PAG-05)."""
    if kept is None or not kept.id:
        return None
    double = address.filled(kept.id, 2 * width, 2 * height)
    return {"url": address.filled(kept.id, width, height), "double": double, "width": width, "height": height}
