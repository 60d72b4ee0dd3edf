"""What a purchase costs and whether it can be made, with today's prices, stock, coupons, delivery and taxes.

Carts, checkouts and orders all ask here. What is wrong is part of the answer and no exception: pages show it beside the line it is about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import msgspec

from roundtrip.core.money import Money
from roundtrip.ecom.address import NOWHERE, Place
from roundtrip.ecom.coupons import actions as coupons
from roundtrip.ecom.coupons.model import Coupon, CouponKind, Problem
from roundtrip.ecom.delivery import store as delivery
from roundtrip.ecom.delivery.model import Offer, offers
from roundtrip.ecom.goods import Good, Reference
from roundtrip.ecom.pricing.model import Basket, Discount, Line, Totals
from roundtrip.ecom.pricing.totals import total_up
from roundtrip.ecom.shop import Shop
from roundtrip.ecom.tax import store as tax
from roundtrip.ecom.tax.model import taxes_at
from roundtrip.storage.database import Tx


class Availability(StrEnum):
    """Whether a line can be bought as it is; the names that clients of the wire know."""

    AVAILABLE = "AVAILABLE"
    NOT_FOUND = "NOT_FOUND"
    NOT_AVAILABLE = "NOT_AVAILABLE"
    PARTIALLY_AVAILABLE = "PARTIALLY_AVAILABLE"


class DeliveryProblem(StrEnum):
    """Why goods that have to be sent cannot be."""

    NOT_CHOSEN = "SHIPPING_OPTION_NOT_CHOSEN"
    NOT_OFFERED = "SELECTED_CARRIER_SERVICE_OPTION_NOT_FOUND"
    NONE_HERE = "NO_SHIPPING_TO_THIS_ADDRESS"


class Wanted(msgspec.Struct, frozen=True, omit_defaults=True):
    """So many of one thing, as a cart or a checkout keeps it: never its price."""

    id: str
    reference: Reference
    quantity: int


Goods = Mapping[str, Good | None]
"""What lines mean today, by their ids; None for what is not sold (any more)."""


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """A line with what it means today. `good` is None for what is not sold any more; such a line costs nothing."""

    id: str
    reference: Reference
    quantity: int
    good: Good | None
    availability: Availability


@dataclass(frozen=True, slots=True)
class Asking:
    """What a quote is asked for. `customer` is the buyer's address in lower case, None while it is not known."""

    lines: Sequence[Wanted]
    coupon_code: str | None = None
    customer: str | None = None
    place: Place = NOWHERE
    delivery_id: str | None = None
    takes_first_offer: bool = False
    """Estimate with the first way of delivery when none is chosen."""
    own_stock: Mapping[str, int] = field(default_factory=dict)
    """What the asker holds already, by stock key: it is free for them."""
    own_coupon_id: str | None = None
    """The coupon whose use by the asker is counted already."""
    own_customer: str = ""
    """The address for which it is counted, in lower case: they may have typed another one since."""

    def with_own(self, stock: Mapping[str, int], coupon_id: str | None, customer: str) -> Asking:
        """The same for somebody who holds this already."""
        return replace(self, own_stock=stock, own_coupon_id=coupon_id, own_customer=customer)


@dataclass(frozen=True, slots=True)
class Saving:
    """What a coupon takes off: an amount of the goods in these lines, or of their delivery."""

    coupon: Coupon
    amount: Money
    takes_off_delivery: bool
    line_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """The answer. `offers` are the ways of delivery to choose from, `chosen` the one that counts."""

    lines: tuple[QuotedLine, ...]
    totals: Totals
    coupon: Coupon | None
    coupon_problem: Problem | None
    offers: tuple[Offer, ...]
    chosen: Offer | None
    delivery_problem: DeliveryProblem | None

    @property
    def sold(self) -> tuple[tuple[QuotedLine, Good], ...]:
        """The lines that are still sold, with what they are."""
        return tuple((line, line.good) for line in self.lines if line.good is not None)

    @property
    def ships(self) -> bool:
        """True when something has to be sent."""
        return any(good.ships for _, good in self.sold)

    @property
    def is_available(self) -> bool:
        """True when every line can be bought as it is."""
        return all(line.availability is Availability.AVAILABLE for line in self.lines)

    @property
    def may_be_paid_later(self) -> bool:
        """True unless something in it has to be paid before it is anybody's."""
        return not any(good.is_paid_first for _, good in self.sold)

    @property
    def saving(self) -> Saving | None:
        """What the coupon takes off; None without one, or when it takes nothing off."""
        if self.coupon is None or self.coupon_problem is not None:
            return None
        off_delivery = self.coupon.terms.kind is CouponKind.FREE_SHIPPING
        amount = self.totals.delivery.discount if off_delivery else self.totals.discount
        reduced = tuple(line_id for line_id, charge in self.totals.lines.items() if charge.discount)
        return Saving(self.coupon, amount, off_delivery, reduced)

    @property
    def total(self) -> Money:
        """What is to be paid."""
        return self.totals.total


def found(tx: Tx, shop: Shop, lines: Sequence[Wanted]) -> Goods:
    """What lines mean today."""
    goods = shop.find(tx, [line.reference for line in lines])
    return {line.id: good for line, good in zip(lines, goods, strict=True)}


def quote(tx: Tx, shop: Shop, asking: Asking, now: int, goods: Goods | None = None) -> Quote:
    """Work it out. Reads a fixed number of times, however long the cart and however large the shop is.

    `goods`: what this transaction has found for these lines already.
    """
    if goods is None:
        goods = found(tx, shop, asking.lines)
    lines = _with_availability(asking, goods)
    sold = [(line.id, line.good, line.quantity) for line in lines if line.good is not None]
    coupon, discount, coupon_problem = _coupon(tx, shop, asking, sold, now)
    parcel = [(good, quantity) for _, good, quantity in sold]
    ships = any(good.ships for good, _ in parcel)
    offered = offers(delivery.of_site(tx, shop.site_id), parcel, asking.place, shop.currency) if ships else ()
    chosen, delivery_problem = _chosen(asking, offered, ships=ships)
    pickup = chosen.option.terms.pickup if chosen else None
    # Who fetches goods is taxed where they are handed over.
    rates = tax.at(tx, shop.site_id, pickup.place if pickup else asking.place) if sold else []
    basket = Basket(
        currency=shop.currency,
        lines=tuple(Line(line_id, good.unit, quantity, good.tax_group) for line_id, good, quantity in sold),
        discount=discount,
        delivery=chosen.price if chosen else None,
        taxes=taxes_at(rates, {good.tax_group for good, _ in parcel}, included=shop.terms.tax_included),
    )
    return Quote(lines, total_up(basket), coupon, coupon_problem, offered, chosen, delivery_problem)


def _with_availability(asking: Asking, goods: Goods) -> tuple[QuotedLine, ...]:
    """Lines that share a shelf share what is on it: the earlier line gets it first."""
    left: dict[str, int] = {}
    lines = []
    for line in asking.lines:
        good = goods[line.id]
        availability = Availability.NOT_FOUND
        if good is not None:
            availability = Availability.AVAILABLE
            if good.available is not None:
                here = left.get(good.stock_key, good.available + asking.own_stock.get(good.stock_key, 0))
                left[good.stock_key] = max(0, here - line.quantity)
                if here < line.quantity:
                    availability = Availability.PARTIALLY_AVAILABLE if here > 0 else Availability.NOT_AVAILABLE
        lines.append(QuotedLine(line.id, line.reference, line.quantity, good, availability))
    return tuple(lines)


def _coupon(
    tx: Tx, shop: Shop, asking: Asking, sold: Sequence[tuple[str, Good, int]], now: int
) -> tuple[Coupon | None, Discount | None, Problem | None]:
    if not asking.coupon_code:
        return None, None, None
    found = coupons.usable(
        tx, shop.site_id, asking.coupon_code, asking.customer, now, own_id=asking.own_coupon_id, own_customer=asking.own_customer
    )
    if isinstance(found, Problem):
        return None, None, found
    discount = found.discount(sold, shop.currency)
    if isinstance(discount, Problem):
        return found, None, discount
    return found, discount, None


def _chosen(asking: Asking, offered: tuple[Offer, ...], *, ships: bool) -> tuple[Offer | None, DeliveryProblem | None]:
    if not ships:
        return None, None
    if asking.delivery_id is not None:
        chosen = next((offer for offer in offered if offer.option.id == asking.delivery_id), None)
        return chosen, None if chosen else DeliveryProblem.NOT_OFFERED
    if not offered and asking.place != NOWHERE:
        return None, DeliveryProblem.NONE_HERE
    if asking.takes_first_offer and offered:
        return offered[0], None
    return None, DeliveryProblem.NOT_CHOSEN
