"""What a room wants to be done from time to time, in small batches: forget what was kept long enough, release what is over.

A room says it in its `tidy.py` as `TIDIES`; the worker does it (`worker/run.py`). Several workers may do the same at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from roundtrip.storage.database import Tx


@dataclass(frozen=True, slots=True)
class Tidies:
    """`batch(tx, before, limit)` is one transaction about at most `limit` rows; it is called again while it answers `limit`.

    `before` is `kept_for` milliseconds before now. A batch that counts in another way answers None, and is called once in a round.
    """

    batch: Callable[[Tx, int, int], int | None]
    kept_for: int = 0
