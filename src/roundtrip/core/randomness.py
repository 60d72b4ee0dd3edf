"""Random bytes from the operating system, fetched by the page: one system call serves a hundred ids.

Every byte is given out once. A system call per id costs little by itself, but each one hands the interpreter's lock to another thread,
and getting it back is what takes the time under load (`benchmarks/`: 34 of 200 µs per redirect session).
"""

from __future__ import annotations

import os
from threading import Lock

_PAGE = 4096


class _Pool:
    """Bytes not yet given out. Forked children start with none, so two processes never share any."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._bytes = b""
        self._at = 0

    def take(self, count: int) -> bytes:
        with self._lock:
            if self._at + count > len(self._bytes):
                self._bytes, self._at = os.urandom(max(_PAGE, count)), 0
            taken = self._bytes[self._at : self._at + count]
            self._at += count
            return taken

    def forget(self) -> None:
        self._lock = Lock()
        self._bytes, self._at = b"", 0


_pool = _Pool()
os.register_at_fork(after_in_child=_pool.forget)


def random_bytes(count: int) -> bytes:
    """`count` bytes from the operating system's generator."""
    return _pool.take(count)
