"""Lets time pass for the plans of a test site, as if it had: the clock stops at each thing that happens, so that a year of renewals,
refused cards and further tries comes in its order and with its dates."""

from __future__ import annotations

from dataclasses import dataclass

from roundtrip.core.clock import Clock
from roundtrip.plans.clock import actions
from roundtrip.plans.clock import store as clocks
from roundtrip.plans.orders import store
from roundtrip.sites.model import Site
from roundtrip.storage.database import Database
from roundtrip.worker.payments import PaymentRounds
from roundtrip.worker.plans import PlanKeeper
from roundtrip.workflows.cashier import Cashier

MOST_ROUNDS = 10_000
"""Against a plan of a day and twenty years ahead."""


@dataclass(frozen=True, slots=True)
class Passed:
    """How far the plans are ahead of the time now (milliseconds), and how often an order went on meanwhile."""

    ahead: int
    moves: int


async def pass_time(db: Database, clock: Clock, cashier: Cashier, site: Site, by: int) -> Passed:
    """Move the plans of a test site ahead by `by` milliseconds, and do all that is due on the way. Raises as `actions.advance`."""
    keeper, payments = PlanKeeper(db, clock), PaymentRounds(db, clock, cashier)
    target = await db.read(clocks.ahead, site.id) + by
    moves = await _settle(keeper, payments)
    for _ in range(MOST_ROUNDS):
        ahead, due = await db.read(clocks.ahead, site.id), await db.read(store.next_due, site.id)
        if ahead >= target:
            break
        until_due = target if due is None else max(due - clock(), ahead + 1)
        await db.write(actions.advance, site, min(target, until_due) - ahead)
        moves += await _settle(keeper, payments)
    return Passed(await db.read(clocks.ahead, site.id), moves)


async def _settle(keeper: PlanKeeper, payments: PaymentRounds) -> int:
    """Let plans and payments answer each other until neither has anything to do."""
    moves = 0
    for _ in range(MOST_ROUNDS):
        went_on = await keeper.round()
        moves += went_on
        if not went_on + await payments.round():
            break
    return moves
