"""What runs inside one SQLite transaction: a group of functions that share a commit and yet succeed or fail each for itself.

A group first runs without savepoints, which cost two statements per function. A function that raises before it changed a row has nothing
to undo. One that raises *after* it changed rows makes the whole group roll back and run again, now with a savepoint around each function;
the groups that follow have savepoints for a while, because such failures come in waves. That a function may run twice is in the contract.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from roundtrip.storage.database import Dialect, Row, Value
from roundtrip.storage.errors import StorageError
from roundtrip.storage.job_line import Job, Outcome
from roundtrip.storage.statement_text import to_sqlite

CAREFUL_GROUPS = 64
"""Groups run with savepoints after one had to run again."""


class SqliteTx:
    """A `Tx` on one cursor, reused: every new statement resets the one before, so none is left open at COMMIT."""

    __slots__ = ("_cursor", "_run", "has_changed_schema", "memo")
    dialect: Dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._cursor = connection.cursor()
        self._run = self._cursor.execute
        self.has_changed_schema = False
        self.memo: dict[Any, Any] = {}

    def execute(self, sql: str, **params: Value) -> int:
        """See `Tx.execute`."""
        statement = to_sqlite(sql)
        changed: int = self._run(statement.text, statement.values(params)).rowcount
        if changed < 0:  # not INSERT, UPDATE or DELETE: CREATE TABLE and the like, which `total_changes` does not count
            self.has_changed_schema = True
        return changed

    def one(self, sql: str, **params: Value) -> Row | None:
        """See `Tx.one`."""
        statement = to_sqlite(sql)
        row: Row | None = self._run(statement.text, statement.values(params)).fetchone()
        return row

    def all(self, sql: str, **params: Value) -> list[Row]:
        """See `Tx.all`."""
        statement = to_sqlite(sql)
        return self._run(statement.text, statement.values(params)).fetchall()


class _GroupLostError(Exception):
    """SQLite has rolled back the whole transaction by itself (disk full, input/output error)."""


class Group:
    """The writing connection. `run` is called by the writer thread only."""

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self._connection = connection
        self._name = name
        self._control = connection.cursor()
        self._tx = SqliteTx(connection)
        self._careful = 0

    def run(self, jobs: list[Job]) -> list[Outcome]:
        """One transaction for all jobs. When it cannot be committed, every job of it fails with `StorageError` and nothing is kept."""
        try:
            self._control.execute("BEGIN IMMEDIATE")
            outcomes = self._run_carefully(jobs) if self._careful else self._run_lightly(jobs)
            if outcomes is None:
                self._control.execute("ROLLBACK")
                self._careful = CAREFUL_GROUPS
                self._control.execute("BEGIN IMMEDIATE")
                outcomes = self._run_carefully(jobs)
            self._control.execute("COMMIT")
        except (sqlite3.Error, _GroupLostError) as error:
            self._roll_back()
            return [(job, None, self._not_kept(error)) for job in jobs]
        return outcomes

    def _run_lightly(self, jobs: list[Job]) -> list[Outcome] | None:
        """None when one raised after it had changed something, so that the group must run again."""
        tx = self._tx
        connection = self._connection
        tx.has_changed_schema = False
        tx.memo.clear()
        outcomes: list[Outcome] = []
        for job in jobs:
            before = connection.total_changes
            try:
                outcomes.append((job, job[0](tx, *job[1], **job[2]), None))
            except BaseException as error:  # noqa: BLE001 - it belongs to the caller, and this thread must live on
                self._check_still_open(error)
                if connection.total_changes != before or tx.has_changed_schema:
                    return None
                outcomes.append((job, None, _portable(error)))
        return outcomes

    def _run_carefully(self, jobs: list[Job]) -> list[Outcome]:
        self._careful -= 1
        self._tx.memo.clear()
        outcomes: list[Outcome] = []
        for job in jobs:
            self._control.execute("SAVEPOINT job")
            try:
                outcomes.append((job, job[0](self._tx, *job[1], **job[2]), None))
            except BaseException as error:  # noqa: BLE001 - as above
                self._check_still_open(error)
                self._control.execute("ROLLBACK TO job")
                self._tx.memo.clear()
                outcomes.append((job, None, _portable(error)))
            self._control.execute("RELEASE job")
        return outcomes

    def _check_still_open(self, error: BaseException) -> None:
        if not self._connection.in_transaction:
            raise _GroupLostError(str(error)) from error

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._control.execute("ROLLBACK")

    def _not_kept(self, error: Exception) -> StorageError:
        # One error object per caller: each adds its own traceback to it.
        failure = StorageError(f"could not write to {self._name}: {error}; nothing was kept. Check the free space and health of its disk")
        failure.__cause__ = error
        return failure


def run_reads(connection: sqlite3.Connection, jobs: list[Job]) -> list[Outcome]:
    """Run each job on one shared snapshot, which begins after the last of them was asked for and is thrown away."""
    tx = SqliteTx(connection)
    outcomes: list[Outcome] = []
    try:
        connection.execute("BEGIN")
        for job in jobs:
            try:
                outcomes.append((job, job[0](tx, *job[1], **job[2]), None))
            except BaseException as error:  # noqa: BLE001 - as above
                outcomes.append((job, None, _portable(error)))
        connection.execute("ROLLBACK")
    except sqlite3.Error as error:
        failure = StorageError(f"could not read: {error}")
        failure.__cause__ = error
        outcomes += [(job, None, failure) for job in jobs[len(outcomes) :]]
    return outcomes


def _portable(error: BaseException) -> BaseException:
    if isinstance(error, StopIteration):
        wrapped = RuntimeError("a transaction function raised StopIteration, which a future cannot carry")
        wrapped.__cause__ = error
        return wrapped
    return error
