"""A private PostgreSQL cluster with the defaults of an installation (every commit waits for the disk), gone when the run ends."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from benchmarks.processes import child, free_port

READY_WITHIN_SECONDS = 30.0


def programs() -> Path | None:
    """The folder with `initdb` and `postgres`: the newest of Debian's, else that of the one in PATH, else None."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if versions:
        return versions[-1]
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


class Cluster:
    """Makes databases on a running cluster."""

    def __init__(self, port: int) -> None:
        self._port = port

    def url(self, name: str) -> str:
        """The address of a database."""
        return f"postgresql://postgres@127.0.0.1:{self._port}/{name}"

    def create(self, name: str) -> str:
        """A new empty database; answers with its address."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return self.url(name)

    def version(self) -> str:
        """The server's version, such as `15.14`."""
        with psycopg.connect(self.url("postgres")) as connection:
            row = connection.execute("SHOW server_version").fetchone()
        return str(row[0]).split()[0] if row else "unknown"


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Run a cluster in `folder` (which is made). Its processes are not tied to a core: a database has its own machine in real life.

    PostgreSQL refuses to run as root, so then it runs as the user `postgres`. Raises RuntimeError when PostgreSQL is not installed.
    """
    found = programs()
    if found is None:
        raise RuntimeError("PostgreSQL's programs (initdb, postgres) are not installed: apt-get install postgresql")
    user = "postgres" if os.geteuid() == 0 else None
    folder.mkdir(mode=0o700)
    if user:
        shutil.chown(folder, user, user)
    try:
        subprocess.run(
            [found / "initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync", "-D", folder],
            check=True,
            capture_output=True,
            user=user,
            group=user,
            cwd="/",
        )
    except subprocess.CalledProcessError as failure:
        raise RuntimeError(f"initdb failed: {failure.stderr.decode(errors='replace')}") from failure
    port = free_port()
    command = [str(found / "postgres"), "-D", str(folder), "-p", str(port), "-k", "", "-c", "listen_addresses=127.0.0.1"]
    # SIGINT is PostgreSQL's fast shutdown: open connections are cut, nothing is lost.
    with child(command, core=None, user=user, end_with=signal.SIGINT) as process:
        running = Cluster(port)
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while True:
            try:
                running.version()
                break
            except psycopg.OperationalError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        yield running


def reachable_folder() -> Path:
    """A temporary folder that the user `postgres` may pass through; the cluster's own folder below it stays closed."""
    folder = Path(tempfile.mkdtemp(prefix="roundtrip-bench-"))
    folder.chmod(0o711)
    return folder
