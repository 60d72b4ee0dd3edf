"""What a feed is. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from roundtrip.core.clock import DAY
from roundtrip.core.told import told

MOST = 100
"""How many feeds a site may have."""
BACK, AHEAD = 30 * DAY, 400 * DAY
"""How far a feed looks in both directions."""
MOST_ENTRIES = 2000


@dataclass(frozen=True, slots=True)
class Feed:
    """A calendar of the bookings of one staff member, or of all (empty `staff_id`)."""

    site_id: str
    id: str
    staff_id: str
    created_at: int


EVENTS: Mapping[str, Mapping[str, str]] = {
    "booking_feed": {
        "created": told("A calendar of bookings can be subscribed to.", "id staffMemberId"),
        "deleted": told("A calendar of bookings ended; its address answers nothing any more.", "id staffMemberId"),
    }
}
"""What is told to the world about a feed, by entity and slug."""
