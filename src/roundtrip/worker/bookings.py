"""The loop that gives back times which were held for too long, and reminds of what begins soon. Looking costs two steps in indexes."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from roundtrip.bookings.book import store
from roundtrip.bookings.times import actions as times
from roundtrip.core.clock import Clock
from roundtrip.storage.database import Database
from roundtrip.worker.rounds import Failed, Rounds, again_and_again
from roundtrip.workflows import move_booking

logger = logging.getLogger("roundtrip.worker")

LOOK_EVERY_SECONDS = 5.0
BATCH = 50


@dataclass(frozen=True, slots=True)
class BookingKeeper:
    """The loop and what it works with. Two of them at once do each thing once."""

    db: Database
    clock: Clock
    failed: Failed = field(default_factory=Failed)

    async def run(self) -> None:
        """Work until cancelled. A failing round is logged and tried again."""
        await again_and_again(self.round, batch=BATCH, every_seconds=LOOK_EVERY_SECONDS, logger=logger, what="looking after bookings")

    async def round(self) -> int:
        """One batch of holds and one of reminders; answers how many were done. Each is a transaction of its own."""
        rounds, what = Rounds(self.db, self.clock, logger, self.failed), "looking after booking"
        held = await rounds.move_due(times.overdue, move_booking.release_overdue, batch=BATCH, what=what)
        return held + await rounds.move_due(store.due_reminders, move_booking.remind, batch=BATCH, what=what)


LOOPS = (BookingKeeper,)
