"""Orders of tickets: a member's own, and for the owner's server code all of them; what owners do with them."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from roundtrip.api.callers import moment_of_call, owner_of
from roundtrip.api.events_orders_view import order_out, pages_of
from roundtrip.api.operation import KEYS, VISITORS, Call, Operation
from roundtrip.api.query_calls import PagingMetadata, QueryBody, asked, paging_metadata
from roundtrip.api.stores_views import Json, sees_hidden
from roundtrip.api.wire import Wire
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.ids import new_id
from roundtrip.events.event import actions as events
from roundtrip.events.issued import store as tickets
from roundtrip.events.orders import actions, store
from roundtrip.events.orders.model import Order
from roundtrip.events.orders.numbers import read_number
from roundtrip.flows.paid import sellers
from roundtrip.query.model import Query
from roundtrip.query.parse import read_query
from roundtrip.storage.database import Tx
from roundtrip.workflows import end_order


class OrderAnswer(Wire, omit_defaults=False):
    """One order."""

    order: dict[str, Any]


class Orders(Wire, omit_defaults=False):
    """A page of orders."""

    orders: list[dict[str, Any]]
    paging_metadata: PagingMetadata


class ConfirmBody(Wire):
    """Numbers of orders whose money is there."""

    order_number: Annotated[list[Annotated[str, Meta(max_length=30)]], Meta(min_length=1, max_length=20)]


class Confirmed(Wire, omit_defaults=False):
    """The orders as they are now."""

    orders: list[dict[str, Any]]


class CancelBody(Wire):
    """Whether what was paid goes back."""

    refund: bool = False


class ArchiveBody(Wire):
    """Whether it is put away."""

    archived: bool


async def get(call: Call) -> OrderAnswer:
    """Read one order."""
    return OrderAnswer(await call.read(lambda tx: _out(tx, call, _own(tx, call))))


def _own(tx: Tx, call: Call) -> Order:
    """The order that the path names, if it is for this caller: NOT_FOUND otherwise."""
    number = read_number(call.path_params["number"])
    found = store.by_number(tx, call.site_id, number)
    if found is None or found.event_id != call.path_params.get("eventId", found.event_id).lower():
        raise actions.no_order(number)
    visitor_id, member_id = owner_of(call)
    is_own = (found.member_id and found.member_id == member_id) or (found.visitor_id and found.visitor_id == visitor_id)
    if not is_own and not sees_hidden(call):
        raise actions.no_order(number)
    return found


def _out(tx: Tx, call: Call, order: Order) -> Json:
    return order_out(order, tickets.of_order(tx, call.site_id, order.id), call.services.code_key, pages_of(tx, call))


async def query(call: Call) -> Orders:
    """List orders, the newest first."""
    return await call.read(_queried, call, read_query(asked(call, QueryBody).query, store.ORDERS))


def _queried(tx: Tx, call: Call, wanted: Query) -> Orders:
    _, member_id = owner_of(call)
    if member_id is None and not sees_hidden(call):
        raise AppError(Kind.FORBIDDEN, "MEMBERS_ONLY", "Visitors have no list of orders. Let the visitor log in.")
    page, found = store.query(tx, call.site_id, wanted, member_id)
    known = tickets.of_orders(tx, call.site_id, [one.id for one in found])
    pages = pages_of(tx, call)
    shown = [order_out(one, known.get(one.id, []), call.services.code_key, pages) for one in found]
    return Orders(shown, paging_metadata(page))


async def confirm(call: Call) -> Confirmed:
    """The owner has the money in hand."""
    body: ConfirmBody = call.body

    def confirming(tx: Tx, made: str) -> list[Json]:
        moment = moment_of_call(tx, call, made)
        event = events.require(tx, call.site_id, call.path_params["eventId"])
        found = []
        for number in body.order_number:
            order = store.by_number(tx, call.site_id, read_number(number))
            if order is None or order.event_id != event.id:
                raise actions.no_order(number)
            found.append(_out(tx, call, end_order.mark_paid(tx, order, moment, sellers())))
        return found

    return Confirmed(await call.write(confirming, new_id(call.now)))


async def cancel(call: Call) -> OrderAnswer:
    """An order does not stand any more."""
    body: CancelBody = call.body

    def cancelling(tx: Tx, made: str) -> Json:
        order = end_order.cancel(tx, _own(tx, call), moment_of_call(tx, call, made), gives_back=body.refund)
        return _out(tx, call, order)

    return OrderAnswer(await call.write(cancelling, new_id(call.now)))


async def archive(call: Call) -> OrderAnswer:
    """Put an order away, or take it out again."""
    body: ArchiveBody = call.body

    def archiving(tx: Tx, made: str) -> Json:
        order = _own(tx, call)
        if store.set_archived(tx, order, body.archived, call.now):
            actions.tell(tx, actions.require(tx, call.site_id, order.id), "updated", moment_of_call(tx, call, made))
        return _out(tx, call, actions.require(tx, call.site_id, order.id))

    return OrderAnswer(await call.write(archiving, new_id(call.now)))


WEB = ("/events/v1/events", "/_api/wix-events-web/v1/events")
_ORDER = tuple(f"{prefix}/{{eventId}}/orders/{{number}}" for prefix in WEB)
_ORDERS = ("/events/v1/orders/query", "/_api/wix-events-web/v1/orders/query")
_UNKNOWN = ("ORDER_NOT_FOUND",)
_OWN = "/api/v1/event-orders/{number}"
_EVENT = "e0e00001-0000-4000-8000-000000000001"
_ALL = VISITORS | KEYS
OPERATIONS: tuple[Operation, ...] = (
    # Before the one below it, whose address fits this one too.
    Operation("ConfirmEventOrder", "POST", tuple(f"{prefix}/{{eventId}}/orders/confirm" for prefix in WEB),
              "The money for orders that are paid later is there.", confirm, "event.manage", KEYS, ConfirmBody, Confirmed,
              example={"orderNumber": ["2ABC-DEFG-HJK"]},
              errors=("EVENT_NOT_FOUND", *_UNKNOWN, "ALREADY_PAID", "PAYMENT_PENDING", "ORDER_STATUS")),
    Operation("GetEventOrder", "GET", (*_ORDER, _OWN), "Read an order of tickets: one's own, or for keys any of the site.", get,
              "event.read", _ALL, None, OrderAnswer, errors=_UNKNOWN),
    Operation("QueryEventOrders", "POST", _ORDERS,
              f"List orders of tickets: a member's own, or for keys all. Filters: {', '.join(store.ORDERS.fields)}.", query, "event.read",
              _ALL, QueryBody, Orders, example={"query": {"filter": {"eventId": _EVENT}, "paging": {"limit": 50}}},
              errors=("MEMBERS_ONLY",)),
    Operation("CancelEventOrder", "POST", (f"{_OWN}/cancel",), "Cancel an order: its tickets open no door any more, and are free again.",
              cancel, "event.manage", KEYS, CancelBody, OrderAnswer, example={"refund": True},
              errors=(*_UNKNOWN, "ORDER_STATUS", "REFUND_TOO_HIGH")),
    Operation("ArchiveEventOrder", "POST", (f"{_OWN}/archive",), "Put an order away, or take it out again.", archive, "event.manage", KEYS,
              ArchiveBody, OrderAnswer, example={"archived": True}, errors=_UNKNOWN),
)  # fmt: skip
