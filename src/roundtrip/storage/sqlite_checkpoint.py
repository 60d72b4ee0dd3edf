"""Copies the write-ahead log back into the database file, beside the writer instead of inside one of its commits.

SQLite would do this by itself in the commit that makes the log a thousand pages long: that commit, and everybody who shares it, then waits
for a second flush of another file. A passive checkpoint from a thread of its own blocks nobody. Only when the log has grown far all the
same, because writes never pause, does the writer stop once for it.
"""

from __future__ import annotations

import logging
import sqlite3
import threading

logger = logging.getLogger("roundtrip.storage")

AFTER_CHANGES = 16_000
"""Changed rows after which the log is worth copying: some ten megabytes. The ends of the indexes, which every commit changes, are then
copied once for many commits."""
LOG_PAGES = 16_384
"""64 MiB. Beyond this the log is copied and started again with the writer waiting."""


class Checkpointer:
    """One thread with a connection of its own. `note` is called by the writer's thread after each commit."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._wanted = threading.Event()
        self._closed = False
        self._copied_at = 0
        self._log_is_long = False
        self.thread = threading.Thread(target=self._loop, name="sqlite-checkpoint", daemon=True)

    def note(self, writer: sqlite3.Connection) -> None:
        """Think about whether it is time. Costs a comparison when it is not."""
        changes = writer.total_changes
        if changes - self._copied_at < AFTER_CHANGES:
            return
        self._copied_at = changes
        if self._log_is_long:
            self._log_is_long = False
            writer.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
        else:
            self._wanted.set()

    def close(self) -> None:
        """End the thread after what it is doing. Safe to call twice."""
        self._closed = True
        self._wanted.set()

    def _loop(self) -> None:
        try:
            while self._wanted.wait() and not self._closed:
                self._wanted.clear()
                try:
                    _, pages, copied = self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                except sqlite3.Error as error:
                    # Nothing is lost by it: the log holds everything, and the next attempt finds it there.
                    logger.warning("the write-ahead log could not be copied back: %s", error)
                else:
                    self._log_is_long = pages > LOG_PAGES and copied < pages
        finally:
            self._connection.close()
