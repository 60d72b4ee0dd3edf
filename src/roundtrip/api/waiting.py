"""How many calls may wait for something at once. Counted in this process, as all limits (decision record 0008)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.identity import ApiKey, App, Caller, Visitor

MOST = 2000
"""Of everybody together."""
MOST_OF_VISITOR = 10
MOST_OF_KEY = 500


@dataclass(slots=True)
class Waiting:
    """Who waits at this moment."""

    _of: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def one_more(self, caller: Caller | None) -> Iterator[None]:
        """Count a call while it waits. Raises LIMITED `RESOURCE_EXHAUSTED` when too many of this caller, or of everybody, wait already."""
        who, most = _whose(caller)
        if self._of[who] >= most or self._of.total() >= MOST:
            text = f"Too many calls wait already: at most {most} of one caller do. Ask again without `wait`, or in a second."
            raise AppError(Kind.LIMITED, "RESOURCE_EXHAUSTED", text, data={"allowedAtOnce": most}, retry_after=1)
        self._of[who] += 1
        try:
            yield
        finally:
            self._of[who] -= 1
            if not self._of[who]:
                del self._of[who]


def _whose(caller: Caller | None) -> tuple[str, int]:
    match caller:
        case None:
            return "", MOST_OF_VISITOR
        case ApiKey():
            return caller.key_id, MOST_OF_KEY
        case App():
            return caller.client_id, MOST_OF_KEY
        case Visitor():
            return caller.visitor_id, MOST_OF_VISITOR
        case _:
            return caller.member_id, MOST_OF_VISITOR
