"""Values that an owner sets: money, weights, HTML, pictures, stock. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation

import nh3

from roundtrip.core.errors import invalid_field
from roundtrip.core.money import Money, NotAnAmount
from roundtrip.core.urls import UrlRefused, parse
from roundtrip.ecom.catalogue.draft import MediumDraft, StockDraft
from roundtrip.ecom.catalogue.model import Variant
from roundtrip.media.medium import Medium

MOST_GRAMS = 1_000_000_000


def clean_html(text: str) -> str:
    """HTML that is safe to show on any page: no scripts, no styles, no frames, links without `javascript:`."""
    return nh3.clean(text)


def price_of(place: str, value: object, currency: str) -> Money:
    """An amount as a number or a text. Raises INVALID for what is no amount of this currency, or less than nothing."""
    try:
        money = Money.parse(str(value), currency)
    except NotAnAmount as reason:
        raise invalid_field(place, f"is no price: {reason}", "FORMAT", received=str(value)[:40]) from None
    if money < Money.zero(currency):
        raise invalid_field(place, f"must be 0 or more (received {money.text})", "FORMAT", received=money.text)
    return money


def grams_of(place: str, value: object) -> int:
    """Kilograms as a number or a text, in whole grams. Raises INVALID."""
    try:
        kilograms = Decimal(str(value))
        grams = int((kilograms * 1000).to_integral_value()) if kilograms.is_finite() and kilograms.adjusted() < 9 else -1
    except InvalidOperation:
        grams = -1
    if not 0 <= grams <= MOST_GRAMS:
        raise invalid_field(place, f"must be a weight in kilograms, such as 0.25 (received {str(value)[:40]})", "FORMAT")
    return grams


def media_of(drafts: Sequence[MediumDraft], place: str = "media") -> tuple[Medium, ...]:
    """Pictures as they were named. Whether an id exists, and how large its picture is, is found out by `actions.py`."""
    return tuple(_medium(draft, f"{place}[{number}]") for number, draft in enumerate(drafts))


def _medium(draft: MediumDraft, place: str) -> Medium:
    if draft.id:
        return Medium(picture_id=draft.id, alt=draft.alt_text)
    try:
        url = parse(draft.url)
    except UrlRefused as error:
        raise invalid_field(f"{place}.url", f"can't be used: {error.sentence}", "FORMAT", received=draft.url[:200]) from None
    if url.scheme != "https" or not draft.width or not draft.height:
        raise invalid_field(place, "must have the id of one of the site's pictures, or an https url with width and height", "FORMAT")
    return Medium("", url.href, draft.width, draft.height, draft.alt_text)


def stocked(variant: Variant, stock: StockDraft | None, place: str = "stock") -> Variant:
    """The variant with this stock: a quantity counts it, `inStock` alone does not. What is not said stays."""
    if stock is None:
        return variant
    tracked = stock.track_inventory
    if tracked is None:
        tracked = variant.tracked if stock.quantity is None and stock.in_stock is None else stock.quantity is not None
    if not tracked and stock.quantity:
        raise invalid_field(f"{place}.quantity", "is not counted when trackInventory is false; leave it out, or count it", "FORMAT")
    in_stock = variant.in_stock if stock.in_stock is None else stock.in_stock
    quantity = variant.quantity if stock.quantity is None else stock.quantity
    return replace(variant, tracked=tracked, quantity=quantity if tracked else 0, in_stock=in_stock)
