"""Every loop of the worker that needs a database and a clock and nothing else: a file with `LOOPS` beside this one is all it takes."""

from __future__ import annotations

from typing import Protocol

from roundtrip.core.clock import Clock
from roundtrip.core.rooms import said_in
from roundtrip.storage.database import Database


class Loop(Protocol):
    """Something that is done again and again until it is cancelled; several at once do each thing once."""

    async def run(self) -> None:
        """Go on until cancelled. A failing round is logged and tried again."""
        ...


def loops(db: Database, clock: Clock) -> list[Loop]:
    """One of each."""
    return [kind(db, clock) for module in said_in("*", "worker", but=("loops",)) for kind in getattr(module, "LOOPS", ())]
