"""The loop that lets plans go on: starts, renewals, further tries of a card, ends. Looking costs two steps in indexes."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from roundtrip.core.clock import Clock
from roundtrip.core.ids import new_id
from roundtrip.plans.orders import store
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Database
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
        while True:
            try:
                while await self.round() >= BATCH:
                    pass
            except Exception:
                logger.exception("looking after plans failed; it is tried again")
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def round(self) -> int:
        """One batch of what is due; answers how many orders went on. Each is a transaction of its own."""
        done = 0
        for site_id, order_id in await self.db.read(store.due, self.clock(), BATCH):
            now = self.clock()
            try:
                done += await self.db.write(plan_life.go_on, site_id, order_id, Moment(now, new_id(now)))
            except Exception:
                # One order must not keep the others waiting.
                logger.exception("order %s of a plan could not go on; it is tried again", order_id)
        return done


LOOPS = (PlanKeeper,)
