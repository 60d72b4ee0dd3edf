"""What can be done with collections: create, change, delete, put products in and take them out. Each change is written down (OPS-02)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.core.slugs import slug_of, slug_taken
from roundtrip.core.told import told
from roundtrip.ecom.catalogue import store as products
from roundtrip.ecom.catalogue.actions import (
    no_such_collection,
    no_such_product,
    open_catalogue,
)
from roundtrip.ecom.catalogue.collections import store
from roundtrip.ecom.catalogue.field_values import clean_html, media_of
from roundtrip.ecom.catalogue.model import ALL_PRODUCTS, Collection
from roundtrip.media import medium
from roundtrip.sites.change import Change, changed_meanwhile
from roundtrip.storage import audit
from roundtrip.storage.database import Tx

ENTITY = "collection"
EVENTS: Mapping[str, Mapping[str, str]] = {
    "collection": {
        "created": told("A collection was made. Carries its fields.", "collection:map"),
        "updated": told(
            "Fields of a collection were changed. Carries all fields and the names of those that changed.",
            "collection:map changedFields:texts",
        ),
        "products_added": told("Products were put into a collection. Carries their ids.", "productIds:texts"),
        "products_removed": told("Products were taken out of a collection. Carries their ids.", "productIds:texts"),
        "deleted": told("A collection was deleted. Its products stay.", "collection:map"),
    }
}
"""What is told to the world about a collection, by slug."""
MOST_AT_ONCE = 100


def create(tx: Tx, site_id: str, fields: Mapping[str, Any], *, collection_id: str, change: Change) -> Collection:
    """Make a collection without products. Raises INVALID naming the field, CONFLICT `SLUG_TAKEN`, NOT_FOUND `PICTURE_NOT_FOUND`."""
    open_catalogue(tx, site_id, change.now)
    blank = Collection(site_id, collection_id, "", "", "", True, (), 0, 1, change.now, change.now)
    made = _with_fields(tx, blank, {"name": None, **fields})
    if not made.slug:
        slug = slug_of(made.name) or "collection"
        taken = store.collection_by_slug(tx, site_id, slug) is not None
        made = replace(made, slug=f"{slug}-{collection_id[-8:]}" if taken else slug)
    if not store.insert_collection(tx, made):
        raise slug_taken(made.slug)
    _note(tx, made, "created", change, None, picture(made))
    return made


def update(tx: Tx, site_id: str, collection_id: str, fields: Mapping[str, Any], *, revision: int | None, change: Change) -> Collection:
    """Set fields of a collection. Raises as `create`, NOT_FOUND `COLLECTION_NOT_FOUND`, and CONFLICT `REVISION_CHANGED`."""
    before = require(tx, site_id, collection_id)
    if revision is not None and revision != before.revision:
        raise changed_meanwhile("collection", revision)
    after = _with_fields(tx, before, fields)
    if after.slug != before.slug and store.collection_by_slug(tx, site_id, after.slug) is not None:
        raise slug_taken(after.slug)
    if after == before:
        return before
    after = replace(after, updated_at=change.now)
    if not store.replace_collection(tx, after, before.revision):
        raise changed_meanwhile("collection", before.revision)
    after = replace(after, revision=before.revision + 1)
    was, now_is = audit.changed(picture(before), picture(after))
    _note(tx, after, "updated", change, was, now_is)
    return after


def delete(tx: Tx, site_id: str, collection_id: str, change: Change) -> None:
    """Delete a collection. Whoever comes second gets NOT_FOUND. Raises CONFLICT `COLLECTION_IS_BUILT_IN` for the one of all products."""
    found = require(tx, site_id, collection_id)
    _require_own(found)
    if not store.delete_collection(tx, site_id, found.id):
        raise no_such_collection(collection_id)
    _note(tx, found, "deleted", change, picture(found), None)


def add_products(tx: Tx, site_id: str, collection_id: str, product_ids: Sequence[str], change: Change) -> Collection:
    """Put products into a collection; those that are there already stay. Raises NOT_FOUND naming the collection or the product."""
    return _move(tx, site_id, collection_id, product_ids, change, adds=True)


def remove_products(tx: Tx, site_id: str, collection_id: str, product_ids: Sequence[str], change: Change) -> Collection:
    """Take products out of a collection; those that are not in it are passed over."""
    return _move(tx, site_id, collection_id, product_ids, change, adds=False)


def _move(tx: Tx, site_id: str, collection_id: str, product_ids: Sequence[str], change: Change, *, adds: bool) -> Collection:
    if not 1 <= len(product_ids) <= MOST_AT_ONCE:
        raise invalid_field("productIds", f"must have 1 to {MOST_AT_ONCE} entries (received {len(product_ids)})", "MAX_LENGTH")
    collection_id = collection_id.lower()
    # Held before anything is put in, so that it cannot be deleted meanwhile; so is each product.
    if not store.hold(tx, site_id, collection_id):
        raise no_such_collection(collection_id)
    _require_own(require(tx, site_id, collection_id))
    moved = []
    for product_id in sorted({one.lower() for one in product_ids}):
        if not products.touch_product(tx, site_id, product_id, change.now):
            if adds:
                raise no_such_product(product_id)
            continue
        visible = products.is_visible(tx, site_id, product_id)
        if adds:
            is_moved = store.add_product(tx, site_id, collection_id, product_id, change.now, visible=visible)
        else:
            is_moved = store.remove_product(tx, site_id, collection_id, product_id, visible=visible)
        moved += [product_id] if is_moved else []
    found = require(tx, site_id, collection_id)
    if moved:
        slug = "products_added" if adds else "products_removed"
        _note_action(tx, found, slug, change, None, {"productIds": moved})
        change.tell(tx, DomainEvent(site_id, ENTITY, slug, found.id, {"productIds": moved}))
    return found


def require(tx: Tx, site_id: str, collection_id: str) -> Collection:
    """A collection of this site, hidden ones too. Raises NOT_FOUND `COLLECTION_NOT_FOUND`."""
    found = store.collection(tx, site_id, collection_id.lower())
    if found is None:
        raise no_such_collection(collection_id)
    return found


def _require_own(found: Collection) -> None:
    if found.id == ALL_PRODUCTS:
        text = "The collection of all products holds every product by itself: it can't be deleted, and nothing is added or removed."
        raise AppError(Kind.CONFLICT, "COLLECTION_IS_BUILT_IN", text, data={"collectionId": found.id})


def _with_fields(tx: Tx, before: Collection, fields: Mapping[str, Any]) -> Collection:
    changed = before
    for name, value in fields.items():
        if name == "name":
            text = (value or "").strip()
            if not text:
                raise invalid_field("name", "must have at least 1 character that is seen", "MIN_LENGTH", threshold=1)
            changed = replace(changed, name=text)
        elif name == "slug" and value:
            changed = replace(changed, slug=value)
        elif name == "description":
            changed = replace(changed, description=clean_html(value or ""))
        elif name == "visible":
            changed = replace(changed, visible=True if value is None else value)
        elif name == "media":
            changed = replace(changed, media=medium.known(tx, before.site_id, media_of(value or ())))
    return changed


def picture(one: Collection) -> dict[str, Any]:
    """Every field that can be set, with plain values."""
    return {
        "name": one.name,
        "slug": one.slug,
        "description": one.description,
        "visible": one.visible,
        "media": msgspec.to_builtins(one.media),
    }


def _note(tx: Tx, one: Collection, slug: str, change: Change, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> None:
    _note_action(tx, one, slug, change, before, after)
    body: dict[str, object] = {"collection": {"id": one.id, "revision": one.revision, **picture(one)}}
    if slug == "updated":
        body["changedFields"] = list(after or ())
    change.tell(tx, DomainEvent(one.site_id, ENTITY, slug, one.id, body))


def _note_action(
    tx: Tx, one: Collection, slug: str, change: Change, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> None:
    action = f"collection.{slug}"
    change.note(tx, site_id=one.site_id, action=action, object_id=one.id, object_name=one.name, before=before, after=after)
