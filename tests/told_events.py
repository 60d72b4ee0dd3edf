"""Every domain event that the product records while tests run has a heading in `docs/reference/events.md`: checked at the end of a run."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import wraps
from pathlib import Path
from typing import Any

import pytest

from roundtrip.storage import outbox

PROJECT = Path(__file__).resolve().parents[1]
SOURCE = str(PROJECT / "src")


@pytest.fixture(scope="session", autouse=True)
def _documented_events() -> Iterator[None]:
    told: set[str] = set()
    record = outbox.record

    @wraps(record)
    def watched(tx: Any, event: Any, **more: Any) -> None:
        # Tests record events of their own invention, too; a mail that is asked for is nobody else's business.
        if event.entity != "mail" and sys._getframe(1).f_code.co_filename.startswith(SOURCE):
            told.add(f"{event.entity}.{event.slug}")
        record(tx, event, **more)

    outbox.record = watched
    yield
    outbox.record = record
    headings = set(re.findall(r"^## (\S+)$", (PROJECT / "docs" / "reference" / "events.md").read_text("utf-8"), re.MULTILINE))
    assert told <= headings, f"not in docs/reference/events.md: {sorted(told - headings)}; name them in `EVENTS`, then `make docs`"
