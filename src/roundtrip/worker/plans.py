"""The loop that lets plans go on: starts, renewals, further tries of a card, ends. Looking costs two steps in indexes."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from roundtrip.core.clock import Clock
from roundtrip.core.ids import new_id
from roundtrip.plans.orders import store
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Database
from roundtrip.worker.rounds import again_and_again, each
from roundtrip.workflows import plan_life

logger = logging.getLogger("roundtrip.worker")

LOOK_EVERY_SECONDS = 2.0
BATCH = 50


@dataclass(frozen=True, slots=True)
class PlanKeeper:
    """The loop and what it works with. Two of them at once do each thing once; money is charged by `payments.py`, when this says so."""

    db: Database
    clock: Clock

    async def run(self) -> None:
        """Work until cancelled. A failing round is logged and tried again."""
        await again_and_again(self.round, batch=BATCH, every_seconds=LOOK_EVERY_SECONDS, logger=logger, what="looking after plans")

    async def round(self) -> int:
        """One batch of what is due; answers how many orders went well. Each is a transaction of its own."""

        async def go_on(one: tuple[str, str]) -> None:
            now = self.clock()
            await self.db.write(plan_life.go_on, *one, Moment(now, new_id(now)))

        due = await self.db.read(store.due, self.clock(), BATCH)
        return await each(due, go_on, logger=logger, what=lambda one: f"looking after order {one[1]} of a plan")


LOOPS = (PlanKeeper,)
