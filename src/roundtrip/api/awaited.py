"""Callers that wait for something to happen to one thing. However many wait, the database is asked once in a while for all of them."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field

from roundtrip.storage import outbox
from roundtrip.storage.database import Database

logger = logging.getLogger("roundtrip.api")

LOOK_EVERY_SECONDS = 0.1


@dataclass(slots=True)
class Awaited:
    """Who waits in this process for an event about things of one kind. One for each process and kind."""

    db: Database
    entity: str
    _waiting: dict[str, dict[asyncio.Future[None], int]] = field(default_factory=dict)
    _looking: asyncio.Task[None] | None = None

    async def event(self, entity_id: str, known: int, seconds: float) -> bool:
        """Wait until there are more events about the thing than `known`, for at most `seconds`; True when there are.

        `known` was read together with what the caller knows of the thing (`outbox.counts`), so that nothing in between is missed.
        """
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(entity_id, {})[future] = known
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            await asyncio.wait([future], timeout=seconds)
            return future.done()
        finally:
            mine = self._waiting[entity_id]
            del mine[future]
            if not mine:
                del self._waiting[entity_id]

    async def _look(self) -> None:
        """While somebody waits."""
        while self._waiting:
            try:
                found = await self.db.read(outbox.counts, self.entity, list(self._waiting))
            except Exception:
                logger.exception("looking for events failed; it is tried again")
                found = {}
            for entity_id, last in found.items():
                for future, known in self._waiting.get(entity_id, {}).items():
                    if last > known and not future.done():
                        future.set_result(None)
            await asyncio.sleep(LOOK_EVERY_SECONDS)
