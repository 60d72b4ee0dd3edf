"""Collections for shop fronts, and menus that a site may ask for. Visitors see what is visible, keys see everything."""

from __future__ import annotations

from typing import Any

from roundtrip.api.errors import status_body
from roundtrip.api.operation import KEYS, VISITORS, Answer, Call, Operation
from roundtrip.api.query_calls import PARAMETERS, PagingMetadata, QueryBody, asked, paging_metadata
from roundtrip.api.stores_products import MetadataV1, metadata_v1
from roundtrip.api.stores_v1_view import collection_v1
from roundtrip.api.stores_views import Front, front, sees_hidden
from roundtrip.api.wire import Wire
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.ids import is_guid
from roundtrip.ecom.catalogue.actions import no_such_collection
from roundtrip.ecom.catalogue.collections import store
from roundtrip.ecom.catalogue.fields import COLLECTIONS
from roundtrip.ecom.catalogue.model import Collection
from roundtrip.query.model import Page, Query
from roundtrip.query.parse import read_query
from roundtrip.storage.database import Tx


class CollectionsV1(Wire, omit_defaults=False):
    """A page of collections."""

    collections: list[dict[str, Any]]
    metadata: MetadataV1
    total_results: int | None
    paging_metadata: PagingMetadata


class CollectionAnswer(Wire, omit_defaults=False):
    """One collection."""

    collection: dict[str, Any]


async def query(call: Call) -> CollectionsV1:
    """List collections."""
    body = asked(call, QueryBody)
    page, found, shown = await call.read(_queried, call, read_query(body.query, COLLECTIONS))
    return CollectionsV1([collection_v1(one, shown) for one in found], metadata_v1(page), page.total, paging_metadata(page))


def _queried(tx: Tx, call: Call, wanted: Query) -> tuple[Page, list[Collection], Front]:
    shown = front(tx, call)
    page, found = store.query_collections(tx, call.site_id, wanted, hidden_too=sees_hidden(call))
    return page, found, shown


async def get(call: Call) -> CollectionAnswer:
    """Read one collection."""
    found, shown = await call.read(_found, call)
    if found is None:
        raise no_such_collection(call.path_params["id"])
    return CollectionAnswer(collection_v1(found, shown))


async def get_by_slug(call: Call) -> CollectionAnswer | Answer:
    """Read one collection by its slug. Shop fronts look for the number 404, which the SDK makes only without a code (decision 0112)."""
    found, shown = await call.read(_found, call)
    if found is None:
        return Answer(status_body(no_such_collection(call.path_params["slug"])), status=404)
    return CollectionAnswer(collection_v1(found, shown))


def _found(tx: Tx, call: Call) -> tuple[Collection | None, Front]:
    site_id, path, shown = call.site_id, call.path_params, front(tx, call)
    if "slug" in path:
        found = store.collection_by_slug(tx, site_id, path["slug"])
    else:
        found = store.collection(tx, site_id, path["id"].lower()) if is_guid(path["id"]) else None
    return (found if found is not None and (found.visible or sees_hidden(call)) else None), shown


class ItemsBody(Wire):
    """A query of content."""

    data_collection_id: str | None = None


async def content_items(call: Call) -> Answer:
    """Lists of content (menus, pages) are not kept here. Shop fronts know the code, and go on without a menu."""
    name = asked(call, ItemsBody).data_collection_id or ""
    raise AppError(Kind.NOT_FOUND, "WDE0025", f"There is no list of content called {name[:100]!r} on this site.")


_PREFIXES = ("/stores-reader/v2/collections", "/v2/collections", "/stores/v1/collections", "/stores-reader/v1/collections")
_QUERY = tuple(f"{prefix}/query" for prefix in _PREFIXES)
_SUMMARY = f"List collections. Filters: {', '.join(COLLECTIONS.fields)}. Sorts: {', '.join(COLLECTIONS.sortable)}."
_CONTENT = ("/wix-data/v2/items/query",)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="QueryCollections",
        method="POST",
        paths=_QUERY,
        summary=_SUMMARY,
        run=query,
        permission="catalogue.read",
        callers=VISITORS | KEYS,
        request=QueryBody,
        response=CollectionsV1,
        example={"query": {"filter": {"name": {"$startsWith": "A"}}, "paging": {"limit": 50, "offset": 0}}},
    ),
    Operation(
        name="QueryCollectionsByAddress",
        method="GET",
        paths=_QUERY,
        summary=_SUMMARY,
        run=query,
        permission="catalogue.read",
        callers=VISITORS | KEYS,
        response=CollectionsV1,
        query=PARAMETERS,
    ),
    Operation(
        name="GetCollectionBySlug",
        method="GET",
        paths=tuple(f"{prefix}/slug/{{slug}}" for prefix in _PREFIXES),
        summary="Read one collection by its slug.",
        run=get_by_slug,
        permission="catalogue.read",
        callers=VISITORS | KEYS,
        response=CollectionAnswer,
        errors=("COLLECTION_NOT_FOUND",),
    ),
    Operation(
        name="GetCollection",
        method="GET",
        paths=tuple(f"{prefix}/{{id}}" for prefix in _PREFIXES),
        summary="Read one collection.",
        run=get,
        permission="catalogue.read",
        callers=VISITORS | KEYS,
        response=CollectionAnswer,
        errors=("COLLECTION_NOT_FOUND",),
    ),
    Operation(
        name="QueryContentItems",
        method="POST",
        paths=_CONTENT,
        summary="Lists of content are not kept here: always not found, in the way that shop fronts know.",
        run=content_items,
        permission="catalogue.read",
        callers=VISITORS | KEYS,
        request=ItemsBody,
        example={"dataCollectionId": "Menus"},
        errors=("WDE0025",),
    ),
    Operation(
        name="QueryContentItemsByAddress",
        method="GET",
        paths=_CONTENT,
        summary="Lists of content are not kept here: always not found, in the way that shop fronts know.",
        run=content_items,
        permission="catalogue.read",
        callers=VISITORS | KEYS,
        query=PARAMETERS,
        errors=("WDE0025",),
    ),
)
