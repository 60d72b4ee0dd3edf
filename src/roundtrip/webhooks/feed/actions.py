"""Reading the feed: from where one was, and saying how far one has come (WHK-10)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.storage import outbox
from roundtrip.storage.database import Tx
from roundtrip.storage.outbox import RecordedEvent
from roundtrip.webhooks.endpoints.model import EVERYTHING, fits
from roundtrip.webhooks.feed import store

MOST_AT_ONCE = 500
MOST_READERS = 50
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Page:
    """Some events in the order of the feed. `cursor` is where the next page begins, also when there are none yet."""

    events: tuple[RecordedEvent, ...]
    cursor: int
    has_more: bool


def page(tx: Tx, site_id: str, after: int, limit: int, patterns: tuple[str, ...] = (EVERYTHING,)) -> Page:
    """A site's events behind a position. A page may be short, even empty, and have more behind it: what is not asked for is passed over."""
    found = outbox.following(tx, site_id, after, limit)
    wanted = tuple(one for one in found if any(fits(pattern, one.event.name) for pattern in patterns))
    return Page(wanted, found[-1].position or after if found else after, len(found) == limit)


def read(tx: Tx, site_id: str, reader: str, limit: int, patterns: tuple[str, ...] = (EVERYTHING,)) -> Page:
    """What a reader has not acknowledged yet. Reading moves nothing: who dies while working on it reads it again."""
    check_name(reader)
    return page(tx, site_id, store.acknowledged(tx, site_id, reader), limit, patterns)


def acknowledge(tx: Tx, site_id: str, reader: str, position: int, now: int) -> int:
    """All up to `position` is done; answers where the reader is. An older position, from a repeated or late call, changes nothing.

    Raises INVALID for a position that was never given out, CONFLICT `TOO_MANY_READERS`.
    """
    check_name(reader)
    if position > outbox.last_position(tx):
        raise invalid_field("cursor", f"must come from the feed, received {position}, which is behind its end", "OTHER")
    known = store.readers(tx, site_id)
    if len(known) >= MOST_READERS and reader not in (name for name, _, _ in known):
        raise AppError(
            Kind.CONFLICT, "TOO_MANY_READERS", f"The site has {MOST_READERS} readers, and that is the limit.", data={"limit": MOST_READERS}
        )
    store.acknowledge(tx, site_id, reader, position, now)
    return store.acknowledged(tx, site_id, reader)


def check_name(reader: str) -> None:
    """Raises INVALID for a name that cannot be."""
    if _NAME.fullmatch(reader) is None:
        raise invalid_field("reader", "must be 1 to 64 letters, digits, dots, dashes and underscores", "FORMAT")
