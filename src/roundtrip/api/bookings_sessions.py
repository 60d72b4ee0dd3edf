"""Sessions of classes and courses, for the owner's own server code: series that follow a rule, and single sessions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from roundtrip.api.bookings_times import ShownClock, moment_of, window_of
from roundtrip.api.operation import KEYS, Call, Operation
from roundtrip.api.settings_calls import change_of
from roundtrip.api.stores_views import Json
from roundtrip.api.wire import Empty, Wire
from roundtrip.bookings.availability import course_sessions
from roundtrip.bookings.business import store as business
from roundtrip.bookings.services.actions import require as require_service
from roundtrip.bookings.services.model import LONGEST_MINUTES, Service
from roundtrip.bookings.sessions import actions, store
from roundtrip.bookings.sessions.model import WALL, Series, Session, SessionChange
from roundtrip.bookings.times import store as times
from roundtrip.core.clock import rfc3339
from roundtrip.core.errors import invalid_field
from roundtrip.core.ids import derived_id, new_id
from roundtrip.core.zones import is_in_reach, midnight
from roundtrip.sites.change import changed_meanwhile
from roundtrip.storage.database import Tx

Id = Annotated[str, Meta(max_length=36)]
_NOT_SAID = midnight(date(2000, 1, 1))
Capacity = Annotated[int, Meta(ge=0, le=1000)]
WallTime = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:00)?$")]


class SeriesIn(Wire):
    """Sessions that follow one rule. Fields that are not sent stay as they are.

    `start` is when the first begins, by the clock of the business. `recurrenceRule` is one of RFC 5545; empty: one session. `minutes` and
    `capacity` are the service's when they are not sent.
    """

    service_id: Id | UnsetType = UNSET
    start: WallTime | UnsetType = UNSET
    minutes: Annotated[int, Meta(ge=1, le=LONGEST_MINUTES)] | UnsetType = UNSET
    recurrence_rule: Annotated[str, Meta(max_length=600)] | UnsetType = UNSET
    staff_member_id: Id | UnsetType | None = UNSET
    location_id: Id | UnsetType | None = UNSET
    capacity: Capacity | UnsetType | None = UNSET
    revision: Annotated[str, Meta(pattern=r"^\d{1,15}$")] | UnsetType = UNSET


class SeriesBody(Wire):
    """New sessions, or a change of planned ones."""

    series: SeriesIn


class SeriesAnswer(Wire, omit_defaults=False):
    """Sessions that follow one rule."""

    series: dict[str, Any]


class SeriesQuery(Wire):
    """Of which service."""

    service_id: Id


class ManySeries(Wire, omit_defaults=False):
    """All series of a service."""

    series: list[dict[str, Any]]


class SessionQuery(Wire):
    """Sessions of a service that begin and end within a window; without an offset, times are by the clock of the business."""

    service_id: Id
    since: Annotated[str, Meta(max_length=40)]
    until: Annotated[str, Meta(max_length=40)]


class SessionIn(Wire):
    """What differs about one session. What is not sent is as the series says."""

    cancelled: bool = False
    capacity: Capacity | None = None


class SessionBody(Wire):
    """What differs about one session."""

    session: SessionIn


class Sessions(Wire, omit_defaults=False):
    """Sessions in the order of their beginnings, cancelled ones too."""

    sessions: list[dict[str, Any]]


async def plan(call: Call) -> SeriesAnswer:
    """Plan sessions."""
    return SeriesAnswer(await call.write(_plan, call, new_id(call.now)))


def _plan(tx: Tx, call: Call, series_id: str) -> Json:
    body: SeriesBody = call.body
    for name, value in (("serviceId", body.series.service_id), ("start", body.series.start)):
        if value is UNSET:
            raise invalid_field(f"series.{name}", "is required and missing", "REQUIRED_FIELD")
    service = require_service(tx, call.site_id, str(body.series.service_id))
    blank = Series(
        service.site_id, series_id, service.id, "", "", _NOT_SAID, service.terms.minutes, "", None, 1, call.now, call.now
    )  # fmt: skip
    return series_out(actions.plan(tx, _with(blank, body.series), change_of(tx, call, derived_id(series_id, "change"))))


async def get(call: Call) -> SeriesAnswer:
    """Read planned sessions."""
    return SeriesAnswer(series_out(await call.read(actions.require_series, call.site_id, call.path_params["id"])))


async def query(call: Call) -> ManySeries:
    """List the series of a service."""
    body: SeriesQuery = call.body
    return ManySeries([series_out(one) for one in await call.read(store.of_services, call.site_id, [body.service_id.lower()])])


async def update(call: Call) -> SeriesAnswer:
    """Set the fields that are sent; with `revision`, only if nobody was quicker."""
    return SeriesAnswer(await call.write(_update, call, new_id(call.now)))


def _update(tx: Tx, call: Call, entry_id: str) -> Json:
    body: SeriesBody = call.body
    before = actions.require_series(tx, call.site_id, call.path_params["id"])
    if body.series.revision is not UNSET and int(body.series.revision) != before.revision:
        raise changed_meanwhile("series", int(body.series.revision))
    if body.series.service_id is not UNSET and body.series.service_id.lower() != before.service_id:
        raise invalid_field("series.serviceId", "can't be changed; plan sessions of the other service", "FORMAT")
    return series_out(actions.update(tx, before, _with(before, body.series), change_of(tx, call, entry_id)))


async def delete(call: Call) -> Empty:
    """Delete planned sessions; what was booked stays."""

    def deleting(tx: Tx, entry_id: str) -> None:
        actions.delete(tx, call.site_id, call.path_params["id"], change_of(tx, call, entry_id))

    await call.write(deleting, new_id(call.now))
    return Empty()


async def list_sessions(call: Call) -> Sessions:
    """List single sessions."""
    return await call.read(_list_sessions, call)


def _list_sessions(tx: Tx, call: Call) -> Sessions:
    body: SessionQuery = call.body
    service = require_service(tx, call.site_id, body.service_id)
    clock = _clock(tx, service)
    start = moment_of(body.since, "since", clock.zone, by_wall=False)
    window = window_of(start, moment_of(body.until, "until", clock.zone, by_wall=False), 1, "until")
    found = course_sessions(tx, service, window)
    taken = times.seats(tx, service.site_id, [one.event_id for one in found])
    return Sessions([session_out(one, service, taken.get(one.event_id, 0), clock) for one in found])


async def change_session(call: Call) -> Empty:
    """Say what differs about one session."""
    body: SessionBody = call.body
    differs = SessionChange(body.session.cancelled, body.session.capacity)

    def changing(tx: Tx, entry_id: str) -> None:
        actions.change_session(tx, call.site_id, call.path_params["id"], differs, change_of(tx, call, entry_id))

    await call.write(changing, new_id(call.now))
    return Empty()


def _clock(tx: Tx, service: Service) -> ShownClock:
    zone = business.business(tx, service.site_id).zone
    return ShownClock(zone, str(zone.key))


def _with(series: Series, sent: SeriesIn) -> Series:
    changes: dict[str, Any] = {}
    if sent.start is not UNSET:
        try:
            changes["starts"] = starts = store.wall_time(sent.start[:16])
            if not is_in_reach(starts):
                raise ValueError
        except ValueError:
            text = f"must be a time such as 2026-11-28T18:00 (received {sent.start!r})"
            raise invalid_field("series.start", text, "FORMAT", received=sent.start) from None
    if sent.minutes is not UNSET:
        changes["minutes"] = sent.minutes
    if sent.recurrence_rule is not UNSET:
        changes["rule"] = sent.recurrence_rule
    if sent.staff_member_id is not UNSET:
        changes["staff_id"] = (sent.staff_member_id or "").lower()
    if sent.location_id is not UNSET:
        changes["location_id"] = (sent.location_id or "").lower()
    if sent.capacity is not UNSET:
        changes["capacity"] = sent.capacity
    return replace(series, **changes)


def series_out(one: Series) -> Json:
    """A series on the wire."""
    return {
        "id": one.id,
        "serviceId": one.service_id,
        "start": one.starts.strftime(WALL),
        "minutes": one.minutes,
        "recurrenceRule": one.rule,
        "staffMemberId": one.staff_id or None,
        "locationId": one.location_id or None,
        "capacity": one.capacity,
        "revision": str(one.revision),
        "createdDate": rfc3339(one.created_at),
        "updatedDate": rfc3339(one.updated_at),
    }


def session_out(one: Session, service: Service, taken: int, clock: ShownClock) -> Json:
    """A session on the wire."""
    return {
        "eventId": one.event_id,
        "seriesId": one.series.id,
        "startDate": clock.text(one.start),
        "endDate": clock.text(one.end),
        "capacity": service.terms.capacity if one.capacity is None else one.capacity,
        "takenSpots": taken,
        "cancelled": one.cancelled,
    }


_SERIES, _ONE = ("/api/v1/session-series",), ("/api/v1/session-series/{id}",)
_ID = "5b0d0003-0000-4000-8000-000000000001"
_PARTS = ("STAFF_MEMBER_NOT_FOUND", "LOCATION_NOT_FOUND")
_PLANNED = {"serviceId": _ID, "start": "2026-12-01T18:00", "recurrenceRule": "FREQ=WEEKLY;BYDAY=TU,TH"}
OPERATIONS: tuple[Operation, ...] = (
    Operation("PlanSessions", "POST", _SERIES, "Plan sessions of a class or course by a rule (RFC 5545).", plan, "booking.manage", KEYS,
              SeriesBody, SeriesAnswer, example={"series": _PLANNED}, errors=("SERVICE_NOT_FOUND", *_PARTS, "TOO_MANY_SERIES")),
    Operation("GetSessionSeries", "GET", _ONE, "Read planned sessions.", get, "booking.read", KEYS, None, SeriesAnswer,
              errors=("SERIES_NOT_FOUND",)),
    Operation("QuerySessionSeries", "POST", ("/api/v1/session-series/query",), "List the series of a service.", query, "booking.read", KEYS,
              SeriesQuery, ManySeries, example={"serviceId": _ID}),
    Operation("UpdateSessionSeries", "PATCH", _ONE, "Set the fields of planned sessions that are sent.", update, "booking.manage", KEYS,
              SeriesBody, SeriesAnswer, example={"series": {"capacity": 8, "revision": "1"}},
              errors=("SERIES_NOT_FOUND", *_PARTS, "REVISION_CHANGED")),
    Operation("DeleteSessionSeries", "DELETE", _ONE, "Delete planned sessions; what was booked of them stays.", delete, "booking.manage",
              KEYS, None, Empty, errors=("SERIES_NOT_FOUND",)),
    Operation("QuerySessions", "POST", ("/api/v1/sessions/query",), "List single sessions of a class or course.", list_sessions,
              "booking.read", KEYS, SessionQuery, Sessions,
              example={"serviceId": _ID, "since": "2026-12-01T00:00:00", "until": "2026-12-08T00:00:00"}, errors=("SERVICE_NOT_FOUND",)),
    Operation("ChangeSession", "PATCH", ("/api/v1/sessions/{id}",), "Cancel one session, or give it another number of places.",
              change_session, "booking.manage", KEYS, SessionBody, Empty, example={"session": {"cancelled": True}},
              errors=("SESSION_NOT_FOUND",)),
)  # fmt: skip
