"""The slot engine: from open hours and what is taken to the times that can be booked. Pure, in instants; zones are in `hours.py`."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from roundtrip.bookings.hours import Interval, joined


class Pattern(NamedTuple):
    """How long one appointment takes, and what stays free after it; milliseconds. Between them they are the step of the starts."""

    duration: int
    gap: int = 0

    def blocks(self, start: int) -> Interval:
        """What an appointment that starts then keeps others from: itself and the time after it."""
        return Interval(start, start + self.duration + self.gap)


class Slot(NamedTuple):
    """A time that could be booked: from `start` to `end`, taken already unless `is_free`."""

    start: int
    end: int
    is_free: bool


def starts(days: Sequence[Sequence[Interval]], pattern: Pattern, window: Interval) -> list[int]:
    """When appointments may start that lie within `window`: from the opening on, one step after the other, each within open hours.

    Steps are counted anew from every opening of every day, so what is offered does not depend on the window. An appointment may run past
    midnight where the next day opens then.
    """
    whole = joined(one for day in days for one in day)
    ends = {one.start: one.end for one in whole}
    begins = [one.start for one in whole]
    step = pattern.duration + pattern.gap
    found: set[int] = set()
    for day in days:
        for one in day:
            end = min(ends[begins[bisect_right(begins, one.start) - 1]], window.end)
            skipped = max(0, -((one.start - window.start) // step)) if one.start < window.start else 0
            first = one.start + skipped * step
            found.update(range(first, min(one.end, end - pattern.duration + 1), step))
    return sorted(found)


def slots(days: Sequence[Sequence[Interval]], taken: Iterable[Interval], pattern: Pattern, window: Interval) -> list[Slot]:
    """Each possible time within `window`, in order, and whether it is free. `taken` are what others block, their own gaps included."""
    return marked(starts(days, pattern, window), taken, pattern)


def marked(begins: Iterable[int], taken: Iterable[Interval], pattern: Pattern) -> list[Slot]:
    """The same for starts that are known already, in order: staff members with the same hours share them."""
    busy = joined(taken)
    place, many = 0, len(busy)
    result = []
    duration, gap = pattern.duration, pattern.gap
    for start in begins:
        while place < many and busy[place].end <= start:
            place += 1
        end = start + duration
        result.append(Slot(start, end, place == many or busy[place].start >= end + gap))
    return result


def is_offered(days: Sequence[Sequence[Interval]], pattern: Pattern, start: int) -> bool:
    """Whether an appointment may start exactly then, whoever has taken it."""
    return start in starts(days, pattern, Interval(start, start + pattern.duration))
