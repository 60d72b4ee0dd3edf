"""Opening SQLite files: every pragma with its reason. Transactions live in `sqlite_group.py`, threads in `sqlite.py`."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from urllib.parse import quote

from roundtrip.storage.errors import StorageError

STATEMENTS = 512
"""Prepared statements kept per connection: more than the product has, so that none is parsed twice."""

_EVERYWHERE = (
    # Off by default in SQLite, and the schema relies on them.
    "PRAGMA foreign_keys = ON",
    # Sorting and grouping spill to memory: temporary files would need a writable /tmp and a flush.
    "PRAGMA temp_store = MEMORY",
)
_WRITER = (
    # Readers and the writer do not wait for each other, and a commit is one append and one flush.
    "PRAGMA journal_mode = WAL",
    # Flush at every commit: an answered request survives a power cut. NORMAL would lose the last ones.
    "PRAGMA synchronous = FULL",
    # 8 MiB of pages: the inner nodes of every index stay in memory at a million sessions.
    "PRAGMA cache_size = -8192",
    # The log is copied back beside the writer, not inside a commit (`sqlite_checkpoint.py`).
    "PRAGMA wal_autocheckpoint = 0",
    # After a burst the log shrinks back instead of keeping its largest size for ever.
    "PRAGMA journal_size_limit = 67108864",
)
_READER = (
    # A read that tries to write fails, whatever the function does.
    "PRAGMA query_only = ON",
    # 2 MiB per reader: the operating system caches the file anyway.
    "PRAGMA cache_size = -2048",
)


def open_writer(path: Path, busy_timeout_ms: int) -> sqlite3.Connection:
    """The connection that writes; creates the file. `busy_timeout_ms` is how long it waits for another process's transaction."""
    return _open(path, busy_timeout_ms, (*_EVERYWHERE, *_WRITER))


def open_checkpointer(path: Path, busy_timeout_ms: int) -> sqlite3.Connection:
    """A connection that only copies the write-ahead log back. Opened after the writer."""
    return _open(path, busy_timeout_ms, ("PRAGMA wal_autocheckpoint = 0", "PRAGMA synchronous = FULL"))


def open_reader(path: Path, busy_timeout_ms: int) -> sqlite3.Connection:
    """A connection that cannot write. Opened after the writer, which creates the file."""
    return _open(path, busy_timeout_ms, (*_EVERYWHERE, *_READER))


def _open(path: Path, busy_timeout_ms: int, pragmas: tuple[str, ...]) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(
            f"file:{quote(str(path))}",
            uri=True,
            timeout=busy_timeout_ms / 1000,
            isolation_level=None,  # BEGIN and COMMIT are ours
            cached_statements=STATEMENTS,
            check_same_thread=False,  # opened by the caller's thread, so that it gets the error; used by one thread only
        )
        for pragma in pragmas:
            connection.execute(pragma)
    except sqlite3.Error as error:
        raise StorageError(f"cannot open the SQLite file {path}: {error}; check that its folder exists and is writable") from error
    return connection
