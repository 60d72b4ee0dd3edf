"""What is measured on one database, and in which order. Starting servers is in `servers`, driving them in `generator`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from msgspec.structs import replace

from benchmarks.figures import against, summary
from benchmarks.load import Generator
from benchmarks.orders import Drive, Meet, Round
from benchmarks.plan import CONNECTIONS, HASHING_CONNECTIONS, SHOPPERS, Plan
from benchmarks.processes import cpu_ms, memory_mib
from benchmarks.servers import Installation, Running, ceiling, install, product
from benchmarks.shelves import fill

ENTERING = ("page_enter", "page_enter_and_view")
SIDE_JOURNEYS = ("create_auth_session", *ENTERING, "anonymous_token", "checkout_round_trip")
PRODUCTS = 100


def measure(new_database: Callable[[str], str], ceiling_database: str, folder: Path, plan: Plan, load: Generator) -> dict[str, Any]:
    """Every figure of one database. `new_database(name)` makes an empty one and answers with its ROUNDTRIP_DATABASE_URL."""
    installation = install(new_database("roundtrip"), folder / "roundtrip")
    fill(installation, PRODUCTS)
    cold_starts = []
    for _ in range(plan.cold_starts - 1):
        with product(installation) as running:
            cold_starts.append(running.cold_start_ms)
    with ceiling(ceiling_database) as bare, product(installation) as running:
        cold_starts.append(running.cold_start_ms)
        result = _compare(load, running, bare, installation, plan)
        result["memory_mib"] = memory_mib(running.process, "VmRSS")
        result["memory_peak_mib"] = memory_mib(running.process, "VmHWM")
        result["ceiling_memory_mib"] = memory_mib(bare.process, "VmRSS")
    result["cold_start_ms"] = round(median(cold_starts))
    return result


def _drive(load: Generator, running: Running, journey: str, connections: int, seconds: float, at_most: int | None = None) -> Round:
    """A round, and what one unit of it cost the server's processor: unlike a rate, that hardly suffers from neighbours."""
    before = cpu_ms(running.process)
    one = load.order(Drive(running.base, journey, connections, seconds, at_most))
    after = cpu_ms(running.process)
    return one if before is None or after is None or not one.count else replace(one, server_cpu_ms=(after - before) / one.count)


def _compare(load: Generator, running: Running, bare: Running, installation: Installation, plan: Plan) -> dict[str, Any]:
    load.order(Meet(running.base, installation.client_id, visitors=CONNECTIONS, members=HASHING_CONNECTIONS, products=PRODUCTS))
    load.order(Meet(bare.base, like=running.base))
    for base in (bare.base, running.base):
        load.order(Drive(base, "create_session", CONNECTIONS, plan.side_seconds))
    bare_rounds: list[Round] = []
    rounds: dict[str, list[Round]] = defaultdict(list)
    for cycle in range(plan.cycles):
        bare_rounds.append(_drive(load, bare, "create_session", CONNECTIONS, plan.seconds))
        rounds["create_session"].append(_drive(load, running, "create_session", CONNECTIONS, plan.seconds))
        for journey in SIDE_JOURNEYS if cycle < plan.side_cycles else ():
            # The entry URLs just made are shared between the two journeys that use them up.
            at_most = rounds["create_session"][-1].count // 2 if journey in ENTERING else None
            connections = SHOPPERS if journey == "checkout_round_trip" else CONNECTIONS
            rounds[journey].append(_drive(load, running, journey, connections, plan.side_seconds, at_most))
    result: dict[str, Any] = {"ceiling": summary(bare_rounds)}
    result |= {journey: against(many, bare_rounds) for journey, many in rounds.items()}
    for journey, connections in (("login_round_trip", HASHING_CONNECTIONS), ("login_round_trip_without_hashing", CONNECTIONS)):
        result[journey] = summary([_drive(load, running, journey, connections, plan.login_seconds)])
    return result
