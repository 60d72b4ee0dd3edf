"""Does one more redirect session cost the same when a million are stored? Two servers, one with few rows and one with many, in turn.

The rows are written past the server, because making them through it would take minutes; all of them are copies of one that it made.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from benchmarks.few_and_many import in_turn
from benchmarks.load import Generator
from benchmarks.orders import Drive, Meet
from benchmarks.plan import CONNECTIONS, Plan
from benchmarks.servers import Installation, install, product
from roundtrip.core.clock import HOUR, MINUTE
from roundtrip.core.ids import new_id

FEW = 10
ALIVE = 10
"""One in so many stored redirect sessions is still on its way; the others have ended and wait for retention."""

Row = tuple[Any, ...]


def cost(new_database: Callable[[str], str], folder: Path, plan: Plan, load: Generator) -> dict[str, Any]:
    """Rates with few and with many stored redirect sessions, and what one more costs with many compared to few (1.0: the same)."""
    few = _filled(new_database("few"), folder / "few", 0, load)
    many = _filled(new_database("many"), folder / "many", plan.stored_sessions, load)
    result: dict[str, Any] = {"few": FEW, "many": plan.stored_sessions}
    with product(few) as small, product(many) as large:
        for running, installation in ((small, few), (large, many)):
            load.order(Meet(running.base, installation.client_id, visitors=CONNECTIONS))
            load.order(Drive(running.base, "create_session", CONNECTIONS, plan.side_seconds))
        result |= in_turn(load, small.base, large.base, ("create_session", "page_enter"), plan)
    result["cost_ratio"] = result["create_session"]["cost_ratio"]
    return result


def _filled(database_url: str, folder: Path, extra: int, load: Generator) -> Installation:
    installation = install(database_url, folder)
    with product(installation) as running:
        load.order(Meet(running.base, installation.client_id, visitors=FEW))
        load.order(Drive(running.base, "create_session", 1, 30.0, at_most=FEW))
    if extra and database_url.startswith("sqlite:"):
        _fill_sqlite(database_url.removeprefix("sqlite:///"), extra)
    elif extra:
        _fill_postgresql(database_url, extra)
    return installation


def _copies(columns: Sequence[str], pattern: Row, count: int) -> Iterator[Row]:
    """Rows like `pattern`, oldest first, with ids and hashes of their own. The living were made just now, the ended within two hours."""
    rng = random.Random(1)
    now = time.time_ns() // 1_000_000
    for number in range(count):
        row = dict(zip(columns, pattern, strict=True))
        age = int((2 * HOUR - 30 * MINUTE) * (1 - number / count))
        is_alive = number % ALIVE == 0
        back = 0 if is_alive else age + 30 * MINUTE
        for column in columns:
            if column.endswith("_at") and row[column] is not None:
                row[column] -= back
            elif column.endswith("_hash") and row[column] is not None:
                row[column] = rng.randbytes(32).hex()
        row["id"] = new_id(now - back)
        if not is_alive:
            row["status"] = row["outcome"] = "expired"
        yield tuple(row.values())


def _fill_sqlite(path: str, count: int) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    cursor = connection.execute("SELECT * FROM redirect_session LIMIT 1")
    columns = [description[0] for description in cursor.description]
    rows = _copies(columns, cursor.fetchone(), count)
    connection.execute("BEGIN")
    connection.executemany(f"INSERT INTO redirect_session ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", rows)
    connection.execute("COMMIT")
    # What was loaded goes into the file now, not during the first measured round.
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _fill_postgresql(url: str, count: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute("SELECT * FROM redirect_session LIMIT 1")
        pattern = cursor.fetchone()
        assert cursor.description is not None
        assert pattern is not None
        columns = [description.name for description in cursor.description]
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        with connection.cursor().copy(sql.SQL("COPY redirect_session ({}) FROM STDIN").format(names)) as copy:
            for row in _copies(columns, pattern, count):
                copy.write_row(row)
        # As autovacuum would have done long ago, and so that neither it nor a checkpoint falls into a measured round.
        connection.execute("VACUUM ANALYZE redirect_session")
        connection.execute("CHECKPOINT")
