"""What is remembered of a refused address. Pure.

An address is kept without query and fragment (they may hold codes or names of people), without a user name, and cut: enough to judge it
again. What was left out is kept as words, because an exact rule looks at it too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from roundtrip.sites.verdict import Rule

MAX_ADDRESS: Final = 512
KEEP_PER_CLIENT: Final = 200
"""Different addresses of one client; the oldest untouched give way."""

_USER = re.compile(r"(//)[^/]*@")


@dataclass(frozen=True, slots=True)
class Key:
    """What refusals are grouped by."""

    client_id: str
    rule: Rule
    address: str


@dataclass(slots=True)
class Tally:
    """What one process has seen of one key since it last wrote."""

    reason: str
    place: str
    left_out: str
    session_id: str | None
    count: int
    first_at: int
    last_at: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """One group, as stored. `left_out` names what the address had besides (`query`, `fragment`, `end`), in this order."""

    id: str
    site_id: str
    client_id: str
    rule: Rule
    address: str
    left_out: str
    reason: str
    place: str
    session_id: str | None
    count: int
    first_at: int
    last_at: int


def kept_form(received: str) -> tuple[str, str]:
    """An address as it may be kept, and what was left out of it."""
    rest, hash_mark, _ = received.partition("#")
    rest, query_mark, _ = rest.partition("?")
    rest = _USER.sub(r"\1…@", rest)
    # What no database keeps as text (half of a surrogate pair) is replaced, not dropped: the rest might be an address that is listed.
    rest = rest.encode("utf-8", "replace").decode()
    marks = [("query", bool(query_mark)), ("fragment", bool(hash_mark)), ("end", len(rest) > MAX_ADDRESS)]
    return rest[:MAX_ADDRESS], " ".join(name for name, left_out in marks if left_out)
