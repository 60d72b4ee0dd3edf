"""Two promises about transactions: nothing inside one can wait, and SQL stands only where it is looked for."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source_files import Source, broken_by, complaints, line_of, product_sources

EDGE = {"__main__", "cli", "commands", "app", "upkeep", "settings", "api", "web", "worker"}
"""Where waiting is allowed, and storage, which drives the databases; in every other room of the import contract it is not."""
CONTRACT = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"][0]["layers"]
PLAIN_ROOMS = {room.strip(" ()") for layer in CONTRACT for room in layer.split("|")} - EDGE - {"storage"}
WAITING_MODULES = {
    "asyncio",
    "anyio",
    "trio",
    "socket",
    "subprocess",
    "httpx",
    "requests",
    "smtplib",
    "urllib.request",
}

SQL = re.compile(
    r"\s*(SELECT\s.*\bFROM\b|SELECT\s|INSERT\s+(OR\s+\w+\s+)?INTO\b|UPDATE\s+\w+\s+SET\b|DELETE\s+FROM\b|(CREATE|ALTER|DROP)\s+(UNIQUE\s+)?(TABLE|INDEX|VIEW)\b"
    r"|WITH\s+\w+\s+AS\b|PRAGMA\s|BEGIN\b|COMMIT\b|ROLLBACK\b|SAVEPOINT\b)",
    re.DOTALL,
)


def waits(source: Source) -> Iterator[str]:
    """Rooms below `api`, `web` and `worker` are plain functions."""
    if source.room not in PLAIN_ROOMS:
        return
    for node in source.nodes:
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):
            yield f"{source.place}:{node.lineno}: async below the edge"
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            modules = [node.module]
        for module in modules:
            if any(module == name or module.startswith(f"{name}.") for name in WAITING_MODULES):
                yield f"{source.place}:{line_of(node)}: imports {module}, which waits"


def has_sql(source: Source) -> Iterator[str]:
    """SQL is written in `store.py` of a room and in `storage/`, nowhere else."""
    if source.room == "storage" or source.place.endswith("/store.py"):
        return
    for line, text in source.texts():
        if SQL.match(text):
            yield f"{source.place}:{line}: SQL outside a store.py: {text[:60]!r}"


def test_no_room_below_the_edge_waits() -> None:
    assert complaints(waits, product_sources()) == []


def test_sql_stands_only_in_stores() -> None:
    assert complaints(has_sql, product_sources()) == []


@pytest.mark.parametrize(
    "sample",
    ["async def f(): ...", "async def f():\n    await g()", "import asyncio", "from urllib.request import urlopen", "import httpx"],
)
def test_waiting_in_a_room_is_noticed(sample: str) -> None:
    assert broken_by(waits, "flows/auth/flow.py", sample)
    assert not broken_by(waits, "web/pages.py", sample)


@pytest.mark.parametrize(
    "sample",
    [
        "q = 'SELECT id FROM client'",
        "q = f'SELECT {columns} FROM client'",
        "q = 'UPDATE client SET name = :name'",
        "q = '''\n  INSERT INTO client (id) VALUES (:id)'''",
        "q = 'DELETE FROM client'",
    ],
)
def test_sql_outside_a_store_is_noticed(sample: str) -> None:
    assert broken_by(has_sql, "sites/actions.py", sample)
    assert not broken_by(has_sql, "sites/store.py", sample)
    assert not broken_by(has_sql, "storage/outbox.py", sample)


def test_a_sentence_is_not_sql() -> None:
    assert not broken_by(has_sql, "sites/actions.py", "hint = 'Select a member from the list, or update it'")
