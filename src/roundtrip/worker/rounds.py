"""The frame of every loop: round after round, and nothing that fails keeps the rest from being done."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from roundtrip.core.clock import MINUTE, Clock
from roundtrip.core.ids import new_id
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Database, Tx

T = TypeVar("T")


async def again_and_again(
    work: Callable[[], Awaitable[int]], *, batch: int, every_seconds: float, logger: logging.Logger, what: str
) -> None:
    """Do one round of `work` after the other until cancelled: at once while a round does a whole `batch`, else after `every_seconds`.

    A failing round is logged as `what` and tried again.
    """
    while True:
        try:
            while await work() >= batch:
                pass
        except Exception:
            logger.exception("%s failed; it is tried again", what)
        await asyncio.sleep(every_seconds)


async def each(things: Iterable[T], do: Callable[[T], Awaitable[object]], *, logger: logging.Logger, what: Callable[[T], str]) -> int:
    """Do something with each of them; answers with how many it went well. One that fails is logged as `what` and keeps no other waiting."""
    done = 0
    for thing in things:
        try:
            await do(thing)
            done += 1
        except Exception:
            logger.exception("%s could not be done; it is tried again", what(thing))
    return done


Move = Callable[[Tx, str, str, Moment], object]
"""What is to be done with one thing of a site, in a transaction of its own."""
Due = Callable[[Tx, int, int], list[tuple[str, str]]]
"""Site and id of what is due now, at most so many."""
LEFT_ALONE = MINUTE


@dataclass(frozen=True, slots=True)
class Failed:
    """What failed lately, with the time until which it is left alone: however much it is, it keeps nothing else from being done."""

    until: dict[tuple[str, str], int] = field(default_factory=dict)

    def forget(self, now: int) -> None:
        """Those whose minute is over are tried again."""
        for one in [one for one, until in self.until.items() if until <= now]:
            del self.until[one]


@dataclass(frozen=True, slots=True)
class Rounds:
    """What rounds over things of sites work with."""

    db: Database
    clock: Clock
    logger: logging.Logger
    failed: Failed = field(default_factory=Failed)

    async def move_due(self, due: Due, move: Move, *, batch: int, what: str) -> int:
        """Do `move` with each thing that is due, `batch` of them; answers with how many it went well."""
        now = self.clock()
        self.failed.forget(now)
        found = await self.db.read(due, now, batch + len(self.failed.until))

        async def move_one(one: tuple[str, str]) -> None:
            at = self.clock()
            self.failed.until[one] = at + LEFT_ALONE
            await self.db.write(move, *one, Moment(at, new_id(at)))
            del self.failed.until[one]

        fresh = [one for one in found if one not in self.failed.until][:batch]
        return await each(fresh, move_one, logger=self.logger, what=lambda one: f"{what} {one[1]}")
