"""Starts what is measured: the product as an operator starts it, and the ceiling. Both on the same core, neither knowing it is measured."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.journeys import CALLBACK, DOMAIN
from benchmarks.processes import child, cores, environment_with, free_port, wait_for_200

ROUNDTRIP = str(Path(sys.executable).with_name("roundtrip"))
REPOSITORY = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Installation:
    """A migrated and seeded database with one client, ready to be served."""

    database_url: str
    folder: Path
    client_id: str

    def environment(self, port: int) -> dict[str, str]:
        """The settings of this installation when it is served on `port`."""
        return {
            "ROUNDTRIP_DATABASE_URL": self.database_url,
            "ROUNDTRIP_DATA_DIR": str(self.folder),
            "ROUNDTRIP_PORT": str(port),
            "ROUNDTRIP_BASE_URL": f"http://127.0.0.1:{port}",
        }


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers. `cold_start_ms` is from its start to its first 200."""

    base: str
    process: subprocess.Popen[bytes]
    cold_start_ms: float


def install(database_url: str, folder: Path) -> Installation:
    """Migrate and seed a new database by the product's own commands, and add the client that the benchmark uses."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = Installation(database_url, folder, "").environment(free_port())
    command(["migrate"], settings)
    command(["seed", "--json"], settings)
    client = ["client", "create", "--site", "demo", "--name", "bench", "--redirect-uri", CALLBACK, "--redirect-domain", DOMAIN, "--json"]
    return Installation(database_url, folder, json.loads(command(client, settings))["clientId"])


def command(arguments: list[str], settings: Mapping[str, str]) -> str:
    """One of the product's commands; answers with what it printed. Raises RuntimeError with what it said when it fails."""
    done = subprocess.run([ROUNDTRIP, *arguments], check=False, env=environment_with(settings), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"roundtrip {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


@contextlib.contextmanager
def product(installation: Installation) -> Iterator[Running]:
    """`roundtrip serve` with its defaults."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    core, _ = cores()
    started = time.perf_counter()
    with child([ROUNDTRIP, "serve"], core=core, environment=installation.environment(port)) as process:
        cold_start_ms = (wait_for_200(process, f"{base}/health/live") - started) * 1000
        wait_for_200(process, f"{base}/health/ready")
        yield Running(base, process, cold_start_ms)


@contextlib.contextmanager
def ceiling(database: str) -> Iterator[Running]:
    """`benchmarks.ceiling` on its own database."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    core, _ = cores()
    started = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.ceiling", "--port", str(port), "--database", database]
    with child(command, core=core, environment={"PYTHONPATH": str(REPOSITORY)}) as process:
        yield Running(base, process, (wait_for_200(process, f"{base}/") - started) * 1000)
