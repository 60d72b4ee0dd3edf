"""Times that are offered are right in every zone and on every day on which a clock changes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from roundtrip.bookings.hours import Interval, Period, Week, by_day, opened
from roundtrip.bookings.slots import Pattern, Slot, is_offered, slots, starts
from roundtrip.core.clock import DAY, HOUR, MINUTE
from roundtrip.core.zones import instant, wall

NEW_YORK, LORD_HOWE = ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")
SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)
"""When clocks in New York go forward from 2 to 3, and back from 2 to 1."""
CHANGING = (
    "America/New_York", "Europe/Berlin", "Europe/London", "Australia/Lord_Howe", "Pacific/Chatham", "America/St_Johns", "Asia/Gaza",
    "Africa/Casablanca", "America/Santiago", "Asia/Kathmandu", "Pacific/Apia", "Asia/Tehran", "America/Havana", "UTC",
)  # fmt: skip
ZONES = st.sampled_from([ZoneInfo(name) for name in CHANGING])
DATES = st.one_of(
    st.dates(date(2005, 1, 2), date(2036, 12, 30)),
    st.sampled_from([SPRING, AUTUMN, date(2026, 3, 29), date(2026, 10, 25), date(2011, 12, 30), date(2026, 4, 5), date(2026, 10, 4)]),
)
PERIODS = st.builds(
    lambda opens, length: Period(opens, min(1440, opens + length)), st.integers(0, 95).map(lambda n: n * 15), st.integers(15, 900)
)
PATTERNS = st.builds(lambda minutes, gap: Pattern(minutes * MINUTE, gap * MINUTE), st.integers(5, 240), st.integers(0, 60))


def offered(day: date, period: Period, pattern: Pattern, zone: ZoneInfo, taken: list[Interval] | None = None) -> list[Slot]:
    week = Week(((period,),) * 7)
    days = by_day(day - timedelta(days=1), day + timedelta(days=1), week, {}, zone)
    begin = instant(datetime(day.year, day.month, day.day), zone)  # noqa: DTZ001 - a wall time
    following = day + timedelta(days=1)
    end = instant(datetime(following.year, following.month, following.day), zone)  # noqa: DTZ001 - a wall time
    return slots(days, taken or [], pattern, Interval(begin, end))


def clock(slot: Slot, zone: ZoneInfo) -> str:
    return f"{wall(slot.start, zone):%H:%M}"


@settings(max_examples=150, deadline=None)
@given(ZONES, DATES, PERIODS, PATTERNS)
@example(NEW_YORK, AUTUMN, Period(90, 240), Pattern(30 * MINUTE))
@example(NEW_YORK, SPRING, Period(60, 240), Pattern(30 * MINUTE))
@example(LORD_HOWE, date(2026, 4, 5), Period(90, 240), Pattern(15 * MINUTE))
def test_every_time_is_inside_the_hours_by_the_clock_and_lasts_as_long_as_it_says(
    zone: ZoneInfo, day: date, period: Period, pattern: Pattern
) -> None:
    for slot in offered(day, period, pattern, zone):
        assert slot.end - slot.start == pattern.duration
        for at in (slot.start, slot.end - 1):
            shown = wall(at, zone)
            begins = datetime(shown.year, shown.month, shown.day)  # noqa: DTZ001 - a wall time
            # What a clock skips, begins and ends as much later.
            opens = wall(instant(begins + timedelta(minutes=period.opens), zone), zone)
            closes = wall(instant(begins + timedelta(minutes=period.closes), zone) - 1, zone)
            assert opens <= shown or closes >= shown
            assert shown >= min(opens, begins + timedelta(minutes=period.opens))
            assert shown <= max(closes, begins + timedelta(minutes=period.closes))


@settings(max_examples=100, deadline=None)
@given(ZONES, DATES, PATTERNS, st.lists(st.tuples(st.integers(-60, 1500), st.integers(1, 400)), max_size=8))
def test_nothing_that_is_offered_as_free_overlaps_what_is_taken_and_everything_else_is_free(
    zone: ZoneInfo, day: date, pattern: Pattern, some: list[tuple[int, int]]
) -> None:
    begin = instant(datetime(day.year, day.month, day.day), zone)  # noqa: DTZ001 - a wall time
    taken = [Interval(begin + start * MINUTE, begin + (start + length) * MINUTE) for start, length in some]
    for slot in offered(day, Period(0, 1440), pattern, zone, taken):
        blocks = pattern.blocks(slot.start)
        assert slot.is_free is not any(one.start < blocks.end and blocks.start < one.end for one in taken)


@settings(max_examples=100, deadline=None)
@given(ZONES, DATES, PERIODS, PATTERNS, st.integers(0, 2000), st.integers(1, 2000))
def test_what_is_offered_does_not_depend_on_the_window_that_is_looked_at(
    zone: ZoneInfo, day: date, period: Period, pattern: Pattern, since: int, length: int
) -> None:
    days = by_day(day - timedelta(days=2), day + timedelta(days=3), Week(((period,),) * 7), {}, zone)
    begin = instant(datetime(day.year, day.month, day.day), zone)  # noqa: DTZ001 - a wall time
    window = Interval(begin + since * MINUTE, begin + (since + length) * MINUTE)
    whole = starts(days, pattern, Interval(begin - 2 * DAY, begin + 4 * DAY))
    inside = [one for one in whole if window.start <= one and one + pattern.duration <= window.end]
    assert starts(days, pattern, window) == inside
    assert all(is_offered(days, pattern, one) for one in inside[:3])


@settings(max_examples=60, deadline=None)
@given(ZONES, DATES)
def test_a_day_that_is_always_open_is_filled_without_a_hole_whatever_its_clock_does(zone: ZoneInfo, day: date) -> None:
    """None is lost at a change and none comes twice: a day has as many quarters of an hour as it lasts."""
    (interval,) = opened(day, [Period(0, 1440)], zone) or [Interval(0, 0)]
    found = starts([[interval]], Pattern(15 * MINUTE), interval)
    assert found == list(range(interval.start, interval.end - 15 * MINUTE + 1, 15 * MINUTE))


def test_when_the_clock_goes_forward_the_hour_that_is_missing_is_not_offered() -> None:
    found = offered(SPRING, Period(60, 300), Pattern(HOUR), NEW_YORK)
    assert [clock(one, NEW_YORK) for one in found] == ["01:00", "03:00", "04:00"]
    assert [clock(one, NEW_YORK) for one in offered(SPRING, Period(150, 300), Pattern(HOUR), NEW_YORK)] == ["03:30"], (
        "2:30 is 3:30 that day"
    )


def test_when_the_clock_goes_back_both_hours_are_worked_and_an_opening_is_not_worked_twice() -> None:
    found = offered(AUTUMN, Period(60, 240), Pattern(HOUR), NEW_YORK)
    assert [clock(one, NEW_YORK) for one in found] == ["01:00", "01:00", "02:00", "03:00"]
    late = offered(AUTUMN, Period(90, 240), Pattern(30 * MINUTE), NEW_YORK)
    assert [clock(one, NEW_YORK) for one in late] == ["01:30", "01:30", "02:00", "02:30", "03:00", "03:30"]
    early = offered(AUTUMN, Period(0, 90), Pattern(30 * MINUTE), NEW_YORK)
    assert [clock(one, NEW_YORK) for one in early] == ["00:00", "00:30", "01:00"], "closing means the first 1:30"


def test_an_appointment_may_run_past_midnight_where_the_next_day_is_open_then() -> None:
    found = offered(date(2026, 6, 1), Period(0, 1440), Pattern(HOUR, 30 * MINUTE), NEW_YORK)
    assert "22:30" in [clock(one, NEW_YORK) for one in found]
    night = by_day(date(2026, 6, 1), date(2026, 6, 2), Week(((Period(0, 120), Period(1320, 1440)),) * 7), {}, NEW_YORK)
    begin = instant(datetime(2026, 6, 1, 22), NEW_YORK)  # noqa: DTZ001 - a wall time
    shown = [f"{wall(one, NEW_YORK):%H:%M}" for one in starts(night, Pattern(90 * MINUTE), Interval(begin, begin + 4 * HOUR))]
    assert shown == ["22:00", "23:30", "00:00"]


def test_the_gap_after_an_appointment_is_kept_free_and_need_not_lie_within_hours() -> None:
    pattern = Pattern(HOUR, 15 * MINUTE)
    found = offered(date(2026, 6, 1), Period(540, 780), pattern, NEW_YORK)
    assert [clock(one, NEW_YORK) for one in found] == ["09:00", "10:15", "11:30"]
    taken = [Interval(found[1].end, found[1].end + MINUTE)]
    assert [one.is_free for one in offered(date(2026, 6, 1), Period(540, 780), pattern, NEW_YORK, taken)] == [True, False, True]
