"""The frame of every loop: round after round, and nothing that fails keeps the rest from being done."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

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
