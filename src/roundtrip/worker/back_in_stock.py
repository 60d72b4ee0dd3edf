"""The loop that tells people when goods are back. Looking costs a read of a table that is nearly always empty, so it looks often."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from roundtrip.core.clock import Clock
from roundtrip.core.ids import new_id
from roundtrip.ecom.back_in_stock.model import Due
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Database
from roundtrip.worker.rounds import again_and_again, each
from roundtrip.workflows import back_in_stock

logger = logging.getLogger("roundtrip.worker")

LOOK_EVERY_SECONDS = 5.0
BATCH = 20
TOLD_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class BackInStockTeller:
    """The loop and what it works with. Two of them at once tell everybody once."""

    db: Database
    clock: Clock

    async def run(self) -> None:
        """Tell until cancelled. A failing round is logged and tried again."""
        await again_and_again(self.round, batch=BATCH, every_seconds=LOOK_EVERY_SECONDS, logger=logger, what="telling that goods are back")

    async def round(self) -> int:
        """Tell everybody who waits for what came back; answers how many were told."""
        told: list[int] = []
        handled = BATCH
        while handled == BATCH:
            due = await self.db.read(back_in_stock.due, BATCH)
            handled = await each(
                due, lambda one: self._tell(one, told), logger=logger, what=lambda one: f"telling that product {one.product_id} is back"
            )
        return sum(told)

    async def _tell(self, one: Due, told: list[int]) -> None:
        """Everybody who waits for one thing. Each hundred is a transaction of its own."""
        some = TOLD_AT_ONCE
        while some == TOLD_AT_ONCE:
            now = self.clock()
            some = await self.db.write(back_in_stock.tell_some, one, TOLD_AT_ONCE, Moment(now, new_id(now)))
            told.append(some)


LOOPS = (BackInStockTeller,)
