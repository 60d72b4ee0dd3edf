"""A time that somebody wants: of a staff member, or seats of a session."""

from __future__ import annotations

from dataclasses import dataclass

from roundtrip.bookings.hours import Interval
from roundtrip.core.clock import DAY, MINUTE

HOLD = 10 * MINUTE
"""How long a time is kept for somebody who has not booked it yet."""
LONGEST = 3 * DAY
"""No time blocks a staff member for longer, gap included: so what overlaps a window begins at most this long before it."""


@dataclass(frozen=True, slots=True)
class StaffTime:
    """A staff member's time; `blocked` holds the appointment and the gap after it. At most `LONGEST`."""

    site_id: str
    holder: str
    staff_id: str
    blocked: Interval

    @property
    def lane_id(self) -> str:
        """What is scarce."""
        return self.staff_id


@dataclass(frozen=True, slots=True)
class Seats:
    """So many seats of a session (`event_id`), or of a whole course (its schedule's id), of which there are `capacity`."""

    site_id: str
    holder: str
    event_id: str
    time: Interval
    seats: int
    capacity: int

    @property
    def lane_id(self) -> str:
        """What is scarce."""
        return self.event_id
