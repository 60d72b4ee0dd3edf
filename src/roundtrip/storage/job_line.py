"""The line in which transaction functions wait for a thread, and the way their answers come back. Knows threads and loops, no database.

Handing a job to another thread, and its answer back, costs more than running it. So all that one event loop asks for in one of its rounds
is handed over at once, and all answers of a group come back in one wake-up.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any

from roundtrip.storage.errors import StorageError

Job = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any], "asyncio.Future[Any] | Future[Any]", asyncio.AbstractEventLoop | None]
"""Function, its arguments, who waits for it, and that one's event loop (None: a blocked thread). A bare tuple: this path is hot."""
Outcome = tuple[Job, Any, BaseException | None]
"""A job with what it answered or what it raised."""


class JobLine:
    """First come, first served, in groups of about `limit`. `name` is what the line is for, in the error after `close`."""

    def __init__(self, name: str, limit: int) -> None:
        self._name = name
        self._limit = limit
        self._queue: SimpleQueue[list[Job] | None] = SimpleQueue()
        self._asked: dict[asyncio.AbstractEventLoop, list[Job]] = {}
        self._lock = threading.Lock()
        self._closed = False

    def ask(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> asyncio.Future[Any]:
        """Queue a job from an event loop."""
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        asked = self._asked.get(loop)
        if asked is None:
            asked = self._asked[loop] = []
            loop.call_soon(self._hand_over, loop, 0)
        asked.append((fn, args, kwargs, future, loop))
        return future

    def ask_now(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Queue a job from a thread without an event loop and wait for its answer."""
        future: Future[Any] = Future()
        self._put([(fn, args, kwargs, future, None)])
        return future.result()

    def groups(self) -> Iterator[list[Job]]:
        """What waits, for one thread that works on it; ends after `close`, when nothing waits any more."""
        while (jobs := self._queue.get()) is not None:
            while len(jobs) < self._limit and self._queue.qsize():
                try:
                    following = self._queue.get_nowait()
                except Empty:  # another thread was faster
                    break
                if following is None:
                    yield jobs
                    return
                jobs += following
            yield jobs

    def close(self, threads: int) -> None:
        """Let `threads` threads end after what waits now; what comes later fails with `StorageError`. Safe to call twice.

        Later is also what a loop asked for in the round it is still in.
        """
        with self._lock:
            if not self._closed:
                self._closed = True
                for _ in range(threads):
                    self._queue.put(None)

    def _hand_over(self, loop: asyncio.AbstractEventLoop, before: int) -> None:
        """Hand over what was asked for, once a round of the loop has brought nothing new.

        Requests that arrive together are read in several rounds; handing each round over by itself would give each a commit of its own.
        """
        asked = len(self._asked[loop])
        if before < asked < self._limit:
            loop.call_soon(self._hand_over, loop, asked)
            return
        jobs = self._asked.pop(loop)
        try:
            for first in range(0, len(jobs), self._limit):
                self._put(jobs[first : first + self._limit])
        except StorageError as error:
            for _, _, _, future, _ in jobs:
                if not future.done():
                    future.set_exception(StorageError(str(error)))

    def _put(self, jobs: list[Job]) -> None:
        # The lock keeps jobs from slipping in behind the marks that end the threads, where nobody would ever answer them.
        with self._lock:
            if self._closed:
                raise StorageError(f"{self._name} is closed")
            self._queue.put(jobs)


def answer(outcomes: list[Outcome]) -> None:
    """Tell every caller. One wake-up per event loop, however many of its callers were in the group."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Outcome]] = {}
    for outcome in outcomes:
        loop = outcome[0][4]
        if loop is None:
            _settle([outcome])
        else:
            by_loop.setdefault(loop, []).append(outcome)
    for loop, of_loop in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle, of_loop)
        except RuntimeError:  # the loop was closed: nobody is left to tell
            continue


def _settle(outcomes: list[Outcome]) -> None:
    for (_, _, _, future, _), value, error in outcomes:
        if future.done():  # the caller was cancelled and has gone
            continue
        if error is None:
            future.set_result(value)
        else:
            future.set_exception(error)
