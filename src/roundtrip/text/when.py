"""When something is, in words of a language. An instant is UTC milliseconds; a zone is a name of the IANA database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_time, get_timezone_name
from babel.units import format_unit


def on_clock(at: int, zone: str) -> datetime:
    """What a clock in this zone shows, with its offset."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)).astimezone(ZoneInfo(zone))


def day(at: int, zone: str, language: str) -> str:
    """`Friday, November 27, 2026`."""
    return day_of(on_clock(at, zone).date(), language)


def day_of(one: date, language: str) -> str:
    """The same of a date."""
    return format_date(one, "full", locale=language)


def long_day(one: date, language: str) -> str:
    """`November 27, 2026`."""
    return format_date(one, "long", locale=language)


def short_day(one: date, language: str) -> str:
    """`Fri, Nov 27`."""
    return format_skeleton("MMMEd", one, locale=language)


def time(at: int, zone: str, language: str) -> str:
    """`6:00 PM`, or `18:00`."""
    return format_time(on_clock(at, zone), "short", locale=language)


def times(start: int, end: int, zone: str, language: str) -> str:
    """`6:00 PM – 6:45 PM`; with its day where it ends on another one."""
    last = time(end, zone, language)
    if on_clock(start, zone).date() != on_clock(end, zone).date():
        last = f"{short_day(on_clock(end, zone).date(), language)}, {last}"
    return f"{time(start, zone, language)} – {last}"


def zone_name(zone: str, at: int, language: str) -> str:
    """What people call the zone at that time, such as `Eastern Standard Time`."""
    return str(get_timezone_name(on_clock(at, zone), "long", locale=language))


def when(start: int, end: int, zone: str, language: str) -> str:
    """Day, times and zone on one line."""
    return f"{day(start, zone, language)}, {times(start, end, zone, language)} ({zone_name(zone, start, language)})"


def length(minutes: int, language: str) -> str:
    """`45 minutes`, `90 minutes`, `2 hours`."""
    whole_hours = minutes % 60 == 0
    return format_unit(minutes // 60 if whole_hours else minutes, "duration-hour" if whole_hours else "duration-minute", locale=language)
