"""What only the embedded file has: one owner, a group of transactions that share a commit, and a disk that can be full."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from roundtrip.storage.database import Tx
from roundtrip.storage.errors import StorageError
from roundtrip.storage.sqlite import SqliteDatabase


def make_table(tx: Tx) -> None:
    tx.execute("CREATE TABLE item (id TEXT PRIMARY KEY, body TEXT)")


def put(tx: Tx, key: str, size: int = 10) -> str:
    tx.execute("INSERT INTO item VALUES (:id, :body)", id=key, body="x" * size)
    return key


def keys(tx: Tx) -> set[str]:
    return {row[0] for row in tx.all("SELECT id FROM item")}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "with space & 100% #?.db"


def test_a_second_server_on_the_same_file_is_refused_and_told_what_to_do(path: Path) -> None:
    first = SqliteDatabase(path)
    with pytest.raises(StorageError) as refusal:
        SqliteDatabase(path)
    assert str(path) in str(refusal.value)
    assert "ROUNDTRIP_DATABASE_URL" in str(refusal.value)
    first.close()
    SqliteDatabase(path).close()


def test_another_process_is_refused_too_and_a_killed_owner_lets_go(path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from roundtrip.storage.sqlite import SqliteDatabase\n"
        "database = SqliteDatabase(Path(sys.argv[1])); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", program, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "open\n"
        with pytest.raises(StorageError, match=f"process {owner.pid}"):
            SqliteDatabase(path)
        owner.kill()
    SqliteDatabase(path).close()


def test_a_command_beside_the_server_may_read_and_write(path: Path) -> None:
    server = SqliteDatabase(path)
    server.write_now(make_table)
    command = SqliteDatabase(path, own=False)
    command.write_now(put, "from the command")
    assert server.read_now(keys) == {"from the command"}
    server.write_now(put, "from the server")
    assert command.read_now(keys) == {"from the command", "from the server"}
    command.close()
    server.close()


def test_a_lock_held_too_long_by_another_process_fails_clearly_and_passes(path: Path) -> None:
    database = SqliteDatabase(path, busy_timeout_ms=20)
    database.write_now(make_table)
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="locked"):
            database.write_now(put, "a")
        other.execute("ROLLBACK")
    other.close()
    assert database.write_now(put, "b") == "b"
    assert database.read_now(keys) == {"b"}
    database.close()


def test_a_full_disk_fails_every_transaction_of_the_group_and_the_next_one_works(path: Path) -> None:
    database = SqliteDatabase(path)
    database.write_now(make_table)

    async def story() -> list[object]:
        calls = [database.write(put, str(number), 10_000 if number == 7 else 10) for number in range(10)]
        return list(await asyncio.gather(*calls, return_exceptions=True))

    def limit_pages(tx: Tx, more: int) -> None:
        now = tx.one("PRAGMA page_count")
        assert now is not None
        tx.one(f"PRAGMA max_page_count = {now[0] + more}")

    database.write_now(limit_pages, 1)
    answers = asyncio.run(story())
    failures = [answer for answer in answers if isinstance(answer, StorageError)]
    assert failures, answers
    assert "full" in str(failures[0])
    assert str(path) in str(failures[0])
    kept = database.read_now(keys)
    assert kept == {answer for answer in answers if isinstance(answer, str)}
    database.write_now(limit_pages, 1000)
    assert database.write_now(put, "after") == "after"
    assert database.read_now(keys) == kept | {"after"}
    database.close()


def test_a_commit_that_fails_is_nobodys_success(path: Path) -> None:
    """A deferred foreign key is checked by COMMIT itself: the group as a whole cannot be kept."""
    database = SqliteDatabase(path)
    database.write_now(lambda tx: tx.execute("CREATE TABLE a (id TEXT PRIMARY KEY, a TEXT REFERENCES a DEFERRABLE INITIALLY DEFERRED)"))

    def point_nowhere(tx: Tx, number: int) -> int:
        return tx.execute("INSERT INTO a VALUES (:id, 'none')", id=str(number))

    async def story() -> list[object]:
        calls = [database.write(point_nowhere, number) for number in range(3)]
        return list(await asyncio.gather(*calls, return_exceptions=True))

    answers = asyncio.run(story())
    assert all(isinstance(answer, StorageError) for answer in answers), answers
    assert len({id(answer) for answer in answers}) == 3
    assert database.write_now(lambda tx: tx.execute("INSERT INTO a VALUES ('ok', NULL)")) == 1
    database.close()


def test_a_commit_is_flushed_and_readers_do_not_wait(path: Path) -> None:
    database = SqliteDatabase(path)

    def pragmas(tx: Tx) -> list[object]:
        return [(tx.one(f"PRAGMA {name}") or ("",))[0] for name in ("journal_mode", "synchronous", "foreign_keys")]

    assert database.write_now(pragmas) == ["wal", 2, 1]
    database.close()


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="nowhere"):
        SqliteDatabase(tmp_path / "nowhere" / "a.db")
    with pytest.raises(StorageError, match="nowhere"):
        SqliteDatabase(tmp_path / "nowhere" / "a.db", own=False)


def test_a_caller_whose_loop_has_gone_does_not_stop_the_writer(path: Path) -> None:
    database = SqliteDatabase(path)
    database.write_now(make_table)
    loop = asyncio.new_event_loop()
    task = loop.create_task(database.write(put, "orphan"))
    loop.call_soon(loop.call_soon, loop.stop)
    loop.run_forever()
    task.cancel()
    loop.close()
    assert database.write_now(put, "next") == "next"
    database.close()
