"""The loop that puts stock back when nobody paid for it in time. Looking costs one step in an index, so it looks often."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from roundtrip.core.clock import Clock
from roundtrip.core.ids import new_id
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Database
from roundtrip.workflows import release_holds

logger = logging.getLogger("roundtrip.worker")

LOOK_EVERY_SECONDS = 5.0
BATCH = 50


@dataclass(frozen=True, slots=True)
class HoldReleaser:
    """The loop and what it works with. Two of them at once release each hold once."""

    db: Database
    clock: Clock

    async def run(self) -> None:
        """Release until cancelled. A failing round is logged and tried again."""
        while True:
            try:
                while await self.round() == BATCH:
                    pass
            except Exception:
                logger.exception("releasing stock failed; it is tried again")
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def round(self) -> int:
        """Release one batch of what is over; answers how many there were. Each order is a transaction of its own."""
        now = self.clock()
        due = await self.db.read(release_holds.overdue, now, BATCH)
        failed = 0
        for site_id, order_id in due:
            try:
                await self.db.write(release_holds.release, site_id, order_id, Moment(now, new_id(now)))
            except Exception:
                # One order must not keep the stock of the others.
                logger.exception("the stock of order %s could not be released; it is tried again", order_id)
                failed += 1
        return len(due) - failed


LOOPS = (HoldReleaser,)
