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


class PostgresServer:
    """A private server. Its programs refuse to run as root, so root hands them to the user `postgres`."""

    def __init__(self) -> None:
        self._programs = _find_programs()
        # Short: the path of a socket may have 107 characters. Not in pytest's own folders: those are closed to other users.
        self.folder = Path(tempfile.mkdtemp(prefix="rt-pg-"))
        self._prefix: list[str] = []
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
    url = server.create(template=request.getfixturevalue("_postgres_template"))
    yield url
    server.drop(url)


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """A migrated, empty database, on each database."""
    database = connect(database_url)
    yield database
    database.close()
