"""From the setting `ROUNDTRIP_DATABASE_URL` to a `Database`. The only place that chooses between the two."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from roundtrip.storage.database import Database
from roundtrip.storage.database_url import is_postgres, sqlite_path


def connect(database_url: str, *, own: bool = True, readers: int = 2, min_size: int = 2, max_size: int = 10) -> Database:
    """Open `sqlite:///file` (`sqlite:////file` from the root) or `postgresql://…`.

    `own` says that this process is the server and shall be the only one on a SQLite file; commands pass False. `readers` is for SQLite,
    `min_size` and `max_size` count PostgreSQL connections. Raises `ValueError` for any other address and `StorageError` when it cannot
    be opened.
    """
    # Only the driver that is used is loaded: psycopg and its pool cost a SQLite server 11 MiB and a seventh of its start.
    if is_postgres(database_url):
        postgres: Database = import_module("roundtrip.storage.postgres").PostgresDatabase(
            database_url, min_size=min_size, max_size=max_size
        )
        return postgres
    path = sqlite_path(database_url)
    if path.parent != Path():
        path.parent.mkdir(parents=True, exist_ok=True)
    sqlite: Database = import_module("roundtrip.storage.sqlite").SqliteDatabase(path, readers=readers, own=own)
    return sqlite
