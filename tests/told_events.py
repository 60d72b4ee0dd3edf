"""Every domain event that the product records while tests run is in the catalogue with the fields that it carries.

One that does not fit fails where it is recorded; one that has no heading in `docs/reference/events.md` at the end of a run.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import wraps
from pathlib import Path
from typing import Any

import msgspec
import pytest

from roundtrip.core.told import fields_of, misfits
from roundtrip.storage import outbox
from roundtrip.webhooks.catalogue import catalogue

PROJECT = Path(__file__).resolve().parents[1]
SOURCE = str(PROJECT / "src")
STORAGE = str(PROJECT / "src" / "roundtrip" / "storage")
"""What tests give to a database to be run is called from there."""


@pytest.fixture(scope="session", autouse=True)
def _documented_events() -> Iterator[None]:
    told: set[str] = set()
    record = outbox.record

    @wraps(record)
    def watched(tx: Any, event: Any, **more: Any) -> None:
        # Tests record events of their own invention, too; a mail that is asked for is nobody else's business.
        caller = sys._getframe(1).f_code.co_filename
        if event.entity != "mail" and caller.startswith(SOURCE) and not caller.startswith(STORAGE):
            told.add(event.name)
            fields = fields_of(catalogue().get(event.entity, {}).get(event.slug, ""))
            wrong = [] if fields is None else misfits(fields, msgspec.json.decode(msgspec.json.encode(event.body)))
            assert not wrong, f"{event.name} carries what `EVENTS` does not say: {'; '.join(wrong)}"
        record(tx, event, **more)

    outbox.record = watched
    yield
    outbox.record = record
    headings = set(re.findall(r"^## (\S+)$", (PROJECT / "docs" / "reference" / "events.md").read_text("utf-8"), re.MULTILINE))
    assert told <= headings, f"not in docs/reference/events.md: {sorted(told - headings)}; name them in `EVENTS`, then `make docs`"
