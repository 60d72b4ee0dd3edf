"""Time Slots, version 2: the same times, one entry for each beginning with everybody who is free then; sessions of classes apart."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated, Any

from msgspec import Meta

from roundtrip.api.bookings_times import (
    MOST_ENTRIES,
    MOST_SERVICES,
    ShownClock,
    a_month_after,
    moment_of,
    offered_services,
    window_of,
    zone_named,
)
from roundtrip.api.operation import KEYS, VISITORS, Call, Operation
from roundtrip.api.stores_views import Json
from roundtrip.api.wire import Wire
from roundtrip.bookings.availability import Offer, class_session, offers
from roundtrip.bookings.business import store as business
from roundtrip.bookings.services.actions import no_such_service
from roundtrip.bookings.services.model import Service
from roundtrip.bookings.sessions import store as series
from roundtrip.bookings.sessions.model import parsed_event_id
from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.storage.database import Tx

STAFF_TYPE = "1cd44cf8-756f-41c3-bd90-3e2ffcaf1155"
"""How the wire names staff members as a kind of resource."""
_SHOWN_RESOURCES = 10

LocalTime = Annotated[str, Meta(max_length=40)]
Limit = Annotated[int, Meta(ge=1, le=MOST_ENTRIES)]


class ResourcesAsked(Wire):
    """Which resources of a kind; staff members are the only kind."""

    resource_type_id: str = ""
    resource_ids: Annotated[list[str], Meta(max_length=100)] | None = None


class LocationAsked(Wire):
    """One of the site's locations."""

    id: str = ""


class SlotPaging(Wire):
    """How many, and where to go on."""

    limit: Limit = MOST_ENTRIES
    cursor: Annotated[str, Meta(pattern=r"^\d{0,6}$")] | None = None


class TimeSlotsBody(Wire):
    """Which times of a service are wanted, by the clock of `timeZone`; without one, of the business. Without an end: a month."""

    service_id: str | None = None
    from_local_date: LocalTime | None = None
    to_local_date: LocalTime | None = None
    time_zone: str | None = None
    bookable: bool | None = None
    time_slots_per_day: Limit | None = None
    locations: Annotated[list[LocationAsked], Meta(max_length=100)] | None = None
    resource_types: Annotated[list[ResourcesAsked], Meta(max_length=10)] | None = None
    include_resource_type_ids: list[str] | None = None
    cursor_paging: SlotPaging | None = None


class TimeSlotBody(Wire):
    """One time of a service, by the clock of `timeZone`."""

    service_id: str
    local_start_date: LocalTime
    local_end_date: LocalTime | None = None
    time_zone: str | None = None
    resource_types: Annotated[list[ResourcesAsked], Meta(max_length=10)] | None = None


class EventSlotsBody(Wire):
    """Which sessions of classes are wanted. Without `includeNonBookable` only those that can be booked."""

    from_local_date: LocalTime | None = None
    to_local_date: LocalTime | None = None
    time_zone: str | None = None
    service_ids: Annotated[list[str], Meta(max_length=MOST_SERVICES)] | None = None
    include_non_bookable: bool | None = None
    min_bookable_capacity: int | None = None
    max_slots_per_day: Limit | None = None
    cursor_paging: SlotPaging | None = None


class TimeSlots(Wire, omit_defaults=False):
    """Times in the order of their beginnings."""

    time_slots: list[dict[str, Any]]
    time_zone: str
    cursor_paging_metadata: dict[str, Any]
    paging_metadata: dict[str, Any]


class TimeSlotAnswer(Wire, omit_defaults=False):
    """One time."""

    time_slot: dict[str, Any]
    time_zone: str


async def list_slots(call: Call) -> TimeSlots:
    """List the times of a service."""
    return await call.read(_list_slots, call)


def _list_slots(tx: Tx, call: Call) -> TimeSlots:
    body: TimeSlotsBody = call.body
    if body.service_id is None:
        raise invalid_field("serviceId", "is required and missing", "REQUIRED_FIELD")
    service = _service(tx, call, body.service_id)
    clock = _clock(tx, call, body.time_zone)
    found = _offers(tx, call, [service], body.from_local_date, body.to_local_date, clock, body.resource_types)
    places = {one.id.lower() for one in body.locations or () if one.id}
    wanted = [group for group in _grouped(found) if not places or (group[0].location is not None and group[0].location.id in places)]
    if body.bookable is not None:
        wanted = [group for group in wanted if _is_bookable(group) is body.bookable]
    return _page(wanted, body.time_slots_per_day, body.cursor_paging, clock)


async def get_slot(call: Call) -> TimeSlotAnswer:
    """Read one time of a service."""
    return await call.read(_get_slot, call)


def _get_slot(tx: Tx, call: Call) -> TimeSlotAnswer:
    body: TimeSlotBody = call.body
    service, clock = _service(tx, call, body.service_id), _clock(tx, call, body.time_zone)
    start = moment_of(body.local_start_date, "localStartDate", clock.zone, by_wall=True)
    window = window_of(start, start + service.pattern.duration, 1, "localEndDate")
    found = offers(tx, [service], window, call.now, staff_ids=_staff_ids(body.resource_types))
    group = [one for one in found if one.start == start]
    if not group:
        text = f"The service has no time that begins at {body.local_start_date[:40]} ({clock.name}). List its times."
        raise AppError(Kind.NOT_FOUND, "SLOT_NOT_FOUND", text, data={"serviceId": service.id})
    return TimeSlotAnswer(_slot_out(group, clock), clock.name)


async def list_events(call: Call) -> TimeSlots:
    """List sessions of classes."""
    return await call.read(_list_events, call)


def _list_events(tx: Tx, call: Call) -> TimeSlots:
    body: EventSlotsBody = call.body
    clock = _clock(tx, call, body.time_zone)
    services = offered_services(tx, call, body.service_ids)
    found = [one for one in _offers(tx, call, services, body.from_local_date, body.to_local_date, clock, None) if one.session is not None]
    least = body.min_bookable_capacity or 0
    wanted = [[one] for one in found if (body.include_non_bookable or one.is_bookable) and one.open >= least]
    return _page(wanted, body.max_slots_per_day, body.cursor_paging, clock)


async def get_event(call: Call) -> TimeSlotAnswer:
    """Read one session of a class."""
    return await call.read(_get_event, call)


def _get_event(tx: Tx, call: Call) -> TimeSlotAnswer:
    event_id = call.path_params["id"]
    parsed = parsed_event_id(event_id)
    planned = series.series(tx, call.site_id, parsed[0]) if parsed else None
    (service,) = offered_services(tx, call, [planned.service_id]) or (None,) if planned else (None,)
    found = class_session(tx, service, event_id, call.now) if service else None
    if found is None:
        text = f"There is no session {event_id[:100]!r} that has not begun."
        raise AppError(Kind.NOT_FOUND, "SLOT_NOT_FOUND", text, data={"eventId": event_id[:100]})
    clock = _clock(tx, call, call.query.get("timeZone"))
    return TimeSlotAnswer(_slot_out([found], clock), clock.name)


def _service(tx: Tx, call: Call, service_id: str) -> Service:
    found = offered_services(tx, call, [service_id])
    if not found:
        raise no_such_service(service_id)
    return found[0]


def _clock(tx: Tx, call: Call, name: str | None) -> ShownClock:
    zone = zone_named(name, "timeZone") if name else business.business(tx, call.site_id).zone
    return ShownClock(zone, name or str(zone.key))


def _offers(
    tx: Tx,
    call: Call,
    services: list[Service],
    since: str | None,
    until: str | None,
    clock: ShownClock,
    resources: list[ResourcesAsked] | None,
) -> list[Offer]:
    start = call.now if since is None else moment_of(since, "fromLocalDate", clock.zone, by_wall=True)
    end = a_month_after(start) if until is None else moment_of(until, "toLocalDate", clock.zone, by_wall=True)
    window = window_of(start, end, max(1, len(services)), "toLocalDate")
    return offers(tx, services, window, call.now, staff_ids=_staff_ids(resources))


def _staff_ids(resources: list[ResourcesAsked] | None) -> frozenset[str] | None:
    """Nobody in particular, or these."""
    named = [one for asked in resources or () if asked.resource_type_id in ("", STAFF_TYPE) for one in asked.resource_ids or ()]
    return frozenset(one.lower() for one in named) or None


def _grouped(found: list[Offer]) -> list[list[Offer]]:
    """Those that begin together; each session of a class by itself."""
    groups: list[list[Offer]] = []
    for _, together in groupby(found, key=lambda one: one.start):
        several = list(together)
        appointments = [one for one in several if one.session is None]
        groups += [appointments] if appointments else []
        groups += [[one] for one in several if one.session is not None]
    return groups


def _is_bookable(group: list[Offer]) -> bool:
    return any(one.is_bookable for one in group)


def _page(groups: list[list[Offer]], per_day: int | None, paging: SlotPaging | None, clock: ShownClock) -> TimeSlots:
    if per_day is not None:
        groups = [one for _, day in groupby(groups, key=lambda group: clock.day(group[0].start)) for one in list(day)[:per_day]]
    limit, offset = (paging.limit, int(paging.cursor or 0)) if paging else (MOST_ENTRIES, 0)
    page, more = groups[offset : offset + limit], len(groups) > offset + limit
    described = {"count": len(page), "hasNext": more, "cursors": {"next": str(offset + limit)} if more else {}}
    return TimeSlots([_slot_out(group, clock) for group in page], clock.name, described, described)


def _slot_out(group: list[Offer], clock: ShownClock) -> Json:
    one = group[0]
    free = [other for other in group if other.open > 0]
    total, left = (one.total, one.open) if one.session else (len(group), len(free))
    bookable, location = _is_bookable(group), one.location
    found: Json = {
        "serviceId": one.service.id,
        "localStartDate": clock.local(one.start),
        "localEndDate": clock.local(one.end),
        "bookable": bookable,
        "scheduleId": one.service.schedule_id,
        "totalCapacity": total,
        "remainingCapacity": left,
        "bookableCapacity": left if bookable else 0,
        "bookingPolicyViolations": {
            "tooEarlyToBook": one.obstacles.too_early,
            "tooLateToBook": one.obstacles.too_late,
            "bookOnlineDisabled": one.obstacles.not_online,
        },
        "nonBookableReasons": {
            "noRemainingCapacity": left == 0,
            "violatesBookingPolicy": any(one.obstacles),
            "reservedForWaitingList": False,
            "eventCancelled": bool(one.session and one.session.cancelled),
        },
        "availableResources": [_resources(free)],
    }
    if location is not None:
        found["location"] = {
            "id": location.id,
            "name": location.name,
            "formattedAddress": location.content.address,
            "locationType": "BUSINESS",
        }
    if one.session is not None:
        waiting = {"totalCapacity": one.waiting, "remainingCapacity": one.waiting}
        found["eventInfo"] = {"eventId": one.session.event_id, "eventTitle": one.service.name, "waitingList": waiting}
    return found


def _resources(free: list[Offer]) -> Json:
    staff = [one.staff for one in free if one.staff is not None]
    shown = [{"id": one.id, "name": one.name} for one in staff[:_SHOWN_RESOURCES]]
    return {"resourceTypeId": STAFF_TYPE, "resources": shown, "hasMoreAvailableResources": len(staff) > _SHOWN_RESOURCES}


_PREFIXES = ("/_api/service-availability/v2/time-slots", "/service-availability/v2/time-slots")


def _operation(name: str, method: str, rest: str, summary: str, run: Any, **more: Any) -> Operation:
    kept = {"permission": "booking.read", "callers": VISITORS | KEYS, **more}
    return Operation(name=name, method=method, paths=tuple(prefix + rest for prefix in _PREFIXES), summary=summary, run=run, **kept)


_ID = "5b0d0001-0000-4000-8000-000000000001"
OPERATIONS: tuple[Operation, ...] = (
    _operation(
        "ListTimeSlots",
        "POST",
        "",
        "List the times of a service, version 2: one entry for each beginning, with everybody who is free.",
        list_slots,
        request=TimeSlotsBody,
        response=TimeSlots,
        example={"serviceId": _ID, "fromLocalDate": "2026-12-01T00:00:00", "toLocalDate": "2026-12-08T00:00:00", "bookable": True},
        errors=("SERVICE_NOT_FOUND",),
    ),
    _operation(
        "GetTimeSlot",
        "POST",
        "/get",
        "Read one time of a service, version 2.",
        get_slot,
        request=TimeSlotBody,
        response=TimeSlotAnswer,
        example={"serviceId": _ID, "localStartDate": "2026-12-01T10:00:00", "timeZone": "Europe/Berlin"},
        errors=("SERVICE_NOT_FOUND", "SLOT_NOT_FOUND"),
    ),
    _operation(
        "ListEventTimeSlots",
        "POST",
        "/event",
        "List sessions of classes, version 2.",
        list_events,
        request=EventSlotsBody,
        response=TimeSlots,
        example={"fromLocalDate": "2026-12-01T00:00:00", "toLocalDate": "2026-12-08T00:00:00", "includeNonBookable": True},
    ),
    _operation(
        "GetEventTimeSlot",
        "GET",
        "/event/{id}",
        "Read one session of a class, version 2.",
        get_event,
        response=TimeSlotAnswer,
        query=(("timeZone", "By which clock the time is told; without it, by that of the business."),),
        errors=("SLOT_NOT_FOUND",),
    ),
)
