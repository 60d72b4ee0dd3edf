"""The demo store: seven products in four collections, whose ids and slugs are always the same. Making it twice changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from roundtrip.core.identity import COMMAND
from roundtrip.core.ids import new_id
from roundtrip.ecom.catalogue import actions, store
from roundtrip.ecom.catalogue.collections import actions as collections
from roundtrip.ecom.catalogue.collections.store import collection_by_slug
from roundtrip.ecom.catalogue.draft import (
    ChoiceDraft,
    DiscountDraft,
    MediumDraft,
    OptionDraft,
    SectionDraft,
    StockDraft,
    VariantDraft,
)
from roundtrip.media import actions as media
from roundtrip.sites.change import Change
from roundtrip.storage.database import Tx


@dataclass(frozen=True, slots=True)
class DemoProduct:
    """What is said about one product; `drawing` names kind and palette of its picture, `collections` are slugs besides that of all."""

    slug: str
    name: str
    price: str
    description: str
    drawing: tuple[str, str]
    collections: tuple[str, ...]
    fields: Mapping[str, Any] = field(default_factory=dict)


APPAREL, HOME, FEATURED, CAROUSEL = "apparel", "home", "hidden-homepage-featured-items", "hidden-homepage-carousel"
COLLECTIONS: Mapping[str, str] = {APPAREL: "Apparel", HOME: "Home", FEATURED: "Featured", CAROUSEL: "Carousel"}
"""Slug and name. Shop fronts keep those that begin with `hidden` out of their menus and fill their home page from them."""
_SIZE = OptionDraft("Size", [ChoiceDraft("S"), ChoiceDraft("M"), ChoiceDraft("L")])
_SHIRT_COLOR = OptionDraft("Color", [ChoiceDraft("#000000", "Black"), ChoiceDraft("#ffffff", "White")], "color")
_MUG_COLOR = OptionDraft("Color", [ChoiceDraft("#c0392b", "Red"), ChoiceDraft("#2980b9", "Blue")], "color")
_PAPER = OptionDraft("Paper", [ChoiceDraft("Plain"), ChoiceDraft("Lined"), ChoiceDraft("Dotted")])
_COTTON = SectionDraft("Care", "<p>Wash cold, hang to dry.</p>")


def _shirts() -> list[VariantDraft]:
    made = []
    for size in ("S", "M", "L"):
        for color, code in (("Black", "BLK"), ("White", "WHT")):
            left = 0 if (size, color) == ("L", "White") else 10
            made.append(VariantDraft({"Size": size, "Color": color}, f"DT-{size}-{code}", stock=StockDraft(quantity=left)))
    return made


def _jackets() -> list[VariantDraft]:
    # The discount of 21.00 counts for every size, so the largest costs 105.00.
    prices = {"S": None, "M": None, "L": "126.00"}
    return [VariantDraft({"Size": size}, f"RJ-{size}", price, stock=StockDraft(quantity=5)) for size, price in prices.items()]


PRODUCTS: tuple[DemoProduct, ...] = (
    DemoProduct(
        "canvas-tote", "Canvas Tote", "18.00", "<p>Strong cotton bag with long handles.</p>", ("tote", "clay"), (APPAREL, FEATURED),
        {"discount": DiscountDraft("AMOUNT", "3.00"), "stock": StockDraft(quantity=40), "sku": "TOTE", "weight": "0.3",
         "additionalInfoSections": [_COTTON]},
    ),
    DemoProduct(
        "demo-tshirt", "Demo T-Shirt", "25.00", "<p>Soft cotton, cut straight.</p>", ("shirt", "sage"), (APPAREL, FEATURED),
        {"productOptions": [_SIZE, _SHIRT_COLOR], "manageVariants": True, "variants": _shirts(), "weight": "0.2",
         "additionalInfoSections": [_COTTON]},
    ),
    DemoProduct(
        "ceramic-mug", "Ceramic Mug", "12.50", "<p>Thrown by hand, fired twice.</p>", ("mug", "sky"), (HOME, FEATURED),
        {"productOptions": [_MUG_COLOR], "sku": "MUG", "weight": "0.35", "brand": "Kiln & Co"},
    ),
    DemoProduct(
        "field-notebook", "Field Notebook", "9.00", "<p>Ninety-six pages that lie flat.</p>", ("notebook", "plum"), (HOME, CAROUSEL),
        {"productOptions": [_PAPER], "stock": StockDraft(quantity=100), "sku": "NOTE", "weight": "0.15"},
    ),
    DemoProduct(
        "enamel-pin", "Enamel Pin", "6.00", "<p>Small, bright, and sold out.</p>", ("card", "sun"), (CAROUSEL,),
        {"stock": StockDraft(in_stock=False), "sku": "PIN", "weight": "0.02", "ribbon": "Back soon"},
    ),
    DemoProduct(
        "album-download", "Album Download", "10.00", "<p>Eleven songs, as files.</p>", ("poster", "ink"), (CAROUSEL,),
        {"productType": "digital", "sku": "ALBUM"},
    ),
    DemoProduct(
        "rain-jacket", "Rain Jacket", "120.00", "<p>Keeps out a day of rain.</p>", ("shirt", "sky"), (APPAREL, CAROUSEL),
        {"discount": DiscountDraft("AMOUNT", "21.00"), "productOptions": [_SIZE], "manageVariants": True, "variants": _jackets(),
         "weight": "0.7", "ribbon": "Sale"},
    ),
)  # fmt: skip


def product_id(number: int) -> str:
    """The id of the product with this number, from 1 in the order of `PRODUCTS`."""
    return f"7a1c2f10-0000-4000-8000-{number:012d}"


def collection_id(number: int) -> str:
    """The id of the collection with this number, from 1 in the order of `COLLECTIONS`."""
    return f"c0111ec7-0000-4000-8000-{number:012d}"


def seed(tx: Tx, site_id: str, *, now: int) -> bool:
    """Let a site sell the demo products, without pictures. False, and nothing changed, when it has one of them already."""
    if store.product_by_slug(tx, site_id, PRODUCTS[0].slug) is not None:
        return False
    collection_ids: dict[str, str] = {}
    for number, (slug, name) in enumerate(COLLECTIONS.items(), 1):
        found = collection_by_slug(tx, site_id, slug)
        if found is None:
            named = {"name": name, "slug": slug}
            found = collections.create(tx, site_id, named, collection_id=collection_id(number), change=_change(now + number))
        collection_ids[slug] = found.id
    for number, one in enumerate(PRODUCTS, 1):
        fields: dict[str, Any] = {
            "name": one.name,
            "slug": one.slug,
            "price": one.price,
            "description": one.description,
            "collectionIds": [collection_ids[slug] for slug in one.collections],
            **one.fields,
        }
        # A millisecond apart: the first one stays the first in the order of age.
        actions.create(tx, site_id, fields, product_id=product_id(number), fresh=_numbered(number), change=_change(now + number))
    return True


def without_picture(tx: Tx, site_id: str) -> tuple[DemoProduct, ...]:
    """The demo products that the site sells and nobody has given a picture."""
    found = [(one, store.product_by_slug(tx, site_id, one.slug)) for one in PRODUCTS]
    return tuple(one for one, product in found if product is not None and not product.media)


def hang(tx: Tx, site_id: str, one: DemoProduct, content: bytes, *, now: int) -> bool:
    """Give a product its picture, drawn with `media.drawing.draw`. False when it has one by now, or is gone."""
    product = store.product_by_slug(tx, site_id, one.slug)
    if product is None or product.media:
        return False
    picture = media.add(tx, site_id, content, f"demo-{one.slug}.jpg", now)
    fields = {"media": [MediumDraft(picture.id, alt_text=one.name)]}
    actions.update(tx, site_id, product.id, fields, revision=product.revision, fresh=lambda: new_id(now), change=_change(now))
    return True


def _change(now: int) -> Change:
    return Change(new_id(now), COMMAND, now)


def _numbered(product: int) -> Callable[[], str]:
    """Ids of options, choices and variants that are the same in every demo store."""
    numbers = count(1)
    return lambda: f"ba{next(numbers):06d}-0000-4000-8000-{product:012d}"
