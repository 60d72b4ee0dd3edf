"""What the benchmark tells its load generator and what it hears back: one JSON line each."""

from __future__ import annotations

import msgspec


class Meet(msgspec.Struct, tag=True):
    """Get to know a server: its visitors, members with a browser each, and how many products `shelves` put there.

    `like` takes over the requests written for another one.
    """

    base: str
    client_id: str = ""
    visitors: int = 0
    members: int = 0
    products: int = 0
    like: str | None = None


class Drive(msgspec.Struct, tag=True):
    """Repeat one journey on `connections` at once, for `seconds` or until it was begun `at_most` times."""

    base: str
    journey: str
    connections: int
    seconds: float
    at_most: int | None = None


class Round(msgspec.Struct, tag=True):
    """What one order measured. `cpu_share` is the generator's own, 1.0 being one whole core; times are in milliseconds.

    `server_cpu_ms` is what one unit cost the server's processor; whoever drives a server of their own fills it in.
    """

    count: int = 0
    per_second: float = 0.0
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    cpu_share: float = 0.0
    server_cpu_ms: float | None = None


class Failed(msgspec.Struct, tag=True):
    """Why the order could not be carried out."""

    why: str
