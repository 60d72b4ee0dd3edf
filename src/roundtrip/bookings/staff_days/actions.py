"""What owners say about single days of a staff member: days off, other hours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from roundtrip.bookings.hours import Period
from roundtrip.bookings.parts.actions import require, require_held
from roundtrip.bookings.parts.model import PartKind
from roundtrip.bookings.staff_days import store
from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.errors import invalid_field
from roundtrip.core.told import told
from roundtrip.sites.change import Change
from roundtrip.storage.database import Tx

MOST_DAYS = 366
EVENTS: Mapping[str, Mapping[str, str]] = {
    "booking_staff": {
        "days_set": told(
            "An owner said which hours a staff member works on some days. Carries the days and their hours; none: days off.",
            "from to hours:list",
        ),
        "days_cleared": told("The staff member's week counts again on some days. Carries the days.", "from to"),
    }
}
"""What is told to the world about single days of staff members, by slug."""


def set_days(tx: Tx, site_id: str, staff_id: str, first: date, last: date, periods: tuple[Period, ...], note: str, change: Change) -> None:
    """Let these hours hold on each day from `first` to `last`; none at all: days off. Raises NOT_FOUND, INVALID."""
    _check_span(first, last)
    require_held(tx, site_id, PartKind.STAFF, staff_id)
    for number in range((last - first).days + 1):
        store.keep(tx, site_id, staff_id, first + timedelta(days=number), periods, note)
    hours = [[one.opens, one.closes] for one in periods]
    _note(tx, site_id, staff_id, "days_set", {"from": first.isoformat(), "to": last.isoformat(), "hours": hours}, change)


def clear_days(tx: Tx, site_id: str, staff_id: str, first: date, last: date, change: Change) -> None:
    """Let the staff member's week count again on these days. Raises NOT_FOUND `STAFF_MEMBER_NOT_FOUND`, INVALID."""
    _check_span(first, last)
    require_held(tx, site_id, PartKind.STAFF, staff_id)
    if store.forget(tx, site_id, staff_id, first, last):
        _note(tx, site_id, staff_id, "days_cleared", {"from": first.isoformat(), "to": last.isoformat()}, change)


def _check_span(first: date, last: date) -> None:
    if not first <= last < first + timedelta(days=MOST_DAYS):
        raise invalid_field("to", f"must be the same day as from or later, at most {MOST_DAYS} days in all", "FORMAT")


def _note(tx: Tx, site_id: str, staff_id: str, slug: str, body: dict[str, object], change: Change) -> None:
    name = require(tx, site_id, PartKind.STAFF, staff_id).name
    change.note(tx, site_id=site_id, action=f"booking_staff.{slug}", object_id=staff_id, object_name=name, after=body)
    change.tell(tx, DomainEvent(site_id, "booking_staff", slug, staff_id, body))
