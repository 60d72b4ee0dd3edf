"""One process owns a SQLite file, proven by a lock file beside it. The operating system lets go of it when the process ends, however."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class OwnerLock:
    """Held from construction until `close`. The lock file itself stays: removing it would let two owners lock two different files."""

    def __init__(self, path: Path, *, wait: bool = False) -> None:
        """Take the lock on `path`. Without `wait`, `BlockingIOError(text, owner)` when another has it; `owner` is its process id."""
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except OSError as error:
            owner = os.pread(self._fd, 32, 0).decode(errors="replace").strip() or "unknown"
            os.close(self._fd)
            raise BlockingIOError("locked", owner) from error
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)

    def close(self) -> None:
        """Let another process become the owner. Safe to call twice."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
