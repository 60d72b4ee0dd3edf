"""How a business says what API keys may do there: `RIGHTS` in its `rights.py`. The list of all is in `sites/permissions.py`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Right:
    """`name` is a topic of the wire, a dot and what is done; `meaning` a phrase for owners, who see it below `topic`."""

    name: str
    meaning: str
    topic: str
