"""Wall clocks and instants. Pure; every rule about daylight saving is here.

An instant is UTC milliseconds, a wall time a naive `datetime`. A wall time that a change of the clock skips is as much later as was
skipped; one that comes twice means its first (RFC 5545, section 3.3.5).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

DEFAULT_ZONE = "UTC"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:\d\d)?", re.ASCII)
_MIDNIGHT = datetime.min.time()
MILLISECOND = timedelta(milliseconds=1)
_FIRST_YEAR, _LAST_YEAR = 1970, 9000


@lru_cache(maxsize=1)
def known_zones() -> frozenset[str]:
    """The names of the IANA database."""
    return frozenset(available_timezones())


def zone_of(name: str) -> ZoneInfo:
    """The zone of a name in `known_zones()`. The library remembers each one that it has read."""
    return ZoneInfo(name)


def instant(wall: datetime, zone: ZoneInfo) -> int:
    """When a clock in this zone shows a wall time."""
    return (wall.replace(tzinfo=zone, fold=0) - _EPOCH) // MILLISECOND


def second_instant(wall: datetime, zone: ZoneInfo) -> int:
    """When it shows it for the second time; the same as `instant` unless it comes twice."""
    return max(instant(wall, zone), (wall.replace(tzinfo=zone, fold=1) - _EPOCH) // MILLISECOND)


def wall(at: int, zone: ZoneInfo) -> datetime:
    """What a clock in this zone shows at an instant."""
    return aware(at, zone).replace(tzinfo=None, fold=0)


def aware(at: int, zone: ZoneInfo) -> datetime:
    """The same with its offset."""
    return (_EPOCH + at * MILLISECOND).astimezone(zone)


def is_in_reach(day: date) -> bool:
    """Whether a day, or a wall time, is far enough from the ends of the calendar that `datetime` knows: windows reach around it."""
    return _FIRST_YEAR <= day.year <= _LAST_YEAR


def midnight(day: date) -> datetime:
    """The wall time at which a day begins."""
    return datetime.combine(day, _MIDNIGHT)


def change_between(start: int, end: int, zone: ZoneInfo) -> int:
    """The instant at which the offset is no longer what it was at `start`; there must be one change before `end`."""
    before = aware(start, zone).utcoffset()
    while end - start > 1:
        middle = (start + end) // 2
        start, end = (middle, end) if aware(middle, zone).utcoffset() == before else (start, middle)
    return end


def read_time(text: str, zone: ZoneInfo, *, by_wall: bool) -> int:
    """The instant of a text such as `2026-01-31T09:00:00+01:00`. Without an offset, or with `by_wall`, the clock of `zone` shows it.

    Raises `ValueError` for what is none, `OverflowError` for one that no clock can show.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(text)
    plain = re.sub(r"(\.\d{6})\d+", r"\1", f"{found[1]}T{found[2]}")
    read = datetime.fromisoformat(plain if by_wall or not found[3] else plain + found[3])
    if not is_in_reach(read):
        raise ValueError(text)
    return instant(read, zone) if read.tzinfo is None else (read.astimezone(UTC) - _EPOCH) // MILLISECOND
