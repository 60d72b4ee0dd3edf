"""How long and how often is measured: thoroughly, or in about two minutes."""

from __future__ import annotations

from dataclasses import dataclass

CONNECTIONS = 64
HASHING_CONNECTIONS = 8
"""Passwords are hashed one at a time per core, so more people at once only wait longer."""
SHOPPERS = 16
"""A checkout is some twenty requests, all of which keep the server's core busy: as above."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long is measured. `seconds` is one round of the ceiling and of Create Redirect Session, `side_seconds` one of the others.

    `cycles` are rounds in turn; the others take part in the first `side_cycles` of them.
    """

    cycles: int
    side_cycles: int
    seconds: float
    side_seconds: float
    login_seconds: float
    cold_starts: int
    stored_sessions: int
    stored_products: int


QUICK = Plan(
    cycles=5, side_cycles=3, seconds=0.5, side_seconds=0.25, login_seconds=1.0, cold_starts=1, stored_sessions=0, stored_products=1_000
)
FULL = Plan(
    cycles=5,
    side_cycles=5,
    seconds=5.0,
    side_seconds=3.0,
    login_seconds=10.0,
    cold_starts=5,
    stored_sessions=1_000_000,
    stored_products=10_000,
)
