"""The availability calendar: every time of some services within a window, one entry for each staff member or session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from roundtrip.api.bookings_times import (
    MOST_ENTRIES,
    MOST_SERVICES,
    ShownClock,
    moment_of,
    offered_services,
    window_of,
    zone_named,
)
from roundtrip.api.bookings_view import slot_location
from roundtrip.api.operation import KEYS, VISITORS, Answer, Call, Operation
from roundtrip.api.wire import Wire
from roundtrip.bookings.availability import Obstacles, Offer, offers
from roundtrip.bookings.business import store as business
from roundtrip.core.errors import invalid_field
from roundtrip.storage.database import Tx

_FILTERS = ("serviceId", "startDate", "endDate", "bookable", "openSpots", "resourceId", "location.id", "scheduleId")
_encode = msgspec.json.Encoder().encode


class AvailabilityBody(Wire):
    """Which times are wanted. With `timezone`, the clock of that zone is meant, whatever offset is written."""

    query: dict[str, Any] | None = None
    timezone: str | None = None
    slots_per_day: int | None = None


class Availability(Wire, omit_defaults=False):
    """Bookable times first, then the others; both in the order of their beginnings."""

    availability_entries: list[dict[str, Any]]
    paging_metadata: dict[str, Any]


class _Wanted(msgspec.Struct):
    """The question, as it was understood."""

    service_ids: list[str] | None
    start: object
    end: object
    only_bookable: bool
    open_spots: int
    staff_ids: frozenset[str] | None
    location_id: str
    descending: bool
    limit: int
    offset: int


async def query(call: Call) -> Answer:
    """List times."""
    body: AvailabilityBody = call.body
    wanted = _read(body.query or {})
    if body.slots_per_day is not None and not 1 <= body.slots_per_day <= MOST_ENTRIES:
        raise invalid_field("slotsPerDay", f"must be from 1 to {MOST_ENTRIES}", "FORMAT")
    return await call.read(_answered, call, wanted, body.timezone, body.slots_per_day)


def _answered(tx: Tx, call: Call, wanted: _Wanted, zone_name: str | None, per_day: int | None) -> Answer:
    zone = zone_named(zone_name, "timezone") if zone_name else business.business(tx, call.site_id).zone
    start = moment_of(wanted.start, "query.filter.startDate", zone, by_wall=zone_name is not None)
    end = moment_of(wanted.end, "query.filter.endDate", zone, by_wall=zone_name is not None)
    services = offered_services(tx, call, wanted.service_ids)
    window = window_of(start, end, max(1, len(services)), "query.filter.endDate")
    clock = ShownClock(zone, zone_name or str(zone.key))
    fitting = [one for one in offers(tx, services, window, call.now, staff_ids=wanted.staff_ids) if _fits(one, wanted)]
    chosen = _chosen(fitting, wanted, per_day, clock)
    page = chosen[wanted.offset : wanted.offset + wanted.limit]
    return Answer(_written(page, clock, len(chosen) - wanted.offset > wanted.limit, wanted.offset + wanted.limit))


def _chosen(found: list[Offer], wanted: _Wanted, per_day: int | None, clock: ShownClock) -> list[Offer]:
    """What can be booked goes before what cannot, also where a day has room for few."""
    in_order = list(reversed(found)) if wanted.descending else found
    ordered = [one for one in in_order if one.is_bookable] + [one for one in in_order if not one.is_bookable]
    if per_day is None:
        return ordered
    seen: dict[str, int] = {}
    chosen = []
    for one in ordered:
        day = clock.day(one.start)
        seen[day] = seen.get(day, 0) + 1
        if seen[day] <= per_day:
            chosen.append(one)
    return chosen


def _fits(one: Offer, wanted: _Wanted) -> bool:
    if wanted.only_bookable and not one.is_bookable:
        return False
    if one.open < wanted.open_spots or not wanted.location_id:
        return one.open >= wanted.open_spots
    location = one.location
    return location is not None and location.id == wanted.location_id


def _written(page: list[Offer], clock: ShownClock, more: bool, following: int) -> bytes:
    """The answer, put together from texts: a month of one service may have thousands of entries that differ in two times."""
    heads: dict[tuple[int, int], str] = {}
    tails: dict[tuple[bool, int, int, int, Obstacles], str] = {}
    entries = []
    for one in page:
        service, start, end, staff, session, total, free, waiting, obstacles = one
        key = id(service), id(staff)
        head = heads.get(key) if session is None else None
        if head is None:
            head = heads[key] = _head(one, clock.name)
        state = one.is_bookable, total, free, waiting, obstacles
        tail = tails.get(state)
        if tail is None:
            tail = tails[state] = _tail(*state)
        entries.append(f'{head}"startDate":"{clock.text(start)}","endDate":"{clock.text(end)}"{tail}')
    cursors = f'"next":"{following}"' if more else ""
    paging = f'{{"count":{len(page)},"hasNext":{"true" if more else "false"},"cursors":{{{cursors}}}}}'
    return f'{{"availabilityEntries":[{",".join(entries)}],"pagingMetadata":{paging}}}'.encode()


def _tail(is_bookable: bool, total: int, free: int, waiting: int, obstacles: Obstacles) -> str:
    """What follows the times of an entry."""
    answer = {
        "bookable": is_bookable,
        "totalSpots": total,
        "openSpots": free,
        "waitingList": {"totalSpots": waiting, "openSpots": waiting},
        "bookingPolicyViolations": {
            "tooEarlyToBook": obstacles.too_early,
            "tooLateToBook": obstacles.too_late,
            "bookOnlineDisabled": obstacles.not_online,
        },
        "locked": False,
    }
    return "}," + _encode(answer).decode()[1:]


def _head(one: Offer, zone_name: str) -> str:
    slot: dict[str, Any] = {"serviceId": one.service.id, "scheduleId": one.service.schedule_id, "timezone": zone_name}
    if one.session is not None:
        slot |= {"sessionId": one.session.event_id, "eventId": one.session.event_id}
    if one.staff is not None:
        slot["resource"] = {"id": one.staff.id, "name": one.staff.name}
    location = one.location
    if location is not None:
        slot["location"] = slot_location(location)
    return f'{{"slot":{_encode(slot).decode()[:-1]},'


def _read(query: Mapping[str, Any]) -> _Wanted:
    asked = query.get("filter") or {}
    if not isinstance(asked, Mapping):
        raise invalid_field("query.filter", "must be an object", "FORMAT")
    for name in asked:
        if name not in _FILTERS:
            text = f"is not a field that can be filtered by; there are {', '.join(_FILTERS)}"
            raise invalid_field(f"query.filter.{name}"[:200], text, "INVALID_ENUM_VALUE")
    for name in ("startDate", "endDate"):
        if asked.get(name) is None:
            raise invalid_field(f"query.filter.{name}", "is required and missing", "REQUIRED_FIELD")
    staff = _ids(asked, "resourceId")
    spots, bookable = asked.get("openSpots"), asked.get("bookable")
    if isinstance(spots, bool) or not isinstance(spots, int | None) or not 0 <= (spots or 0) <= 1000:
        raise invalid_field("query.filter.openSpots", "must be a whole number from 0 to 1000", "FORMAT")
    if not isinstance(bookable, bool | None):
        raise invalid_field("query.filter.bookable", "must be true or false", "FORMAT")
    location = asked.get("location.id") or ""
    limit, offset = _paging(query.get("cursorPaging"))
    return _Wanted(
        service_ids=_ids(asked, "serviceId"),
        start=asked["startDate"],
        end=asked["endDate"],
        only_bookable=bookable is True,
        open_spots=spots or 0,
        staff_ids=None if staff is None else frozenset(staff),
        location_id=location.lower() if isinstance(location, str) else "",
        descending=_descending(query.get("sort")),
        limit=limit,
        offset=offset,
    )


def _ids(asked: Mapping[str, Any], name: str) -> list[str] | None:
    """One id or a list of them."""
    value = asked.get(name)
    if value is None:
        return None
    given = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) for one in given) or len(given) > MOST_SERVICES:
        raise invalid_field(f"query.filter.{name}", f"must be an id, or a list of at most {MOST_SERVICES}", "FORMAT")
    return [one.lower() for one in given]


def _descending(sort: object) -> bool:
    if sort is None or sort == []:
        return False
    one = sort[0] if isinstance(sort, list) else None
    order = one.get("order", "ASC") if isinstance(one, Mapping) and one.get("fieldName") in ("startTime", "startDate") else ""
    if order not in ("ASC", "DESC"):
        raise invalid_field("query.sort", "must be by startDate, ASC or DESC", "INVALID_ENUM_VALUE")
    return order == "DESC"


def _paging(paging: object) -> tuple[int, int]:
    """How many, and from which place on."""
    if paging is None:
        return MOST_ENTRIES, 0
    limit = paging.get("limit", MOST_ENTRIES) if isinstance(paging, Mapping) else None
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MOST_ENTRIES:
        raise invalid_field("query.cursorPaging.limit", f"must be a whole number from 1 to {MOST_ENTRIES}", "FORMAT")
    assert isinstance(paging, Mapping)  # else there was no limit
    cursor = paging.get("cursor") or "0"
    if not isinstance(cursor, str) or not (cursor.isascii() and cursor.isdecimal()) or len(cursor) > 6:
        raise invalid_field("query.cursorPaging.cursor", "must be one that an answer held", "FORMAT")
    return limit, int(cursor)


_PATHS = (
    "/availability-calendar/v1/availability/query",
    "/_api/availability-calendar/v1/availability/query",
    "/bookings/availability-calendar/v1/availability/query",
    "/bookings/v1/availability/query",
)
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="QueryAvailability",
        method="POST",
        paths=_PATHS,
        summary=f"List times that can be booked, and those that can't. Filters, by equality: {', '.join(_FILTERS)}.",
        run=query,
        permission="booking.read",
        callers=VISITORS | KEYS,
        request=AvailabilityBody,
        response=Availability,
        example={
            "query": {"filter": {"startDate": "2026-12-01T00:00:00Z", "endDate": "2026-12-08T00:00:00Z", "bookable": True}},
            "timezone": "Europe/Berlin",
        },
    ),
)
