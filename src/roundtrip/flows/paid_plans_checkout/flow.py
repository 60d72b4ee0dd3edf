"""The `paidPlansCheckout` flow: a member sees what a plan costs, agrees, pays, and comes back with the order, or into their booking."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from roundtrip.flows.base import Asked, Began, Context, Continue, Flow, Identity, Outcome, Refreshed
from roundtrip.flows.bookings_checkout.params import INTENT as BOOKING
from roundtrip.flows.bookings_checkout.params import BookingsCheckout
from roundtrip.flows.links import through_entry
from roundtrip.flows.paid_plans_checkout import review, thanks
from roundtrip.flows.paid_plans_checkout.draft import PlanDraft
from roundtrip.flows.paid_plans_checkout.params import INTENT, PaidPlansCheckout
from roundtrip.flows.steps import interrupted
from roundtrip.flows.steps import plan_words as words
from roundtrip.flows.steps.identified import carried_over
from roundtrip.payments import store as payments
from roundtrip.payments.model import Status as AttemptStatus
from roundtrip.plans.clock.actions import plan_time
from roundtrip.plans.orders import store
from roundtrip.plans.orders.model import OWED_KIND, Status
from roundtrip.plans.plan import actions as plans
from roundtrip.sites.verdict import Rule
from roundtrip.storage.database import Tx


def check(tx: Tx, asked: Asked[PaidPlansCheckout]) -> None:
    """The plan is sold, and what comes back from a booking is ours. Raises NOT_FOUND `PLAN_NOT_FOUND`, CONFLICT `archived_plan`, INVALID
    `INVALID_CHECKOUT_DATA`."""
    plans.require_sold(tx, asked.site.id, asked.params.plan_id)
    if asked.params.checkout_data:
        interrupted.require(tx, asked.site.id, asked.params.checkout_data)


def begin(tx: Tx, context: Context[PaidPlansCheckout]) -> Began[PlanDraft]:
    """Who is known already need not log in: the browser's login, or the member whose token asked for this visit."""
    plan = plans.require(tx, context.site.id, context.params.plan_id)
    return carried_over(tx, PlanDraft(is_free=plan.terms.is_free), context)


def refresh(tx: Tx, draft: PlanDraft, context: Context[PaidPlansCheckout]) -> Refreshed[PlanDraft]:
    """What became of the order elsewhere: the order of this visit that stands goes before the draft that was made last."""
    if not draft.order_id and draft.member_id is None:
        return Refreshed(draft)
    found = store.newest_of_session(tx, context.session.id)
    if found is not None and found.status is not Status.DRAFT and found.plan_id == context.params.plan_id.lower():
        return Refreshed(replace(draft, order_id=found.id, is_bought=True, ended=""))
    if not draft.order_id:
        return Refreshed(draft)
    if store.order(tx, context.site.id, draft.order_id) is None:
        return Refreshed(replace(draft, order_id=""))
    last = payments.latest_attempt(tx, context.site.id, OWED_KIND, draft.order_id)
    is_undone = last is not None and last.status in (AttemptStatus.CAPTURED, AttemptStatus.KEPT)
    return Refreshed(replace(draft, ended=review.MONEY_GOES_BACK if is_undone else ""))


def beside_login(tx: Tx, context: Context[PaidPlansCheckout]) -> Mapping[str, object]:
    """The plan, for who is not known yet."""
    plan = plans.require(tx, context.site.id, context.params.plan_id)
    now = plan_time(tx, context.site.id, context.now)
    return words.summary(plan.name, plan.terms, now, words.zone_of_site(tx, context.site.id), context.language)


def finish(tx: Tx, draft: PlanDraft, context: Context[PaidPlansCheckout]) -> Outcome | Continue:
    """The order stands; a booking that stopped for it in this very visit goes on."""
    booking = interrupted.onward(context.session, context.params.checkout_data, BookingsCheckout)
    if booking is not None:
        return Continue(BOOKING, booking)
    return Outcome(ids={"planOrderId": draft.order_id})


FLOW: Flow[PaidPlansCheckout, PlanDraft] = Flow(
    intent=INTENT,
    params=PaidPlansCheckout,
    draft=PlanDraft,
    returns_to=Rule.REDIRECT_DOMAIN,
    identity=Identity.MEMBER,
    check=check,
    link=through_entry(lambda params: "/__plans/checkout", lambda params: {"planId": params.plan_id}),
    begin=begin,
    refresh=refresh,
    steps=(review.STEP, review.PAY),
    beside_login=beside_login,
    finish=finish,
    leave=thanks.leave,
    return_params=("planOrderId",),
)
