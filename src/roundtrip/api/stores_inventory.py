"""Stock as the old inventory API lists it, and which version of the catalogue a site has."""

from __future__ import annotations

import json
from typing import Annotated, Any

from msgspec import Meta

from roundtrip.api.operation import KEYS, VISITORS, Call, Operation
from roundtrip.api.stores_products import MetadataV1, metadata_v1
from roundtrip.api.stores_v1_view import inventory_id
from roundtrip.api.stores_views import Json, sees_hidden
from roundtrip.api.wire import Wire
from roundtrip.core.clock import rfc3339
from roundtrip.core.errors import invalid_field
from roundtrip.core.ids import is_guid
from roundtrip.ecom.catalogue import store
from roundtrip.ecom.catalogue.actions import no_such_product
from roundtrip.ecom.catalogue.fields import INVENTORY
from roundtrip.ecom.catalogue.model import Product, Variant
from roundtrip.query.model import Page, Query
from roundtrip.query.parse import read_query
from roundtrip.storage.database import Tx

CATALOGUE = "V1_CATALOG"
"""Version 1 is the one with which owners can do everything here; version 3 shows the same store (decision 0115)."""
LONGEST = 10_000


class InventoryQuery(Wire):
    """What to list. Clients send filter and sort as texts with JSON in them, or as JSON."""

    filter: str | dict[str, Any] | None = None
    sort: str | dict[str, Any] | list[Any] | None = None
    paging: dict[str, Any] | None = None


class QueryInventory(Wire):
    """A query of stock."""

    query: InventoryQuery | None = None


class InventoryItems(Wire, omit_defaults=False):
    """A page of stock."""

    inventory_items: list[dict[str, Any]]
    metadata: MetadataV1
    total_results: int | None


class GetVariants(Wire):
    """Which variants; without ids, all."""

    variant_ids: Annotated[list[str], Meta(max_length=300)] | None = None


class InventoryItem(Wire, omit_defaults=False):
    """The stock of one product."""

    inventory_item: dict[str, Any]


class CatalogueVersion(Wire, omit_defaults=False):
    """Which API a site's catalogue is managed by."""

    catalog_version: str


def stock_out(product: Product, variants: list[Variant] | tuple[Variant, ...]) -> Json:
    """The stock of a product on the wire. Nothing can be ordered before it is there."""
    return {
        "id": inventory_id(product.id),
        "productId": product.id,
        "trackQuantity": any(one.tracked for one in product.variants),
        "variants": [
            {
                "variantId": one.id,
                "inStock": one.is_available,
                "availableForPreorder": False,
                **({"quantity": one.quantity} if one.tracked else {}),
            }
            for one in variants
        ],
        "lastUpdated": rfc3339(product.updated_at),
        "numericId": str(product.number),
        "preorderInfo": {"enabled": False},
    }


async def query(call: Call) -> InventoryItems:
    """List stock."""
    sent = call.body.query or InventoryQuery()
    raw = {
        "filter": _by_product(_json(sent.filter, "query.filter")),
        "sort": _sort(_json(sent.sort, "query.sort")),
        "paging": sent.paging,
    }
    page, products = await call.read(_queried, call, read_query(raw, INVENTORY))
    return InventoryItems([stock_out(one, _seen(one, call)) for one in products], metadata_v1(page), page.total)


def _queried(tx: Tx, call: Call, wanted: Query) -> tuple[Page, list[Product]]:
    return store.query_products(tx, call.site_id, wanted, hidden_too=sees_hidden(call))


def _seen(product: Product, call: Call) -> tuple[Variant, ...]:
    return product.variants if sees_hidden(call) else product.sold_variants


def _json(value: Any, path: str) -> Any:
    """What a text with JSON in it says; anything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if value else None
    except (ValueError, RecursionError):
        raise invalid_field(path, f"must be JSON, or a text with JSON in it (received {value[:100]!r})", "FORMAT") from None


def _by_product(wanted: Any) -> Any:
    """The same filter with products in place of their inventories, whose ids are the products', turned round."""
    if isinstance(wanted, list):
        return [_by_product(part) for part in wanted]
    if not isinstance(wanted, dict):
        return wanted
    found = {}
    for name, value in wanted.items():
        found["productId" if name == "id" else name] = _turned(value) if name == "id" else _by_product(value)
    return found


def _turned(value: Any) -> Any:
    if isinstance(value, str):
        return inventory_id(value.lower())
    if isinstance(value, list):
        return [_turned(part) for part in value]
    return {name: _turned(part) for name, part in value.items()} if isinstance(value, dict) else value


def _sort(wanted: Any) -> Any:
    """`{"numericId": "asc"}`, or a list of such, as the query language has it."""
    one_by_one = [wanted] if isinstance(wanted, dict) else wanted
    if not isinstance(one_by_one, list):
        return wanted
    found: list[Any] = []
    for part in one_by_one:
        if isinstance(part, dict) and "fieldName" not in part:
            found += [{"fieldName": name, "order": way.upper() if isinstance(way, str) else way} for name, way in part.items()]
        else:
            found.append(part)
    return found


async def variants(call: Call) -> InventoryItem:
    """Read the stock of one product, by the id of its inventory."""
    body: GetVariants = call.body
    product = await call.read(_found, call)
    wanted = [one for one in _seen(product, call) if body.variant_ids is None or one.id in body.variant_ids]
    return InventoryItem(stock_out(product, wanted))


def _found(tx: Tx, call: Call) -> Product:
    wanted = call.path_params["id"].lower()
    found = store.product(tx, call.site_id, inventory_id(wanted)) if is_guid(wanted) else None
    if found is None or not (found.visible or sees_hidden(call)):
        raise no_such_product(wanted)
    return found


async def version(call: Call) -> CatalogueVersion:
    """Tell which version of the catalogue this is."""
    return CatalogueVersion(CATALOGUE)


_PREFIXES = ("/stores-reader/v2/inventoryItems", "/stores/v2/inventoryItems")
_SUMMARY = f"List stock, version 1. Filters: {', '.join(INVENTORY.fields)}, id. Sorts: {', '.join(INVENTORY.sortable)}."
_VERSION = (
    "/stores/v3/provision/version",
    "/_api/stores/v3/provision/version",
    "/_api/provision/version",
    "/v3/provision/version",
)


def _reading(name: str, method: str, paths: tuple[str, ...], summary: str, run: Any, **more: Any) -> Operation:
    callers = VISITORS | KEYS
    return Operation(name=name, method=method, paths=paths, summary=summary, run=run, permission="catalogue.read", callers=callers, **more)


OPERATIONS: tuple[Operation, ...] = (
    _reading(
        "QueryInventory",
        "POST",
        tuple(f"{prefix}/query" for prefix in _PREFIXES),
        _SUMMARY,
        query,
        request=QueryInventory,
        response=InventoryItems,
        example={"query": {"filter": '{"productId": "7a1c2f10-0000-4000-8000-000000000001"}', "paging": {"limit": 10, "offset": 0}}},
    ),
    _reading(
        "GetInventoryVariants",
        "POST",
        tuple(f"{prefix}/{{id}}/getVariants" for prefix in _PREFIXES),
        "Read the stock of one product, by the id of its inventory.",
        variants,
        request=GetVariants,
        response=InventoryItem,
        example={"variantIds": ["00000000-0000-0000-0000-000000000000"]},
        errors=("PRODUCT_NOT_FOUND",),
    ),
    _reading("GetCatalogVersion", "GET", _VERSION, "Tell which version of the catalogue a site has.", version, response=CatalogueVersion),
)
