"""Makes renditions in threads, each once, and keeps the latest. The waiting side of `media/`: what is made is decided there.

Bounded in every direction (decision 0118): as many at once as half the processors, a fixed number waiting, a fixed number of bytes kept,
and a number of new ones a minute for each address. One that was made already costs nobody anything.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from roundtrip.core.errors import AppError, Kind
from roundtrip.media import placeholder, store
from roundtrip.media.actions import no_such_picture
from roundtrip.media.model import Picture
from roundtrip.media.rendering import render
from roundtrip.media.rendition import Rendition
from roundtrip.media.shelf import Shelf
from roundtrip.storage.database import Database

T = TypeVar("T")

MOST_WAITING = 64
Key = tuple[str, Rendition, str]


class Renditions:
    """One per process."""

    def __init__(self, db: Database, *, threads: int | None = None, shelf: Shelf | None = None) -> None:
        threads = threads or max(1, (os.cpu_count() or 1) // 2)
        self._db = db
        self._shelf = shelf or Shelf()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="pictures")
        self._free = asyncio.Semaphore(threads)
        self._being_made: dict[Key, asyncio.Task[bytes]] = {}

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(cancel_futures=True)

    async def run(self, job: Callable[[], T]) -> T:
        """Run something else that takes a picture's time."""
        async with self._free:
            return await asyncio.get_running_loop().run_in_executor(self._threads, job)

    async def get(self, picture: Picture, rendition: Rendition, content_type: str, count: Callable[[], None]) -> bytes:
        """The file. `count` is called when it has to be made, and may refuse.

        Raises LIMITED when too many wait, NOT_FOUND when the picture is gone.
        """
        key = (picture.id, rendition, content_type)
        kept = self._shelf.get(key)
        if kept is not None:
            return kept
        task = self._being_made.get(key)
        if task is None:
            count()
            if len(self._being_made) >= MOST_WAITING:
                text = "Too many pictures are being made right now. Try again in a second."
                raise AppError(Kind.LIMITED, "RESOURCE_EXHAUSTED", text, retry_after=1)
            task = asyncio.create_task(self._make(key))
            self._being_made[key] = task
            task.add_done_callback(lambda done: self._made(key, done))
        # Whoever goes away does not take it from the others who wait for it.
        return await asyncio.shield(task)

    async def _make(self, key: Key) -> bytes:
        picture_id, rendition, content_type = key
        async with self._free:  # before the bytes are read: those that wait hold none
            content = placeholder.content() if picture_id == placeholder.ID else await self._db.read(store.content, picture_id)
            if content is None:
                raise no_such_picture(picture_id)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, render, content, rendition, content_type)

    def _made(self, key: Key, done: asyncio.Task[bytes]) -> None:
        del self._being_made[key]
        if not done.cancelled() and done.exception() is None:
            self._shelf.put(key, done.result())
