"""Databases for tests: the fixture `db` runs every test on SQLite and on PostgreSQL.

PostgreSQL is a private server of this test process, started when first asked for and stopped at the end; it keeps nothing, so it never
flushes. A test's database is a copy of one that was migrated once: on PostgreSQL a template database, on SQLite a file.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from roundtrip.storage.connect import connect
from roundtrip.storage.database import Database
from roundtrip.storage.migrate import migrate

_TEMPLATE = "migrated"
_SETTINGS = {
    "listen_addresses": "",  # a socket file in a private folder: no port to collide on
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "deadlock_timeout": "50ms",
}
_numbers = itertools.count(1)
_MIGRATED = "_yoyo_log", "_yoyo_version", "applied_migration"
"""Tables that the migrations themselves fill."""
_DIGEST = """SELECT md5(string_agg(table_name || '.' || column_name || ' ' || data_type, ',' ORDER BY table_name, column_name))
FROM information_schema.columns WHERE table_schema = 'public'"""


class PostgresServer:
    """A private server. Its programs refuse to run as root, so root hands them to the user `postgres`."""

    def __init__(self) -> None:
        self._programs = _find_programs()
        # Short: the path of a socket may have 107 characters. Not in pytest's own folders: those are closed to other users.
        self.folder = Path(tempfile.mkdtemp(prefix="rt-pg-"))
        self._prefix: list[str] = []
        self._idle: list[str] = []
        self._pristine: tuple[object, ...] = ()
        if os.geteuid() == 0:
            self._prefix = ["runuser", "-u", "postgres", "--"]
            os.chown(self.folder, *_postgres_user())
        self._run("initdb", "-U", "test", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
        options = " ".join(f"-c {name}='{value}'" for name, value in _SETTINGS.items())
        self._run("pg_ctl", "start", "-w", "-s", "-l", f"{self.folder}/log", "-o", f"-k {self.folder} {options}")

    def url(self, database: str) -> str:
        """The address of one database of this server."""
        return f"postgresql://test@/{database}?host={self.folder}"

    def create(self, template: str = "template0", name: str = "") -> str:
        """A new database, copied from `template`; answers its address."""
        name = name or f"test_{next(_numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            # Copying files is twice as fast as logging every page, where the server (15 and later) offers the choice.
            strategy = "STRATEGY FILE_COPY" if connection.info.server_version >= 150_000 else ""
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {strategy}'.encode())
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected."""
        name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())

    def lend(self, template: str) -> str:
        """A copy of the template that nothing is in: one that was given back, or a new one. Copying takes longer than most tests."""
        return self._idle.pop() if self._idle else self.create(template)

    def give_back(self, url: str) -> None:
        """Empty a database for the next test. One whose tables are not the migrations' any more is dropped."""
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            seen = _looks(connection)
            self._pristine = self._pristine or self._looks_of_template()
            if seen == self._pristine:
                _empty(connection)
                self._idle.append(url)
                return
        self.drop(url)

    def _looks_of_template(self) -> tuple[object, ...]:
        fresh = self.create(_TEMPLATE)
        with psycopg.connect(fresh, autocommit=True) as connection:
            looks = _looks(connection)
        self.drop(fresh)
        return looks

    def stop(self) -> None:
        """End the server at once and remove its files."""
        self._run("pg_ctl", "stop", "-s", "-m", "immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._prefix, f"{self._programs}/{program}", "-D", f"{self.folder}/cluster", *arguments]
        # A file and not a pipe: the server inherits it and would keep a pipe open.
        with (self.folder / "output").open("w+") as output:
            done = subprocess.run(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False, timeout=60)
            output.seek(0)
            if done.returncode != 0:
                pytest.fail(f"PostgreSQL's {program} failed: {output.read()}", pytrace=False)


def _looks(connection: psycopg.Connection[tuple[object, ...]]) -> tuple[object, ...]:
    """What no test may leave changed in a database that another one gets: its columns, and what the migrations wrote."""
    counts = ", ".join(f"(SELECT count(*) FROM {name})" for name in _MIGRATED)
    try:
        row = connection.execute(f"SELECT ({_DIGEST}), {counts}".encode()).fetchone()
    except psycopg.errors.UndefinedTable:
        return ()
    return row or ()


def _empty(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Delete every row, in whatever order: foreign keys do not look while we tidy up."""
    names = [str(name) for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()]
    ours = [name for name in names if "yoyo" not in name and name not in _MIGRATED]
    probe = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in ours)
    filled = [str(name) for (name,) in connection.execute(probe.encode()).fetchall()]
    statements = "".join(f'DELETE FROM "{name}";' for name in filled)
    connection.execute(f"SET session_replication_role = replica; {statements} SET session_replication_role = origin".encode())


def _find_programs() -> Path:
    """The folder of the newest PostgreSQL on this machine. Debian keeps them outside PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if debian:
        return debian[-1].parent
    found = shutil.which("initdb")
    if found is None:
        pytest.fail(
            "PostgreSQL's programs (initdb, postgres) are not in /usr/lib/postgresql/*/bin nor on PATH; every storage test also runs on "
            "PostgreSQL. Install the package `postgresql` (Debian, Ubuntu: apt-get install postgresql) and run the tests again.",
            pytrace=False,
        )
    return Path(found).resolve().parent


def _postgres_user() -> tuple[int, int]:
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        pytest.fail(
            "tests run as root, and PostgreSQL refuses that: make a user `postgres`, or run the tests as another user", pytrace=False
        )
    return user.pw_uid, user.pw_gid


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The private server of this test process."""
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def _postgres_template(postgres_server: PostgresServer) -> str:
    migrate(postgres_server.create(name=_TEMPLATE))
    return _TEMPLATE


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite-template") / "migrated.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of a PostgreSQL database without any table."""
    url = postgres_server.create()
    yield url
    postgres_server.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without any table, on each database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated, empty database, on each database. For tests that open it themselves, or more than once."""
    if request.param == "sqlite":
        path = tmp_path / "roundtrip.db"
        shutil.copyfile(request.getfixturevalue("_sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.lend(request.getfixturevalue("_postgres_template"))
    yield url
    server.give_back(url)


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """A migrated, empty database, on each database."""
    database = connect(database_url)
    yield database
    database.close()
