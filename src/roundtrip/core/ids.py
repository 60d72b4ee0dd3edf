"""Public ids: time-ordered UUIDs (RFC 9562, version 7), so that inserts stay at the end of an index. They are not secrets."""

from __future__ import annotations

import hashlib
import re

from roundtrip.core.randomness import random_bytes

_VARIANT = {digit: "89ab"[place % 4] for place, digit in enumerate("0123456789abcdef")}
_GUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")


def new_id(now_ms: int) -> str:
    """A fresh id whose first 48 bits are `now_ms` (UTC milliseconds); 74 random bits follow."""
    tail = random_bytes(10).hex()
    head = f"{now_ms:012x}"
    variant = _VARIANT[tail[3]]
    return f"{head[:8]}-{head[8:]}-7{tail[:3]}-{variant}{tail[4:7]}-{tail[7:19]}"


def sibling_id(made: str, number: int) -> str:
    """One of up to 256 ids that come from a fresh one: for a transaction that finds out how many it needs only while it runs."""
    return f"{made[:-2]}{(int(made[-2:], 16) + number) % 256:02x}"


def is_guid(text: str) -> bool:
    """True for any UUID in its 36-character form, whatever its version: the wire carries foreign ones too."""
    return _GUID.fullmatch(text) is not None


def derived_id(first: str, what: str, place: int | None = None) -> str:
    """Another id of the same moment, for a transaction that needs several: the same arguments always give the same id.

    A transaction may run twice and must name things alike both times. `first` comes from `new_id`; its time is kept. Ids with a `place`
    (0 to 4095) are in the order of their places.
    """
    tail = hashlib.sha256(f"{first}\0{what}".encode()).hexdigest()
    second = tail[:3] if place is None else f"{min(place, 0xFFF):03x}"
    return f"{first[:13]}-7{second}-{_VARIANT[tail[3]]}{tail[4:7]}-{tail[7:19]}"
