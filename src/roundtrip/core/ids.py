"""Public ids: time-ordered UUIDs (RFC 9562, version 7), so that inserts stay at the end of an index. They are not secrets."""

from __future__ import annotations

import os
import re

_GUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")


def new_id(now_ms: int) -> str:
    """A fresh id whose first 48 bits are `now_ms` (UTC milliseconds); 74 random bits follow."""
    tail = int.from_bytes(os.urandom(10), "big")
    value = (now_ms << 80) | (0x7 << 76) | ((tail >> 68) << 64) | (0b10 << 62) | (tail & ((1 << 62) - 1))
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def is_guid(text: str) -> bool:
    """True for any UUID in its 36-character form, whatever its version: the wire carries foreign ones too."""
    return _GUID.fullmatch(text) is not None
