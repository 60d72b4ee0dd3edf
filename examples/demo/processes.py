"""Two child processes that live and die together: start, wait until both answer, stop. What they run is none of this file's business."""

from __future__ import annotations

import asyncio
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from examples.demo.preparation import PROJECT, StartError

READY_SECONDS = 30
STOP_SECONDS = 10
LAST_LINES = 15
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Both programs are on this machine: a proxy in the environment has nothing to do with them."""

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, and the address that answers 200 once it is ready. Its output goes into `log`."""

    name: str
    words: Sequence[str]
    environment: Mapping[str, str]
    ready_url: str
    log: Path


@dataclass(frozen=True, slots=True)
class Child:
    """A program that runs. `ended` is done when the process is over."""

    program: Program
    process: asyncio.subprocess.Process
    ended: asyncio.Task[int]

    def last_lines(self) -> str:
        """The end of its log, indented."""
        lines = self.program.log.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:]
        return "\n".join(f"  {line}" for line in lines) or "  (it said nothing)"


async def start(program: Program) -> Child:
    """Start it in a process group of its own, so that Ctrl-C reaches this program only, and the order of stopping is ours."""
    with program.log.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *program.words,
            env=dict(program.environment),
            cwd=PROJECT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=asyncio.subprocess.STDOUT,
            process_group=0,
        )
    return Child(program, process, asyncio.create_task(process.wait()))


async def until_ready(child: Child) -> None:
    """Return once it answers. Raises `StartError` when it ends instead, or stays silent."""
    deadline = time.monotonic() + READY_SECONDS
    while not await asyncio.to_thread(_answers, child.program.ready_url):
        if child.ended.done():
            raise StartError(how_it_ended(child))
        if time.monotonic() > deadline:
            raise StartError(f"{child.program.name} did not answer within {READY_SECONDS} s. Its last lines:\n{child.last_lines()}")
        await asyncio.wait({child.ended}, timeout=0.05)


def how_it_ended(child: Child) -> str:
    """One sentence about a child that is over, and its last lines."""
    code = child.process.returncode or 0
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
    return f"{child.program.name} {how}. Its last lines ({child.program.log}):\n{child.last_lines()}"


async def stop(children: Sequence[Child]) -> None:
    """End all of them: politely first, and for certain after a while."""
    running = [child for child in children if not child.ended.done()]
    for child in running:
        child.process.terminate()
    if not running:
        return
    _, stubborn = await asyncio.wait([child.ended for child in running], timeout=STOP_SECONDS)
    for child in running:
        if child.ended in stubborn:
            child.process.kill()
    await asyncio.gather(*(child.ended for child in running))


def _answers(url: str) -> bool:
    try:
        with DIRECT.open(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
