"""Files for calendar programs (RFC 5545): one booking to be added, or a whole calendar to subscribe to. Times travel in UTC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import icalendar
from icalendar import STATUS

CONTENT_TYPE = "text/calendar; charset=utf-8"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `uid` is its lasting name, a higher `sequence` replaces what was there; times are UTC milliseconds."""

    uid: str
    sequence: int
    start: int
    end: int
    title: str
    place: str = ""
    text: str = ""
    url: str = ""
    is_cancelled: bool = False
    is_tentative: bool = False


def calendar(name: str, entries: Sequence[Entry], now: int) -> bytes:
    """The file. The library folds and escapes: what people typed stays inside its line."""
    made = icalendar.Calendar()
    made.add("prodid", "-//Roundtrip//Bookings//EN")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", _one_line(name))
    for entry in entries:
        made.add_component(_event(entry, now))
    content: bytes = made.to_ical()
    return content


def _event(entry: Entry, now: int) -> icalendar.Event:
    return icalendar.Event.new(
        uid=f"{entry.uid}@roundtrip",
        sequence=entry.sequence,
        stamp=_time(now),
        start=_time(entry.start),
        end=_time(entry.end),
        summary=_one_line(entry.title),
        location=_one_line(entry.place) or None,
        description=entry.text or None,
        url=entry.url or None,
        status=STATUS.CANCELLED if entry.is_cancelled else STATUS.TENTATIVE if entry.is_tentative else STATUS.CONFIRMED,
    )


def _time(at: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=at)


def _one_line(text: str) -> str:
    return " ".join(text.split())
