"""Working hours: what is said about a week, what is said about one day, and the instants that come of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from roundtrip.core.zones import change_between, instant, midnight, second_instant

MINUTES_OF_A_DAY = 24 * 60
DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


class Period(msgspec.Struct, frozen=True):
    """From `opens` until `closes`, minutes after midnight by the wall clock; 1440 is the end of the day."""

    opens: int
    closes: int


class Week(msgspec.Struct, frozen=True):
    """The periods of each day, Monday first."""

    days: tuple[tuple[Period, ...], ...]

    def of(self, day: date) -> tuple[Period, ...]:
        """Those of one day."""
        return self.days[day.weekday()]


class Interval(NamedTuple):
    """From `start` to just before `end`, both UTC milliseconds."""

    start: int
    end: int


ALWAYS_CLOSED = Week(((),) * 7)


def every_day(opens: int, closes: int) -> Week:
    """The same period on each day."""
    return Week(((Period(opens, closes),),) * 7)


def opened(day: date, periods: Iterable[Period], zone: ZoneInfo) -> list[Interval]:
    """The instants of one day's periods in order, touching ones joined. A period that a change of the clock skips whole is gone."""
    found: list[Interval] = []
    for one in periods:
        found += _instants(day, one, zone)
    return joined(found)


def _instants(day: date, period: Period, zone: ZoneInfo) -> list[Interval]:
    opens, closes = midnight(day) + timedelta(minutes=period.opens), midnight(day) + timedelta(minutes=period.closes)
    start, end = instant(opens, zone), instant(closes, zone)
    again = second_instant(opens, zone)
    if again == start:
        return [Interval(start, end)] if start < end else []
    # The clock goes back over the opening: what it then shows again before the opening is no working time.
    change = change_between(start, again, zone)
    return [one for one in (Interval(start, min(change, end)), Interval(again, end)) if one.start < one.end]


def joined(intervals: Iterable[Interval]) -> list[Interval]:
    """The same instants in as few intervals as possible, in order."""
    result: list[Interval] = []
    for one in sorted(intervals):
        if result and one.start <= result[-1].end:
            result[-1] = Interval(result[-1].start, max(result[-1].end, one.end))
        else:
            result.append(one)
    return result


def by_day(first: date, last: date, week: Week, special: Mapping[date, Sequence[Period]], zone: ZoneInfo) -> list[list[Interval]]:
    """What is open on each day from `first` to `last`. What is said about one day (`special`) replaces what the week says."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [opened(day, special.get(day, week.of(day)), zone) for day in days]
