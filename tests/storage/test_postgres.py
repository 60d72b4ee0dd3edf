"""What only the server database has: rivals that lock each other, connections that die, addresses with passwords."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from roundtrip.storage.database import Tx
from roundtrip.storage.errors import StorageError
from roundtrip.storage.postgres import ATTEMPTS, PostgresDatabase


@pytest.fixture
def db(postgres_url: str) -> Iterator[PostgresDatabase]:
    database = PostgresDatabase(postgres_url, max_size=4)
    database.write_now(lambda tx: tx.execute("CREATE TABLE item (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)"))
    database.write_now(lambda tx: tx.execute("INSERT INTO item VALUES (1, 0), (2, 0)"))
    yield database
    database.close()


def numbers(tx: Tx) -> list[int]:
    return [row[0] for row in tx.all("SELECT n FROM item ORDER BY id")]


def test_two_transactions_that_lock_each_other_both_finish(db: PostgresDatabase) -> None:
    """Each holds one row and wants the other's; the server kills one, and it is run again."""
    both_hold_one = threading.Barrier(2)
    runs: list[str] = []

    def add(tx: Tx, name: str, first: int, second: int) -> None:
        runs.append(name)
        tx.execute("UPDATE item SET n = n + 1 WHERE id = :id", id=first)
        if len(runs) <= 2:
            both_hold_one.wait(10)
        tx.execute("UPDATE item SET n = n + 1 WHERE id = :id", id=second)

    with ThreadPoolExecutor(2) as rivals:
        for done in [rivals.submit(db.write_now, add, "a", 1, 2), rivals.submit(db.write_now, add, "b", 2, 1)]:
            done.result(20)
    assert len(runs) == 3
    assert db.read_now(numbers) == [2, 2]


def test_a_serialization_failure_is_run_again(db: PostgresDatabase) -> None:
    runs: list[int] = []

    def refused_twice(tx: Tx) -> str:
        runs.append(1)
        tx.execute("UPDATE item SET n = n + 1 WHERE id = 1")
        if len(runs) < 3:
            tx.execute("DO $$ BEGIN RAISE EXCEPTION 'try again' USING ERRCODE = '40001'; END $$")
        return "done"

    assert db.write_now(refused_twice) == "done"
    assert len(runs) == 3
    assert db.read_now(numbers) == [1, 0]


def test_a_transaction_that_never_succeeds_is_given_up(db: PostgresDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[int] = []

    def always_refused(tx: Tx) -> None:
        runs.append(1)
        tx.execute("DO $$ BEGIN RAISE EXCEPTION 'try again' USING ERRCODE = '40001'; END $$")

    monkeypatch.setattr("roundtrip.storage.postgres.LONGEST_PAUSE", 0)
    with pytest.raises(StorageError, match=f"{ATTEMPTS} attempts"):
        db.write_now(always_refused)
    assert len(runs) == ATTEMPTS


def test_connections_that_died_are_replaced_unnoticed(db: PostgresDatabase, postgres_url: str) -> None:
    """The server was restarted while nothing was asked of it."""
    other = PostgresDatabase(postgres_url, min_size=1)
    db.read_now(numbers)
    other.write_now(
        lambda tx: tx.all(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    )
    assert db.read_now(numbers) == [0, 0]
    assert db.write_now(lambda tx: tx.execute("UPDATE item SET n = 5 WHERE id = 1")) == 1
    other.close()


def test_a_connection_that_dies_in_the_middle_runs_again_from_the_start(db: PostgresDatabase) -> None:
    runs: list[int] = []

    def die_once(tx: Tx) -> list[int]:
        runs.append(1)
        tx.execute("UPDATE item SET n = n + 1 WHERE id = 1")
        if len(runs) == 1:
            tx.all("SELECT pg_terminate_backend(pg_backend_pid())")
        return numbers(tx)

    assert db.write_now(die_once) == [1, 0]
    assert len(runs) == 2


def test_a_function_without_sql_needs_no_transaction(db: PostgresDatabase) -> None:
    assert db.write_now(lambda _: "nothing to ask") == "nothing to ask"


def test_a_server_that_cannot_be_reached_is_named_without_its_password() -> None:
    with pytest.raises(StorageError) as refusal:
        PostgresDatabase("postgresql://user:hunter2@127.0.0.1:1/shop", connect_timeout=0.3)
    assert "127.0.0.1:1/shop" in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


def test_a_pool_that_cannot_keep_prepared_statements_can_be_served(postgres_url: str) -> None:
    database = PostgresDatabase(postgres_url, prepare=False)
    for _ in range(10):
        assert database.read_now(lambda tx: tx.one("SELECT 1")) == (1,)
    assert database.read_now(lambda tx: tx.all("SELECT name FROM pg_prepared_statements")) == []
    database.close()
