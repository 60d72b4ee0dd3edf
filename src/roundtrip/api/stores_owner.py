"""Products, stock and collections for the owner's own server code. The rules are in `ecom/catalogue/`; what is said on the wire is here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from roundtrip.api.operation import KEYS, Answer, Call, Operation
from roundtrip.api.query_calls import FieldMask, paths_of
from roundtrip.api.settings_calls import change_of
from roundtrip.api.stores_collections import CollectionAnswer
from roundtrip.api.stores_products import ProductAnswer
from roundtrip.api.stores_v1_view import collection_v1, product_v1
from roundtrip.api.stores_views import Front, front
from roundtrip.api.wire import Empty, Wire
from roundtrip.core.errors import AppError, Violation, invalid_field
from roundtrip.core.ids import is_guid, new_id
from roundtrip.ecom.catalogue import actions, store
from roundtrip.ecom.catalogue.collections import actions as collections
from roundtrip.ecom.catalogue.draft import CollectionDraft, ProductDraft, Quantity, StockDraft, fields_of, sent
from roundtrip.ecom.catalogue.model import DEFAULT_CURRENCY, NO_VARIANT, Collection, Product
from roundtrip.storage.database import Tx
from roundtrip.workflows import one_currency

NOTHING_CHANGED = b"Nothing was changed: mask.paths names no field. List there the fields that are to be set."
PERMISSION = "catalogue.manage"


class CreateProduct(Wire):
    """A new product. `name` and `price` are needed."""

    product: ProductDraft


class UpdateProduct(Wire):
    """A change of a product. Without `mask.paths` nothing changes (OPS-04)."""

    product: ProductDraft
    mask: FieldMask | None = None


class CreateCollection(Wire):
    """A new collection. `name` is needed."""

    collection: CollectionDraft


class UpdateCollection(Wire):
    """A change of a collection. Without `mask.paths` nothing changes (OPS-04)."""

    collection: CollectionDraft
    mask: FieldMask | None = None


class ProductIds(Wire):
    """Products to put into a collection or to take out, at most a hundred."""

    product_ids: list[str]


class SetStock(Wire):
    """The stock of one variant; without `variantId`, of a product that does not manage variants."""

    variant_id: str = NO_VARIANT
    track_inventory: bool | None = None
    quantity: Quantity | None = None
    in_stock: bool | None = None


class AddStock(Wire):
    """Pieces that came (above zero) or went (below)."""

    increment_by: Annotated[int, Meta(ge=-1_000_000, le=1_000_000)]
    variant_id: str = NO_VARIANT


class CatalogueBody(Wire, omit_defaults=False):
    """What all prices of a site have in common."""

    currency: str


def _path_id(call: Call, missing: Callable[[str], AppError]) -> str:
    """The id of the path. What is no GUID names nothing."""
    found = call.path_params["id"]
    if not is_guid(found):
        raise missing(found)
    return found.lower()


def _fresh(call: Call) -> Callable[[], str]:
    return lambda: new_id(call.now)


def _masked(draft: ProductDraft | CollectionDraft, paths: list[str]) -> dict[str, Any]:
    """What an update sets: the masked fields, emptied where the body does not name them. Raises INVALID for an unknown path."""
    known = fields_of(type(draft))
    for place, path in enumerate(paths):
        if path not in known:
            text = f"is {path[:100]!r}, which can't be updated; {', '.join(known)} can"
            raise invalid_field(f"mask.paths[{place}]", text, "INVALID_ENUM_VALUE")
    values = sent(draft)
    return {path: values.get(path) for path in paths}


def _revision(draft: ProductDraft | CollectionDraft, place: str) -> int | None:
    text = "" if draft.revision is None else str(draft.revision)
    if text and not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise invalid_field(f"{place}.revision", f"must be a whole number (received {text[:50]!r})", "FORMAT")
    return int(text) if text else None


def _in_body(error: AppError, place: str) -> AppError:
    """The same refusal with its fields as paths of the request."""
    if not error.violations or error.violations[0].field.startswith(("mask.", f"{place}.")):
        return error
    violations = [Violation(f"{place}.{one.field}", one.description, one.rule, one.data) for one in error.violations]
    return AppError(error.kind, error.code, f"{place}.{error.description}", violations=violations)


async def create_product(call: Call) -> ProductAnswer:
    """Make a product."""
    return await call.write(_create_product, call, new_id(call.now), new_id(call.now))


def _create_product(tx: Tx, call: Call, product_id: str, entry_id: str) -> ProductAnswer:
    body: CreateProduct = call.body
    try:
        made = actions.create(
            tx, call.site_id, sent(body.product), product_id=product_id, fresh=_fresh(call), change=change_of(tx, call, entry_id)
        )
    except AppError as error:
        raise _in_body(error, "product") from error
    return ProductAnswer(product_v1(made, front(tx, call)))


async def update_product(call: Call) -> Answer:
    """Set the masked fields of a product. Lists are replaced as a whole; without a mask nothing changes and a header says so."""
    body: UpdateProduct = call.body
    paths = paths_of(body.mask)
    product_id = _path_id(call, actions.no_such_product)
    if not paths:
        found, shown = await call.read(_product, call, product_id)
        return _answered(ProductAnswer(product_v1(found, shown)), (b"x-roundtrip-notice", NOTHING_CHANGED))
    fields, revision = _masked(body.product, paths), _revision(body.product, "product")
    return _answered(await call.write(_update_product, call, product_id, fields, revision, new_id(call.now)))


def _update_product(tx: Tx, call: Call, product_id: str, fields: Mapping[str, Any], revision: int | None, entry_id: str) -> ProductAnswer:
    change = change_of(tx, call, entry_id)
    try:
        changed = actions.update(tx, call.site_id, product_id, fields, revision=revision, fresh=_fresh(call), change=change)
    except AppError as error:
        raise _in_body(error, "product") from error
    return ProductAnswer(product_v1(changed, front(tx, call)))


def _product(tx: Tx, call: Call, product_id: str) -> tuple[Product, Front]:
    return actions.require(tx, call.site_id, product_id), front(tx, call)


def _answered(body: msgspec.Struct, *headers: tuple[bytes, bytes]) -> Answer:
    return Answer(msgspec.json.encode(body), headers=headers)


async def delete_product(call: Call) -> Empty:
    """Delete a product with its stock."""
    product_id = _path_id(call, actions.no_such_product)
    await call.write(lambda tx, entry_id: actions.delete(tx, call.site_id, product_id, change_of(tx, call, entry_id)), new_id(call.now))
    return Empty()


async def set_stock(call: Call) -> ProductAnswer:
    """Let a variant have this stock, whatever it was."""
    body: SetStock = call.body
    product_id = _path_id(call, actions.no_such_product)
    stock = StockDraft(body.track_inventory, body.quantity, body.in_stock)

    def setting(tx: Tx, entry_id: str) -> ProductAnswer:
        change = change_of(tx, call, entry_id)
        found = actions.set_stock(tx, call.site_id, product_id, body.variant_id.lower(), stock, change)
        return ProductAnswer(product_v1(found, front(tx, call)))

    return await call.write(setting, new_id(call.now))


async def add_stock(call: Call) -> ProductAnswer:
    """Put pieces on the shelf or take some away; never below zero."""
    body: AddStock = call.body
    product_id = _path_id(call, actions.no_such_product)

    def adding(tx: Tx, entry_id: str) -> ProductAnswer:
        change = change_of(tx, call, entry_id)
        found = actions.add_stock(tx, call.site_id, product_id, body.variant_id.lower(), body.increment_by, change)
        return ProductAnswer(product_v1(found, front(tx, call)))

    return await call.write(adding, new_id(call.now))


async def get_catalogue(call: Call) -> CatalogueBody:
    """Read the currency of the site's prices."""
    chosen = await call.read(store.currency, call.site_id)
    return CatalogueBody(chosen or DEFAULT_CURRENCY)


async def choose_currency(call: Call) -> CatalogueBody:
    """Choose the currency of the site's prices, while there are no products."""
    body: CatalogueBody = call.body

    def choosing(tx: Tx, entry_id: str) -> None:
        one_currency.require_fits_bookings(tx, call.site_id, body.currency)
        actions.choose_currency(tx, call.site_id, body.currency, change_of(tx, call, entry_id))

    await call.write(choosing, new_id(call.now))
    return body


async def create_collection(call: Call) -> CollectionAnswer:
    """Make a collection."""
    body: CreateCollection = call.body
    collection_id = new_id(call.now)

    def creating(tx: Tx, entry_id: str) -> Collection:
        change = change_of(tx, call, entry_id)
        return collections.create(tx, call.site_id, sent(body.collection), collection_id=collection_id, change=change)

    return await call.write(_shown_collection, call, creating)


async def update_collection(call: Call) -> Answer:
    """Set the masked fields of a collection; without a mask nothing changes and a header says so."""
    body: UpdateCollection = call.body
    paths = paths_of(body.mask)
    found_id = _path_id(call, actions.no_such_collection)
    fields, revision = _masked(body.collection, paths), _revision(body.collection, "collection")

    def updating(tx: Tx, entry_id: str) -> Collection:
        change = change_of(tx, call, entry_id)
        return collections.update(tx, call.site_id, found_id, fields, revision=revision, change=change)

    answer = await call.write(_shown_collection, call, updating)
    return _answered(answer) if paths else _answered(answer, (b"x-roundtrip-notice", NOTHING_CHANGED))


def _shown_collection(tx: Tx, call: Call, change: Callable[[Tx, str], Collection]) -> CollectionAnswer:
    try:
        return CollectionAnswer(collection_v1(change(tx, new_id(call.now)), front(tx, call)))
    except AppError as error:
        raise _in_body(error, "collection") from error


async def delete_collection(call: Call) -> Empty:
    """Delete a collection; its products stay."""
    found_id = _path_id(call, actions.no_such_collection)
    await call.write(lambda tx, entry_id: collections.delete(tx, call.site_id, found_id, change_of(tx, call, entry_id)), new_id(call.now))
    return Empty()


async def add_products(call: Call) -> CollectionAnswer:
    """Put products into a collection; those that are there already stay."""
    return await _move(call, collections.add_products)


async def remove_products(call: Call) -> CollectionAnswer:
    """Take products out of a collection."""
    return await _move(call, collections.remove_products)


async def _move(call: Call, move: Callable[..., Collection]) -> CollectionAnswer:
    body: ProductIds = call.body
    found_id = _path_id(call, actions.no_such_collection)

    def moving(tx: Tx, entry_id: str) -> CollectionAnswer:
        moved = move(tx, call.site_id, found_id, body.product_ids, change_of(tx, call, entry_id))
        return CollectionAnswer(collection_v1(moved, front(tx, call)))

    return await call.write(moving, new_id(call.now))


_PRODUCTS, _COLLECTIONS, _OWN = "/stores/v1/products", "/stores/v1/collections", "/api/v1/products/{id}/stock"
_MADE = {"name": "Canvas Tote", "price": "18.00", "stock": {"quantity": 40}}
_WRONG_PRODUCT = ("SLUG_TAKEN", "COLLECTION_NOT_FOUND", "PICTURE_NOT_FOUND")
_Row = tuple[str, str, tuple[str, ...], str, Any, type[msgspec.Struct] | None, type[msgspec.Struct], dict[str, Any], tuple[str, ...]]
_TABLE: tuple[_Row, ...] = (
    ("CreateProduct", "POST", (_PRODUCTS,), "Make a product.", create_product, CreateProduct, ProductAnswer,
     {"product": _MADE}, _WRONG_PRODUCT),
    ("UpdateProduct", "PATCH", (f"{_PRODUCTS}/{{id}}",), "Set the fields of a product that `mask.paths` names.", update_product,
     UpdateProduct, ProductAnswer, {"product": {"price": "15.00", "revision": "1"}, "mask": {"paths": ["price"]}},
     ("PRODUCT_NOT_FOUND", "REVISION_CHANGED", *_WRONG_PRODUCT)),
    ("DeleteProduct", "DELETE", (f"{_PRODUCTS}/{{id}}",), "Delete a product with its stock.", delete_product, None, Empty,
     {}, ("PRODUCT_NOT_FOUND",)),
    ("SetStock", "PUT", (_OWN,), "Set the stock of a variant.", set_stock, SetStock, ProductAnswer,
     {"quantity": 40}, ("PRODUCT_NOT_FOUND", "VARIANT_NOT_FOUND")),
    ("AddStock", "POST", (f"{_OWN}/add",), "Add pieces to the counted stock of a variant, or take some away.", add_stock, AddStock,
     ProductAnswer, {"incrementBy": -2}, ("PRODUCT_NOT_FOUND", "VARIANT_NOT_FOUND", "NOT_ENOUGH_STOCK")),
    ("GetCatalogue", "GET", ("/api/v1/catalogue",), "Read the currency of the site's prices.", get_catalogue, None, CatalogueBody, {}, ()),
    ("ChooseCurrency", "PATCH", ("/api/v1/catalogue",), "Choose the currency of the site's prices, while there are no products.",
     choose_currency, CatalogueBody, CatalogueBody, {"currency": "EUR"}, ("CATALOGUE_IN_USE", "CURRENCIES_DIFFER")),
    ("CreateCollection", "POST", (_COLLECTIONS,), "Make a collection.", create_collection, CreateCollection, CollectionAnswer,
     {"collection": {"name": "Apparel"}}, ("SLUG_TAKEN", "PICTURE_NOT_FOUND")),
    ("UpdateCollection", "PATCH", (f"{_COLLECTIONS}/{{id}}",), "Set the fields of a collection that `mask.paths` names.", update_collection,
     UpdateCollection, CollectionAnswer, {"collection": {"name": "Clothes"}, "mask": {"paths": ["name"]}},
     ("COLLECTION_NOT_FOUND", "REVISION_CHANGED", "SLUG_TAKEN", "PICTURE_NOT_FOUND")),
    ("DeleteCollection", "DELETE", (f"{_COLLECTIONS}/{{id}}",), "Delete a collection; its products stay.", delete_collection, None, Empty,
     {}, ("COLLECTION_NOT_FOUND", "COLLECTION_IS_BUILT_IN")),
    ("AddProductsToCollection", "POST", (f"{_COLLECTIONS}/{{id}}/productIds",), "Put products into a collection.", add_products, ProductIds,
     CollectionAnswer, {"productIds": ["7a1c2f10-0000-4000-8000-000000000002"]},
     ("COLLECTION_NOT_FOUND", "PRODUCT_NOT_FOUND", "COLLECTION_IS_BUILT_IN")),
    ("RemoveProductsFromCollection", "POST", (f"{_COLLECTIONS}/{{id}}/productIds/delete",), "Take products out of a collection.",
     remove_products, ProductIds, CollectionAnswer, {"productIds": ["7a1c2f10-0000-4000-8000-000000000002"]},
     ("COLLECTION_NOT_FOUND", "COLLECTION_IS_BUILT_IN")),
)  # fmt: skip

OPERATIONS: tuple[Operation, ...] = tuple(
    Operation(name, method, paths, summary, run, PERMISSION, KEYS, request, response, example=example, errors=errors)
    for name, method, paths, summary, run, request, response, example, errors in _TABLE
)
