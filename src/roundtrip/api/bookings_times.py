"""What both ways to ask for times share: which zone, which window, which services, and how an instant is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from roundtrip.api.operation import Call
from roundtrip.api.stores_views import sees_hidden
from roundtrip.bookings.business.actions import check_zone
from roundtrip.bookings.hours import Interval
from roundtrip.bookings.services import store
from roundtrip.bookings.services.model import Service
from roundtrip.core.clock import DAY
from roundtrip.core.errors import invalid_field
from roundtrip.core.ids import is_guid
from roundtrip.core.zones import aware, read_time, zone_of
from roundtrip.storage.database import Tx

MOST_DAYS = 366
MOST_SERVICE_DAYS = 3660
"""Services times days: what one question may cost."""
MOST_SERVICES = 100
MOST_ENTRIES = 1000


class ShownClock:
    """Instants as they are written for one zone. Starts and ends repeat, and with several staff members every one of them does."""

    def __init__(self, zone: ZoneInfo, name: str) -> None:
        self.zone, self.name = zone, name
        self._texts: dict[int, str] = {}

    def text(self, at: int) -> str:
        """`2026-07-01T09:00:00.000+02:00`, with `Z` where the offset is zero."""
        found = self._texts.get(at)
        if found is None:
            written = aware(at, self.zone).isoformat(timespec="milliseconds")
            found = self._texts[at] = f"{written[:-6]}Z" if written.endswith("+00:00") else written
        return found

    def local(self, at: int) -> str:
        """`2026-07-01T09:00:00`, without an offset."""
        return self.text(at)[:19]

    def day(self, at: int) -> str:
        """The day on which it is."""
        return self.text(at)[:10]


def zone_named(name: str, field: str) -> ZoneInfo:
    """Raises INVALID for what is no zone."""
    check_zone(name, field)
    return zone_of(name)


def moment_of(value: object, field: str, zone: ZoneInfo, *, by_wall: bool) -> int:
    """An instant. With `by_wall` an offset that was sent is ignored: the clock of the zone shows this. Raises INVALID."""
    try:
        if not isinstance(value, str):
            raise ValueError
        return read_time(value, zone, by_wall=by_wall)
    except (ValueError, OverflowError):
        shown = value[:60] if isinstance(value, str) else "no text"
        raise invalid_field(field, f"must be a time such as 2026-01-31T09:00:00Z (received {shown!r})", "FORMAT", received=shown) from None


def window_of(start: int, end: int, services: int, field: str) -> Interval:
    """Raises INVALID for one that ends before it begins, or would cost too much."""
    days = max(1, -(-(end - start) // DAY))
    if end < start:
        raise invalid_field(field, "must not be before the beginning", "FORMAT")
    if days > MOST_DAYS or days * services > MOST_SERVICE_DAYS:
        most = f"at most {MOST_DAYS} days after the beginning, and {MOST_SERVICE_DAYS} days over all services"
        text = f"must be {most} (asked for {days} days of {services})"
        raise invalid_field(field, text, "FORMAT")
    return Interval(start, end)


def offered_services(tx: Tx, call: Call, service_ids: Sequence[str] | None) -> list[Service]:
    """Those of these services that the caller may see; all of them if none are named."""
    if service_ids is None:
        return store.visible(tx, call.site_id, MOST_SERVICES)
    found = store.services(tx, call.site_id, [one.lower() for one in service_ids if is_guid(one)])
    return [one for one in found if not one.hidden or sees_hidden(call)]


def a_month_after(start: int) -> int:
    """Where a window ends when nobody says so."""
    return start + timedelta(days=31) // timedelta(milliseconds=1)
