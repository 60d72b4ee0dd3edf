"""How long something lasts, in the units that calendars have. Pure; instants are UTC milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

import msgspec
from dateutil.relativedelta import relativedelta

from roundtrip.core.clock import DAY

LONGEST_COUNT = 1000
_LAST = datetime(9999, 1, 1, tzinfo=UTC)


class Unit(StrEnum):
    """The names that clients of the wire know."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
    YEAR = "YEAR"


class Duration(msgspec.Struct, frozen=True):
    """So many days, weeks, months or years."""

    count: int
    unit: Unit

    def after(self, start: int, times: int = 1) -> int:
        """The instant that is `times` of these after `start`.

        Months are those of the calendar in UTC: a month after 31 January is the last day of February, and two months after it the last of
        March, so it is always counted from the same beginning.
        """
        many = self.count * times
        if self.unit in (Unit.DAY, Unit.WEEK):
            return start + many * DAY * (7 if self.unit is Unit.WEEK else 1)
        begin = datetime.fromtimestamp(start / 1000, UTC)
        try:
            end = begin + (relativedelta(months=many) if self.unit is Unit.MONTH else relativedelta(years=many))
        except (ValueError, OverflowError):
            end = _LAST
        return round(min(end, _LAST).timestamp() * 1000)
