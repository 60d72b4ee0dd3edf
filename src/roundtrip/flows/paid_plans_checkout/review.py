"""What a member agrees to: the plan, what it costs today and later, when it starts; then it is paid, or had at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from msgspec.structs import replace

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.zones import instant, midnight, zone_of
from roundtrip.flows.base import Context, Form, Step, Submitted
from roundtrip.flows.bookings_checkout.params import BookingsCheckout
from roundtrip.flows.paid_plans_checkout.draft import PlanDraft
from roundtrip.flows.paid_plans_checkout.params import PaidPlansCheckout
from roundtrip.flows.steps import interrupted, pay
from roundtrip.flows.steps import plan_words as words
from roundtrip.flows.steps.buying import moment_of
from roundtrip.flows.steps.person import said
from roundtrip.flows.steps.refused import refused
from roundtrip.members import actions as members
from roundtrip.payments.model import Owed
from roundtrip.plans.clock.actions import plan_time
from roundtrip.plans.orders import actions as orders
from roundtrip.plans.orders import store
from roundtrip.plans.orders.actions import LATEST_START, Wish
from roundtrip.plans.orders.model import PlanOrder
from roundtrip.plans.plan import actions as plans
from roundtrip.plans.plan.model import Terms
from roundtrip.storage.database import Tx
from roundtrip.text import when
from roundtrip.text.marks import marked
from roundtrip.workflows import buy_plan
from roundtrip.workflows.plan_seller import owed as owed_for

NAME, PAY_NAME = "plan", "pay_plan"
START_WRONG = marked("Choose a day from today on, at most a year ahead.")
AGREE = marked("Agree to the terms to go on.")
BOUGHT_ALREADY = marked("You have this plan already, and it can’t be bought again.")
NOT_SOLD = marked("This plan isn’t sold any more. Nothing was charged.")
NO_WAY = marked("This can’t be paid here at the moment.")
MONEY_GOES_BACK = marked("This plan can’t be bought again. What you paid goes back to you.")
KEPT = marked(
    "We are waiting for the word that it has arrived. You can close this page: your plan starts when it has, and we send you a mail."
)
CHANGE = marked("Change what you chose")


def view(tx: Tx, draft: PlanDraft, context: Context[PaidPlansCheckout]) -> Mapping[str, object]:
    """The plan as it is now, for this member."""
    plan = plans.require(tx, context.site.id, context.params.plan_id)
    member = members.require_member(tx, context.site.id, draft.member_id or "")
    terms, zone = orders.terms_for(tx, plan, member.id), words.zone_of_site(tx, context.site.id)
    now = plan_time(tx, context.site.id, context.now)
    today = when.on_clock(now, zone).date()
    methods = pay.methods(pay.online(tx, context.site)) if terms.amount else []
    return {
        "step_name": marked("Your plan"),
        "summary": words.summary(plan.name, terms, now, zone, context.language),
        "description": plan.details.description,
        "perks": plan.details.perks,
        "conditions": plan.details.conditions.splitlines(),
        "no_trial": bool(plan.terms.trial_days) and not terms.trial_days,
        "trial_days": terms.trial_days,
        "due": words.due_now(terms),
        "is_free": terms.is_free,
        "later": words.later(terms, now, zone, context.language),
        "can_cancel": plan.details.buyer_can_cancel and terms.recurs,
        "may_start_later": plan.details.may_start_later,
        "first_day": today.isoformat(),
        "last_day": (today + timedelta(days=LATEST_START // 86_400_000 - 1)).isoformat(),
        "methods": methods,
        "refused": None if plan.is_sold else NOT_SOLD,
        "no_way": not methods and not terms.is_free,
        "email": member.email,
        "values": {"start_date": today.isoformat(), "method": methods[0]["name"] if methods else ""},
    }


def submit(tx: Tx, draft: PlanDraft, form: Form, context: Context[PaidPlansCheckout]) -> Submitted[PlanDraft]:
    """Order it. What costs nothing is theirs now; everything else is paid first, or its card kept."""
    plan = plans.require(tx, context.site.id, context.params.plan_id)
    if plan.details.conditions and form.get("agree") != "yes":
        raise refused(("agree", AGREE))
    starts_at = _start(tx, form, context) if plan.details.may_start_later else None
    terms = orders.terms_for(tx, plan, draft.member_id)
    if not terms.is_free and not pay.online(tx, context.site):
        raise refused(("", NO_WAY))
    method = pay.chosen(tx, form, context) if not terms.is_free else ""
    wish = Wish(starts_at=starts_at, language=context.language, session_id=context.session.id)
    try:
        order = buy_plan.begin(tx, context.site.id, plan.id, draft.member_id or "", wish, moment_of(context))
    except AppError as error:
        raise _explained(error) from error
    chosen = replace(draft, order_id=order.id)
    if order.terms.is_free:
        return Submitted(chosen)
    return Submitted(chosen, pay_at=pay.begin(tx, owed(tx, chosen, context), method, context))


def _explained(error: AppError) -> AppError:
    """What was refused, said at the field that it is about."""
    if error.kind is Kind.INVALID:
        return refused(("start_date", START_WRONG))
    if error.code == "archived_plan":
        return refused(("", NOT_SOLD))
    return refused(("", BOUGHT_ALREADY)) if error.code == "purchases_limit_reached" else error


def _start(tx: Tx, form: Form, context: Context[PaidPlansCheckout]) -> int | None:
    """The beginning of the day that was chosen, by the clock of the business; None for today."""
    zone = words.zone_of_site(tx, context.site.id)
    today = when.on_clock(plan_time(tx, context.site.id, context.now), zone).date()
    try:
        chosen = date.fromisoformat(said(form, "start_date") or today.isoformat())
    except ValueError:
        raise refused(("start_date", START_WRONG)) from None
    if not today <= chosen <= today + timedelta(days=LATEST_START // 86_400_000 - 1):
        raise refused(("start_date", START_WRONG))
    return instant(midnight(chosen), zone_of(zone)) if chosen > today else None


def order_of(tx: Tx, draft: PlanDraft, context: Context[PaidPlansCheckout]) -> PlanOrder:
    """What this visit has ordered."""
    return orders.require(tx, context.site.id, draft.order_id)


def owed(tx: Tx, draft: PlanDraft, context: Context[PaidPlansCheckout]) -> Owed:
    """What the order owes first, paid in this visit."""
    charge = store.charge(tx, context.site.id, draft.order_id)
    assert charge is not None  # only what costs something is paid
    # A visit pays once. One that goes on as a booking may still have that to pay.
    goes_on = interrupted.onward(context.session, context.params.checkout_data, BookingsCheckout) is not None
    session_id = None if goes_on else context.session.id
    return owed_for(order_of(tx, draft, context), charge, return_path=pay.return_path(context, PAY_NAME), session_id=session_id)


def summary_of_order(tx: Tx, draft: PlanDraft, context: Context[PaidPlansCheckout]) -> Mapping[str, object]:
    """What was ordered, as it was agreed."""
    order = order_of(tx, draft, context)
    return summary_of(tx, order, order.terms, context)


def summary_of(tx: Tx, order: PlanOrder, terms: Terms, context: Context[PaidPlansCheckout]) -> dict[str, object]:
    """The same for pages after it."""
    zone = words.zone_of_site(tx, context.site.id)
    is_later = order.starts_at > plan_time(tx, context.site.id, context.now)
    return words.summary(order.content.name, terms, order.starts_at, zone, context.language, is_later=is_later)


STEP: Step[PlanDraft] = Step(
    name=NAME,
    needed=lambda draft: True,
    done=lambda draft: bool(draft.order_id),
    view=view,
    submit=submit,
)
PAY: Step[PlanDraft] = pay.pay_step(
    pay.Paying(
        owed=owed,
        summary=summary_of_order,
        needed=lambda draft: not draft.is_free,
        done=lambda draft: draft.is_bought,
        changed=lambda draft: replace(draft, order_id=""),
        ended=lambda draft: draft.ended or None,
        kept=KEPT,
        change=CHANGE,
    ),
    PAY_NAME,
)
