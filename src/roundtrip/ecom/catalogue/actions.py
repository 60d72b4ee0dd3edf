"""What can be done with products: create, change, delete, and set their stock. Each change is written down in its transaction (OPS-02).

Rows are always taken in one order (catalogue, collections by id, product, variants), so that two changes rarely wait for each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.core.money import Money, known_currencies
from roundtrip.core.slugs import slug_of, slug_taken
from roundtrip.core.told import told
from roundtrip.ecom.back_in_stock import store as waiting
from roundtrip.ecom.catalogue import store
from roundtrip.ecom.catalogue.collections import store as collections
from roundtrip.ecom.catalogue.draft import StockDraft
from roundtrip.ecom.catalogue.field_values import stocked
from roundtrip.ecom.catalogue.model import (
    ALL_PRODUCTS,
    ALL_PRODUCTS_SLUG,
    DEFAULT_CURRENCY,
    NO_DISCOUNT,
    NO_VARIANT,
    Collection,
    Product,
    ProductKind,
    Variant,
)
from roundtrip.ecom.catalogue.option_fields import Fresh
from roundtrip.ecom.catalogue.product_fields import picture, with_fields
from roundtrip.media import medium
from roundtrip.sites.change import Change, changed_meanwhile
from roundtrip.storage import audit
from roundtrip.storage.database import Tx

ENTITY = "product"
EVENTS: Mapping[str, Mapping[str, str]] = {
    "product": {
        "created": told("A product was made. Carries its fields.", "product:map"),
        "updated": told(
            "Fields of a product were changed. Carries all fields and the names of those that changed; stock is not among them.",
            "product:map changedFields:texts",
        ),
        "deleted": told("A product was deleted.", "product:map"),
        "sold_out": told("An order took the last piece of a variant. Carries the variant's id and the order's.", "variantId orderId"),
        "stock_set": told(
            "An owner set the stock of a variant. Carries the variant's id and its stock.",
            "variantId trackInventory:yesno quantity?:number inStock:yesno",
        ),
    }
}
"""What is told to the world about a product, by slug."""


def open_catalogue(tx: Tx, site_id: str, now: int) -> None:
    """Let a site sell, if it does not yet: its currency, and the collection of all products."""
    store.start_catalogue(tx, site_id, DEFAULT_CURRENCY)
    everything = Collection(site_id, ALL_PRODUCTS, ALL_PRODUCTS_SLUG, "All Products", "", True, (), 0, 1, now, now)
    collections.insert_collection(tx, everything)


def choose_currency(tx: Tx, site_id: str, currency: str, change: Change) -> None:
    """The currency of every price of a site. Raises INVALID for none, CONFLICT `CATALOGUE_IN_USE` once there are products."""
    if currency not in known_currencies():
        raise invalid_field("currency", f"must be a three-letter code such as EUR (received {currency[:10]!r})", "INVALID_ENUM_VALUE")
    open_catalogue(tx, site_id, change.now)
    before = store.currency(tx, site_id)
    if before == currency:
        return
    if not store.change_currency(tx, site_id, currency):
        text = f"The site has products with prices in {before}. Delete them first, or keep the currency."
        raise AppError(Kind.CONFLICT, "CATALOGUE_IN_USE", text, data={"currency": before})
    change.note(
        tx,
        site_id=site_id,
        action="catalogue.currency_chosen",
        object_id=site_id,
        object_name="Catalogue",
        before={"currency": before},
        after={"currency": currency},
    )


def create(tx: Tx, site_id: str, fields: Mapping[str, Any], *, product_id: str, fresh: Fresh, change: Change) -> Product:
    """Make a product. Raises INVALID naming the field, CONFLICT `SLUG_TAKEN`, NOT_FOUND `COLLECTION_NOT_FOUND` or `PICTURE_NOT_FOUND`."""
    open_catalogue(tx, site_id, change.now)
    number, currency = store.take_number(tx, site_id)
    for name in ("name", "price"):
        if fields.get(name) is None and not (name == "price" and fields.get("priceData")):
            raise invalid_field(name, "is required and missing", "REQUIRED_FIELD")
    blank = Product(
        site_id, product_id, number, "", "", ProductKind.PHYSICAL, "", True, Money.zero(currency), NO_DISCOUNT, None, False, (),
        (Variant(NO_VARIANT, {}),), (), (), "", "", (), 1, change.now, change.now,
    )  # fmt: skip
    made = _with_known_media(tx, with_fields(blank, fields, fresh))
    wanted = _wanted_collections(tx, site_id, fields.get("collectionIds") or ())
    made = replace(made, slug=made.slug or _free_slug(tx, made))
    if not store.insert_product(tx, made):
        raise slug_taken(made.slug)
    for collection_id in wanted:
        collections.add_product(tx, site_id, collection_id, product_id, change.now, visible=made.visible)
    made = replace(made, collection_ids=tuple(wanted))
    note(tx, made, "created", change, None, picture(made))
    return made


def update(
    tx: Tx, site_id: str, product_id: str, fields: Mapping[str, Any], *, revision: int | None, fresh: Fresh, change: Change
) -> Product:
    """Set fields of a product. `revision` is the one that the caller had read, if it knew. Nothing that differs: nothing is written.

    Raises as `create`, and CONFLICT `REVISION_CHANGED` when somebody else was quicker.
    """
    wanted = _wanted_collections(tx, site_id, fields["collectionIds"] or ()) if "collectionIds" in fields else None
    before = require(tx, site_id, product_id)
    if revision is not None and revision != before.revision:
        raise changed_meanwhile("product", revision)
    after = with_fields(before, fields, fresh)
    if "media" in fields:
        after = _with_known_media(tx, after)
    if wanted is not None:
        after = replace(after, collection_ids=tuple(wanted))
    if after.slug != before.slug and store.product_by_slug(tx, site_id, after.slug) is not None:
        raise slug_taken(after.slug)
    if after == before:
        return before
    after = replace(after, updated_at=change.now)
    if not store.replace_product(tx, after, before.revision):
        raise changed_meanwhile("product", before.revision)
    after = replace(after, revision=before.revision + 1)
    _keep_variants(tx, before, after, sets_stock="stock" in fields or "variants" in fields)
    _keep_collections(tx, before, after, change.now)
    was, now_is = audit.changed(picture(before), picture(after))
    note(tx, after, "updated", change, was, now_is)
    return after


def _keep_variants(tx: Tx, before: Product, after: Product, *, sets_stock: bool) -> None:
    known = {one.id: one for one in before.variants}
    for gone in sorted(set(known) - {one.id for one in after.variants}):
        store.delete_variant(tx, after.site_id, after.id, gone)
    for number, one in enumerate(after.variants):
        if not store.replace_variant(tx, after, number, one):
            store.insert_variant(tx, after, number, one)
        elif sets_stock and one.id in known and _stock(one) != _stock(known[one.id]):
            store.set_stock(tx, after.site_id, after.id, one)
    if not before.visible or before.variants != after.variants:
        # What was hidden, or is made anew, is back as well.
        waiting.note_return(tx, after.site_id, after.id)


def _stock(variant: Variant) -> tuple[bool, int, bool]:
    return variant.tracked, variant.quantity, variant.in_stock


def _keep_collections(tx: Tx, before: Product, after: Product, now: int) -> None:
    """What it is in, and how many visible products each of them has. The counts follow the product as it was, then as it is."""
    if before.visible != after.visible:
        collections.count_everywhere(tx, after.site_id, after.id, 1 if after.visible else -1)
    for gone in sorted(set(before.collection_ids) - set(after.collection_ids)):
        collections.remove_product(tx, after.site_id, gone, after.id, visible=after.visible)
    for new in sorted(set(after.collection_ids) - set(before.collection_ids)):
        collections.add_product(tx, after.site_id, new, after.id, now, visible=after.visible)


def delete(tx: Tx, site_id: str, product_id: str, change: Change) -> None:
    """Delete a product with its stock. Whoever comes second gets NOT_FOUND `PRODUCT_NOT_FOUND`."""
    if not store.hold_product(tx, site_id, product_id):
        raise no_such_product(product_id)
    found = require(tx, site_id, product_id)
    if found.visible:
        collections.count_everywhere(tx, site_id, product_id, -1)
    if not store.delete_product(tx, site_id, product_id):
        raise no_such_product(product_id)
    note(tx, found, "deleted", change, picture(found), None)


def set_stock(tx: Tx, site_id: str, product_id: str, variant_id: str, stock: StockDraft, change: Change) -> Product:
    """Let a variant have this stock, whatever it was. Raises NOT_FOUND `PRODUCT_NOT_FOUND` or `VARIANT_NOT_FOUND`, INVALID."""
    if not store.touch_product(tx, site_id, product_id, change.now):
        raise no_such_product(product_id)
    found = require(tx, site_id, product_id)
    variant = next((one for one in found.variants if one.id == variant_id), None)
    if variant is None:
        raise no_such_variant(variant_id)
    wanted = stocked(variant, stock)
    store.set_stock(tx, site_id, product_id, wanted)
    change.note(
        tx,
        site_id=site_id,
        action="product.stock_set",
        object_id=product_id,
        object_name=found.name,
        before=_stock_shown(variant),
        after=_stock_shown(wanted),
    )
    change.tell(tx, DomainEvent(site_id, ENTITY, "stock_set", product_id, {"variantId": variant_id, **_stock_shown(wanted)}))
    return replace(found, variants=tuple(wanted if one.id == variant_id else one for one in found.variants))


def _stock_shown(variant: Variant) -> dict[str, Any]:
    return {"trackInventory": variant.tracked, "quantity": variant.quantity, "inStock": variant.in_stock}


def add_stock(tx: Tx, site_id: str, product_id: str, variant_id: str, by: int, change: Change) -> Product:
    """Put pieces on the shelf (`by` above zero) or take some away. Raises CONFLICT `NOT_ENOUGH_STOCK`, or NOT_FOUND as `set_stock`."""
    found = require(tx, site_id, product_id)
    variant = next((one for one in found.variants if one.id == variant_id), None)
    if variant is None:
        raise no_such_variant(variant_id)
    if not variant.tracked:
        raise invalid_field("incrementBy", "needs stock that is counted; set a quantity first", "FORMAT")
    if not store.change_stock(tx, site_id, product_id, variant_id, by):
        text = f"There are fewer than {-by} pieces of {found.name}, or it was deleted meanwhile. Nothing was changed."
        raise AppError(Kind.CONFLICT, "NOT_ENOUGH_STOCK", text, data={"productId": product_id, "variantId": variant_id})
    after = {"variantId": variant_id, "incrementBy": by}
    change.note(tx, site_id=site_id, action="product.stock_changed", object_id=product_id, object_name=found.name, after=after)
    return require(tx, site_id, product_id)


def require(tx: Tx, site_id: str, product_id: str) -> Product:
    """A product of this site, hidden ones too. Raises NOT_FOUND `PRODUCT_NOT_FOUND`."""
    found = store.product(tx, site_id, product_id.lower())
    if found is None:
        raise no_such_product(product_id)
    return found


def _wanted_collections(tx: Tx, site_id: str, ids: Sequence[str]) -> list[str]:
    """These and the one of all products, each held until the end of the transaction. Raises NOT_FOUND `COLLECTION_NOT_FOUND`."""
    wanted = sorted({one.lower() for one in ids} | {ALL_PRODUCTS})
    for collection_id in wanted:
        if collection_id != ALL_PRODUCTS and not collections.hold(tx, site_id, collection_id):
            raise no_such_collection(collection_id)
    return wanted


def _with_known_media(tx: Tx, product: Product) -> Product:
    return replace(product, media=medium.known(tx, product.site_id, product.media))


def _free_slug(tx: Tx, product: Product) -> str:
    slug = slug_of(product.name) or f"product-{product.number}"
    return slug if store.product_by_slug(tx, product.site_id, slug) is None else f"{slug}-{product.number}"


def note(tx: Tx, product: Product, slug: str, change: Change, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> None:
    """The audit entry and the domain event of a change."""
    change.note(
        tx,
        site_id=product.site_id,
        action=f"product.{slug}",
        object_id=product.id,
        object_name=product.name,
        before=before,
        after=after,
    )
    body: dict[str, object] = {"product": {"id": product.id, "revision": product.revision, **picture(product)}}
    if slug == "updated":
        body["changedFields"] = list(after or ())
    change.tell(tx, DomainEvent(product.site_id, ENTITY, slug, product.id, body))


def no_such_product(product_id: str) -> AppError:
    """There is none (any more), or it is another site's."""
    return AppError(Kind.NOT_FOUND, "PRODUCT_NOT_FOUND", f"There is no product {product_id[:100]!r}.", data={"productId": product_id[:100]})


def no_such_variant(variant_id: str) -> AppError:
    """The product has none with this id (any more)."""
    text = f"The product has no variant {variant_id[:100]!r}. Without managed variants it has one, {NO_VARIANT}."
    return AppError(Kind.NOT_FOUND, "VARIANT_NOT_FOUND", text, data={"variantId": variant_id[:100]})


def no_such_collection(collection_id: str) -> AppError:
    """There is none (any more), or it is another site's."""
    text = f"There is no collection {collection_id[:100]!r}."
    return AppError(Kind.NOT_FOUND, "COLLECTION_NOT_FOUND", text, data={"collectionId": collection_id[:100]})
