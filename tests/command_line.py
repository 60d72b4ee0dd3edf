"""The fixture `command_line`: runs `roundtrip` commands, as an operator types them, without waiting for Python to start each time."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended: its exit code, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A process that runs commands (`tests/warm_commands.py`), reached by a socket in `folder`."""

    folder: Path

    def run(self, *words: str, environment: Mapping[str, str]) -> Done:
        """Run `roundtrip WORDS` in this environment and wait for its end."""
        with tempfile.TemporaryDirectory(dir=self.folder) as said, socket.socket(socket.AF_UNIX) as call:
            stdout, stderr = Path(said) / "stdout", Path(said) / "stderr"
            request = {
                "words": words,
                "environment": dict(environment),
                "folder": os.getcwd(),  # noqa: PTH109 - as text
                "stdout": str(stdout),
                "stderr": str(stderr),
            }
            call.settimeout(PATIENCE_SECONDS)
            call.connect(str(self.folder / "door"))
            with call.makefile("rwb") as line:
                line.write(json.dumps(request).encode() + b"\n")
                line.flush()
                code = json.loads(line.readline())
            return Done(code, stdout.read_text(), stderr.read_text())


@pytest.fixture(scope="session")
def command_line() -> Iterator[CommandLine]:
    """Runs commands for as long as the session lasts."""
    # A socket's address is short (108 bytes), and the folders that pytest makes are not.
    with tempfile.TemporaryDirectory(prefix="roundtrip-") as folder:
        process = subprocess.Popen(
            [sys.executable, "-W", "default", "-m", "tests.warm_commands", str(Path(folder) / "door")],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == b"ready\n", "tests.warm_commands did not start; its reason is above"
        process.stdout.close()
        yield CommandLine(Path(folder))
        process.stdin.close()
        process.wait(PATIENCE_SECONDS)
