"""How the times of an order follow from what was agreed. Pure: orders in, orders out; instants are UTC milliseconds of the plans' time.

Cycles are counted from `first_cycle_at`, so that a month after 31 January does not make all later ones begin on the 28th.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

import msgspec

from roundtrip.core.clock import DAY
from roundtrip.plans.orders.model import LOOKED_AFTER, RETRIES, Cause, Content, Effect, Kind, Paid, Pause, PlanOrder, Status
from roundtrip.plans.plan.model import Model


class Next(StrEnum):
    """What an order wants when its `due_at` has come."""

    NOTHING = "nothing"
    START = "start"
    CHARGE = "charge"
    RENEW = "renew"
    END = "end"
    CANCEL = "cancel"


def begun(order: PlanOrder, now: int) -> PlanOrder:
    """A draft that stands from now on: active, or waiting for its start."""
    starts_at = max(order.starts_at, now)
    terms, trial = order.terms, order.terms.trial_days * DAY
    first = starts_at + trial
    ends_at = cycle_end = None
    if terms.duration is not None:
        total = terms.cycles if terms.model is Model.RECURRING else 1
        ends_at = terms.duration.after(first, total) if total else None
        cycle_end = first if trial else terms.duration.after(first)
    paid = Paid.UNPAID if order.kind is Kind.OFFLINE else Paid.PAID
    if terms.is_free or trial:
        paid = Paid.NOT_APPLICABLE
    is_later = starts_at > now
    return replace(
        order,
        status=Status.PENDING if is_later else Status.ACTIVE,
        paid=paid,
        starts_at=starts_at,
        first_cycle_at=first,
        ends_at=ends_at,
        cycle=0 if trial else 1,
        cycle_starts_at=starts_at,
        cycle_ends_at=cycle_end,
        due_at=starts_at if is_later else cycle_end,
    )


def next_of(order: PlanOrder, now: int) -> Next:
    """What is to be done with an order now."""
    if order.due_at is None or order.due_at > now:
        return Next.NOTHING
    if order.status is Status.PENDING:
        return Next.START
    if order.status is not Status.ACTIVE or order.cycle_ends_at is None:
        return Next.NOTHING
    if not order.terms.recurs:
        return Next.END
    if not order.renews:
        return Next.CANCEL
    if order.terms.cycles and order.cycle >= order.terms.cycles:
        return Next.END
    return Next.RENEW if order.terms.is_free or order.kind is Kind.OFFLINE else Next.CHARGE


def started(order: PlanOrder) -> PlanOrder:
    """Its start has come."""
    return replace(order, status=Status.ACTIVE, due_at=order.cycle_ends_at)


def charging(order: PlanOrder, now: int) -> PlanOrder:
    """The next cycle is being charged. Somebody looks again after a while, should the answer get lost."""
    return replace(order, paid=Paid.PENDING, due_at=now + LOOKED_AFTER)


def renewed(order: PlanOrder, paid: Paid) -> PlanOrder:
    """The next cycle has begun, when the last one was over, however late its money came."""
    duration = order.terms.duration
    assert duration is not None  # only what recurs is renewed
    begins = duration.after(order.first_cycle_at, order.cycle)
    ends = duration.after(order.first_cycle_at, order.cycle + 1)
    return replace(order, cycle=order.cycle + 1, cycle_starts_at=begins, cycle_ends_at=ends, paid=paid, failures=0, due_at=ends)


def failed(order: PlanOrder, now: int) -> PlanOrder:
    """The card was refused: it is tried again after a while, or the order is cancelled when that was the last time."""
    tried = order.failures + 1
    if tried > len(RETRIES) or not order.renews:
        return replace(canceled(order, Cause.PAYMENT_FAILURE, Effect.IMMEDIATELY, now), paid=Paid.FAILED, failures=tried)
    return replace(order, paid=Paid.FAILED, failures=tried, due_at=now + RETRIES[tried - 1])


def canceled(order: PlanOrder, cause: Cause, effect: Effect, now: int) -> PlanOrder:
    """It is over now. Who or what said so first stays written down."""
    return replace(
        order,
        status=Status.CANCELED,
        cancel_cause=order.cancel_cause or cause,
        cancel_effect=order.cancel_effect or effect,
        canceled_at=order.canceled_at or now,
        renews=False,
        ends_at=now,
        due_at=None,
        paused_at=None,
        content=_pause_ended(order, now),
    )


def not_renewing(order: PlanOrder, cause: Cause, effect: Effect, now: int) -> PlanOrder:
    """It ends with its cycle, or with its trial. A charge that was to be tried again is not."""
    due_at = order.due_at if order.status is Status.PENDING else order.cycle_ends_at
    return replace(
        order,
        renews=False,
        cancel_cause=cause,
        cancel_effect=effect,
        canceled_at=now,
        ends_at=order.cycle_ends_at,
        due_at=None if order.status is Status.PAUSED else due_at,
    )


def ended(order: PlanOrder) -> PlanOrder:
    """Its time is over."""
    return replace(order, status=Status.ENDED, due_at=None, renews=False, ends_at=order.cycle_ends_at)


def paused(order: PlanOrder, now: int) -> PlanOrder:
    """It stands still."""
    content = msgspec.structs.replace(order.content, pauses=(*order.content.pauses, Pause(now)))
    return replace(order, status=Status.PAUSED, paused_at=now, due_at=None, content=content)


def resumed(order: PlanOrder, now: int) -> PlanOrder:
    """It goes on: everything that was to come comes later by as much as it stood still."""
    assert order.paused_at is not None  # only what stands still goes on
    by = now - order.paused_at
    ends = None if order.cycle_ends_at is None else order.cycle_ends_at + by
    return replace(
        order,
        status=Status.ACTIVE,
        paused_at=None,
        first_cycle_at=order.first_cycle_at + by,
        cycle_ends_at=ends,
        ends_at=None if order.ends_at is None else order.ends_at + by,
        due_at=ends,
        content=_pause_ended(order, now),
    )


def _pause_ended(order: PlanOrder, now: int) -> Content:
    pauses = tuple(one if one.ends_at is not None else Pause(one.starts_at, now) for one in order.content.pauses)
    return msgspec.structs.replace(order.content, pauses=pauses)


def with_paid(order: PlanOrder, paid: Paid) -> PlanOrder:
    """The same with another word about its last payment."""
    return replace(order, paid=paid)
