"""Paying for something with a plan: which orders can, how often still, and taking and giving back what it costs of them.

A credit is counted in the cycle in which it is used, or in the whole order where that is paid once. The plan says today how many there are:
who has bought a plan gets what is added to it.
"""

from __future__ import annotations

from dataclasses import dataclass

from roundtrip.core.errors import AppError, Kind
from roundtrip.plans.clock import store as clocks
from roundtrip.plans.credits import store
from roundtrip.plans.orders import store as orders
from roundtrip.plans.orders.model import Paid, PlanOrder, Status
from roundtrip.plans.plan import store as plans
from roundtrip.plans.plan.model import Plan
from roundtrip.storage.database import Tx

MOST_LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class Usable:
    """An order that can pay for a service. `left` is how often, `most` of how many; None: as often as wanted."""

    order: PlanOrder
    left: int | None
    most: int | None


def usable(tx: Tx, site_id: str, member_id: str, plan_ids: tuple[str, ...], service_id: str, at: int) -> list[Usable]:
    """A member's orders of these plans that can pay for what takes place `at` (UTC milliseconds, the real time), the fullest last.

    One whose credits are used up is among them, with nothing left: its member wants to know.
    """
    found = orders.of_member(tx, site_id, member_id, (Status.ACTIVE,), MOST_LOOKED_AT)
    known = {one.id: one for one in plans.several(tx, site_id, [one.plan_id for one in found])}
    ways = [
        _usable(tx, one, known[one.plan_id], service_id)
        for one in found
        if one.plan_id in plan_ids and one.plan_id in known and _covers(tx, one, at)
    ]
    return sorted(ways, key=lambda way: (way.left is None, way.left == 0, way.left or 0))


def _covers(tx: Tx, order: PlanOrder, at: int) -> bool:
    """True when it still runs then. What was not paid pays for nothing new."""
    if order.status is not Status.ACTIVE or order.paid is Paid.FAILED:
        return False
    return order.ends_at is None or at + clocks.ahead(tx, order.site_id) < order.ends_at


def _usable(tx: Tx, order: PlanOrder, plan: Plan, service_id: str) -> Usable:
    benefit = plan.benefit(service_id)
    most = benefit.credits if benefit is not None else None
    if most is None:
        return Usable(order, None, None)
    used = store.used(tx, order.site_id, order.id, service_id, period_of(order))
    return Usable(order, max(0, most - used), most)


def period_of(order: PlanOrder) -> int:
    """What credits are counted in."""
    return order.cycle if order.terms.recurs else 0


def take(tx: Tx, order: PlanOrder, service_id: str, at: int, booking_id: str, quantity: int, now: int) -> None:
    """Pay for a booking with an order that the caller has locked. Raises CONFLICT `PLAN_NOT_USABLE`, `NO_CREDITS_LEFT`, `ALREADY_PAID`."""
    plan = plans.plan(tx, order.site_id, order.plan_id)
    if plan is None or not _covers(tx, order, at):
        text = f"The order of {order.content.name} is {order.status.value}, or ends before that time: it does not pay for this."
        raise AppError(Kind.CONFLICT, "PLAN_NOT_USABLE", text, data={"orderId": order.id})
    benefit = plan.benefit(service_id)
    most, period = benefit.credits if benefit is not None else None, period_of(order)
    if not store.note_use(tx, order.site_id, booking_id, order.id, service_id, period, quantity, now):
        raise AppError(Kind.CONFLICT, "ALREADY_PAID", "This booking was paid with a plan before.", data={"bookingId": booking_id})
    if not store.take(tx, order.site_id, order.id, service_id, period, quantity, most):
        text = f"{order.content.name} has not so many credits left for this ({quantity} wanted). Pay another way, or buy a plan."
        raise AppError(Kind.CONFLICT, "NO_CREDITS_LEFT", text, data={"orderId": order.id, "credits": most})


def give_back(tx: Tx, site_id: str, booking_id: str, now: int) -> bool:
    """A booking does not take place: what it took of a plan is free again, once."""
    return store.give_back(tx, site_id, booking_id, now)
