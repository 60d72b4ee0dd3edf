"""Runs the loops. Each round is a few small transactions, so several workers may run at once and any may be killed at any point."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass

from roundtrip.core.clock import Clock
from roundtrip.core.rooms import said_in
from roundtrip.redirect_session import actions as redirect_sessions
from roundtrip.redirect_session.model import Lifetimes
from roundtrip.storage.database import Database
from roundtrip.storage.tidying import Tidies

logger = logging.getLogger("roundtrip.worker")

TIDY_EVERY_SECONDS = 15.0
BATCH = 500
TIDIES: tuple[Tidies, ...] = tuple(tidies for module in said_in("tidy") for tidies in module.TIDIES)
"""What every room's `tidy.py` wants to be done."""


@dataclass(frozen=True, slots=True)
class Worker:
    """What the loops work with."""

    db: Database
    clock: Clock
    lifetimes: Lifetimes

    async def run(self, stopped: asyncio.Event) -> None:
        """Tidy up until told to stop; a round that has begun is finished first. A failing round is logged and tried again."""
        while not stopped.is_set():
            try:
                await self.tidy()
            except Exception:
                logger.exception("tidying failed; it is tried again")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), TIDY_EVERY_SECONDS)

    async def tidy(self) -> None:
        """One round: expire visits whose time is over, then delete what has been kept long enough, in small batches."""
        now = self.clock()
        while await self.db.write(redirect_sessions.expire_due, now, BATCH) == BATCH:
            pass
        while await self.db.write(redirect_sessions.purge, lifetimes=self.lifetimes, now=now, limit=BATCH) == BATCH:
            pass
        for tidies in TIDIES:
            while await self.db.write(tidies.batch, now - tidies.kept_for, BATCH) == BATCH:
                pass
