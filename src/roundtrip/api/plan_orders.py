"""Orders of plans for their members: what they have, ending it, and buying over the API, which begins an order that is then paid."""

from __future__ import annotations

from typing import Any

from roundtrip.api.operation import VISITORS, Call, Operation
from roundtrip.api.plans import paths
from roundtrip.api.plans_view import Json, order_out
from roundtrip.api.query_calls import PagingMetadata, asked, paging_metadata
from roundtrip.api.settings_calls import own_site
from roundtrip.api.wire import Empty, Wire
from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.core.identity import Member
from roundtrip.core.ids import is_guid, new_id
from roundtrip.core.zones import read_time, zone_of
from roundtrip.members import actions as members
from roundtrip.plans.orders import actions, store
from roundtrip.plans.orders.actions import Wish
from roundtrip.plans.orders.model import Cause, Effect, PlanOrder
from roundtrip.plans.plan import actions as plans
from roundtrip.query.parse import read_query
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows import buy_plan, plan_ends

Texts = list[str] | str


class OrdersQuery(Wire):
    """Which orders; all of it may be left out."""

    plan_ids: Texts | None = None
    order_statuses: Texts | None = None
    payment_statuses: Texts | None = None
    limit: int = 50
    offset: int = 0
    sorting: dict[str, Any] | None = None
    field_set: str | None = None


class Orders(Wire, omit_defaults=False):
    """A page of orders."""

    orders: list[dict[str, Any]]
    paging_metadata: PagingMetadata


class OrderAnswer(Wire, omit_defaults=False):
    """One order."""

    order: dict[str, Any]


class CancelBody(Wire):
    """When it takes effect."""

    effective_at: Effect = Effect.IMMEDIATELY


class BuyBody(Wire):
    """What is bought, and when it starts; without a date, at once."""

    plan_id: str
    start_date: str | None = None


def member_id_of(call: Call) -> str:
    """The member who asks. Raises FORBIDDEN `MEMBER_REQUIRED` for a visitor."""
    if not isinstance(call.caller, Member):
        text = "Plans are bought by members, and this token is a visitor's. Log the visitor in, and call with the member's token."
        raise AppError(Kind.FORBIDDEN, "MEMBER_REQUIRED", text)
    return call.caller.member_id


async def list_own(call: Call) -> Orders:
    """List the orders of the member who asks, the newest first."""
    return await call.read(listed, call, member_id_of(call))


def listed(tx: Tx, call: Call, member_id: str | None) -> Orders:
    """A page of orders, of one member or of all."""
    wanted = asked(call, OrdersQuery)
    found: list[Json] = []
    for name, texts in (("planId", wanted.plan_ids), ("status", wanted.order_statuses), ("lastPaymentStatus", wanted.payment_statuses)):
        if texts:
            found.append({name: {"$in": [texts] if isinstance(texts, str) else texts}})
    raw: Json = {"paging": {"limit": wanted.limit, "offset": wanted.offset}, **({"filter": {"$and": found}} if found else {})}
    if wanted.sorting:
        raw["sort"] = [wanted.sorting]
    page, orders = store.query(tx, call.site_id, read_query(raw, store.ORDERS), member_id=member_id)
    return Orders([order_out(one) for one in orders], paging_metadata(page))


async def get_own(call: Call) -> OrderAnswer:
    """Read one order of the member who asks."""
    member_id_of(call)
    return OrderAnswer(order_out(await call.read(_own, call)))


def _own(tx: Tx, call: Call) -> PlanOrder:
    order = actions.require(tx, call.site_id, call.path_params["id"])
    if order.member_id != member_id_of(call):
        raise actions.no_order(order.id)
    return order


async def cancel_own(call: Call) -> Empty:
    """End an order of the member who asks, where its plan lets them."""
    member_id_of(call)
    await call.write(_cancel, call, new_id(call.now))
    return Empty()


def _cancel(tx: Tx, call: Call, made: str) -> None:
    body: CancelBody = call.body
    order = _own(tx, call)
    if not order.content.buyer_can_cancel:
        text = f"{order.content.name} can't be cancelled by its buyers. Ask the business."
        raise AppError(Kind.CONFLICT, "PLAN_ORDER_STATUS", text, data={"orderId": order.id})
    plan_ends.cancel(tx, call.site_id, order.id, Cause.MEMBER_ACTION, body.effective_at, Moment(call.now, made))


async def create_online(call: Call) -> OrderAnswer:
    """Begin to buy: what costs nothing stands at once, everything else is a draft that the hosted pages take the money for."""
    return OrderAnswer(order_out(await call.write(_create, call, member_id_of(call), new_id(call.now))))


def _create(tx: Tx, call: Call, member_id: str, made: str) -> PlanOrder:
    body: BuyBody = call.body
    language = own_site(tx, call).language
    wish = Wish(starts_at=start_of(body.start_date), language=language)
    return buy_plan.begin(tx, call.site_id, plan_id_of(body.plan_id), member_id, wish, Moment(call.now, made))


def start_of(text: str | None) -> int | None:
    """When it shall start. Raises INVALID for what is no time."""
    if not text:
        return None
    try:
        return read_time(text, zone_of("UTC"), by_wall=False)
    except (ValueError, OverflowError) as error:
        raise invalid_field("startDate", f"must be a time such as 2026-01-31T09:00:00Z (received {text[:40]!r})", "FORMAT") from error


def plan_id_of(text: str) -> str:
    """An id. Raises NOT_FOUND `PLAN_NOT_FOUND` for what is none."""
    if not is_guid(text):
        raise plans.no_such_plan(text)
    return text


async def preview_online(call: Call) -> OrderAnswer:
    """What an order would be, without making one."""
    return OrderAnswer(order_out(await call.read(_preview, call, member_id_of(call), new_id(call.now))))


def _preview(tx: Tx, call: Call, member_id: str, made: str) -> PlanOrder:
    body: BuyBody = call.body
    plan = plans.require_sold(tx, call.site_id, plan_id_of(body.plan_id))
    member = members.require_member(tx, call.site_id, member_id)
    wish = Wish(starts_at=start_of(body.start_date), language=own_site(tx, call).language)
    return actions.preview(tx, plan, member, wish, Moment(call.now, made))


_UNKNOWN = ("PLAN_ORDER_NOT_FOUND",)
_MEMBERS = ("MEMBER_REQUIRED",)
_BUYING = (*_MEMBERS, "PLAN_NOT_FOUND", "archived_plan", "purchases_limit_reached", "invalid_start_date",
           "buyer_can_not_pick_future_start_date")  # fmt: skip
PARAMETERS = (
    ("planIds", "Of these plans. May be repeated."),
    ("orderStatuses", "In these states. May be repeated."),
    ("paymentStatuses", "With these last payments. May be repeated."),
    ("limit", "How many, 50 unless told."),
    ("offset", "From which on."),
    (".r", "All of it as JSON in base64url without padding."),
)
_BUY = {"planId": "91a00001-0000-4000-8000-000000000001"}
OPERATIONS: tuple[Operation, ...] = (
    Operation("MemberListPlanOrders", "GET", paths("/member/orders"), "List the orders of the member who asks, the newest first.", list_own,
              "plan.read", VISITORS, None, Orders, query=PARAMETERS, errors=_MEMBERS),
    Operation("MemberGetPlanOrder", "GET", paths("/member/orders/{id}"), "Read one order of the member who asks.", get_own, "plan.read",
              VISITORS, None, OrderAnswer, errors=(*_MEMBERS, *_UNKNOWN)),
    Operation("RequestPlanCancellation", "POST", paths("/member/orders/{id}/cancel"),
              "End an order of the member who asks: now, or at the next payment.", cancel_own, "plan.manage", VISITORS, CancelBody, Empty,
              example={"effectiveAt": "NEXT_PAYMENT_DATE"}, errors=(*_MEMBERS, *_UNKNOWN, "PLAN_ORDER_STATUS")),
    Operation("CreateOnlinePlanOrder", "POST", paths("/checkout/orders/online"),
              "Begin to buy a plan: what costs nothing stands at once, everything else waits for its payment.", create_online,
              "plan.manage", VISITORS, BuyBody, OrderAnswer, idempotent=True, example=_BUY, errors=_BUYING),
    Operation("PreviewOnlinePlanOrder", "POST", paths("/checkout/orders/preview-online"), "What an order would be, without making one.",
              preview_online, "plan.read", VISITORS, BuyBody, OrderAnswer, example=_BUY, errors=_BUYING),
)  # fmt: skip
