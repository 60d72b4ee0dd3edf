"""Copies of a SQLite database: taken while a server writes, put back while none runs."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from roundtrip.storage.errors import StorageError
from roundtrip.storage.owner_lock import OwnerLock
from roundtrip.storage.schema_state import MIGRATION_TABLE

MAGIC = b"SQLite format 3\0"


def save(database: Path, target: Path) -> None:
    """Copy what is committed now into the new file `target`.

    One step of SQLite's own backup: a reader's snapshot, which does not hold up the server that is writing.
    """
    if not database.exists():
        raise StorageError(f"there is no database file {database} to save")
    with contextlib.closing(_open(database, "ro")) as source, contextlib.closing(sqlite3.connect(target)) as copy:
        source.backup(copy, pages=-1)
        # One file that stands for itself: without this it would want a write-ahead log beside it.
        copy.execute("PRAGMA journal_mode = DELETE").fetchall()
    flush(target)


def applied(file: Path) -> list[str]:
    """The migrations of a saved file, once it has been read through and found whole. Raises `StorageError` otherwise."""
    try:
        with contextlib.closing(_open(file, "ro")) as source:
            verdict = source.execute("PRAGMA integrity_check").fetchone()[0]
            strangers = source.execute("PRAGMA foreign_key_check").fetchall()
            if verdict != "ok" or strangers:
                raise StorageError(f"{file} is damaged: {verdict if verdict != 'ok' else 'rows refer to rows that are not there'}")
            return [row[0] for row in source.execute(f"SELECT migration_id FROM {MIGRATION_TABLE} ORDER BY migration_id")]
    except sqlite3.Error as error:
        raise StorageError(f"{file} is no whole backup of Roundtrip: {error}") from error


def is_empty(database: Path) -> bool:
    """True when there is no file, or one without tables."""
    if not database.exists() or database.stat().st_size == 0:
        return True
    try:
        with contextlib.closing(_open(database, "rw")) as source:
            return int(source.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]) == 0
    except sqlite3.Error:
        return False  # a damaged file is not nothing


@contextlib.contextmanager
def owned(database: Path) -> Iterator[None]:
    """Be the process that owns the file, as a server would be. Raises `StorageError` while a server is."""
    database.parent.mkdir(parents=True, exist_ok=True)
    try:
        lock = OwnerLock(database.with_name(database.name + ".lock"))
    except BlockingIOError as error:
        raise StorageError(f"process {error.args[1]} serves {database}; stop it first, then restore again") from error
    try:
        yield
    finally:
        lock.close()


def put_back(file: Path, database: Path) -> Path | None:
    """Make `file` the database, in one step, and keep what was there beside it; answers where. The caller owns the database."""
    fresh = database.with_name(database.name + ".restoring")
    fresh.unlink(missing_ok=True)
    with contextlib.closing(_open(file, "ro")) as source, contextlib.closing(sqlite3.connect(fresh)) as copy:
        source.backup(copy, pages=-1)
    fresh.chmod(0o600)
    flush(fresh)
    kept = None
    if database.exists():
        _empty_log(database)
        kept = database.with_name(database.name + ".before-restore")
        kept.unlink(missing_ok=True)
        os.link(database, kept)
    fresh.replace(database)
    flush(database.parent)
    return kept


def flush(path: Path) -> None:
    """Make a file, or the names in a folder, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _empty_log(database: Path) -> None:
    """Copy the write-ahead log of the old database back into it: a log that stays would be played onto the new one."""
    log = database.with_name(database.name + "-wal")
    with contextlib.suppress(sqlite3.DatabaseError), contextlib.closing(_open(database, "rw")) as old:
        old.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    if log.exists() and log.stat().st_size:
        raise StorageError(f"{log} could not be copied back into {database}; another program has it open. End that program first.")
    for name in ("-wal", "-shm"):
        database.with_name(database.name + name).unlink(missing_ok=True)


def _open(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode={mode}", uri=True, timeout=10, isolation_level=None)
