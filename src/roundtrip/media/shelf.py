"""Renditions that were made lately, in memory and never more than a fixed number of bytes: who was not asked for longest goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

MOST_BYTES = 64 * 1024 * 1024


class Shelf:
    """Not for several threads at once: the event loop owns it."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self.size = 0
        """Bytes that are kept now."""

    def get(self, key: Hashable) -> bytes | None:
        """What is kept under a key."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def put(self, key: Hashable, content: bytes) -> None:
        """Keep something. What would take more than a quarter of all room is not kept."""
        if len(content) > self._most // 4 or key in self._kept:
            return
        self._kept[key] = content
        self.size += len(content)
        while self.size > self._most:
            self.size -= len(self._kept.popitem(last=False)[1])
