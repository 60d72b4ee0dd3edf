"""The loop that puts stock back when nobody paid for it in time. Looking costs one step in an index, so it looks often."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from roundtrip.core.clock import Clock
from roundtrip.storage.database import Database
from roundtrip.worker.rounds import Failed, Rounds, again_and_again
from roundtrip.workflows import release_holds

logger = logging.getLogger("roundtrip.worker")

LOOK_EVERY_SECONDS = 5.0
BATCH = 50


@dataclass(frozen=True, slots=True)
class HoldReleaser:
    """The loop and what it works with. Two of them at once release each hold once."""

    db: Database
    clock: Clock
    failed: Failed = field(default_factory=Failed)

    async def run(self) -> None:
        """Release until cancelled. A failing round is logged and tried again."""
        await again_and_again(self.round, batch=BATCH, every_seconds=LOOK_EVERY_SECONDS, logger=logger, what="releasing stock")

    async def round(self) -> int:
        """Release one batch of what is over; answers how many there were. Each order is a transaction of its own."""
        rounds = Rounds(self.db, self.clock, logger, self.failed)
        return await rounds.move_due(release_holds.overdue, release_holds.release, batch=BATCH, what="releasing the stock of order")


LOOPS = (HoldReleaser,)
