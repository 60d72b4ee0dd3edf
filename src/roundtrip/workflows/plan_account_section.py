"""What members subscribed to, in their account: what runs and until when, what is paid next, what is left of it, and the way to end it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from roundtrip.bookings.business import store as business
from roundtrip.bookings.services import store as services
from roundtrip.core.errors import AppError, Kind
from roundtrip.members.sections import MOST, Act, Entry, Fact, Looking, Section, Tone
from roundtrip.plans.credits import store as credit
from roundtrip.plans.credits.actions import period_of
from roundtrip.plans.orders import actions, store
from roundtrip.plans.orders.model import Cause, Effect, Paid, PlanOrder, Status
from roundtrip.plans.plan import store as plans
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.text import when
from roundtrip.text.catalogue import say
from roundtrip.text.marks import marked
from roundtrip.workflows import plan_ends

STATES: Mapping[Status, tuple[str, Tone]] = {
    Status.PENDING: (marked("Starts later"), Tone.CALM),
    Status.ACTIVE: (marked("Active"), Tone.GOOD),
    Status.PAUSED: (marked("Paused"), Tone.CALM),
    Status.ENDED: (marked("Over"), Tone.CALM),
    Status.CANCELED: (marked("Cancelled"), Tone.BAD),
}
IN_TRIAL, ENDS_SOON, NOT_PAID = marked("Free trial"), marked("Ends, and is not renewed"), marked("The card was refused")
STARTS, ENDS, NEXT, LEFT, LAST = (
    marked("Starts"),
    marked("Ends"),
    marked("Next payment"),
    marked("Left"),
    marked("Last payment"),
)
OF = marked("%(left)s of %(most)s × %(service)s")
NEXT_ON, AGAIN_ON = marked("%(price)s on %(day)s"), marked("the card is tried again on %(day)s")
CANCEL = marked("Cancel the plan")
KEEP_TO_END = marked("You keep it until %(day)s. After that nothing is charged any more.")
ENDS_NOW = marked("It ends at once, and nothing is given back by itself.")


def _entries(tx: Tx, looking: Looking) -> Sequence[Entry]:
    statuses = [one for one in Status if one is not Status.DRAFT]
    found = store.of_member(tx, looking.site.id, looking.member.id, statuses, MOST)
    zone = business.business(tx, looking.site.id).terms.zone
    return [_entry(tx, one, zone, looking.language) for one in sorted(found, key=lambda one: not one.is_running)]


def _entry(tx: Tx, one: PlanOrder, zone: str, lang: str) -> Entry:
    words, tone = _state(one)
    facts = [
        (STARTS, _day(one.starts_at, zone, lang)),
        (NEXT, _next(one, zone, lang)),
        (ENDS, _day(one.ends_at, zone, lang)),
        (LEFT, _left(tx, one, lang)),
        (LAST, _last(tx, one, zone, lang)),
    ]
    acts = (Act("cancel", say(lang, CANCEL), _asks(one, zone, lang)),) if may_cancel(one) else ()
    return Entry(
        id=one.id,
        title=one.content.name,
        state=say(lang, words),
        tone=tone,
        amount=one.price or None,
        facts=tuple(Fact(say(lang, name), value) for name, value in facts if value),
        acts=acts,
    )


def _state(one: PlanOrder) -> tuple[str, Tone]:
    if one.status is Status.ACTIVE and one.paid is Paid.FAILED:
        return NOT_PAID, Tone.BAD
    if one.status is Status.ACTIVE and one.terms.recurs and not one.renews:
        return ENDS_SOON, Tone.CALM
    if one.status is Status.ACTIVE and one.is_in_trial and one.terms.trial_days:
        return IN_TRIAL, Tone.GOOD
    return STATES[one.status]


def _day(at: int | None, zone: str, lang: str) -> str:
    return when.day(at, zone, lang) if at is not None else ""


def _next(one: PlanOrder, zone: str, lang: str) -> str:
    if one.failures and one.due_at is not None:
        return say(lang, AGAIN_ON, day=when.day(one.due_at, zone, lang))
    at = one.next_payment_at
    return say(lang, NEXT_ON, price=one.price.words(lang), day=when.day(at, zone, lang)) if at is not None else ""


def _left(tx: Tx, one: PlanOrder, lang: str) -> str:
    """What can still be booked with it in this cycle; what can be had as often as wanted is not counted."""
    plan = plans.plan(tx, one.site_id, one.plan_id) if one.status is Status.ACTIVE else None
    counted = [benefit for benefit in plan.details.benefits if benefit.credits is not None] if plan is not None else []
    names = {found.id: found.name for found in services.services(tx, one.site_id, [benefit.service_id for benefit in counted])}
    said = []
    for benefit in counted:
        used = credit.used(tx, one.site_id, one.id, benefit.service_id, period_of(one))
        if benefit.credits is not None and benefit.service_id in names:
            said.append(say(lang, OF, left=max(0, benefit.credits - used), most=benefit.credits, service=names[benefit.service_id]))
    return ", ".join(said)


def _last(tx: Tx, one: PlanOrder, zone: str, lang: str) -> str:
    paid = next((charge for charge in store.charges(tx, one.site_id, one.id, 1) if charge.cycle), None)
    if paid is None or paid.paid_at is None:
        return ""
    return say(lang, NEXT_ON, price=paid.amount.words(lang), day=when.day(paid.paid_at, zone, lang))


def may_cancel(one: PlanOrder) -> bool:
    """Whether who has it may end it themselves now."""
    return one.is_running and one.content.buyer_can_cancel and (one.renews or not one.terms.recurs)


def effect_of(one: PlanOrder) -> Effect:
    """What cancelling does: what was paid for stays as long as it was paid for."""
    return Effect.NEXT_PAYMENT_DATE if one.terms.recurs else Effect.IMMEDIATELY


def _asks(one: PlanOrder, zone: str, lang: str) -> str:
    if effect_of(one) is Effect.NEXT_PAYMENT_DATE and one.cycle_ends_at is not None:
        return say(lang, KEEP_TO_END, day=when.day(one.cycle_ends_at, zone, lang))
    return say(lang, ENDS_NOW)


def _act(tx: Tx, looking: Looking, order_id: str, act: str, moment: Moment) -> None:
    order = actions.require(tx, looking.site.id, order_id)
    if order.member_id != looking.member.id:
        raise actions.no_order(order_id)
    if act != "cancel" or not may_cancel(order):
        raise AppError(Kind.CONFLICT, "PLAN_ORDER_STATUS", "This plan can't be cancelled by its member (any more).")
    plan_ends.cancel(tx, looking.site.id, order.id, Cause.MEMBER_ACTION, effect_of(order), moment)


SECTION = Section(
    name="SUBSCRIPTIONS",
    place=40,
    title=marked("Plans"),
    empty=marked("You have no plan yet."),
    entries=_entries,
    act=_act,
)
