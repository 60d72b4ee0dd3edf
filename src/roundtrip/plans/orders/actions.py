"""Making and moving orders of plans inside this room: their states, their charges, what is told. Money, mails and pages are in
`workflows/`. Whoever moves an order locks its plan first where buyers are counted, then its row."""

from __future__ import annotations

from dataclasses import dataclass, replace

from roundtrip.core.clock import DAY
from roundtrip.core.email import email_key
from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.core.ids import derived_id
from roundtrip.members.model import Member
from roundtrip.plans.clock.actions import plan_time
from roundtrip.plans.orders import life, store
from roundtrip.plans.orders.model import ENTITY, Cause, Charge, Content, Effect, Paid, PlanOrder, Status
from roundtrip.plans.orders.model import Kind as OrderKind
from roundtrip.plans.plan import store as plans
from roundtrip.plans.plan.model import Plan, Terms
from roundtrip.sites.change import changed_meanwhile
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx

LATEST_START = 366 * DAY
"""How far ahead somebody may let a plan start."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants of a plan. `starts_at` None: now. `session_id` is the visit in which it is bought."""

    kind: OrderKind = OrderKind.ONLINE
    starts_at: int | None = None
    language: str = "en"
    session_id: str | None = None


def terms_for(tx: Tx, plan: Plan, member_id: str | None) -> Terms:
    """What is agreed with this member: a trial is for who never had the plan."""
    if not plan.terms.trial_days or member_id is None or not store.count_bought(tx, plan.site_id, plan.id, member_id):
        return plan.terms
    return replace_trial(plan.terms)


def replace_trial(terms: Terms) -> Terms:
    """The same without a trial."""
    return Terms(terms.model, terms.price, terms.currency, terms.duration, terms.cycles)


def draft(tx: Tx, plan: Plan, member: Member, wish: Wish, moment: Moment) -> PlanOrder:
    """Begin to buy. Raises CONFLICT `purchases_limit_reached`, INVALID `invalid_start_date` and `buyer_can_not_pick_future_start_date`."""
    made = _made(tx, plan, member, wish, moment)
    store.insert(tx, made)
    if not made.terms.is_free:
        cycle = 0 if made.terms.trial_days else 1
        store.insert_charge(tx, _charge(made, made.id, cycle, made.created_at))
    return made


def preview(tx: Tx, plan: Plan, member: Member, wish: Wish, moment: Moment) -> PlanOrder:
    """What an order would be once it is paid; nothing is kept. Raises as `draft`."""
    made = _made(tx, plan, member, wish, moment)
    return life.begun(made, made.created_at)


def _made(tx: Tx, plan: Plan, member: Member, wish: Wish, moment: Moment) -> PlanOrder:
    now = plan_time(tx, plan.site_id, moment.now)
    starts_at = _start(plan, wish, now)
    require_may_buy(tx, plan, member.id)
    return PlanOrder(
        site_id=plan.site_id,
        id=moment.new_id("plan order"),
        plan_id=plan.id,
        member_id=member.id,
        kind=wish.kind,
        status=Status.DRAFT,
        paid=Paid.UNPAID,
        starts_at=starts_at,
        first_cycle_at=starts_at,
        ends_at=None,
        cycle=0,
        cycle_starts_at=starts_at,
        cycle_ends_at=None,
        renews=True,
        cancel_cause=None,
        cancel_effect=None,
        canceled_at=None,
        paused_at=None,
        failures=0,
        due_at=None,
        session_id=wish.session_id,
        content=Content(
            name=plan.name,
            terms=terms_for(tx, plan, member.id),
            description=plan.details.description,
            buyer_can_cancel=plan.details.buyer_can_cancel,
            email=member.email,
            buyer=member.name,
            language=wish.language,
        ),
        revision=1,
        created_at=now,
        updated_at=now,
    )


def _start(plan: Plan, wish: Wish, now: int) -> int:
    starts_at = wish.starts_at
    if starts_at is None or starts_at <= now:
        if starts_at is not None and starts_at < now - DAY:
            raise _wrong_start("invalid_start_date", "is in the past; choose today or a later day")
        return now
    if not plan.details.may_start_later and wish.kind is OrderKind.ONLINE:
        raise _wrong_start("buyer_can_not_pick_future_start_date", "can't be chosen for this plan: it starts when it is bought")
    if starts_at > now + LATEST_START:
        raise _wrong_start("invalid_start_date", f"is more than {LATEST_START // DAY} days ahead; choose an earlier day")
    return starts_at


def _wrong_start(code: str, text: str) -> AppError:
    found = invalid_field("startDate", text, "FORMAT")
    return AppError(Kind.INVALID, code, found.message, violations=found.violations)


def require_may_buy(tx: Tx, plan: Plan, member_id: str) -> None:
    """Raises CONFLICT `purchases_limit_reached` for who has bought the plan as often as one may."""
    most = plan.details.most_per_buyer
    if most and store.count_bought(tx, plan.site_id, plan.id, member_id) >= most:
        text = f"{plan.name} can be bought {most} times by one member, and this one has."
        raise AppError(Kind.CONFLICT, "purchases_limit_reached", text, data={"planId": plan.id, "maxPurchasesPerBuyer": most})


def _charge(order: PlanOrder, charge_id: str, cycle: int, now: int) -> Charge:
    price = order.price
    return Charge(order.site_id, charge_id, order.id, cycle, price.units, price.currency, None, None, now)


def owe_next(tx: Tx, order: PlanOrder, now: int) -> Charge:
    """Let the next cycle be owed, once, whoever asks."""
    charge_id = derived_id(order.id, f"cycle {order.cycle + 1}")
    store.insert_charge(tx, _charge(order, charge_id, order.cycle + 1, now))
    found = store.charge_of_cycle(tx, order.site_id, order.id, order.cycle + 1)
    assert found is not None
    return found


def require(tx: Tx, site_id: str, order_id: str) -> PlanOrder:
    """An order of this site. Raises NOT_FOUND `PLAN_ORDER_NOT_FOUND`."""
    found = store.order(tx, site_id, order_id.lower())
    if found is None:
        raise no_order(order_id)
    return found


def locked(tx: Tx, site_id: str, order_id: str) -> PlanOrder:
    """The same, which nobody else changes until the transaction ends. Where buyers are counted the plan is locked before it."""
    before = require(tx, site_id, order_id)
    plan = plans.plan(tx, site_id, before.plan_id)
    if before.status is Status.DRAFT and plan is not None and plan.details.most_per_buyer:
        plans.lock(tx, site_id, plan.id)
    store.lock(tx, site_id, before.id)
    return require(tx, site_id, order_id)


def begin(tx: Tx, order: PlanOrder, moment: Moment) -> PlanOrder | None:
    """Let a draft stand, which the caller has locked. None when its buyer has bought as often as one may meanwhile, or is gone."""
    plan = plans.plan(tx, order.site_id, order.plan_id)
    most = plan.details.most_per_buyer if plan is not None else 0
    if order.member_id is None or (most and store.count_bought(tx, order.site_id, order.plan_id, order.member_id) >= most):
        return None
    now = plan_time(tx, order.site_id, moment.now)
    return moved(tx, order, life.begun(order, now), "created", moment)


def moved(tx: Tx, before: PlanOrder, after: PlanOrder, slug: str, moment: Moment, **more: object) -> PlanOrder:
    """Keep what became of an order, and tell. Raises CONFLICT `REVISION_CHANGED` when somebody was quicker."""
    now = plan_time(tx, before.site_id, moment.now)
    if not store.move(tx, before, after, now):
        raise changed_meanwhile("order", before.revision)
    found = replace(after, revision=before.revision + 1, updated_at=now)
    if slug:
        tell(tx, found, slug, moment, **more)
    return found


def cancel(tx: Tx, order: PlanOrder, cause: Cause, effect: Effect, moment: Moment) -> PlanOrder:
    """Cancel an order that somebody has. What is in its trial stays until that ends.

    Raises CONFLICT `PLAN_ORDER_STATUS`, and INVALID for waiting with what is paid once.
    """
    if not order.is_running:
        raise not_in_state(order, "be cancelled", "running ones")
    if effect is Effect.NEXT_PAYMENT_DATE and not order.terms.recurs:
        raise invalid_field("effectiveAt", "must be IMMEDIATELY for what is paid once", "FORMAT", received=effect.value)
    now = plan_time(tx, order.site_id, moment.now)
    waits = effect is Effect.NEXT_PAYMENT_DATE or (order.is_in_trial and order.terms.trial_days and order.status is Status.ACTIVE)
    if waits:
        if not order.renews:
            return order
        return moved(tx, order, life.not_renewing(order, cause, effect, now), "auto_renew_canceled", moment)
    after = life.canceled(order, cause, effect, now)
    return moved(tx, order, after, "canceled", moment, cause=(after.cancel_cause or cause).value)


def pause(tx: Tx, order: PlanOrder, moment: Moment) -> PlanOrder:
    """Let an active order stand still. Raises CONFLICT `PLAN_ORDER_STATUS`, `PAYMENT_PENDING` while its next cycle is being charged."""
    if order.status is not Status.ACTIVE:
        raise not_in_state(order, "be paused", "active ones")
    if order.paid is Paid.PENDING:
        text = "The next cycle is being charged at this moment. Try again when that is done."
        raise AppError(Kind.CONFLICT, "PAYMENT_PENDING", text, data={"orderId": order.id})
    return moved(tx, order, life.paused(order, plan_time(tx, order.site_id, moment.now)), "paused", moment)


def resume(tx: Tx, order: PlanOrder, moment: Moment) -> PlanOrder:
    """Let it go on. Raises CONFLICT `PLAN_ORDER_STATUS`."""
    if order.status is not Status.PAUSED:
        raise not_in_state(order, "go on", "paused ones")
    return moved(tx, order, life.resumed(order, plan_time(tx, order.site_id, moment.now)), "resumed", moment)


def mark_paid(tx: Tx, order: PlanOrder, now: int, moment: Moment) -> PlanOrder:
    """The owner has the money for the cycle that runs. Raises CONFLICT `PLAN_ORDER_STATUS` when nothing is open."""
    if order.paid is not Paid.UNPAID or not order.is_running:
        text = f"The last payment of the order is {order.paid.value}; only what is UNPAID and runs can be marked as paid."
        raise AppError(Kind.CONFLICT, "PLAN_ORDER_STATUS", text, data={"lastPaymentStatus": order.paid.value})
    charge = store.charge_of_cycle(tx, order.site_id, order.id, order.cycle) or _charge(order, _id_of(order), order.cycle, now)
    store.insert_charge(tx, charge)
    store.pay_charge(tx, charge, None, now)
    return moved(tx, order, life.with_paid(order, Paid.PAID), "updated", moment)


def _id_of(order: PlanOrder) -> str:
    return derived_id(order.id, f"cycle {order.cycle}")


def no_order(order_id: str) -> AppError:
    """There is none with this id for who asks."""
    text = f"There is no order of a plan {order_id[:40]!r} for this caller."
    return AppError(Kind.NOT_FOUND, "PLAN_ORDER_NOT_FOUND", text, data={"orderId": order_id[:40]})


def not_in_state(order: PlanOrder, what: str, which: str) -> AppError:
    """The order is in the wrong state for what was asked."""
    text = f"The order is {order.status.value}; only {which} can {what}."
    return AppError(Kind.CONFLICT, "PLAN_ORDER_STATUS", text, data={"status": order.status.value})


def tell(tx: Tx, order: PlanOrder, slug: str, moment: Moment, **more: object) -> None:
    """Record a domain event about an order."""
    body: dict[str, object] = {
        "id": order.id,
        "planId": order.plan_id,
        "planName": order.content.name,
        "status": order.status.value,
        "lastPaymentStatus": order.paid.value,
        "cycle": order.cycle,
        "startDate": order.starts_at,
        **({"endDate": order.ends_at} if order.ends_at is not None else {}),
        **({"memberId": order.member_id} if order.member_id else {}),
        "revision": str(order.revision),
        **more,
    }
    person = order.member_id or email_key(order.content.email) or None
    moment.tell(tx, order.site_id, ENTITY, slug, order.id, body, person=person)
    moment.note(tx, order.site_id, f"plan_order.{slug}", order.id, order.content.name, None, {"status": order.status.value})
