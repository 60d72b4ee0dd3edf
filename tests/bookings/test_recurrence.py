"""Sessions by RFC 5545 rules: what is followed, what is refused, and that looking far ahead costs nothing."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from roundtrip.bookings.recurrence import NotARule, begins, checked

FIRST = datetime.fromisoformat("2026-01-31T07:30")
DAYS = st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, max_size=7, unique=True).map(",".join)
RULES = st.one_of(
    st.builds("FREQ=DAILY;INTERVAL={}".format, st.integers(1, 40)),
    st.builds("FREQ=WEEKLY;INTERVAL={};BYDAY={}".format, st.integers(1, 9), DAYS),
    st.builds("FREQ=WEEKLY;INTERVAL={};BYDAY={};WKST=SU".format, st.integers(1, 9), DAYS),
    st.builds("FREQ=DAILY;COUNT={};BYDAY={}".format, st.integers(1, 400), DAYS),
    st.builds("FREQ=MONTHLY;INTERVAL={}".format, st.integers(1, 12)),
    st.builds("FREQ=WEEKLY;UNTIL=2028{:02d}10T073000".format, st.integers(1, 12)),
)


@settings(max_examples=60, deadline=None)
@given(RULES, st.integers(0, 4000), st.integers(0, 60))
def test_a_session_far_ahead_is_found_as_if_one_had_counted_from_the_first(rule: str, after: int, length: int) -> None:
    since = FIRST.date() + timedelta(days=after)
    until = since + timedelta(days=length)
    kept = checked(rule, FIRST)
    walked = rrulestr(kept, dtstart=FIRST).between(FIRST, datetime.fromisoformat(f"{until}T23:59"), inc=True)
    assert begins(kept, FIRST, since, until) == [one for one in sorted({FIRST, *walked}) if since <= one.date() <= until]


@pytest.mark.parametrize(
    "rule",
    ["FREQ=HOURLY", "FREQ=YEARLY", "x", "FREQ=WEEKLY;BYDAY=XX", "FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=DAILY;BYSETPOS=1",
     "FREQ=DAILY;FREQ=DAILY",
     "FREQ=DAILY;INTERVAL=7;BYDAY=TU", "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31", "FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=1", "FREQ=DAILY;COUNT=0",
     "FREQ=DAILY;UNTIL=20261399", "FREQ=WEEKLY;BYDAY=1MO", "FREQ=DAILY;" + "BYDAY=MO;" * 100],
)  # fmt: skip
def test_what_might_never_give_another_day_or_is_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(NotARule):
        checked(rule, FIRST)


def test_a_rule_is_kept_in_one_form() -> None:
    assert checked("rrule:byday=mo;freq=weekly;", FIRST) == "FREQ=WEEKLY;BYDAY=MO"
    assert checked("", FIRST) == ""
    assert begins("", FIRST, date(2026, 1, 1), date(2026, 12, 31)) == [FIRST]
