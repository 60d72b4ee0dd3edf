"""A backup taken while the server writes brings everything back, on both databases (OPS-10)."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event

import httpx
import psycopg
import pytest

from roundtrip.oauth import keys
from roundtrip.storage.connect import connect
from roundtrip.storage.database import Tx
from roundtrip.storage.errors import StorageError
from roundtrip.storage.migrate import migrate
from roundtrip.storage.schema_state import packaged, pending
from roundtrip.upkeep import backup
from tests.browser.shop import CREATE
from tests.operations.conftest import NewShop
from tests.server_fixtures import Server, StartServer
from tests.storage_fixtures import PostgresServer

SECRET = "a secret for tests, long enough for all"
OTHER_SECRET = "another secret for tests, long enough too"
LOGIN = {"login": {}, "callbacks": {"postFlowUrl": "https://shop.example/after"}}


def refused(server: Server, *words: str) -> str:
    """What a command said that must not work."""
    done = server.try_command(*words)
    assert done.returncode == 1, done.stdout
    return done.stderr


@pytest.fixture
def ready_url(database_url: str) -> str:
    """A migrated database with a site in it, and with signing keys that `SECRET` opens."""
    with closing(connect(database_url)) as db:
        db.write_now(_fill)
    return database_url


def _fill(tx: Tx) -> None:
    keys.ensure_keys(tx, SECRET, 1)
    tx.execute(
        "INSERT INTO site (id, slug, name, mode, language, theme, created_at) VALUES ('1', 'kiln', 'Kiln', 'test', 'en', '{}', 1)",
    )


def slugs(database_url: str) -> list[str]:
    with closing(connect(database_url, own=False)) as db:
        return [str(row[0]) for row in db.read_now(lambda tx: tx.all("SELECT slug FROM site ORDER BY slug"))]


def rename(tx: Tx) -> None:
    tx.execute("UPDATE site SET slug = 'changed'")


def change(database_url: str) -> None:
    with closing(connect(database_url, own=False)) as db:
        db.write_now(rename)


def test_a_backup_that_was_taken_under_load_has_every_session_that_was_answered_before_it(new_shop: NewShop, tmp_path: Path) -> None:
    """OPS-10: the whole way by the commands, with the server taking writes during the backup and serving again after the restore."""
    shop, file = new_shop(), tmp_path / "saved"
    before = [shop.login()["id"] for _ in range(5)]
    token, over = shop.visitor(), Event()

    def keep_creating() -> set[int]:
        statuses = set()
        while not over.is_set():
            statuses.add(shop.post(CREATE, LOGIN, token).status_code)
        return statuses

    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(keep_creating) for _ in range(2)]
        saved = json.loads(shop.server.command("backup", str(file), "--json"))
        over.set()
        assert [one.result() for one in running] == [{200}] * 2
    assert saved == {"file": str(file), "bytes": file.stat().st_size}
    late = shop.login()["id"]

    assert shop.server.stop() == 0
    assert "not empty" in refused(shop.server, "restore", str(file))
    told = json.loads(shop.server.command("restore", str(file), "--replace", "--json"))
    assert (told["migrationsAdded"], told["secretFits"]) == ([], True)
    shop.server.start()
    assert [shop.status(one)["status"] for one in before] == ["created"] * 5
    assert httpx.get(f"{shop.server.origin}/api/v1/redirect-sessions/{late}", headers={"authorization": shop.key}).status_code == 404
    assert shop.post(CREATE, LOGIN, token).status_code == 200, "the old tokens are still good: the keys came back"


def test_a_restore_is_refused_while_a_server_runs(new_shop: NewShop, tmp_path: Path) -> None:
    shop, file = new_shop(), tmp_path / "saved"
    shop.server.command("backup", str(file))
    said = refused(shop.server, "restore", str(file), "--replace")
    assert "stop" in said
    assert shop.post(CREATE, LOGIN, shop.visitor()).status_code == 200


def test_the_secret_is_not_in_a_backup_and_the_command_says_so(start_server: StartServer, tmp_path: Path) -> None:
    """OPS-03: whoever finds the file has no key."""
    server, file = start_server(running=False), tmp_path / "saved"
    done = server.try_command("backup", str(file))
    assert done.returncode == 0
    assert "NOT in the backup" in done.stderr
    assert server.environment["ROUNDTRIP_SECRET"].encode() not in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_backup_never_overwrites_a_file(ready_url: str, tmp_path: Path) -> None:
    file = tmp_path / "saved"
    file.write_text("precious")
    with pytest.raises(StorageError, match="never overwrites"):
        backup.save(ready_url, file)
    assert file.read_text() == "precious"


def test_a_restore_brings_back_what_was_there(ready_url: str, tmp_path: Path) -> None:
    """OPS-10."""
    backup.save(ready_url, tmp_path / "saved")
    change(ready_url)
    done = backup.restore(ready_url, tmp_path / "saved", secret=SECRET, replace=True)
    assert slugs(ready_url) == ["kiln"]
    assert done.secret_fits
    if done.kept:
        assert slugs(f"sqlite:///{done.kept}") == ["changed"], "what was replaced is kept beside it"


def test_a_restore_into_an_empty_database_needs_no_word_more(ready_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """OPS-10: the new machine."""
    backup.save(ready_url, tmp_path / "saved")
    empty = f"sqlite:///{tmp_path / 'new' / 'roundtrip.db'}" if ready_url.startswith("sqlite") else request.getfixturevalue("postgres_url")
    assert backup.restore(empty, tmp_path / "saved", secret=SECRET, replace=False).secret_fits
    assert slugs(empty) == ["kiln"]


def test_a_restore_with_another_secret_says_that_it_does_not_fit(ready_url: str, tmp_path: Path) -> None:
    backup.save(ready_url, tmp_path / "saved")
    assert not backup.restore(ready_url, tmp_path / "saved", secret=OTHER_SECRET, replace=True).secret_fits


def test_a_database_that_is_not_empty_is_not_replaced_by_accident(ready_url: str, tmp_path: Path) -> None:
    backup.save(ready_url, tmp_path / "saved")
    change(ready_url)
    with pytest.raises(StorageError, match="--replace"):
        backup.restore(ready_url, tmp_path / "saved", secret=SECRET, replace=False)
    assert slugs(ready_url) == ["changed"]


def test_a_backup_of_an_older_version_is_brought_up_to_date(empty_database_url: str, tmp_path: Path) -> None:
    """OPS-10: made before the last migrations, restored over a database that has them."""
    older = tmp_path / "migrations"
    older.mkdir()
    known = packaged("postgresql" if empty_database_url.startswith("postgres") else "sqlite")
    for name, path in known[:-2]:
        shutil.copyfile(path, older / f"{name}.sql")
    migrate(empty_database_url, folder=older)
    backup.save(empty_database_url, tmp_path / "saved")
    migrate(empty_database_url)

    done = backup.restore(empty_database_url, tmp_path / "saved", secret=SECRET, replace=True)
    assert list(done.migrations_added) == [name for name, _ in known[-2:]]
    with closing(connect(empty_database_url)) as db:
        assert pending(db) == []


def _from_the_future(tx: Tx) -> None:
    tx.execute(
        "INSERT INTO applied_migration (migration_hash, migration_id, applied_at_utc) VALUES ('x', '9999_future', CURRENT_TIMESTAMP)"
    )


def test_a_backup_of_a_newer_version_is_refused_and_changes_nothing(ready_url: str, tmp_path: Path) -> None:
    with closing(connect(ready_url)) as db:
        db.write_now(_from_the_future)
    backup.save(ready_url, tmp_path / "saved")
    change(ready_url)
    with pytest.raises(StorageError, match=r"newer version.*9999_future"):
        backup.restore(ready_url, tmp_path / "saved", secret=SECRET, replace=True)
    assert slugs(ready_url) == ["changed"]


def test_a_damaged_backup_is_refused_and_changes_nothing(ready_url: str, tmp_path: Path) -> None:
    """OPS-10: half a file, as after a full disk."""
    backup.save(ready_url, tmp_path / "saved")
    change(ready_url)
    whole = (tmp_path / "saved").read_bytes()
    (tmp_path / "saved").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StorageError):
        backup.restore(ready_url, tmp_path / "saved", secret=SECRET, replace=True)
    assert slugs(ready_url) == ["changed"]


def test_a_backup_of_the_other_database_is_refused(ready_url: str, tmp_path: Path) -> None:
    other = b"PGDMP" if ready_url.startswith("sqlite") else b"SQLite format 3\0"
    (tmp_path / "saved").write_bytes(other + bytes(100))
    with pytest.raises(StorageError, match="is no backup of a"):
        backup.restore(ready_url, tmp_path / "saved", secret=SECRET, replace=True)


def test_a_write_ahead_log_that_was_left_behind_is_not_played_onto_the_restored_file(tmp_path: Path) -> None:
    """A server that was killed leaves a log; the restored file must not get its pages."""
    database = tmp_path / "roundtrip.db"
    url = f"sqlite:///{database}"
    migrate(url)
    with closing(connect(url)) as db:
        db.write_now(_fill)
    backup.save(url, tmp_path / "saved")
    killed = sqlite3.connect(database, isolation_level=None)
    killed.execute("PRAGMA wal_autocheckpoint = 0").fetchall()
    killed.execute("UPDATE site SET slug = 'changed'")
    log = (tmp_path / "roundtrip.db-wal").read_bytes()
    killed.close()
    (tmp_path / "roundtrip.db-wal").write_bytes(log)
    assert log

    backup.restore(url, tmp_path / "saved", secret=SECRET, replace=True)
    assert slugs(url) == ["kiln"]


def test_without_the_client_programs_the_error_says_what_to_install(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StorageError, match=r"pg_dump is not installed here.*postgresql-client"):
        backup.save(postgres_url, tmp_path / "saved")
    assert not (tmp_path / "saved.partial").exists()


def test_a_restore_that_fails_half_way_puts_everything_back(postgres_url: str, postgres_server: PostgresServer, tmp_path: Path) -> None:
    """The dump needs something that this database cannot give; what was there is there again."""
    migrate(postgres_url)
    with closing(connect(postgres_url)) as db:
        db.write_now(_fill)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA elsewhere")
        connection.execute("CREATE TABLE elsewhere.thing (id BIGINT)")
    backup.save(postgres_url, tmp_path / "saved")
    with pytest.raises(StorageError, match=r"pg_restore failed.*elsewhere"):
        backup.restore(postgres_url, tmp_path / "saved", secret=SECRET, replace=True)
    assert slugs(postgres_url) == ["kiln"]
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'roundtrip_before_restore'").fetchone() is None
