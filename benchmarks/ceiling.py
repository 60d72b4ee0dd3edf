"""The ceiling: the smallest program that keeps the same promise, to which the product is compared in the same run.

Bare ASGI without a framework: decodes the JSON of Create Redirect Session, commits one durable row (id and body), answers 200 with JSON.
Rows that arrive during a commit share the next one. No token is read, no address is checked, no event is written. Runs as
`python -m benchmarks.ceiling`; nothing of the product is imported.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec
import psycopg
import uvicorn

Rows = list[tuple[str, str]]
Waiting = tuple[str, str, "asyncio.Future[None]"]
Commit = Callable[[Rows], None]


class Login(msgspec.Struct):
    """The intent of the measured request: an empty object."""


class Callbacks(msgspec.Struct, rename="camel"):
    """The one callback of the measured request."""

    post_flow_url: str | None = None


class Request(msgspec.Struct):
    """As much of Create Redirect Session as the measured request carries."""

    login: Login | None = None
    callbacks: Callbacks | None = None


_decoder = msgspec.json.Decoder(Request)
_encoder = msgspec.json.Encoder()
_count = itertools.count()


def sqlite_commit(path: str) -> Commit:
    """Durable in the same sense as the product: WAL with `synchronous=FULL` syncs the log at every commit."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS row (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID")

    def commit(rows: Rows) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO row (id, body) VALUES (?, ?)", rows)
        connection.execute("COMMIT")

    return commit


def postgresql_commit(url: str) -> Commit:
    """The same over one connection; psycopg sends the rows of a group in one pipeline."""
    connection = psycopg.connect(url)
    connection.execute("CREATE TABLE IF NOT EXISTS row (id TEXT PRIMARY KEY, body TEXT NOT NULL)")
    connection.commit()

    def commit(rows: Rows) -> None:
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO row (id, body) VALUES (%s, %s)", rows)
        connection.commit()

    return commit


class Writer:
    """One thread that commits whatever has arrived while it was committing."""

    def __init__(self, commit: Commit) -> None:
        self._commit = commit
        self._arrived: queue.SimpleQueue[Waiting] = queue.SimpleQueue()
        threading.Thread(target=self._run, daemon=True).start()

    def keep(self, row_id: str, body: str) -> asyncio.Future[None]:
        """Done when the row is on the disk."""
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._arrived.put((row_id, body, kept))
        return kept

    def _run(self) -> None:
        while True:
            group = [self._arrived.get()]
            while not self._arrived.empty():
                group.append(self._arrived.get_nowait())
            self._commit([(row_id, body) for row_id, body, _ in group])
            # One wake-up of the event loop per group, not per row.
            group[0][2].get_loop().call_soon_threadsafe(_answer, group)


def _answer(group: list[Waiting]) -> None:
    for _, _, kept in group:
        if not kept.done():
            kept.set_result(None)


def application(writer: Writer) -> Callable[..., Any]:
    """The ASGI callable. GET answers without a commit, so that the start can be waited for."""

    async def app(scope: dict[str, Any], receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        row_id = f"{time.time_ns():016x}{next(_count):08x}"
        if scope["method"] == "POST":
            _decoder.decode(body)
            await writer.keep(row_id, body.decode())
        answer = _encoder.encode({"id": row_id})
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    return app


def main() -> None:
    """Serve on loopback until told to stop. The options of uvicorn are those of `roundtrip serve`, where they cost time per request."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.ceiling")
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--database", required=True, help="a path for SQLite, or postgresql://…")
    chosen = options.parse_args()
    commit = postgresql_commit if chosen.database.startswith("postgresql:") else sqlite_commit
    uvicorn.run(
        application(Writer(commit(chosen.database))),
        host="127.0.0.1",
        port=chosen.port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=10,
    )


if __name__ == "__main__":
    main()
