"""Child processes of a benchmark: started on their own core, looked at, and ended whatever happens.

What is started is in `servers` and `postgres_cluster`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

READY_WITHIN_SECONDS = 30.0
END_WITHIN_SECONDS = 10.0


def cores() -> tuple[set[int] | None, set[int] | None]:
    """Where the measured server and the load generator run; None where they cannot be kept apart."""
    if not hasattr(os, "sched_getaffinity"):
        return None, None
    available = sorted(os.sched_getaffinity(0))
    return ({available[0]}, {available[1]}) if len(available) > 1 else (None, None)


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment_with(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with `settings`, and without any setting of the product that happens to be there."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ROUNDTRIP_")} | dict(settings)


@contextlib.contextmanager
def child(
    command: Sequence[str],
    *,
    core: set[int] | None,
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
    pipes: bool = False,
    end_with: signal.Signals = signal.SIGTERM,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `command` until the block ends.

    It gets a session of its own: Ctrl-C reaches only the benchmark, which then ends its children in order. What it says goes to a file
    and is shown only when something fails.
    """
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command,
            env=environment_with(environment or {}),
            stdin=subprocess.PIPE if pipes else subprocess.DEVNULL,
            stdout=subprocess.PIPE if pipes else said,
            stderr=None if pipes else said,
            start_new_session=True,
            # Safe: this process has one thread. Set before the program starts, so that all of its threads inherit it.
            preexec_fn=(lambda: os.sched_setaffinity(0, core)) if core else None,  # noqa: PLW1509
            user=user,
            group=user,
            extra_groups=[] if user else None,
        )
        try:
            yield process
        except Exception:
            said.seek(0)
            if words := said.read()[-4000:].decode(errors="replace"):
                print(f"{command[0]} said:\n{words}", file=sys.stderr)
            raise
        finally:
            _end(process, end_with)


def _end(process: subprocess.Popen[bytes], with_signal: signal.Signals) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    if process.poll() is None:
        process.send_signal(with_signal)
    try:
        process.wait(END_WITHIN_SECONDS)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for_200(process: subprocess.Popen[bytes], url: str) -> float:
    """When `url` first answered 200, on the clock of `time.perf_counter`. Raises RuntimeError when the process ends or takes too long."""
    deadline = time.perf_counter() + READY_WITHIN_SECONDS
    # A proxy that is set for the machine must not see these.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.perf_counter() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended before {url} answered")
        with contextlib.suppress(OSError), opener.open(url, timeout=2) as answer:
            if answer.status == 200:
                return time.perf_counter()
        time.sleep(0.004)
    raise RuntimeError(f"{url} did not answer 200 within {READY_WITHIN_SECONDS:.0f} s")


def cpu_ms(process: subprocess.Popen[bytes]) -> float | None:
    """Milliseconds that a process has computed so far, all of its threads together; None where the system does not tell."""
    with contextlib.suppress(OSError):
        user, system = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) * 1000 / os.sysconf("SC_CLK_TCK")
    return None


def memory_mib(process: subprocess.Popen[bytes], line: str) -> float | None:
    """`VmRSS` (now) or `VmHWM` (the highest so far) of a process; None where the system does not tell."""
    with contextlib.suppress(OSError):
        for entry in Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if entry.startswith(f"{line}:"):
                return round(int(entry.split()[1]) / 1024, 1)
    return None
