"""The schema grows by packaged migrations: once, in order, and by one node at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from roundtrip.storage.connect import connect
from roundtrip.storage.database import Dialect
from roundtrip.storage.database_url import is_postgres
from roundtrip.storage.migrate import migrate
from roundtrip.storage.schema_state import packaged, pending, pending_names


def names(folder: Path | None = None) -> list[str]:
    return [name for name, _ in (packaged("sqlite", folder) if folder else packaged("sqlite"))]


def test_migrating_twice_applies_everything_once(empty_database_url: str) -> None:
    assert migrate(empty_database_url) == names()
    assert migrate(empty_database_url) == []


def test_pending_lists_what_is_missing(empty_database_url: str) -> None:
    database = connect(empty_database_url)
    assert pending(database) == names()
    migrate(empty_database_url)
    assert pending(database) == []
    database.close()


def test_two_nodes_that_migrate_at_once_share_the_work(empty_database_url: str) -> None:
    with ThreadPoolExecutor(2) as nodes:
        applied = list(nodes.map(lambda _: migrate(empty_database_url), range(2)))
    assert sorted(applied) == [[], names()]


def test_a_new_migration_is_pending_until_it_is_applied(empty_database_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_a.sql").write_text("CREATE TABLE a (id TEXT); -- a remark; with a semicolon\nCREATE INDEX a_id ON a (id);")
    assert migrate(empty_database_url, folder=folder) == ["0001_a"]
    (folder / "0002_b.sql").write_text("INSERT INTO a VALUES ('it''s; 100%');")
    database = connect(empty_database_url)
    assert database.read_now(pending_names, folder) == ["0002_b"]
    assert migrate(empty_database_url, folder=folder) == ["0002_b"]
    assert database.read_now(pending_names, folder) == []
    assert database.read_now(lambda tx: tx.one("SELECT id FROM a")) == ("it's; 100%",)
    database.close()


def test_a_broken_migration_leaves_nothing_of_itself(empty_database_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_a.sql").write_text("CREATE TABLE a (id TEXT);")
    (folder / "0002_b.sql").write_text("CREATE TABLE b (id TEXT); INSERT INTO nowhere VALUES (1);")
    with pytest.raises(Exception, match="nowhere"):
        migrate(empty_database_url, folder=folder)
    (folder / "0002_b.sql").write_text("CREATE TABLE b (id TEXT);")
    assert migrate(empty_database_url, folder=folder) == ["0002_b"]


def test_postgresql_may_have_its_own_text_under_the_same_name(empty_database_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_a.sql").write_text("CREATE TABLE a (id INTEGER PRIMARY KEY);")
    (folder / "0001_a.postgres.sql").write_text("CREATE TABLE a (id BIGINT GENERATED ALWAYS AS IDENTITY);")
    dialect: Dialect = "postgresql" if is_postgres(empty_database_url) else "sqlite"
    assert [path.name for _, path in packaged(dialect, folder)] == ["0001_a.postgres.sql" if dialect == "postgresql" else "0001_a.sql"]
    assert migrate(empty_database_url, folder=folder) == ["0001_a"]


def test_a_lock_left_behind_can_be_broken(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """OPS: a node that was killed in the middle of a migration."""
    migrate(postgres_url)
    database = connect(postgres_url)
    database.write_now(lambda tx: tx.execute("INSERT INTO yoyo_lock (locked, pid) VALUES (1, 1)"))
    monkeypatch.setattr("roundtrip.storage.migrate.LOCK_SECONDS", 0.1)
    with pytest.raises(Exception, match="--break-lock"):
        migrate(postgres_url)
    assert migrate(postgres_url, break_lock=True) == []
    database.close()


def test_a_killed_migration_of_a_file_leaves_no_lock(tmp_path: Path) -> None:
    """The operating system lets go of the lock file, and whoever holds it may remove yoyo's row."""
    url = f"sqlite:///{tmp_path}/a.db"
    migrate(url)
    database = connect(url)
    database.write_now(lambda tx: tx.execute("INSERT INTO yoyo_lock (locked, pid) VALUES (1, 1)"))
    assert migrate(url) == []
    database.close()
