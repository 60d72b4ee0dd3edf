"""What a series of sessions is, and one of its sessions. Pure values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from roundtrip.bookings.hours import Interval
from roundtrip.bookings.recurrence import begins
from roundtrip.core.clock import MINUTE
from roundtrip.core.told import told
from roundtrip.core.zones import instant, is_in_reach, wall

WALL = "%Y-%m-%dT%H:%M"
"""How the wall time of a session is kept. Sessions begin at whole minutes."""
_IN_ID = "%Y%m%dT%H%M%S"


@dataclass(frozen=True, slots=True)
class Series:
    """Sessions that follow one rule. `starts` is when the first begins by the clock of the business; without a `rule` it is the only one.

    `capacity` None: the service's.
    """

    site_id: str
    id: str
    service_id: str
    staff_id: str
    location_id: str
    starts: datetime
    minutes: int
    rule: str
    capacity: int | None
    revision: int
    created_at: int
    updated_at: int

    def event_id(self, starts: datetime) -> str:
        """The lasting name of the session that begins then by the rule, whatever is changed about it: 52 characters."""
        return f"{self.id}_{starts.strftime(_IN_ID)}"


class SessionChange(NamedTuple):
    """What differs about one session; `capacity` None: nothing about that."""

    cancelled: bool
    capacity: int | None


class Session(NamedTuple):
    """One session. `start` and `end` are instants; `starts` is its wall time by the rule. `capacity` None: the service's."""

    event_id: str
    series: Series
    starts: datetime
    start: int
    end: int
    capacity: int | None
    cancelled: bool


Changes = Mapping[str, Mapping[datetime, SessionChange]]
"""What differs, by series and wall time."""


def sessions(series: Sequence[Series], changes: Changes, window: Interval, zone: ZoneInfo) -> list[Session]:
    """Every session that begins and ends within a window, cancelled ones too, in order."""
    first, last = wall(window.start, zone).date() - timedelta(days=1), wall(window.end, zone).date()
    found = []
    for one in series:
        differs = changes.get(one.id, {})
        for starts in begins(one.rule, one.starts, first, last):
            start = instant(starts, zone)
            end = start + one.minutes * MINUTE
            if window.start <= start and end <= window.end:
                change = differs.get(starts)
                capacity = one.capacity if change is None or change.capacity is None else change.capacity
                found.append(Session(one.event_id(starts), one, starts, start, end, capacity, bool(change and change.cancelled)))
    return sorted(found, key=lambda session: (session.start, session.event_id))


def parsed_event_id(event_id: str) -> tuple[str, datetime] | None:
    """The series and the wall time in a session's name; None for what is no such name."""
    series_id, line, text = event_id.rpartition("_")
    try:
        starts = datetime.strptime(text, _IN_ID)  # noqa: DTZ007 - a wall time has no zone
    except ValueError:
        return None
    is_name = line and len(series_id) == 36 and text == starts.strftime(_IN_ID) and is_in_reach(starts)
    return (series_id.lower(), starts) if is_name else None


def days_of(window: Interval, zone: ZoneInfo) -> tuple[date, date]:
    """The first and last day that matter for a window, one more on both sides for what runs past midnight."""
    return wall(window.start, zone).date() - timedelta(days=1), wall(window.end, zone).date() + timedelta(days=1)


EVENTS: Mapping[str, Mapping[str, str]] = {
    "session_series": {
        "created": told("Sessions were planned for a class or course. Carries the rule and when the first begins.", "series:map"),
        "updated": told("The rule, staff member, place or capacity of planned sessions was changed.", "series:map changedFields?:texts"),
        "deleted": told("Planned sessions were deleted.", "series:map"),
        "session_changed": told(
            "One session was cancelled, takes place again, or has another number of places.", "eventId cancelled:yesno capacity?:number"
        ),
    }
}
"""What is told to the world about a series of sessions, by slug."""
