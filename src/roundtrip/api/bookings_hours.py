"""The zone and usual hours of a business, and single days of its staff, for the owner's own server code."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from roundtrip.api.bookings_parts_wire import PeriodIn, WeekIn, week_of
from roundtrip.api.bookings_view import periods_out, week_out
from roundtrip.api.operation import KEYS, Call, Operation
from roundtrip.api.settings_calls import change_of
from roundtrip.api.stores_views import Json
from roundtrip.api.wire import Wire
from roundtrip.bookings.business import actions as business
from roundtrip.bookings.business import store as business_store
from roundtrip.bookings.business.actions import checked_periods
from roundtrip.bookings.business.model import Business
from roundtrip.bookings.hours import DAYS
from roundtrip.bookings.parts.actions import require
from roundtrip.bookings.parts.model import PartKind
from roundtrip.bookings.staff_days import actions, store
from roundtrip.core.errors import invalid_field
from roundtrip.core.ids import new_id
from roundtrip.core.zones import is_in_reach
from roundtrip.sites.change import changed_meanwhile
from roundtrip.storage.database import Tx
from roundtrip.workflows import one_currency

MOST_DAYS = 400
Day = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d$")]


class BusinessIn(Wire):
    """What may be said about the business. Fields that are not sent stay as they are; days that `hours` does not name are closed."""

    time_zone: Annotated[str, Meta(max_length=60)] | UnsetType = UNSET
    currency: Annotated[str, Meta(max_length=3)] | UnsetType = UNSET
    hours: WeekIn | UnsetType = UNSET
    revision: Annotated[str, Meta(pattern=r"^\d{1,15}$")] | UnsetType = UNSET


class BusinessBody(Wire):
    """A change of the business."""

    business: BusinessIn


class BusinessAnswer(Wire, omit_defaults=False):
    """The business."""

    business: dict[str, Any]


class DaysIn(Wire):
    """Which days, both included, and their hours; none: days off. `note` is for the owner."""

    to: Day
    since: Day = msgspec.field(name="from")
    periods: Annotated[tuple[PeriodIn, ...], Meta(max_length=10)] = ()
    note: Annotated[str, Meta(max_length=200)] = ""


class SpanIn(Wire):
    """Which days, both included."""

    to: Day
    since: Day = msgspec.field(name="from")


class DaysAnswer(Wire, omit_defaults=False):
    """Days of a staff member on which not the week counts, in order; at most four hundred."""

    days: list[dict[str, Any]]


async def get_business(call: Call) -> BusinessAnswer:
    """Read what holds for all services."""
    return BusinessAnswer(business_out(await call.read(business_store.business, call.site_id)))


async def update_business(call: Call) -> BusinessAnswer:
    """Set the fields that are sent; with `revision`, only if nobody was quicker."""
    return BusinessAnswer(await call.write(_update_business, call, new_id(call.now)))


def _update_business(tx: Tx, call: Call, entry_id: str) -> Json:
    body: BusinessBody = call.body
    sent, before = body.business, business_store.business(tx, call.site_id)
    if sent.revision is not UNSET and int(sent.revision) != before.revision:
        raise changed_meanwhile("business", int(sent.revision))
    terms = before.terms
    if sent.time_zone is not UNSET:
        terms = msgspec.structs.replace(terms, zone=sent.time_zone)
    if sent.currency is not UNSET:
        terms = msgspec.structs.replace(terms, currency=sent.currency)
    if sent.hours is not UNSET:
        terms = msgspec.structs.replace(terms, hours=week_of(sent.hours, "business.hours"))
    if terms.currency != before.terms.currency:
        one_currency.require_fits_shop(tx, call.site_id, terms.currency)
    return business_out(business.update(tx, before, terms, change_of(tx, call, entry_id)))


def business_out(one: Business) -> Json:
    """The business on the wire."""
    terms = one.terms
    return {"timeZone": terms.zone, "currency": terms.currency, "hours": week_out(terms.hours, DAYS), "revision": str(one.revision)}


async def set_days(call: Call) -> DaysAnswer:
    """Say which hours hold on some days."""
    return await call.write(_set_days, call, new_id(call.now))


def _set_days(tx: Tx, call: Call, entry_id: str) -> DaysAnswer:
    body: DaysIn = call.body
    first, last = _day(body.since, "from"), _day(body.to, "to")
    periods = checked_periods([one.period() for one in body.periods], "periods")
    actions.set_days(tx, call.site_id, _staff_id(call), first, last, periods, body.note.strip(), change_of(tx, call, entry_id))
    return _days(tx, call, first)


async def clear_days(call: Call) -> DaysAnswer:
    """Let the week count again on some days."""
    return await call.write(_clear_days, call, new_id(call.now))


def _clear_days(tx: Tx, call: Call, entry_id: str) -> DaysAnswer:
    body: SpanIn = call.body
    first, last = _day(body.since, "from"), _day(body.to, "to")
    actions.clear_days(tx, call.site_id, _staff_id(call), first, last, change_of(tx, call, entry_id))
    return _days(tx, call, first)


async def list_days(call: Call) -> DaysAnswer:
    """List days on which not the week counts."""
    return await call.read(_days, call, _day(call.query.get("from") or "1970-01-01", "from"))


def _days(tx: Tx, call: Call, first: date) -> DaysAnswer:
    staff = require(tx, call.site_id, PartKind.STAFF, call.path_params["id"])
    found = store.page(tx, staff.site_id, staff.id, first, MOST_DAYS)
    return DaysAnswer([{"day": day.isoformat(), "periods": periods_out(periods), "note": note} for day, periods, note in found])


def _day(text: str, field: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if not is_in_reach(found):
        raise invalid_field(field, f"must be a day such as 2026-12-24 (received {text[:20]!r})", "FORMAT", received=text[:20])
    return found


def _staff_id(call: Call) -> str:
    return call.path_params["id"].lower()


_BUSINESS, _DAYS = ("/api/v1/booking-business",), "/api/v1/staff-members/{id}/days"
_MISSING = ("STAFF_MEMBER_NOT_FOUND",)
OPERATIONS: tuple[Operation, ...] = (
    Operation("GetBookingBusiness", "GET", _BUSINESS, "Read the zone, currency and usual hours of the business.", get_business,
              "booking.read", KEYS, None, BusinessAnswer),
    Operation("UpdateBookingBusiness", "PATCH", _BUSINESS, "Set the zone, currency or usual hours of the business.", update_business,
              "booking.manage", KEYS, BusinessBody, BusinessAnswer,
              example={"business": {"timeZone": "America/New_York", "currency": "USD",
                                    "hours": [{"day": "MONDAY", "periods": [{"start": "08:00", "end": "20:00"}]}]}},
              errors=("SERVICES_HAVE_PRICES", "CURRENCIES_DIFFER", "REVISION_CHANGED")),
    Operation("ListStaffDays", "GET", (_DAYS,), "List days on which a staff member works other hours than the week says.", list_days,
              "booking.read", KEYS, None, DaysAnswer, query=(("from", "The first day; without it, all days."),), errors=_MISSING),
    Operation("SetStaffDays", "PUT", (_DAYS,), "Set the hours of a staff member on some days, or give days off.", set_days,
              "booking.manage", KEYS, DaysIn, DaysAnswer, example={"from": "2026-12-24", "to": "2026-12-26", "periods": []},
              errors=_MISSING),
    Operation("ClearStaffDays", "POST", (f"{_DAYS}/clear",), "Let the week of a staff member count again on some days.", clear_days,
              "booking.manage", KEYS, SpanIn, DaysAnswer, example={"from": "2026-12-24", "to": "2026-12-26"}, errors=_MISSING),
)  # fmt: skip
