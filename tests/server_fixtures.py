"""A real `roundtrip serve` in a process of its own, as an operator starts it: fixtures `server`, `start_server`, `two_servers` and so on.

Only the command line, the environment and HTTP are used here; no part of the product is imported. What a server wrote to its log is
searched when the test session ends (OPS-07); the rules of that search are in `tests/log_check.py`. Databases and applications inside
the test process belong to `tests/storage_fixtures.py`.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.error import URLError

import pytest

from tests.command_line import CommandLine, Done
from tests.log_check import LogBook
from tests.storage_fixtures import PostgresServer

ROUNDTRIP = Path(sys.executable).with_name("roundtrip")
START_SECONDS = 30
STOP_SECONDS = 15


@dataclass
class Server:
    """One running server with its database migrated and the site `demo` seeded. `origin` is where this process listens."""

    origin: str
    database_url: str
    folder: Path
    environment: Mapping[str, str]
    log_book: LogBook
    command_line: CommandLine
    seed: Mapping[str, Any] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def command(self, *words: str) -> str:
        """Run `roundtrip WORDS` with this server's environment and answer what it printed; a failure shows all it said."""
        done = self.try_command(*words)
        assert done.returncode == 0, f"roundtrip {' '.join(words)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def try_command(self, *words: str) -> Done:
        """The same for a command that may fail."""
        return self.command_line.run(*words, environment=self.environment)

    def client(
        self,
        name: str = "Shop",
        *,
        redirect_uris: Sequence[str] = (),
        redirect_domains: Sequence[str] = (),
        post_logout_uris: Sequence[str] = (),
        site: str = "demo",
    ) -> str:
        """The id of a fresh client with these allow-lists."""
        words = ["client", "create", "--site", site, "--name", name, "--json"]
        for option, values in (
            ("--redirect-uri", redirect_uris),
            ("--redirect-domain", redirect_domains),
            ("--post-logout-uri", post_logout_uris),
        ):
            for value in values:
                words += [option, value]
        client_id: str = json.loads(self.command(*words))["clientId"]
        return client_id

    def secret(self, value: str) -> str:
        """Remember a value that no log may contain, and hand it on: `password = server.secret("...")` (OPS-07)."""
        return self.log_book.secret(value)

    def start(self) -> None:
        """Start the process and wait until it says that it is ready."""
        assert self.process is None
        with self.log_book.log(self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [ROUNDTRIP, "serve"], env=dict(self.environment), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready():
            ended = self.process.poll()
            if ended is not None or time.monotonic() > deadline:
                self.process.kill()
                self.process.wait()
                self.process = None
                said = (self.folder / "server.log").read_text(errors="replace")
                pytest.fail(
                    f"roundtrip serve {'ended with ' + str(ended) if ended is not None else 'was not ready in time'}\n{said[-8000:]}"
                )
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End the process and answer its exit code; `SIGKILL` is how a test pulls the plug."""
        assert self.process is not None
        process, self.process = self.process, None
        ended = process.poll()
        assert ended is None, f"roundtrip serve had ended by itself with {ended}; its log is {self.folder / 'server.log'}"
        process.send_signal(how)
        try:
            return process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            pytest.fail(f"roundtrip serve did not stop within {STOP_SECONDS} s of {how.name}")

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.origin}/health/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, ConnectionError, TimeoutError):
            return False


class StartServer(Protocol):
    """What `start_server` and `start_server_on_postgresql` give."""

    def __call__(self, *, beside: Server | None = None, environment: Mapping[str, str] | None = None, running: bool = True) -> Server: ...


def free_port() -> int:
    """A port that nothing listens on right now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _environment(folder: Path, database_url: str, port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ROUNDTRIP_")}
    return {
        **kept,
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "default",
        "ROUNDTRIP_DATABASE_URL": database_url,
        "ROUNDTRIP_BASE_URL": f"http://127.0.0.1:{port}",
        "ROUNDTRIP_PORT": str(port),
        "ROUNDTRIP_DATA_DIR": str(folder),
        "ROUNDTRIP_SECRET": secrets.token_urlsafe(32),
        # As talkative as it gets: the search for secrets is worth most then.
        "ROUNDTRIP_ACCESS_LOG": "on",
        "ROUNDTRIP_LOG_LEVEL": "debug",
    }


@pytest.fixture(scope="session")
def log_book() -> Iterator[LogBook]:
    """All logs of this session and all secrets that were used; read once everything has ended."""
    book = LogBook()
    yield book
    complaints = book.complaints()
    assert not complaints, "The servers' logs are not clean (OPS-07):\n" + "\n".join(complaints)


def _starter(
    make_database_url: Callable[[Path], str], folders: pytest.TempPathFactory, log_book: LogBook, command_line: CommandLine
) -> Iterator[StartServer]:
    servers: list[Server] = []

    def start(*, beside: Server | None = None, environment: Mapping[str, str] | None = None, running: bool = True) -> Server:
        folder, port = folders.mktemp("server"), free_port()
        database_url = beside.database_url if beside else make_database_url(folder)
        variables = _environment(folder, database_url, port)
        if beside:
            # One installation has one public address and one secret, however many processes serve it.
            variables |= {name: beside.environment[name] for name in ("ROUNDTRIP_BASE_URL", "ROUNDTRIP_SECRET")}
        variables |= environment or {}
        server = Server(f"http://127.0.0.1:{port}", database_url, folder, variables, log_book, command_line)
        log_book.secret(variables["ROUNDTRIP_SECRET"])
        if beside is None:
            server.command("migrate")
            server.seed = json.loads(server.command("seed", "--json"))
        else:
            server.seed = beside.seed
        servers.append(server)
        if running:
            server.start()
        return server

    yield start
    for server in reversed(servers):
        if server.process is not None:
            server.stop()


@pytest.fixture(scope="session")
def start_server(tmp_path_factory: pytest.TempPathFactory, log_book: LogBook, command_line: CommandLine) -> Iterator[StartServer]:
    """Start more servers, each on an SQLite file of its own. `environment` adds settings; all end with the session."""
    yield from _starter(lambda folder: f"sqlite:///{folder / 'roundtrip.db'}", tmp_path_factory, log_book, command_line)


@pytest.fixture(scope="session")
def start_server_on_postgresql(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory, log_book: LogBook, command_line: CommandLine
) -> Iterator[StartServer]:
    """The same on PostgreSQL, each on a database of its own or `beside` another server on that one's."""
    yield from _starter(lambda folder: postgres_server.create(), tmp_path_factory, log_book, command_line)


@pytest.fixture(scope="session")
def server(start_server: StartServer) -> Server:
    """The server that most tests share (SQLite). Tests keep apart by making their own clients and members."""
    return start_server()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def server_on_each(request: pytest.FixtureRequest) -> Server:
    """One server per kind of database: the test runs twice."""
    start: StartServer = request.getfixturevalue("start_server" if request.param == "sqlite" else "start_server_on_postgresql")
    return start()


@pytest.fixture(scope="session")
def two_servers(start_server_on_postgresql: StartServer) -> tuple[Server, Server]:
    """Two servers on one PostgreSQL database, as behind a load balancer (OPS-11)."""
    first = start_server_on_postgresql()
    return first, start_server_on_postgresql(beside=first)


_UNSAFE = re.compile(r"[^a-z0-9]+")


@pytest.fixture
def unique_email(request: pytest.FixtureRequest) -> str:
    """An address that no other test uses, with the test's name in it."""
    return f"{_UNSAFE.sub('-', request.node.name.lower())[:40].strip('-')}-{uuid.uuid4().hex[:8]}@example.com"
