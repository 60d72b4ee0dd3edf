"""The loop that gives back times which were held for too long, and reminds of what begins soon. Looking costs two steps in indexes."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from roundtrip.bookings.book import store
from roundtrip.bookings.times import actions as times
from roundtrip.core.clock import Clock
from roundtrip.storage.database import Database
from roundtrip.worker.rounds import Move, again_and_again, move_each
from roundtrip.workflows import move_booking

logger = logging.getLogger("roundtrip.worker")

LOOK_EVERY_SECONDS = 5.0
BATCH = 50


@dataclass(frozen=True, slots=True)
class BookingKeeper:
    """The loop and what it works with. Two of them at once do each thing once."""

    db: Database
    clock: Clock

    async def run(self) -> None:
        """Work until cancelled. A failing round is logged and tried again."""
        await again_and_again(self.round, batch=BATCH, every_seconds=LOOK_EVERY_SECONDS, logger=logger, what="looking after bookings")

    async def round(self) -> int:
        """One batch of holds and one of reminders; answers how many were done. Each is a transaction of its own."""
        now = self.clock()
        held = await self._each(await self.db.read(times.overdue, now, BATCH), move_booking.release_overdue)
        return held + await self._each(await self.db.read(store.due_reminders, now, BATCH), move_booking.remind)

    async def _each(self, due: list[tuple[str, str]], move: Move) -> int:
        return await move_each(self.db, self.clock, due, move, logger=logger, what="looking after booking")


LOOPS = (BookingKeeper,)
