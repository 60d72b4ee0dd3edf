"""The shelf of the catalogue: a product's variant as something that can be put into a cart.

Both generations of the wire name what they want in `options`: by choices (`{"options": {"Size": "S"}}`), by variant
(`{"variantId": ...}`), or not at all where there is nothing to choose. Texts that a buyer wants on it travel in `customTextFields`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.ids import new_id
from roundtrip.ecom.catalogue import store
from roundtrip.ecom.catalogue.model import NO_VARIANT, OptionKind, Product, Variant
from roundtrip.ecom.goods import DescriptionLine, Good, Kind, Picture, Reference, Taken
from roundtrip.sites.moment import Moment
from roundtrip.storage import outbox
from roundtrip.storage.database import Tx

STORES = "215238eb-22a5-4c36-9e7b-e7c08025e04e"
STORES_OF_OLD = "1380b703-ce81-ff05-f115-39571d94dfcd"
APP_IDS = (STORES, STORES_OF_OLD)
"""Both names of the same catalogue; what was sent is what is sent back."""
MOST_TEXTS = 10
LONGEST_TEXT = 500


class ProductShelf:
    """Products of the catalogue."""

    def find(self, tx: Tx, site_id: str, references: Sequence[Reference]) -> list[Good | None]:
        """See `Shelf.find`. Hidden products are not sold."""
        products = store.products(tx, site_id, [reference.item_id for reference in references])
        return [_good(products.get(reference.item_id), reference.options) for reference in references]

    def take(self, tx: Tx, site_id: str, order_id: str, stock_key: str, quantity: int, now: int) -> Taken:
        """See `Shelf.take`."""
        product_id, _, variant_id = stock_key.partition("/")
        taken = store.take_stock(tx, site_id, product_id, variant_id, quantity)
        if taken is None:
            return Taken.NOTHING
        is_tracked, left = taken
        if is_tracked and left == 0:
            event = DomainEvent(site_id, "product", "sold_out", product_id, {"variantId": variant_id, "orderId": order_id})
            outbox.record(tx, event, event_id=new_id(now), now=now)
        return Taken.COUNTED if is_tracked else Taken.UNCOUNTED

    def give_back(self, tx: Tx, site_id: str, order_id: str, stock_key: str, quantity: int) -> None:
        """See `Shelf.give_back`."""
        product_id, _, variant_id = stock_key.partition("/")
        store.change_stock(tx, site_id, product_id, variant_id, quantity)

    def order_stands(self, tx: Tx, site_id: str, order_id: str, moment: Moment) -> None:
        """See `Shelf.order_stands`. What was taken is taken: nothing to do."""

    def order_paid(self, tx: Tx, site_id: str, order_id: str, moment: Moment) -> None:
        """See `Shelf.order_paid`. Goods do not care: nothing to do."""

    def ids_of(self, tx: Tx, site_id: str, order_id: str) -> Mapping[str, str]:
        """See `Shelf.ids_of`. The order's id says it all."""
        return {}

    def order_fell(self, tx: Tx, site_id: str, order_id: str, moment: Moment) -> None:
        """See `Shelf.order_fell`. What was put back is back: nothing to do."""


def _good(product: Product | None, options: Mapping[str, Any]) -> Good | None:
    if product is None or not product.visible:
        return None
    choices = _texts(options.get("options"))
    texts = _texts(options.get("customTextFields"))
    variant = _variant(product, options.get("variantId"), choices)
    if variant is None or len(texts) > MOST_TEXTS or any(len(text) > LONGEST_TEXT for text in texts.values()):
        return None
    chosen = variant.choices if product.manages_variants else choices
    price = product.price_of(variant)
    stock_key = f"{product.id}/{variant.id}"
    return Good(
        key=_key(product, stock_key, chosen, texts),
        stock_key=stock_key,
        name=product.name,
        unit=price.due,
        full_unit=price.full,
        kind=Kind.PHYSICAL if product.is_shippable else Kind.DIGITAL,
        available=variant.available,
        item_id=product.id,
        collection_ids=product.collection_ids,
        description=(*_chosen_lines(product, chosen), *(DescriptionLine(name, text, is_typed=True) for name, text in texts.items())),
        picture=_picture(product),
        sku=variant.sku,
        weight_grams=product.weight_of(variant),
        tax_group=product.tax_group,
        path=product.path,
    )


def _variant(product: Product, variant_id: object, choices: Mapping[str, str]) -> Variant | None:
    if product.manages_variants and isinstance(variant_id, str) and variant_id != NO_VARIANT:
        return product.variant(variant_id)
    return product.chosen(choices)


def _key(product: Product, stock_key: str, chosen: Mapping[str, str], texts: Mapping[str, str]) -> str:
    """The same for the same thing, however it was asked for: a choice by its value is the choice by its description."""
    named = {} if product.manages_variants else {name: _described(product, name, text) for name, text in chosen.items()}
    if not named and not texts:
        return stock_key
    words = msgspec.json.encode([sorted(named.items()), sorted(texts.items())])
    return f"{stock_key}/{hashlib.sha256(words).hexdigest()[:16]}"


def _described(product: Product, name: str, text: str) -> str:
    option = product.option(name)
    choice = option.choice(text) if option else None
    return choice.description if choice else text


def _chosen_lines(product: Product, chosen: Mapping[str, str]) -> list[DescriptionLine]:
    made = product.picked(chosen) or ()
    return [
        DescriptionLine(option.name, choice.description, choice.value if option.kind is OptionKind.COLOR else "") for option, choice in made
    ]


def _picture(product: Product) -> Picture | None:
    if not product.media:
        return None
    first = product.media[0]
    return Picture(first.picture_id, first.url, first.width, first.height, first.alt)


def _texts(value: object) -> dict[str, str]:
    """A mapping of texts as it came from outside; whatever else it is counts as nothing."""
    return {name: text for name, text in value.items() if isinstance(text, str)} if isinstance(value, dict) else {}
