"""The embedded database: one writer thread that lets waiting transactions share one commit, and a few readers on snapshots.

Why one writer: SQLite has one write lock, and a durable commit costs a disk flush. Functions that wait are run one after the other inside
one SQLite transaction and share that flush (group commit). What a group is and how its members stay independent: `sqlite_group.py`.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from roundtrip.storage.database import Dialect, Tx
from roundtrip.storage.errors import StorageError
from roundtrip.storage.job_line import JobLine, answer
from roundtrip.storage.owner_lock import OwnerLock
from roundtrip.storage.sqlite_checkpoint import Checkpointer
from roundtrip.storage.sqlite_connection import open_checkpointer, open_reader, open_writer
from roundtrip.storage.sqlite_group import Group, run_reads

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
        self._writes = JobLine(f"the database {self._path}", GROUP_LIMIT)
        self._reads = JobLine(f"the database {self._path}", READ_GROUP_LIMIT)
        connections: list[sqlite3.Connection] = []
        try:
            connections.append(open_writer(self._path, busy_timeout_ms))
            connections += [open_reader(self._path, busy_timeout_ms) for _ in range(readers)]
            connections.append(open_checkpointer(self._path, busy_timeout_ms))
        except StorageError:
            for connection in connections:
                connection.close()
            if self._lock is not None:
                self._lock.close()
            raise
        self._checkpointer = Checkpointer(connections.pop())
        self._threads = [threading.Thread(target=self._write_loop, args=(connections[0],), name="sqlite-writer", daemon=True)]
        self._threads += [
            threading.Thread(target=self._read_loop, args=(connection,), name=f"sqlite-reader-{number}", daemon=True)
            for number, connection in enumerate(connections[1:], 1)
        ]
        for thread in (*self._threads, self._checkpointer.thread):
            thread.start()

    # A line carries jobs of any kind, so what comes out of it is `Any`; each method below gives it the type of its own function.
    async def read(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """See `Database.read`."""
        return await self._reads.ask(fn, args, kwargs)  # type: ignore[no-any-return]

    async def write(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """See `Database.write`."""
        return await self._writes.ask(fn, args, kwargs)  # type: ignore[no-any-return]

    def read_now(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`read` for code without an event loop."""
        return self._reads.ask_now(fn, args, kwargs)  # type: ignore[no-any-return]

    def write_now(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`write` for code without an event loop."""
        return self._writes.ask_now(fn, args, kwargs)  # type: ignore[no-any-return]

    def close(self) -> None:
        """See `Database.close`."""
        self._writes.close(threads=1)
        self._reads.close(threads=len(self._threads) - 1)
        for thread in self._threads:
            thread.join()
        self._checkpointer.close()
        self._checkpointer.thread.join()
        if self._lock is not None:
            self._lock.close()

    def _write_loop(self, connection: sqlite3.Connection) -> None:
        group = Group(connection, str(self._path))
        try:
            for jobs in self._writes.groups():
                answer(group.run(jobs))
                self._checkpointer.note(connection)
        finally:
            connection.close()

    def _read_loop(self, connection: sqlite3.Connection) -> None:
        try:
            for jobs in self._reads.groups():
                answer(run_reads(connection, jobs))
        finally:
            connection.close()


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
