"""The embedded database: one writer thread that lets waiting transactions share one commit, and a few readers on snapshots.

Why one writer: SQLite has one write lock, and a durable commit costs a disk flush. Functions that wait are run one after the other inside
one SQLite transaction and share that flush (group commit). What a group is and how its members stay independent: `sqlite_group.py`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Concatenate, ParamSpec, TypeVar

from roundtrip.storage.database import Dialect, Tx
from roundtrip.storage.errors import StorageError
from roundtrip.storage.owner_lock import OwnerLock
from roundtrip.storage.sqlite_connection import open_reader, open_writer
from roundtrip.storage.sqlite_group import Group, Job, Outcome, run_reads

P = ParamSpec("P")
T = TypeVar("T")

GROUP_LIMIT = 256
"""Functions that may share one commit: enough for every connection of a busy server, few enough that the first need not wait long."""
READ_GROUP_LIMIT = 8
"""Reads that may share one snapshot. Small, because a slow one holds its neighbours."""


class SqliteDatabase:
    """A `Database` in one file. `own=True` is for the one server process; commands beside it pass False and take turns with it."""

    dialect: Dialect = "sqlite"

    def __init__(self, path: str | Path, *, readers: int = 2, own: bool = True, busy_timeout_ms: int = 10_000) -> None:
        """Open or create the file. Raises `StorageError` when another process owns it or it cannot be opened."""
        self._path = Path(path).absolute()
        self._lock = _take_ownership(self._path) if own else None
        self._closing = threading.Lock()
        self._closed = False
        self._writes: SimpleQueue[Job | None] = SimpleQueue()
        self._reads: SimpleQueue[Job | None] = SimpleQueue()
        try:
            writer = Group(open_writer(self._path, busy_timeout_ms), str(self._path))
            read_connections = [open_reader(self._path, busy_timeout_ms) for _ in range(readers)]
        except StorageError:
            if self._lock is not None:
                self._lock.close()
            raise
        self._threads = [threading.Thread(target=self._write_loop, args=(writer,), name="sqlite-writer", daemon=True)]
        self._threads += [
            threading.Thread(target=self._read_loop, args=(connection,), name=f"sqlite-reader-{number}", daemon=True)
            for number, connection in enumerate(read_connections, 1)
        ]
        for thread in self._threads:
            thread.start()

    async def read(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """See `Database.read`."""
        return await self._submit(self._reads, fn, args, kwargs)  # type: ignore[no-any-return]

    async def write(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """See `Database.write`."""
        return await self._submit(self._writes, fn, args, kwargs)  # type: ignore[no-any-return]

    def read_now(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`read` for code without an event loop."""
        return self._wait(self._reads, fn, args, kwargs)  # type: ignore[no-any-return]

    def write_now(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`write` for code without an event loop."""
        return self._wait(self._writes, fn, args, kwargs)  # type: ignore[no-any-return]

    def close(self) -> None:
        """See `Database.close`."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._writes.put(None)
            for _ in self._threads[1:]:
                self._reads.put(None)
        for thread in self._threads:
            thread.join()
        if self._lock is not None:
            self._lock.close()

    def _submit(self, queue: SimpleQueue[Job | None], fn: Callable[..., Any], args: Any, kwargs: Any) -> asyncio.Future[Any]:
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self._put(queue, (fn, args, kwargs, future, loop))
        return future

    def _wait(self, queue: SimpleQueue[Job | None], fn: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        future: Future[Any] = Future()
        self._put(queue, (fn, args, kwargs, future, None))
        return future.result()

    def _put(self, queue: SimpleQueue[Job | None], job: Job) -> None:
        # The lock keeps a job from slipping in behind the mark that ends a thread, where nobody would ever answer it.
        with self._closing:
            if self._closed:
                raise StorageError(f"the database {self._path} is closed")
            queue.put(job)

    def _write_loop(self, group: Group) -> None:
        try:
            for jobs in _groups(self._writes, GROUP_LIMIT):
                _answer(group.run(jobs))
        finally:
            group.close()

    def _read_loop(self, connection: Any) -> None:
        try:
            for jobs in _groups(self._reads, READ_GROUP_LIMIT):
                _answer(run_reads(connection, jobs))
        finally:
            connection.close()


def _groups(queue: SimpleQueue[Job | None], limit: int) -> Iterator[list[Job]]:
    """What waits, as lists of at most `limit`, until the mark that ends this thread comes by."""
    while (job := queue.get()) is not None:
        jobs = [job]
        for _ in range(min(queue.qsize(), limit - 1)):
            try:
                following = queue.get_nowait()
            except Empty:  # another reader was faster
                break
            if following is None:
                yield jobs
                return
            jobs.append(following)
        yield jobs


def _answer(outcomes: list[Outcome]) -> None:
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


def _take_ownership(path: Path) -> OwnerLock:
    lock_path = path.with_name(path.name + ".lock")
    try:
        return OwnerLock(lock_path)
    except BlockingIOError as error:
        raise StorageError(
            f"{path} is already served by process {error.args[1]}. One server process owns a SQLite file: stop that process, "
            f"or set ROUNDTRIP_DATABASE_URL to another file, or to PostgreSQL for several servers. (Lock file: {lock_path})"
        ) from error
    except OSError as error:
        hint = "check that its folder exists and is writable"
        raise StorageError(f"cannot create the lock file {lock_path}: {error.strerror}; {hint}") from error
