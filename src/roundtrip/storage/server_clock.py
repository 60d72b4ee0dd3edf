"""What time the database thinks it is. Only a database on another machine can disagree with us."""

from __future__ import annotations

from roundtrip.storage.database import Tx


def database_time(tx: Tx) -> int | None:
    """UTC milliseconds of the database server's own clock; None for SQLite, which has ours."""
    if tx.dialect == "sqlite":
        return None
    row = tx.one("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)")
    return int(row[0]) if row else None
