"""`python -m benchmarks`: measure SQLite, then PostgreSQL, print tables, write JSON. Leaves nothing behind, whatever happens."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from benchmarks.bookings import cost as cost_of_times
from benchmarks.load import Generator, generator
from benchmarks.measure import measure
from benchmarks.package_size import started_build
from benchmarks.plan import FULL, QUICK, Plan
from benchmarks.postgres_cluster import cluster, reachable_folder
from benchmarks.report import environment, show
from benchmarks.stored_products import cost as cost_of_products
from benchmarks.stored_sessions import cost as cost_of_sessions
from benchmarks.telling import per_second as events_told

DATABASES = ("sqlite", "postgresql")
INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    options.add_argument("--quick", action="store_true", help="short rounds and no million stored sessions: about two minutes")
    options.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    options.add_argument("--only", choices=DATABASES, help="one database")
    return options.parse_args()


def _database(new_database: Callable[[str], str], ceiling: str, folder: Path, plan: Plan, load: Generator) -> dict[str, Any]:
    figures = measure(new_database, ceiling, folder, plan, load)
    if plan.stored_sessions:
        figures["stored_sessions"] = cost_of_sessions(new_database, folder, plan, load)
        figures["bookings"] = cost_of_times(new_database, folder, plan, load)
    figures["events_told"] = events_told(new_database, ceiling, folder, plan)
    figures["stored_products"] = cost_of_products(new_database, folder, plan, load)
    return figures


def _run(folder: Path, plan: Plan, only: str | None) -> dict[str, Any]:
    started = time.monotonic()
    figures: dict[str, Any] = {}
    with contextlib.ExitStack() as stack:
        build = stack.enter_context(started_build(folder / "wheel"))
        postgresql = stack.enter_context(cluster(folder / "postgresql")) if only != "sqlite" else None
        figures["environment"] = environment(folder, postgresql.version() if postgresql else None)
        figures["package"] = {"wheel_kib": build.wheel_kib()}
        load = stack.enter_context(generator())
        if only != "postgresql":
            print("sqlite …", file=sys.stderr)
            files = folder / "sqlite"
            figures["sqlite"] = _database(lambda name: f"sqlite:///{files / name}.db", str(files / "ceiling.db"), files, plan, load)
        if postgresql is not None:
            print("postgresql …", file=sys.stderr)
            figures["postgresql"] = _database(postgresql.create, postgresql.create("ceiling"), folder / "server", plan, load)
    figures["seconds"] = round(time.monotonic() - started, 1)
    return figures


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    """`kill` and a closed terminal clean up as Ctrl-C does, and a second one does not disturb the cleaning."""
    for asked in INTERRUPTIONS:
        signal.signal(asked, signal.SIG_IGN)
    raise KeyboardInterrupt


def main() -> int:
    """Answers with the exit code: 0 measured, 1 something failed, 130 interrupted."""
    options = _options()
    for asked in INTERRUPTIONS:
        signal.signal(asked, _interrupt)
    folder = reachable_folder()
    try:
        figures = _run(folder, QUICK if options.quick else FULL, options.only)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except RuntimeError as failure:
        print(f"not measured: {failure}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    show(figures)
    if options.json:
        options.json.write_text(json.dumps({"quick": options.quick, **figures}, indent=2) + os.linesep)
    return 0


if __name__ == "__main__":
    sys.exit(main())
