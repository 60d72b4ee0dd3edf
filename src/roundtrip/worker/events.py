"""The loop that gives back tickets and places which were kept for too long, and writes down what began and ended."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from roundtrip.core.clock import Clock
from roundtrip.core.ids import new_id
from roundtrip.events.event import actions as events
from roundtrip.events.event import store as event_store
from roundtrip.events.reservations import store as reservations
from roundtrip.events.rsvps import store as rsvps
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Database, Tx
from roundtrip.workflows import answer_event, order_tickets

logger = logging.getLogger("roundtrip.worker")

LOOK_EVERY_SECONDS = 5.0
BATCH = 50


@dataclass(frozen=True, slots=True)
class EventKeeper:
    """The loop and what it works with. Two of them at once do each thing once."""

    db: Database
    clock: Clock

    async def run(self) -> None:
        """Work until cancelled. A failing round is logged and tried again."""
        while True:
            try:
                while await self.round() >= BATCH:
                    pass
            except Exception:
                logger.exception("looking after events failed; it is tried again")
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def round(self) -> int:
        """One batch of each kind; answers how many were done. Each is a transaction of its own."""
        now = self.clock()
        done = await self._each(await self.db.read(reservations.overdue, now, BATCH), order_tickets.release)
        done += await self._each(await self.db.read(rsvps.overdue_offers, now, BATCH), answer_event.release_offer)
        return done + await self._each(await self.db.read(event_store.due_moves, now, BATCH), events.move)

    async def _each(self, due: list[tuple[str, str]], do: Callable[[Tx, str, str, Moment], bool]) -> int:
        done = 0
        for site_id, one_id in due:
            now = self.clock()
            try:
                await self.db.write(do, site_id, one_id, Moment(now, new_id(now)))
                done += 1
            except Exception:
                # One must not keep the others waiting.
                logger.exception("%s could not be looked after; it is tried again", one_id)
        return done


LOOPS = (EventKeeper,)
