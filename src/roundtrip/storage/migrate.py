"""Brings a database's schema up to date with the packaged `migrations/*.sql`, by yoyo-migrations. What is missing: `schema_state.py`.

Several nodes may start at once: yoyo's lock row lets one work while the others wait. On SQLite a lock file does the same, because two
threads of one process would otherwise meet inside SQLite, where nobody waits.
"""

from __future__ import annotations

import contextlib
import os
import socket
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

# yoyo has no type information; nothing of it leaves this file.
from yoyo.backends import PostgresqlPsycopgBackend, SQLiteBackend  # type: ignore[import-untyped]  # it has no types
from yoyo.connections import DatabaseURI  # type: ignore[import-untyped]  # it has no types
from yoyo.exceptions import LockTimeout  # type: ignore[import-untyped]  # it has no types
from yoyo.migrations import Migration, MigrationList  # type: ignore[import-untyped]  # it has no types

from roundtrip.storage.database import Dialect
from roundtrip.storage.database_url import is_postgres, sqlite_path
from roundtrip.storage.errors import StorageError
from roundtrip.storage.owner_lock import OwnerLock
from roundtrip.storage.schema_state import FOLDER, MIGRATION_TABLE, packaged

LOCK_SECONDS = 60
"""How long a node waits while another one migrates."""


def migrate(database_url: str, *, folder: Path = FOLDER, break_lock: bool = False) -> list[str]:
    """Apply what is missing, each migration in its own transaction; answers the names it applied, in order.

    `break_lock` removes the lock that a killed migration left behind. Raises `StorageError` when another node holds the lock for longer
    than `LOCK_SECONDS`, and the driver's error, with nothing of that migration kept, when one cannot be applied.
    """
    dialect: Dialect = "postgresql" if is_postgres(database_url) else "sqlite"
    with _backend(database_url) as backend:
        if break_lock:
            backend.break_lock()
        try:
            with backend.lock(timeout=LOCK_SECONDS):
                missing = backend.to_apply(_migrations(dialect, folder))
                applied = [migration.id for migration in missing]
                backend.apply_migrations(missing)
        except LockTimeout as error:
            raise StorageError(
                "another process has been migrating this database for a minute; if none is, run `roundtrip migrate --break-lock`"
            ) from error
    return applied


def _migrations(dialect: Dialect, folder: Path) -> MigrationList:
    return MigrationList([Migration(name, str(path), source_dir=str(folder)) for name, path in packaged(dialect, folder)])


@contextlib.contextmanager
def _backend(database_url: str) -> Iterator[Any]:
    if is_postgres(database_url):
        # Passed whole, so that psycopg reads it: several hosts, sockets and services are beyond yoyo's own parser.
        address = DatabaseURI("postgresql+psycopg", None, None, None, None, None, {"conninfo": database_url})
        with _Postgres(address, MIGRATION_TABLE) as backend:
            backend.init_database()
            yield backend
        return
    path = sqlite_path(database_url).absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = OwnerLock(path.with_name(path.name + ".migrate.lock"), wait=True)
    try:
        with _Sqlite(DatabaseURI("sqlite", None, None, None, None, quote(str(path)), {}), MIGRATION_TABLE) as backend:
            backend.init_database()
            backend.break_lock()  # whoever wrote a lock row held our lock file, and has died
            yield backend
    finally:
        lock.close()


class _PlainLogRow:
    """yoyo notes who migrated from where; asked its way, a container without a user name or a name server fails or waits."""

    def get_log_data(self, migration: Any = None, operation: str = "apply") -> dict[str, Any]:
        """The columns of yoyo's log."""
        return {
            "id": str(uuid.uuid4()),
            "migration_id": migration.id if migration else None,
            "migration_hash": migration.hash if migration else None,
            "username": f"user id {os.getuid()}",
            "hostname": socket.gethostname(),
            "created_at_utc": datetime.now(UTC).replace(tzinfo=None),
            "operation": operation,
        }


class _Postgres(_PlainLogRow, PostgresqlPsycopgBackend):  # type: ignore[misc]  # its base has no types
    """yoyo on psycopg 3."""


class _Sqlite(_PlainLogRow, SQLiteBackend):  # type: ignore[misc]  # its base has no types
    """yoyo on the standard library's sqlite3."""
