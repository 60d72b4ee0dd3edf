"""Whether this machine and the database agree about the time (OPS-13).

Every node writes its own `now` into rows that the others judge: a node whose clock is off makes codes that are dead when they are born, or
that live too long.
"""

from __future__ import annotations

from roundtrip.core.clock import MINUTE, SECOND, Clock
from roundtrip.storage.database import Database
from roundtrip.storage.server_clock import database_time

MOST = 5 * MINUTE
"""Beyond this a server does not start."""


def clock_difference(db: Database, clock: Clock) -> int:
    """Milliseconds that our clock is ahead of the database's; negative when it is behind, 0 on SQLite."""
    before = clock()
    theirs = db.read_now(database_time)
    return 0 if theirs is None else (before + clock()) // 2 - theirs


def clock_problem(db: Database, clock: Clock) -> str | None:
    """The sentence for an operator whose clocks differ by more than `MOST`; None when they agree."""
    difference = clock_difference(db, clock)
    if abs(difference) <= MOST:
        return None
    way = "ahead of" if difference > 0 else "behind"
    return (
        f"This machine's clock is {abs(difference) // SECOND} seconds {way} the database's; at most {MOST // SECOND} are bearable. "
        "Set both by NTP (`timedatectl` shows the state), then start again."
    )
