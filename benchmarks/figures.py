"""From rounds to figures: medians, ratios to the ceiling. Pure; measuring is in `measure`, printing in `report`."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from benchmarks.orders import Round

Figures = dict[str, float | int | None]


def _rounded(value: float) -> float:
    return round(value, 3 if value < 10 else 1)


def summary(rounds: Sequence[Round]) -> Figures:
    """The median of the rounds, value by value."""
    known = [one.server_cpu_ms for one in rounds if one.server_cpu_ms is not None]
    return {
        "per_second": _rounded(median(one.per_second for one in rounds)),
        "p50_ms": _rounded(median(one.p50_ms for one in rounds)),
        "p99_ms": _rounded(median(one.p99_ms for one in rounds)),
        "server_cpu_ms": round(median(known), 2) if known else None,
        "generator_cpu_share": round(median(one.cpu_share for one in rounds), 2),
        "rounds": len(rounds),
        "requests": sum(one.count for one in rounds),
    }


def against(rounds: Sequence[Round], ceiling: Sequence[Round]) -> Figures:
    """The same beside the ceiling of the same run. Ratios are between the medians; smaller is better only for the p99 ratio."""
    own_rate, its_rate = (median(one.per_second for one in many) for many in (rounds, ceiling))
    own_p99, its_p99 = (median(one.p99_ms for one in many) for many in (rounds, ceiling))
    return {
        "ratio_to_ceiling": round(own_rate / its_rate, 4) if its_rate else None,
        "ceiling_per_second": _rounded(its_rate),
        "p99_ratio_to_ceiling": round(own_p99 / its_p99, 3) if its_p99 else None,
        "ceiling_p99_ms": _rounded(its_p99),
        **summary(rounds),
    }
