"""Where `now` comes from. Rules never ask: the outside asks once per request and passes the answer down."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], int]
"""Answers with UTC milliseconds."""

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def system_clock() -> int:
    """The machine's clock in UTC milliseconds."""
    return time.time_ns() // 1_000_000


def rfc3339(ms: int) -> str:
    """`1767225600123` -> `2026-01-01T00:00:00.123Z`, the wire's form (`docs/reference/wire.md`)."""
    return f"{datetime.fromtimestamp(ms // 1000, UTC).isoformat()[:19]}.{ms % 1000:03d}Z"
