"""Products for shop fronts, as both versions of the stores API ask for them. Visitors see what is visible, keys see everything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from roundtrip.api.operation import KEYS, VISITORS, Call, Operation
from roundtrip.api.query_calls import PARAMETERS, PagingMetadata, QueryBody, SearchBody, asked, paging_metadata
from roundtrip.api.stores_v1_view import product_v1, variant_v1
from roundtrip.api.stores_v3_view import product_v3
from roundtrip.api.stores_views import Front, Json, front, sees_hidden
from roundtrip.api.wire import Wire
from roundtrip.core.errors import invalid_field
from roundtrip.core.ids import is_guid
from roundtrip.ecom.catalogue import store
from roundtrip.ecom.catalogue.actions import no_such_product
from roundtrip.ecom.catalogue.fields import PRODUCTS_V1, PRODUCTS_V3
from roundtrip.ecom.catalogue.model import Product
from roundtrip.query.model import Page, Query
from roundtrip.query.parse import read_query
from roundtrip.storage.database import Tx


class MetadataV1(Wire, omit_defaults=False):
    """Which part of a list this is, in the words of version 1. `total` is null with cursor paging."""

    items: int
    offset: int
    total: int | None


class ProductsV1(Wire, omit_defaults=False):
    """A page of products, version 1."""

    products: list[dict[str, Any]]
    metadata: MetadataV1
    total_results: int | None
    paging_metadata: PagingMetadata


class ProductAnswer(Wire, omit_defaults=False):
    """One product."""

    product: dict[str, Any]


class ProductsV3(Wire, omit_defaults=False):
    """A page of products, version 3. `aggregationData` is always empty."""

    products: list[dict[str, Any]]
    paging_metadata: PagingMetadata
    aggregation_data: dict[str, Any] = msgspec.field(default_factory=dict)


class VariantsBody(Wire):
    """Which variants: those with these ids, or the ones with all of these choices."""

    variant_ids: list[str] | None = None
    choices: dict[str, str] | None = None


class VariantsV1(Wire, omit_defaults=False):
    """Variants of one product."""

    variants: list[dict[str, Any]]
    metadata: MetadataV1
    total_results: int


def metadata_v1(page: Page) -> MetadataV1:
    """As version 1 counts."""
    return MetadataV1(len(page.rows), page.offset, page.total)


async def query_v1(call: Call) -> ProductsV1:
    """List products as version 1 shows them."""
    body = asked(call, QueryBody)
    page, products, shown = await call.read(_queried, call, read_query(body.query, PRODUCTS_V1))
    return ProductsV1([product_v1(one, shown) for one in products], metadata_v1(page), page.total, paging_metadata(page))


async def query_v3(call: Call) -> ProductsV3:
    """List products as version 3 shows them."""
    body = asked(call, QueryBody)
    page, products, shown = await call.read(_queried, call, read_query(body.query, PRODUCTS_V3, by_cursor=True))
    return ProductsV3([product_v3(one, shown) for one in products], paging_metadata(page))


async def search_v3(call: Call) -> ProductsV3:
    """The same by search. Free text is not searched for: it would cost as much as is stored."""
    search: Mapping[str, Any] = asked(call, SearchBody).search or {}
    expression = search.get("search")
    if isinstance(expression, Mapping) and expression.get("expression"):
        text = 'is not supported; filter by name, such as {"name": {"$startsWith": "mug"}}'
        raise invalid_field("search.search.expression", text, "OTHER")
    wanted = read_query(search, PRODUCTS_V3, path="search", by_cursor=True)
    page, products, shown = await call.read(_queried, call, wanted)
    return ProductsV3([product_v3(one, shown) for one in products], paging_metadata(page))


def _queried(tx: Tx, call: Call, query: Query) -> tuple[Page, list[Product], Front]:
    shown = front(tx, call)
    page, products = store.query_products(tx, call.site_id, query, hidden_too=sees_hidden(call))
    return page, products, shown


async def get_v1(call: Call) -> ProductAnswer:
    """Read one product as version 1 shows it."""
    return ProductAnswer(product_v1(*await call.read(_found, call)))


async def get_v3(call: Call) -> ProductAnswer:
    """Read one product as version 3 shows it."""
    return ProductAnswer(product_v3(*await call.read(_found, call)))


async def variants(call: Call) -> VariantsV1:
    """Read the variants of one product."""
    body: VariantsBody = call.body
    product, shown = await call.read(_found, call)
    wanted = [
        one
        for one in product.sold_variants
        if (body.variant_ids is None or one.id in body.variant_ids)
        and all(one.choices.get(name) == choice for name, choice in (body.choices or {}).items())
    ]
    found = [variant_v1(product, one, shown) for one in wanted]
    return VariantsV1(found, MetadataV1(len(found), 0, len(found)), len(found))


def _found(tx: Tx, call: Call) -> tuple[Product, Front]:
    shown = front(tx, call)
    site_id, path = call.site_id, call.path_params
    if "slug" in path:
        found = store.product_by_slug(tx, site_id, path["slug"])
    else:
        found = store.product(tx, site_id, path["id"].lower()) if is_guid(path["id"]) else None
    if found is None or not (found.visible or sees_hidden(call)):
        raise no_such_product(path.get("slug") or path["id"])
    return found, shown


V1_PREFIXES = ("/stores-reader/v1/products", "/stores/v1/products", "/_api/catalog-reader-server/v1/products")
V3_PREFIXES = ("/stores/v3/products", "/_api/stores-catalog-orchestrator/v3/products")
_EXAMPLE: Json = {"query": {"filter": {"slug": "canvas-tote"}, "sort": [], "paging": {"limit": 1, "offset": 0}}}


def _paths(prefixes: tuple[str, ...], *rests: str) -> tuple[str, ...]:
    return tuple(prefix + rest for prefix in prefixes for rest in rests)


def _reading(
    name: str, method: str, paths: tuple[str, ...], summary: str, run: Any, response: type[msgspec.Struct], **more: Any
) -> Operation:
    return Operation(
        name=name,
        method=method,
        paths=paths,
        summary=summary,
        run=run,
        permission="catalogue.read",
        callers=VISITORS | KEYS,
        response=response,
        **more,
    )


_QUERY_V1 = _paths(V1_PREFIXES, "/query-platformized", "/query")
_QUERY_V3 = _paths(V3_PREFIXES, "/query")
_SEARCH_V3 = _paths(V3_PREFIXES, "/search")
_V1 = "List products, version 1. Filters: " + ", ".join(PRODUCTS_V1.fields) + ". Sorts: " + ", ".join(PRODUCTS_V1.sortable) + "."
_V3 = "List products, version 3. Filters: " + ", ".join(PRODUCTS_V3.fields) + ". Sorts: " + ", ".join(PRODUCTS_V3.sortable) + "."
_SEARCH_EXAMPLE: Json = {"search": {"filter": {"visible": True}, "cursorPaging": {"limit": 20}}}
_BY_CURSOR: Json = {"query": {"filter": {}, "cursorPaging": {"limit": 50}}, "fields": ["CURRENCY"]}

OPERATIONS: tuple[Operation, ...] = (
    _reading("QueryProducts", "POST", _QUERY_V1, _V1, query_v1, ProductsV1, request=QueryBody, example=_EXAMPLE),
    _reading("QueryProductsByAddress", "GET", _QUERY_V1, _V1, query_v1, ProductsV1, query=PARAMETERS),
    _reading(
        "GetProduct",
        "GET",
        _paths(V1_PREFIXES, "/{id}"),
        "Read one product, version 1.",
        get_v1,
        ProductAnswer,
        errors=("PRODUCT_NOT_FOUND",),
    ),
    _reading(
        "QueryProductVariants",
        "POST",
        _paths(V1_PREFIXES, "/{id}/variants/query"),
        "Read the variants of a product.",
        variants,
        VariantsV1,
        request=VariantsBody,
        example={"choices": {"Size": "S"}},
        errors=("PRODUCT_NOT_FOUND",),
    ),
    _reading("QueryProductsV3", "POST", _QUERY_V3, _V3, query_v3, ProductsV3, request=QueryBody, example=_BY_CURSOR),
    _reading("QueryProductsV3ByAddress", "GET", _QUERY_V3, _V3, query_v3, ProductsV3, query=PARAMETERS),
    _reading(
        "SearchProductsV3",
        "POST",
        _SEARCH_V3,
        "Search products, version 3, with the fields of its query; free text is refused.",
        search_v3,
        ProductsV3,
        request=SearchBody,
        example=_SEARCH_EXAMPLE,
    ),
    _reading(
        "SearchProductsV3ByAddress",
        "GET",
        _SEARCH_V3,
        "Search products, version 3, with the fields of its query; free text is refused.",
        search_v3,
        ProductsV3,
        query=PARAMETERS,
    ),
    _reading(
        "GetProductBySlugV3",
        "GET",
        _paths(V3_PREFIXES, "/slug/{slug}"),
        "Read one product by the last part of its page's address, version 3.",
        get_v3,
        ProductAnswer,
        errors=("PRODUCT_NOT_FOUND",),
    ),
    _reading(
        "GetProductV3",
        "GET",
        _paths(V3_PREFIXES, "/{id}"),
        "Read one product, version 3.",
        get_v3,
        ProductAnswer,
        errors=("PRODUCT_NOT_FOUND",),
    ),
)
