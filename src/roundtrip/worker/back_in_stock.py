"""The loop that tells people when goods are back. Looking costs a read of a table that is nearly always empty, so it looks often."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from roundtrip.core.clock import Clock
from roundtrip.core.ids import new_id
from roundtrip.ecom.back_in_stock.model import Due
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Database
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
        while True:
            try:
                await self.round()
            except Exception:
                logger.exception("telling that goods are back failed; it is tried again")
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def round(self) -> int:
        """Tell everybody who waits for what came back; answers how many were told."""
        told, handled = 0, BATCH
        while handled == BATCH:
            handled = 0
            for one in await self.db.read(back_in_stock.due, BATCH):
                try:
                    told += await self._tell(one)
                    handled += 1
                except Exception:
                    # One product must not keep the others from being told of.
                    logger.exception("telling that product %s is back failed; it is tried again", one.product_id)
        return told

    async def _tell(self, one: Due) -> int:
        """Everybody who waits for one thing. Each hundred is a transaction of its own."""
        told, some = 0, TOLD_AT_ONCE
        while some == TOLD_AT_ONCE:
            now = self.clock()
            some = await self.db.write(back_in_stock.tell_some, one, TOLD_AT_ONCE, Moment(now, new_id(now)))
            told += some
        return told


LOOPS = (BackInStockTeller,)
