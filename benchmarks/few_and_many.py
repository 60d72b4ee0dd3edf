"""Does the same request cost the same when more is stored? Two servers that are measured in turn, one with few rows and one with many."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from benchmarks.figures import summary
from benchmarks.load import Generator
from benchmarks.orders import Drive, Round
from benchmarks.plan import CONNECTIONS, Plan


def in_turn(load: Generator, few: str, many: str, journeys: Sequence[str], plan: Plan) -> dict[str, Any]:
    """For each journey the figures of both servers and `cost_ratio`, how many times as much it costs with many (1.0: the same).

    `few` and `many` are the servers' origins.
    """
    rounds: dict[tuple[str, str], list[Round]] = {}
    for _ in range(plan.cycles):
        for journey in journeys:
            for name, base in (("few", few), ("many", many)):
                rounds.setdefault((journey, name), []).append(load.order(Drive(base, journey, CONNECTIONS, plan.side_seconds)))
    result: dict[str, Any] = {}
    for journey in journeys:
        result[journey] = {name: summary(rounds[journey, name]) for name in ("few", "many")}
        rates = [median(one.per_second for one in rounds[journey, name]) for name in ("few", "many")]
        result[journey]["cost_ratio"] = round(rates[0] / rates[1], 3)
    return result
