"""What the owner's server code does with orders of plans: give, pause, resume, cancel, mark paid, refund; and a test site's clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from msgspec import Meta

from roundtrip.api.operation import KEYS, Call, Operation
from roundtrip.api.plan_orders import PARAMETERS, CancelBody, OrderAnswer, Orders, listed, plan_id_of, start_of
from roundtrip.api.plans import paths
from roundtrip.api.plans_view import order_out
from roundtrip.api.settings_calls import change_of, own_site
from roundtrip.api.wire import Wire
from roundtrip.core.clock import DAY, rfc3339
from roundtrip.core.errors import invalid_field
from roundtrip.core.ids import derived_id, new_id
from roundtrip.core.money import Money, NotAnAmount
from roundtrip.plans.clock import actions as clocks
from roundtrip.plans.orders import actions
from roundtrip.plans.orders.actions import Wish
from roundtrip.plans.orders.model import Cause, Kind, PlanOrder
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows import buy_plan, plan_ends, refund_plan


class OfflineBody(Wire):
    """Who gets which plan, from when on; `paid`: the money is there."""

    plan_id: str
    member_id: str
    start_date: str | None = None
    paid: bool = False


class RefundBody(Wire):
    """How much goes back (a text; all that is left of the newest payment when left out), and why."""

    amount: Annotated[str, Meta(max_length=20)] | None = None
    reason: Annotated[str, Meta(max_length=300)] = ""


class AdvanceBody(Wire):
    """How many days shall pass."""

    days: Annotated[float, Meta(gt=0, le=7400)]


class PlanClock(Wire, omit_defaults=False):
    """What the time is for the plans of the site, and how far that is ahead."""

    plan_time: str
    ahead_days: float


async def list_all(call: Call) -> Orders:
    """List the orders of the site, the newest first."""
    return await call.read(listed, call, None)


async def get(call: Call) -> OrderAnswer:
    """Read one order of the site."""
    return OrderAnswer(order_out(await call.read(actions.require, call.site_id, call.path_params["id"])))


async def give(call: Call) -> OrderAnswer:
    """Give a member a plan, without a payment here."""
    return OrderAnswer(order_out(await call.write(_give, call, new_id(call.now))))


def _give(tx: Tx, call: Call, made: str) -> PlanOrder:
    body: OfflineBody = call.body
    moment = _moment(tx, call, made)
    wish = Wish(Kind.OFFLINE, start_of(body.start_date), own_site(tx, call).language)
    order = buy_plan.begin(tx, call.site_id, plan_id_of(body.plan_id), body.member_id.lower(), wish, moment)
    return buy_plan.mark_paid(tx, call.site_id, order.id, moment) if body.paid and not order.terms.is_free else order


async def cancel(call: Call) -> OrderAnswer:
    """End any order of the site: now, or at the next payment."""
    body: CancelBody = call.body
    return await _moved(
        call, lambda tx, moment: plan_ends.cancel(tx, call.site_id, _id(call), Cause.OWNER_ACTION, body.effective_at, moment)
    )


async def pause(call: Call) -> OrderAnswer:
    """Let an order stand still."""
    return await _moved(call, lambda tx, moment: actions.pause(tx, actions.locked(tx, call.site_id, _id(call)), moment))


async def resume(call: Call) -> OrderAnswer:
    """Let it go on."""
    return await _moved(call, lambda tx, moment: actions.resume(tx, actions.locked(tx, call.site_id, _id(call)), moment))


async def mark_paid(call: Call) -> OrderAnswer:
    """The money for the cycle that runs is there."""
    return await _moved(call, lambda tx, moment: buy_plan.mark_paid(tx, call.site_id, _id(call), moment))


async def refund(call: Call) -> OrderAnswer:
    """Give money back."""
    body: RefundBody = call.body

    def giving(tx: Tx, moment: Moment) -> PlanOrder:
        order = actions.require(tx, call.site_id, _id(call))
        amount = _amount(body.amount, order.terms.currency) if body.amount is not None else None
        return refund_plan.refund(tx, call.site_id, order.id, amount, reason=body.reason, key=moment.id, moment=moment)

    return await _moved(call, giving)


def _amount(text: str, currency: str) -> Money:
    try:
        return Money.parse(text, currency)
    except NotAnAmount as error:
        raise invalid_field("amount", str(error), "FORMAT", received=text) from error


async def advance(call: Call) -> PlanClock:
    """Let time pass for the plans of a test site. What is due happens within seconds."""
    body: AdvanceBody = call.body

    def advancing(tx: Tx) -> int:
        return clocks.advance(tx, own_site(tx, call), round(body.days * DAY))

    ahead = await call.write(advancing)
    return PlanClock(rfc3339(call.now + ahead), ahead / DAY)


async def _moved(call: Call, move: Callable[[Tx, Moment], PlanOrder]) -> OrderAnswer:
    def moving(tx: Tx, made: str) -> PlanOrder:
        return move(tx, _moment(tx, call, made))

    return OrderAnswer(order_out(await call.write(moving, new_id(call.now))))


def _moment(tx: Tx, call: Call, made: str) -> Moment:
    return Moment(call.now, made, change=change_of(tx, call, derived_id(made, "change")))


def _id(call: Call) -> str:
    return call.path_params["id"]


_ERRORS = ("PLAN_ORDER_NOT_FOUND", "PLAN_ORDER_STATUS")
_GIVE = {"planId": "91a00001-0000-4000-8000-000000000001", "memberId": "01990000-0000-7000-8000-000000000001", "paid": True}
OPERATIONS: tuple[Operation, ...] = (
    Operation("ListPlanOrders", "GET", paths("/orders"), "List the orders of plans of the site, the newest first.", list_all, "plan.read",
              KEYS, None, Orders, query=PARAMETERS),
    Operation("GetPlanOrder", "GET", paths("/orders/{id}"), "Read one order of a plan.", get, "plan.read", KEYS, None, OrderAnswer,
              errors=_ERRORS[:1]),
    Operation("CreateOfflinePlanOrder", "POST", paths("/checkout/orders/offline"), "Give a member a plan, without a payment here.", give,
              "plan.manage", KEYS, OfflineBody, OrderAnswer, idempotent=True, example=_GIVE,
              errors=("PLAN_NOT_FOUND", "MEMBER_NOT_FOUND", "archived_plan", "purchases_limit_reached", "invalid_start_date")),
    Operation("CancelPlanOrder", "POST", paths("/orders/{id}/cancel"), "End an order of a plan: now, or at the next payment.", cancel,
              "plan.manage", KEYS, CancelBody, OrderAnswer, example={"effectiveAt": "IMMEDIATELY"}, errors=_ERRORS),
    Operation("PausePlanOrder", "POST", paths("/orders/{id}/pause"), "Let an order of a plan stand still.", pause, "plan.manage", KEYS,
              None, OrderAnswer, errors=(*_ERRORS, "PAYMENT_PENDING")),
    Operation("ResumePlanOrder", "POST", paths("/orders/{id}/resume"), "Let an order of a plan go on; all its times move.", resume,
              "plan.manage", KEYS, None, OrderAnswer, errors=_ERRORS),
    Operation("MarkPlanOrderPaid", "POST", paths("/orders/{id}/mark-as-paid"), "Say that the money for the cycle that runs is there.",
              mark_paid, "plan.manage", KEYS, None, OrderAnswer, errors=_ERRORS),
    Operation("RefundPlanOrder", "POST", ("/api/v1/plan-orders/{id}/refund",), "Give money of an order of a plan back.", refund,
              "plan.manage", KEYS, RefundBody, OrderAnswer, idempotent=True, example={"amount": "10.00", "reason": "Two weeks closed"},
              errors=("PLAN_ORDER_NOT_FOUND", "NOTHING_TO_REFUND", "REFUND_TOO_HIGH")),
    Operation("AdvancePlanClock", "POST", ("/api/v1/plan-clock/advance",), "Let time pass for the plans of a test site.", advance,
              "plan.manage", KEYS, AdvanceBody, PlanClock, example={"days": 31}, errors=("TEST_MODE_ONLY",)),
)  # fmt: skip
