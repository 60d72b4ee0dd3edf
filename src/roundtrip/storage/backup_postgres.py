"""Copies of a PostgreSQL database, by its own programs: `pg_dump` while servers write, `pg_restore` while none run."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from roundtrip.storage.errors import StorageError
from roundtrip.storage.schema_state import MIGRATION_TABLE

ASIDE = "roundtrip_before_restore"
"""The schema that holds what was there until the restored database has proved itself."""
LOOKS = 20
"""How often it is looked again, a tenth of a second apart, before a restore is refused because somebody is connected."""


def save(database_url: str, target: Path) -> None:
    """Write a dump in PostgreSQL's custom format: one snapshot, compressed. Owners and rights are left to where it is put back."""
    _run("pg_dump", database_url, "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def check(file: Path) -> None:
    """Raises `StorageError` when this is not a dump of Roundtrip, or one that was cut short before its list of tables."""
    listed = _program("pg_restore", "--list", str(file))
    if f" {MIGRATION_TABLE} " not in listed:
        raise StorageError(f"{file} is a dump, but not one of Roundtrip: it has no table {MIGRATION_TABLE}")


def migrations(database_url: str) -> list[str]:
    """The migrations that the database has had."""
    with _connect(database_url) as connection:
        rows = connection.execute(sql.SQL("SELECT migration_id FROM {} ORDER BY migration_id").format(sql.Identifier(MIGRATION_TABLE)))
        return [row[0] for row in rows.fetchall()]


def is_empty(database_url: str) -> bool:
    """True when the schema that we would write to has no table."""
    with _connect(database_url) as connection:
        return not _tables(connection, _schema(connection))


def _others(connection: psycopg.Connection[Any]) -> int:
    found = connection.execute(
        "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND backend_type = 'client backend'"
    ).fetchone()
    return int(found[0]) if found else 0


@contextlib.contextmanager
def owned(database_url: str) -> Iterator[None]:
    """Raises `StorageError` while anybody else is connected. Who connects later finds whole tables, the old or the new."""
    with _connect(database_url) as connection:
        others = _others(connection)
        for _ in range(LOOKS):
            if others:
                # Whoever has just hung up is listed for a moment more.
                connection.execute("SELECT pg_sleep(0.1)")
                others = _others(connection)
    if others:
        raise StorageError(f"{others} connections to this database are open; stop every server and worker first, then restore again")
    yield


def put_back(file: Path, database_url: str) -> None:
    """Set aside what is there, restore in one transaction; on any failure everything is as it was. End with `forget` or `undo`."""
    with _connect(database_url) as connection:
        _move(connection, _schema(connection), ASIDE)
    try:
        _run("pg_restore", database_url, "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(file))
    except BaseException:
        undo(database_url)
        raise


def forget(database_url: str) -> None:
    """The restored database is right: drop what was set aside."""
    with _connect(database_url) as connection:
        connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(ASIDE)))


def undo(database_url: str) -> None:
    """Drop what was restored and bring back what was set aside."""
    with _connect(database_url) as connection, connection.transaction():
        schema = _schema(connection)
        for table in _tables(connection, schema):
            connection.execute(sql.SQL("DROP TABLE {} CASCADE").format(sql.Identifier(schema, table)))
        _move(connection, ASIDE, schema)
        connection.execute(sql.SQL("DROP SCHEMA {}").format(sql.Identifier(ASIDE)))


def _move(connection: psycopg.Connection[Any], source: str, target: str) -> None:
    with connection.transaction():
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(target)))
        if _tables(connection, target):
            raise StorageError(
                f"the schema {target} has tables already, left by a restore that was cut off; look at them, then move or drop them"
            )
        for table in _tables(connection, source):
            connection.execute(sql.SQL("ALTER TABLE {} SET SCHEMA {}").format(sql.Identifier(source, table), sql.Identifier(target)))


def _schema(connection: psycopg.Connection[Any]) -> str:
    row = connection.execute("SELECT current_schema()").fetchone()
    return str(row[0]) if row else "public"


def _tables(connection: psycopg.Connection[Any], schema: str) -> list[str]:
    found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY tablename", (schema,)).fetchall()
    return [row[0] for row in found]


@contextlib.contextmanager
def _connect(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    try:
        connection = psycopg.connect(database_url, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise StorageError(f"cannot connect to PostgreSQL: {error}") from error
    with contextlib.closing(connection):
        yield connection


def _run(program: str, database_url: str, *words: str) -> str:
    parts = psycopg.conninfo.conninfo_to_dict(database_url)
    # The password travels in the environment: a command line can be read by everybody on the machine.
    password = parts.pop("password", None)
    return _program(
        program,
        *words,
        f"--dbname={psycopg.conninfo.make_conninfo('', **{name: str(value) for name, value in parts.items()})}",
        password=str(password) if password else None,
    )


def _program(program: str, *words: str, password: str | None = None) -> str:
    found = shutil.which(program)
    if found is None:
        raise StorageError(
            f"{program} is not installed here; it comes with PostgreSQL's client programs (Debian: apt-get install postgresql-client), "
            "in the server's major version or a later one"
        )
    environment = {**os.environ, **({"PGPASSWORD": password} if password else {})}
    done = subprocess.run(  # noqa: S603  a program that was just found on PATH, with words of our own and no shell
        [found, *words], env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode != 0:
        raise StorageError(f"{program} failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout
