"""What every transaction promises, on both databases: all or nothing, durable when answered, nobody harmed by a neighbour."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum

import psycopg
import pytest

from roundtrip.storage.connect import connect
from roundtrip.storage.database import Database, Tx
from roundtrip.storage.errors import StorageError

NOW = 1_767_225_600_000


class Oops(Exception):
    """Raised by functions that change their mind."""


def put(tx: Tx, key: str, status: int = 0) -> str:
    tx.execute(
        "INSERT INTO idempotency_key (scope, key, request_hash, status, created_at) VALUES ('s', :key, 'h', :status, :now)",
        key=key,
        status=status,
        now=NOW,
    )
    return key


def put_then_raise(tx: Tx, key: str) -> str:
    put(tx, key)
    raise Oops(key)


def raise_at_once(tx: Tx, key: str) -> str:
    raise Oops(key)


def keys(tx: Tx) -> set[str]:
    return {row[0] for row in tx.all("SELECT key FROM idempotency_key")}


def test_what_was_written_can_be_read(db: Database) -> None:
    assert db.write_now(put, "a", status=7) == "a"
    row = db.read_now(lambda tx: tx.one("SELECT key, status FROM idempotency_key WHERE key = :key", key="a"))
    assert row == ("a", 7)
    assert db.read_now(lambda tx: tx.one("SELECT 1 FROM idempotency_key WHERE key = :key", key="b")) is None


def test_async_pair_and_blocking_pair_see_the_same(db: Database) -> None:
    async def story() -> set[str]:
        await db.write(put, "async")
        return await db.read(keys)

    db.write_now(put, "blocking")
    assert asyncio.run(story()) == {"async", "blocking"}


@pytest.mark.parametrize("failing", [put_then_raise, raise_at_once])
def test_one_failing_neighbour_of_fifty_takes_nobody_with_it(db: Database, failing: Callable[[Tx, str], str]) -> None:
    async def story() -> list[object]:
        calls = [db.write(failing if number == 25 else put, str(number)) for number in range(50)]
        return list(await asyncio.gather(*calls, return_exceptions=True))

    answers = asyncio.run(story())
    assert isinstance(answers.pop(25), Oops)
    expected = {str(number) for number in range(50)} - {"25"}
    assert set(answers) == expected
    assert db.read_now(keys) == expected


def test_many_failing_neighbours_keep_only_what_succeeded(db: Database) -> None:
    async def wave() -> list[object]:
        calls = [db.write((put, put_then_raise, raise_at_once)[number % 3], f"{number}") for number in range(90)]
        return list(await asyncio.gather(*calls, return_exceptions=True))

    answers = asyncio.run(wave())
    assert [isinstance(answer, Oops) for answer in answers] == [number % 3 != 0 for number in range(90)]
    assert db.read_now(keys) == {str(number) for number in range(0, 90, 3)}


def test_raising_after_a_write_keeps_nothing(db: Database) -> None:
    with pytest.raises(Oops):
        db.write_now(put_then_raise, "a")
    assert db.read_now(keys) == set()


def test_raising_after_a_returning_statement_keeps_nothing(db: Database) -> None:
    def insert_returning(tx: Tx) -> None:
        row = tx.one(
            "INSERT INTO idempotency_key (scope, key, request_hash, created_at) VALUES ('s', 'k', 'h', :now) RETURNING key", now=NOW
        )
        assert row == ("k",)
        raise Oops

    with pytest.raises(Oops):
        db.write_now(insert_returning)
    assert db.read_now(keys) == set()


def test_raising_after_creating_a_table_keeps_nothing(db: Database) -> None:
    def create(tx: Tx) -> None:
        tx.execute("CREATE TABLE passing (id TEXT)")
        raise Oops

    with pytest.raises(Oops):
        db.write_now(create)
    db.write_now(lambda tx: tx.execute("CREATE TABLE passing (id TEXT)"))


def test_a_broken_statement_reaches_its_caller_only(db: Database) -> None:
    def broken(tx: Tx, key: str) -> str:
        put(tx, key)
        tx.execute("INSERT INTO nowhere VALUES (1)")
        return key

    async def story() -> list[object]:
        return list(await asyncio.gather(db.write(put, "a"), db.write(broken, "b"), db.write(put, "c"), return_exceptions=True))

    answers = asyncio.run(story())
    assert isinstance(answers[1], sqlite3.Error | psycopg.Error)
    assert db.read_now(keys) == {"a", "c"}


def test_a_function_that_goes_on_after_a_database_error_is_not_believed(db: Database) -> None:
    """PostgreSQL would turn its COMMIT into a silent rollback."""

    def go_on(tx: Tx) -> None:
        put(tx, "a")
        try:
            tx.execute("INSERT INTO nowhere VALUES (1)")
        except (sqlite3.Error, psycopg.Error):
            return

    if db.dialect == "sqlite":
        db.write_now(go_on)
        assert db.read_now(keys) == {"a"}
    else:
        with pytest.raises(StorageError, match="must let database errors out"):
            db.write_now(go_on)
        assert db.read_now(keys) == set()


def test_a_read_cannot_write(db: Database) -> None:
    with pytest.raises((sqlite3.OperationalError, psycopg.errors.ReadOnlySqlTransaction)):
        db.read_now(put, "a")
    assert db.read_now(keys) == set()


def test_a_read_sees_one_moment(db: Database) -> None:
    def read_twice(tx: Tx) -> tuple[set[str], set[str]]:
        before = keys(tx)
        with ThreadPoolExecutor(1) as other:
            other.submit(db.write_now, put, "later").result()
        return before, keys(tx)

    db.write_now(put, "earlier")
    assert db.read_now(read_twice) == ({"earlier"}, {"earlier"})
    assert db.read_now(keys) == {"earlier", "later"}


def test_an_answered_write_is_there_after_reopening(database_url: str) -> None:
    first = connect(database_url)
    first.write_now(put, "a")
    first.close()
    second = connect(database_url)
    assert second.read_now(keys) == {"a"}
    second.close()


def test_closing_answers_what_was_asked_before_and_refuses_what_comes_after(database_url: str) -> None:
    database = connect(database_url)

    async def story() -> list[str]:
        calls = [asyncio.ensure_future(database.write(put, str(number))) for number in range(20)]
        for _ in range(3):  # rounds of the loop: one to ask, one that brings nothing new, one to hand over
            await asyncio.sleep(0)
        await asyncio.to_thread(database.close)
        return await asyncio.gather(*calls)

    assert len(asyncio.run(story())) == 20
    database.close()
    with pytest.raises(StorageError):
        database.write_now(put, "late")
    with pytest.raises(StorageError):
        asyncio.run(database.read(keys))
    again = connect(database_url)
    assert len(again.read_now(keys)) == 20
    again.close()


def test_a_conditional_update_is_won_by_exactly_one_of_a_hundred_threads(db: Database) -> None:
    """SES-02, PAY-07: the idea behind every state change."""

    def move(tx: Tx) -> bool:
        return tx.execute("UPDATE idempotency_key SET status = 1 WHERE key = 'a' AND status = 0") == 1

    db.write_now(put, "a")
    with ThreadPoolExecutor(100) as callers:
        winners = sum(callers.map(lambda _: db.write_now(move), range(100)))
    assert winners == 1


def test_a_conditional_update_is_won_by_exactly_one_of_a_hundred_tasks(db: Database) -> None:
    """SES-02, PAY-07."""

    def move(tx: Tx) -> bool:
        return tx.execute("UPDATE idempotency_key SET status = 1 WHERE key = 'a' AND status = 0") == 1

    async def story() -> int:
        return sum(await asyncio.gather(*(db.write(move) for _ in range(100))))

    db.write_now(put, "a")
    assert asyncio.run(story()) == 1


def test_a_caller_that_went_away_harms_nobody(db: Database) -> None:
    async def story() -> None:
        gone = asyncio.ensure_future(db.write(put, "gone"))
        stays = asyncio.ensure_future(db.write(put, "stays"))
        await asyncio.sleep(0)
        gone.cancel()
        assert await stays == "stays"

    asyncio.run(story())
    assert db.write_now(put, "next") == "next"


def test_values_come_back_as_they_went_in(db: Database) -> None:
    class Colour(StrEnum):
        RED = "red"

    def keep(tx: Tx) -> object:
        sql = "UPDATE idempotency_key SET request_hash = :hash, body = :body, status = :status WHERE key = 'a'"
        tx.execute(sql, hash=Colour.RED, body="ünï\n'\"%s :x 😀", status=2**62)
        return tx.one("SELECT request_hash, body, status FROM idempotency_key WHERE request_hash = :hash", hash=Colour.RED)

    db.write_now(put, "a")
    assert db.write_now(keep) == ("red", "ünï\n'\"%s :x 😀", 2**62)


def test_stop_iteration_is_passed_on_as_an_error(db: Database) -> None:
    """A future cannot carry it; the caller must not wait for ever."""
    with pytest.raises(RuntimeError, match="StopIteration"):
        asyncio.run(db.write(lambda _: next(iter(()))))
