"""Backups: one file that holds a whole database, and the way back.

The secret (`ROUNDTRIP_SECRET`, or the file `secret`) is not in it: whoever finds a backup has no signing key with it. The price is that the
secret has to be kept apart, which every command here says (decision record 0061).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from roundtrip.core.clock import system_clock
from roundtrip.core.errors import AppError
from roundtrip.oauth import keys
from roundtrip.storage import backup_sqlite
from roundtrip.storage.connect import connect
from roundtrip.storage.database_url import is_postgres, sqlite_path
from roundtrip.storage.errors import StorageError
from roundtrip.storage.migrate import migrate
from roundtrip.storage.schema_state import packaged


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did. `kept` is where the database went that was there before (SQLite); `secret_fits` is about the keys inside."""

    migrations_added: tuple[str, ...]
    kept: Path | None
    secret_fits: bool


def save(database_url: str, file: Path) -> int:
    """Write a backup into the new file `file`, readable by its owner only; answers its size in bytes. Servers may go on writing.

    Raises `StorageError` when the file exists, or the database cannot be read.
    """
    if file.exists():
        raise StorageError(f"{file} exists; a backup never overwrites a file. Choose another name.")
    partial = file.with_name(file.name + ".partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    try:
        if is_postgres(database_url):
            _postgres().save(database_url, partial)
            _postgres().check(partial)
        else:
            backup_sqlite.save(sqlite_path(database_url), partial)
            backup_sqlite.applied(partial)
        backup_sqlite.flush(partial)
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
    backup_sqlite.flush(file.absolute().parent)
    return file.stat().st_size


def restore(database_url: str, file: Path, *, secret: str, replace: bool) -> Restored:
    """Make the database what the backup says, then bring it up to date. Nothing has changed when this raises `StorageError`.

    Refused: while a server runs on it; when it is not empty, unless `replace`; for a backup of the other kind of database, a damaged one,
    or one of a newer version of the program.
    """
    _check_kind(database_url, file)
    with _owned(database_url):
        if not replace and not _is_empty(database_url):
            raise StorageError("this database is not empty; --replace replaces everything in it by the backup")
        kept = _put_back(database_url, file)
        added = migrate(database_url)
    return Restored(tuple(added), kept, secret_fits(database_url, secret))


def secret_fits(database_url: str, secret: str) -> bool:
    """Whether the signing keys in the database open with this secret."""
    with contextlib.closing(connect(database_url, own=False)) as db:
        try:
            db.read_now(keys.load, secret, system_clock())
        except AppError:
            return False
    return True


def _check_kind(database_url: str, file: Path) -> None:
    try:
        with file.open("rb") as opened:
            start = opened.read(16)
    except OSError as error:
        raise StorageError(f"{file} cannot be read: {error.strerror}") from error
    wanted, name = (b"PGDMP", "PostgreSQL") if is_postgres(database_url) else (backup_sqlite.MAGIC, "SQLite")
    if not start.startswith(wanted):
        raise StorageError(f"{file} is no backup of a {name} database, which is what ROUNDTRIP_DATABASE_URL names")


def _owned(database_url: str) -> AbstractContextManager[None]:
    return _postgres().owned(database_url) if is_postgres(database_url) else backup_sqlite.owned(sqlite_path(database_url))


def _is_empty(database_url: str) -> bool:
    return _postgres().is_empty(database_url) if is_postgres(database_url) else backup_sqlite.is_empty(sqlite_path(database_url))


def _put_back(database_url: str, file: Path) -> Path | None:
    if not is_postgres(database_url):
        _refuse_newer(file, lambda: backup_sqlite.applied(file))
        return backup_sqlite.put_back(file, sqlite_path(database_url))
    _postgres().check(file)
    _postgres().put_back(file, database_url)
    try:
        _refuse_newer(file, lambda: _postgres().migrations(database_url))
    except StorageError:
        _postgres().undo(database_url)
        raise
    _postgres().forget(database_url)
    return None


def _refuse_newer(file: Path, names: Callable[[], list[str]]) -> None:
    known = {name for name, _ in packaged("sqlite")}
    unknown = [name for name in names() if name not in known]
    if unknown:
        raise StorageError(f"{file} was made by a newer version of Roundtrip: it has {', '.join(unknown)}. Restore it with that version.")


def _postgres() -> Any:
    # Loaded only where it is used, as in `storage/connect.py`: an SQLite server never pays for psycopg.
    return import_module("roundtrip.storage.backup_postgres")
