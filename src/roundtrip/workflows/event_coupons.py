"""Coupons of the shop at the ticket office: the same codes and the same counts, wherever they are used."""

from __future__ import annotations

from decimal import Decimal

from roundtrip.core.money import Money, rounded
from roundtrip.ecom.coupons import actions as coupons
from roundtrip.ecom.coupons.model import Coupon, CouponKind, Problem
from roundtrip.events.orders.model import Order
from roundtrip.storage.database import Tx


def taken_off(coupon: Coupon, event_id: str, subtotal: Money) -> Money | Problem:
    """What a coupon takes off tickets of this event, or why it takes nothing off. Amounts are in the currency of the shop.

    A coupon for one product or one collection is for other goods, unless that product is the event; so is one for delivery.
    """
    terms = coupon.terms
    if terms.kind is CouponKind.FREE_SHIPPING or terms.collection_id is not None or terms.item_id not in (None, event_id) or not subtotal:
        return Problem.OTHER_GOODS
    if terms.minimum_subtotal is not None and subtotal.amount < Decimal(terms.minimum_subtotal):
        return Problem.TOO_LITTLE
    if terms.kind is CouponKind.PERCENT:
        return subtotal.share(Decimal(terms.value))
    return min(Money(rounded(Decimal(terms.value), subtotal.currency), subtotal.currency), subtotal, key=lambda money: money.amount)


def usable(
    tx: Tx, site_id: str, code: str, event_id: str, subtotal: Money, customer: str, now: int, own: Order | None = None
) -> tuple[Coupon, Money] | Problem:
    """The coupon with this code and what it takes off, or why it can't be used. `own` is the order that this visitor has already: what it
    uses stands in nobody's way."""
    kept = own.content.coupon if own is not None and own.waits else None
    own_id, own_customer = (kept.id, kept.customer) if kept else (None, "")
    found = coupons.usable(tx, site_id, code, customer or None, now, own_id=own_id, own_customer=own_customer)
    if isinstance(found, Problem):
        return found
    off = taken_off(found, event_id, subtotal)
    return off if isinstance(off, Problem) else (found, off)
