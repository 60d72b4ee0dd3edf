"""The database for several servers: a pool of connections, each transaction in a thread, run again when PostgreSQL asks for it.

READ COMMITTED is enough because every state change is one conditional UPDATE whose count decides. What conflicts anyway (a deadlock, a
serialization failure of a compatible database) is undone by the server and run again here.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Concatenate, ParamSpec, TypeVar

import psycopg
from psycopg import errors, pq
from psycopg_pool import ConnectionPool

from roundtrip.storage.database import Dialect, Row, Tx, Value
from roundtrip.storage.errors import StorageError
from roundtrip.storage.statement_text import to_psycopg

P = ParamSpec("P")
T = TypeVar("T")

ATTEMPTS = 8
"""Times a transaction is tried before its caller is told to come back later."""
FIRST_PAUSE = 0.005
LONGEST_PAUSE = 0.2
"""Seconds; the pause before a further attempt doubles between these and is shortened at random, so that two rivals part."""
STATEMENTS = 512
"""Prepared statements kept per connection: more than the product has."""

_BEGIN_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED"
_BEGIN_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
# A row that another transaction has just kept is seen by the second attempt, whose own condition then answers (PostgreSQL 13.5).
# So is a row that another transaction has just deleted, such as the member of a login that begins.
_RUN_AGAIN = (errors.SerializationFailure, errors.DeadlockDetected, errors.UniqueViolation, errors.ForeignKeyViolation)


class PostgresTx:
    """A `Tx` on one connection. BEGIN is sent right before the first statement, so a function without SQL asks the server nothing."""

    __slots__ = ("_begin", "_cursor", "memo")
    dialect: Dialect = "postgresql"

    def __init__(self, connection: psycopg.Connection[Row], begin: str) -> None:
        self._cursor = connection.cursor()
        self._begin = begin
        self.memo: dict[Any, Any] = {}

    def execute(self, sql: str, **params: Value) -> int:
        """See `Tx.execute`."""
        return self._run(sql, params).rowcount

    def one(self, sql: str, **params: Value) -> Row | None:
        """See `Tx.one`."""
        return self._run(sql, params).fetchone()

    def all(self, sql: str, **params: Value) -> list[Row]:
        """See `Tx.all`."""
        return self._run(sql, params).fetchall()

    def _run(self, sql: str, params: dict[str, Value]) -> psycopg.Cursor[Row]:
        text = to_psycopg(sql)
        if self._begin:
            # Not in a pipeline with the first statement: that saves a round trip, but costs 40 microseconds of processor time (measured),
            # and that is what runs out first.
            self._cursor.execute(self._begin)
            self._begin = ""
        return self._cursor.execute(text, params)


class PostgresDatabase:
    """A `Database` on a PostgreSQL server, or on one that speaks its protocol. Any number of processes may use it at once."""

    dialect: Dialect = "postgresql"

    def __init__(self, url: str, *, min_size: int = 2, max_size: int = 10, connect_timeout: float = 10.0, prepare: bool = True) -> None:
        """Connect, or raise `StorageError` after `connect_timeout` seconds.

        `prepare=False` is for connection poolers that cannot keep prepared statements.
        """
        self._name = _without_password(url)
        self._pool: ConnectionPool[psycopg.Connection[Row]] = ConnectionPool(
            url,
            min_size=min_size,
            max_size=max_size,
            timeout=connect_timeout,
            open=False,
            name="roundtrip",
            kwargs={"autocommit": True, "prepare_threshold": 1 if prepare else None},
            configure=_configure,
        )
        try:
            self._pool.open(wait=True, timeout=connect_timeout)
        except psycopg.OperationalError as error:
            self._pool.close()
            hint = "check that the server runs and that name and password are right"
            raise StorageError(f"cannot connect to {self._name}: {error}; {hint}") from error
        # As many threads as connections: a thread never waits for a connection that another thread of ours holds.
        self._threads = ThreadPoolExecutor(max_size, thread_name_prefix="postgres")

    async def read(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """See `Database.read`."""
        return await self._submit(_BEGIN_READ, lambda tx: fn(tx, *args, **kwargs))

    async def write(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """See `Database.write`."""
        return await self._submit(_BEGIN_WRITE, lambda tx: fn(tx, *args, **kwargs))

    def read_now(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`read` for code without an event loop."""
        return self._run(_BEGIN_READ, lambda tx: fn(tx, *args, **kwargs))

    def write_now(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`write` for code without an event loop."""
        return self._run(_BEGIN_WRITE, lambda tx: fn(tx, *args, **kwargs))

    def close(self) -> None:
        """See `Database.close`."""
        self._threads.shutdown(wait=True)
        self._pool.close()

    def _submit(self, begin: str, work: Callable[[Tx], T]) -> asyncio.Future[T]:
        try:
            return asyncio.get_running_loop().run_in_executor(self._threads, self._run, begin, work)
        except RuntimeError as error:
            raise StorageError(f"the database {self._name} is closed") from error

    def _run(self, begin: str, work: Callable[[Tx], T]) -> T:
        """One transaction, tried again while the server asks for that or the connection turns out to be dead before anything was kept."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._attempt(begin, work)
            except (*_RUN_AGAIN, _ConnectionLostError) as error:
                if attempt == ATTEMPTS:
                    raise StorageError(f"gave up after {ATTEMPTS} attempts on {self._name}: {error}") from error
                if isinstance(error, _ConnectionLostError):
                    self._pool.check()  # the server was restarted: every idle connection is as dead as this one
                time.sleep(random.uniform(0.5, 1.0) * min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt))  # noqa: S311 - only spreads retries
            except psycopg.OperationalError as error:
                raise StorageError(f"{self._name}: {error}".strip()) from error
            except StopIteration as error:
                raise RuntimeError("a transaction function raised StopIteration, which a future cannot carry") from error
        raise AssertionError("unreachable")

    def _attempt(self, begin: str, work: Callable[[Tx], T]) -> T:
        connection = self._pool.getconn()
        try:
            try:
                result = work(PostgresTx(connection, begin))
            except psycopg.OperationalError as error:
                if connection.broken:
                    raise _ConnectionLostError(str(error)) from error
                raise
            _end(connection, is_write=begin is _BEGIN_WRITE)
            return result
        except BaseException:
            if connection.info.transaction_status != pq.TransactionStatus.IDLE and not connection.broken:
                with contextlib.suppress(psycopg.Error):  # then it is dead, and the pool replaces it
                    connection.execute("ROLLBACK")
            raise
        finally:
            self._pool.putconn(connection)


class _ConnectionLostError(Exception):
    """The connection died before COMMIT was sent, so nothing was kept and running again is safe."""


def _end(connection: psycopg.Connection[Row], *, is_write: bool) -> None:
    status = connection.info.transaction_status
    if status == pq.TransactionStatus.IDLE:
        return
    if status == pq.TransactionStatus.INERROR:
        # PostgreSQL answers COMMIT with a silent rollback here; a caller must not believe that its writes were kept.
        raise StorageError("a statement failed and its function went on, so nothing was kept: it must let database errors out")
    connection.execute("COMMIT" if is_write else "ROLLBACK")


def _configure(connection: psycopg.Connection[Any]) -> None:
    connection.prepared_max = STATEMENTS


def _without_password(url: str) -> str:
    try:
        parts = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise ValueError(f"ROUNDTRIP_DATABASE_URL is not a PostgreSQL address: {error}") from error
    where = parts.get("host", "localhost")
    return f"postgresql://{where}:{parts.get('port', 5432)}/{parts.get('dbname', '')}"
