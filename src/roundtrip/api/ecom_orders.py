"""Orders for their buyers and for the owner's server code: one, a page of them, and the list that old mobile shops ask for."""

from __future__ import annotations

from typing import Any

from roundtrip.api.ecom_order_view import old_order_out, order_out
from roundtrip.api.ecom_parts import Json
from roundtrip.api.operation import KEYS, VISITORS, Call, Operation
from roundtrip.api.query_calls import PagingMetadata, QueryBody, SearchBody, paging_metadata
from roundtrip.api.stores_views import Front, front
from roundtrip.api.wire import Wire
from roundtrip.core.identity import Member, Visitor
from roundtrip.ecom.orders import actions, store
from roundtrip.ecom.orders.fields import ORDERS
from roundtrip.ecom.orders.model import Order
from roundtrip.query.model import Page, Query, asks_about
from roundtrip.query.parse import read_query
from roundtrip.storage.database import Tx

MOST_OF_OLD = 100


class OrderAnswer(Wire, omit_defaults=False):
    """The wrapper that clients unpack."""

    order: dict[str, Any]


class OrdersPage(Wire, omit_defaults=False):
    """A page of orders. Both names of the paging are there."""

    orders: list[dict[str, Any]]
    metadata: PagingMetadata
    paging_metadata: PagingMetadata


class OldMetadata(Wire, omit_defaults=False):
    """Which part of a list this is."""

    items: int
    offset: int


class OldOrders(Wire, omit_defaults=False):
    """Orders as the stores API of old lists them."""

    orders: list[dict[str, Any]]
    metadata: OldMetadata
    total_results: int


async def get(call: Call) -> OrderAnswer:
    """Read an order: one's own, or for keys any of the site."""
    return OrderAnswer(await call.read(_get, call))


def _get(tx: Tx, call: Call) -> Json:
    order = own(tx, call)
    return order_out(order, store.activities(tx, order.id), front(tx, call))


def own(tx: Tx, call: Call) -> Order:
    """The order that the path names, if it is for this caller: NOT_FOUND `ORDER_NOT_FOUND` otherwise."""
    order = actions.require(tx, call.site_id, call.path_params["id"])
    buyer = _buyer(call)
    if buyer is not None and not order.is_of(*_ids(buyer)):
        raise actions.no_order(order.id)
    return order


async def search(call: Call) -> OrdersPage:
    """List orders, newest first: one's own, or for keys those of the site. Unpaid ones only if `status` is asked for."""
    wanted = (call.body.search if isinstance(call.body, SearchBody) else None) or {}
    page, orders, shown = await call.read(_search, call, read_query(wanted, ORDERS, path="search", by_cursor=True))
    metadata = paging_metadata(page)
    return OrdersPage([order_out(order, (), shown) for order in orders], metadata, metadata)


def _search(tx: Tx, call: Call, query: Query) -> tuple[Page, list[Order], Front]:
    buyer = _buyer(call)
    # From the query as it was understood, and not as it was sent: a further page is asked for by its cursor alone.
    unplaced_too = asks_about(query.condition, ORDERS.fields["status"])
    page, orders = store.search(tx, call.site_id, query, buyer=buyer, unplaced_too=unplaced_too)
    return page, orders, front(tx, call)


async def query_old(call: Call) -> OldOrders:
    """List a member's orders in the old shape. A visitor who is nobody yet has none."""
    found = await call.read(_query_old, call)
    return OldOrders(found, OldMetadata(len(found), 0), len(found))


def _query_old(tx: Tx, call: Call) -> list[Json]:
    if not isinstance(call.caller, Member):
        return []
    shown = front(tx, call)
    return [old_order_out(order, shown) for order in store.of_member(tx, call.caller.site_id, call.caller.member_id, MOST_OF_OLD)]


def _buyer(call: Call) -> tuple[str, str] | None:
    """Whose orders a visitor or member sees; None for keys, which see all."""
    match call.caller:
        case Member():
            return "member", call.caller.member_id
        case Visitor():
            return "visitor", call.caller.visitor_id
        case _:
            return None


def _ids(buyer: tuple[str, str]) -> tuple[str | None, str | None]:
    kind, buyer_id = buyer
    return (buyer_id, None) if kind == "visitor" else (None, buyer_id)


PREFIXES = ("/ecom/v1/orders", "/_api/ecom-orders/v1/orders")


def paths(rest: str) -> tuple[str, ...]:
    """All addresses of one call."""
    return tuple(prefix + rest for prefix in PREFIXES)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="GetOrder",
        method="GET",
        paths=paths("/{id}"),
        summary="Read an order: one's own, or for keys any of the site.",
        run=get,
        permission="order.read",
        callers=VISITORS | KEYS,
        response=OrderAnswer,
        errors=("ORDER_NOT_FOUND",),
    ),
    Operation(
        name="SearchOrders",
        method="POST",
        paths=paths("/search"),
        summary="List orders, newest first: one's own, or for keys those of the site. Unpaid ones only if the filter asks for a status.",
        run=search,
        permission="order.read",
        callers=VISITORS | KEYS,
        request=SearchBody,
        response=OrdersPage,
        example={"search": {"filter": {"paymentStatus": "PAID"}, "cursorPaging": {"limit": 20}}},
    ),
    Operation(
        name="QueryStoresOrders",
        method="POST",
        paths=("/stores/v2/orders/query",),
        summary="List the member's own orders in the shape of the old stores API.",
        run=query_old,
        permission="order.read",
        callers=VISITORS,
        request=QueryBody,
        response=OldOrders,
        example={"query": {}},
    ),
)
