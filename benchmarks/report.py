"""The figures as a table for people and as JSON for programs. What they mean: `docs/reference/benchmarks.md`."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

COLUMNS = (
    ("per second", "per_second"),
    ("of ceiling", "ratio_to_ceiling"),
    ("p50 ms", "p50_ms"),
    ("p99 ms", "p99_ms"),
    ("p99 / ceiling's", "p99_ratio_to_ceiling"),
    ("server CPU ms", "server_cpu_ms"),
    ("generator CPU", "generator_cpu_share"),
)
SINGLE_FIGURES = {
    "memory_mib": "MiB in memory after the load",
    "memory_peak_mib": "MiB at the highest",
    "cold_start_ms": "ms from start to first answer",
}
PRODUCT_JOURNEYS = {
    "products_v1": "a page of products (version 1)",
    "products_v3": "a page of products (version 3)",
    "product_by_slug": "a product by its slug",
}
BUSY_GENERATOR = 0.85
WIDTH = 140


def environment(folder: Path, postgresql: str | None) -> dict[str, Any]:
    """What the figures depend on besides the code."""
    return {
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "postgresql": postgresql,
        "uvicorn": version("uvicorn"),
        "file_system": _file_system(folder),
    }


def _file_system(folder: Path) -> str | None:
    """The type below `folder`: on `tmpfs` a commit costs nothing and every figure flatters."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return None
    kinds = {parts[1]: parts[2] for parts in (line.split() for line in mounts.read_text().splitlines())}
    return next((kinds[str(place)] for place in (folder, *folder.parents) if str(place) in kinds), None)


def show(figures: Mapping[str, Any]) -> None:
    """Print one table per database and the figures that stand alone."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)  # a file or a log has no width of its own
    for database in ("sqlite", "postgresql"):
        if database in figures:
            console.print(_table(database, figures[database]))
            console.print(_alone(figures[database]))
    console.print(f"Wheel: {figures['package']['wheel_kib']} KiB. Took {figures['seconds']:.0f} s.")


def _table(database: str, measured: Mapping[str, Any]) -> Table:
    table = Table(title=database, title_justify="left")
    table.add_column("what", no_wrap=True)
    for heading, _ in COLUMNS:
        table.add_column(heading, justify="right")
    for name, row in measured.items():
        if isinstance(row, Mapping) and "per_second" in row:
            table.add_row(name, *(_cell(row.get(key), key) for _, key in COLUMNS))
    return table


def _cell(value: float | None, key: str) -> str:
    if value is None:
        return "-"
    if key in ("ratio_to_ceiling", "generator_cpu_share"):
        mark = " (!)" if key == "generator_cpu_share" and value > BUSY_GENERATOR else ""
        # Whole journeys are small parts of one request's rate.
        return f"{value:.0%}{mark}" if value >= 0.1 else f"{value:.1%}{mark}"
    return f"{value:,.2f}" if value < 100 else f"{value:,.0f}"


def _alone(measured: Mapping[str, Any]) -> str:
    lines = [f"{measured[key]} {text}" for key, text in SINGLE_FIGURES.items()]
    stored = measured.get("stored_sessions")
    if stored is not None:
        lines.append(
            f"a redirect session costs {stored['cost_ratio']} times as much at {stored['many']:,} stored ones as at {stored['few']}"
        )
    products = measured["stored_products"]
    for journey, what in PRODUCT_JOURNEYS.items():
        ratio = products[journey]["cost_ratio"]
        lines.append(f"{what} costs {ratio} times as much at {products['many']:,} stored ones as at {products['few']:,}")
    times = measured.get("bookings")
    if times is not None:
        lines.append(
            f"a month of times costs {times['cost_ratio']} times as much at {times['many']:,} stored bookings as at {times['few']}, "
            f"and {times['against_products']} plain questions for products"
        )
    return "; ".join(lines)
