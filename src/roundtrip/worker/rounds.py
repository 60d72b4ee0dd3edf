"""The frame of every loop: round after round, and nothing that fails keeps the rest from being done."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from roundtrip.core.clock import Clock
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


async def move_each(db: Database, clock: Clock, things: Iterable[tuple[str, str]], move: Move, *, logger: logging.Logger, what: str) -> int:
    """`each`, for things that are named by their site and id and moved by a transaction."""

    async def move_one(one: tuple[str, str]) -> None:
        now = clock()
        await db.write(move, *one, Moment(now, new_id(now)))

    return await each(things, move_one, logger=logger, what=lambda one: f"{what} {one[1]}")
