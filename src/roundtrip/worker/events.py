"""The loop that gives back tickets and places which were kept for too long, and writes down what began and ended."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from roundtrip.core.clock import Clock
from roundtrip.events.event import actions as events
from roundtrip.events.event import store as event_store
from roundtrip.events.reservations import store as reservations
from roundtrip.events.rsvps import store as rsvps
from roundtrip.storage.database import Database
from roundtrip.worker.rounds import Failed, Rounds, again_and_again
from roundtrip.workflows import answer_event, order_tickets

logger = logging.getLogger("roundtrip.worker")

LOOK_EVERY_SECONDS = 5.0
BATCH = 50


@dataclass(frozen=True, slots=True)
class EventKeeper:
    """The loop and what it works with. Two of them at once do each thing once."""

    db: Database
    clock: Clock
    failed: Failed = field(default_factory=Failed)

    async def run(self) -> None:
        """Work until cancelled. A failing round is logged and tried again."""
        await again_and_again(self.round, batch=BATCH, every_seconds=LOOK_EVERY_SECONDS, logger=logger, what="looking after events")

    async def round(self) -> int:
        """One batch of each kind; answers how many were done. Each is a transaction of its own."""
        rounds, what = Rounds(self.db, self.clock, logger, self.failed), "looking after"
        done = await rounds.move_due(reservations.overdue, order_tickets.release, batch=BATCH, what=what)
        done += await rounds.move_due(rsvps.overdue_offers, answer_event.release_offer, batch=BATCH, what=what)
        return done + await rounds.move_due(event_store.due_moves, events.move, batch=BATCH, what=what)


LOOPS = (EventKeeper,)
