"""The business behind a site's services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import msgspec

from roundtrip.bookings.hours import Week, every_day
from roundtrip.core.told import told
from roundtrip.core.zones import DEFAULT_ZONE, zone_of


class BusinessTerms(msgspec.Struct, frozen=True, omit_defaults=True):
    """`zone` is a name of the IANA database: hours and sessions are said by its clock. `hours` are those of staff without their own."""

    zone: str = DEFAULT_ZONE
    currency: str = "USD"
    hours: Week = every_day(9 * 60, 17 * 60)


@dataclass(frozen=True, slots=True)
class Business:
    """What the owner said, with its revision; 0 while nothing was said."""

    site_id: str
    terms: BusinessTerms
    revision: int

    @property
    def zone(self) -> ZoneInfo:
        """Its clock."""
        return zone_of(self.terms.zone)


EVENTS: Mapping[str, Mapping[str, str]] = {
    "business": {"updated": told("An owner changed the zone, currency or usual hours of the business.", "timeZone currency hours:list")}
}
"""What is told to the world about a business, by slug."""
