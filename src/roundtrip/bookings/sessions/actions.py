"""What owners do with sessions: plan a series, change or end it, change one session. Each change is written down (OPS-02)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from roundtrip.bookings.parts import actions as parts
from roundtrip.bookings.parts.model import PartKind
from roundtrip.bookings.recurrence import NotARule, begins, checked
from roundtrip.bookings.services import store as services
from roundtrip.bookings.services.actions import no_such_service, require
from roundtrip.bookings.services.model import ServiceKind
from roundtrip.bookings.sessions import store
from roundtrip.bookings.sessions.model import WALL, Series, SessionChange, parsed_event_id
from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.sites.change import Change, changed_meanwhile
from roundtrip.storage import audit
from roundtrip.storage.database import Tx

ENTITY = "session_series"
MOST_OF_A_SERVICE = 50
MOST_OF_A_STAFF_MEMBER = 200
"""Every series is looked at whenever somebody asks for a time."""


def plan(tx: Tx, series: Series, change: Change) -> Series:
    """Keep a new series. Raises NOT_FOUND `SERVICE_NOT_FOUND`, `STAFF_MEMBER_NOT_FOUND` or `LOCATION_NOT_FOUND`, INVALID for the
    rule or an appointment, CONFLICT `TOO_MANY_SERIES`."""
    if not services.hold(tx, series.site_id, series.service_id):
        raise no_such_service(series.service_id)
    service = require(tx, series.site_id, series.service_id)
    if service.kind is ServiceKind.APPOINTMENT:
        raise invalid_field("series.serviceId", "is an appointment, which has hours and no sessions", "FORMAT")
    series = _fitting(tx, series)
    few = store.count_of_service(tx, series.site_id, series.service_id) < MOST_OF_A_SERVICE
    if not few or (series.staff_id and store.count_of_staff(tx, series.site_id, series.staff_id) >= MOST_OF_A_STAFF_MEMBER):
        most = f"A service has at most {MOST_OF_A_SERVICE} series, a staff member {MOST_OF_A_STAFF_MEMBER}"
        text = f"{most}. Let one rule say more, or delete old ones."
        raise AppError(Kind.CONFLICT, "TOO_MANY_SERIES", text)
    store.insert(tx, series)
    _note(tx, series, service.name, "created", change, None, picture(series))
    return series


def update(tx: Tx, before: Series, after: Series, change: Change) -> Series:
    """Keep a series as its owner says it is now. Sessions that still begin when they did keep their names, and what was booked of them.

    Raises as `plan`, and CONFLICT `REVISION_CHANGED`.
    """
    after = _fitting(tx, after)
    if after == before:
        return before
    if not store.replace_series(tx, after, before.revision, change.now):
        raise changed_meanwhile("series", before.revision)
    after = replace(after, revision=before.revision + 1, updated_at=change.now)
    was, now_is = audit.changed(picture(before), picture(after))
    _note(tx, after, require(tx, after.site_id, after.service_id).name, "updated", change, was, now_is)
    return after


def delete(tx: Tx, site_id: str, series_id: str, change: Change) -> None:
    """Delete a series. What was booked of its sessions stays booked. Raises NOT_FOUND `SERIES_NOT_FOUND` for whoever comes second."""
    found = require_series(tx, site_id, series_id)
    if not store.delete(tx, site_id, found.id):
        raise no_such_series(series_id)
    _note(tx, found, require(tx, site_id, found.service_id).name, "deleted", change, picture(found), None)


def change_session(tx: Tx, site_id: str, event_id: str, differs: SessionChange, change: Change) -> Series:
    """Say what differs about one session. Raises NOT_FOUND `SESSION_NOT_FOUND` for what no rule gives."""
    found, starts = require_session(tx, site_id, event_id)
    store.keep_change(tx, site_id, found.id, starts, differs)
    body = {"eventId": event_id, "cancelled": differs.cancelled, "capacity": differs.capacity}
    name = require(tx, site_id, found.service_id).name
    change.note(tx, site_id=site_id, action=f"{ENTITY}.session_changed", object_id=found.id, object_name=name, after=body)
    change.tell(tx, DomainEvent(site_id, ENTITY, "session_changed", found.id, dict(body)))
    return found


def require_series(tx: Tx, site_id: str, series_id: str) -> Series:
    """A series of this site. Raises NOT_FOUND `SERIES_NOT_FOUND`."""
    found = store.series(tx, site_id, series_id.lower())
    if found is None:
        raise no_such_series(series_id)
    return found


def require_session(tx: Tx, site_id: str, event_id: str) -> tuple[Series, datetime]:
    """The series of a session and its wall time. Raises NOT_FOUND `SESSION_NOT_FOUND`."""
    parsed = parsed_event_id(event_id)
    found = store.series(tx, site_id, parsed[0]) if parsed else None
    if parsed is None or found is None or parsed[1] not in begins(found.rule, found.starts, parsed[1].date(), parsed[1].date()):
        text = f"There is no session {event_id[:100]!r}: its series was deleted or changed, or never gave it."
        raise AppError(Kind.NOT_FOUND, "SESSION_NOT_FOUND", text, data={"eventId": event_id[:100]})
    return found, parsed[1]


def _fitting(tx: Tx, series: Series) -> Series:
    try:
        rule = checked(series.rule, series.starts)
    except NotARule as reason:
        raise invalid_field("series.recurrenceRule", str(reason), "FORMAT", received=series.rule[:100]) from None
    for kind, part_id in ((PartKind.LOCATION, series.location_id), (PartKind.STAFF, series.staff_id)):
        if part_id:
            parts.require_held(tx, series.site_id, kind, part_id)
    return replace(series, rule=rule)


def picture(one: Series) -> dict[str, Any]:
    """Every field with plain values, for the audit log and for events."""
    return {
        "serviceId": one.service_id,
        "staffMemberId": one.staff_id,
        "locationId": one.location_id,
        "start": one.starts.strftime(WALL),
        "minutes": one.minutes,
        "recurrenceRule": one.rule,
        "capacity": one.capacity,
    }


def _note(tx: Tx, one: Series, name: str, slug: str, change: Change, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
    change.note(tx, site_id=one.site_id, action=f"{ENTITY}.{slug}", object_id=one.id, object_name=name, before=before, after=after)
    body: dict[str, object] = {"series": {"id": one.id, "revision": one.revision, **picture(one)}}
    change.tell(tx, DomainEvent(one.site_id, ENTITY, slug, one.id, body))


def no_such_series(series_id: str) -> AppError:
    """There is none (any more), or it is another site's."""
    text = f"There are no planned sessions {series_id[:100]!r}."
    return AppError(Kind.NOT_FOUND, "SERIES_NOT_FOUND", text, data={"id": series_id[:100]})
