"""The loop that lets plans go on: starts, renewals, further tries of a card, ends. Looking costs two steps in indexes."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from roundtrip.core.clock import Clock
from roundtrip.plans.orders import store
from roundtrip.storage.database import Database
from roundtrip.worker.rounds import Failed, Rounds, again_and_again
from roundtrip.workflows import plan_life

logger = logging.getLogger("roundtrip.worker")

LOOK_EVERY_SECONDS = 2.0
BATCH = 50


@dataclass(frozen=True, slots=True)
class PlanKeeper:
    """The loop and what it works with. Two of them at once do each thing once; money is charged by `payments.py`, when this says so."""

    db: Database
    clock: Clock
    failed: Failed = field(default_factory=Failed)

    async def run(self) -> None:
        """Work until cancelled. A failing round is logged and tried again."""
        await again_and_again(self.round, batch=BATCH, every_seconds=LOOK_EVERY_SECONDS, logger=logger, what="looking after plans")

    async def round(self) -> int:
        """One batch of what is due; answers how many orders went well. Each is a transaction of its own."""
        rounds = Rounds(self.db, self.clock, logger, self.failed)
        return await rounds.move_due(store.due, plan_life.go_on, batch=BATCH, what="looking after order of a plan")


LOOPS = (PlanKeeper,)
