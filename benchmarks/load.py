"""The load generator, as the measuring process sees it. What it does with an order is in `generator`, a process of its own."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator

import msgspec

from benchmarks.orders import Drive, Failed, Meet, Round
from benchmarks.processes import child, cores
from benchmarks.servers import REPOSITORY


class Generator:
    """The other process, as this one sees it: an order in, figures out."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._decoder: msgspec.json.Decoder[Round | Failed] = msgspec.json.Decoder(Round | Failed)

    def order(self, order: Meet | Drive) -> Round:
        """Carry out one order. Raises RuntimeError with the generator's reason when it cannot."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(msgspec.json.encode(order) + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the load generator ended")
        answer = self._decoder.decode(line)
        if isinstance(answer, Failed):
            raise RuntimeError(answer.why)
        return answer


@contextlib.contextmanager
def generator() -> Iterator[Generator]:
    """Start the load generator on the core that the servers leave free."""
    _, core = cores()
    command = [sys.executable, "-m", "benchmarks.generator"]
    with child(command, core=core, environment={"PYTHONPATH": str(REPOSITORY)}, pipes=True) as process:
        yield Generator(process)
