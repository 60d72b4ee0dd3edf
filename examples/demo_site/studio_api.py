"""Booking on the public wire: services, their free times, and a booking. Every function raises `ApiError`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from examples.demo_site.api import Api, ApiError, mapping
from examples.demo_site.trace import Trace

SERVICES_PATH = "/bookings/v2/services/query"
TIMES_PATH = "/availability-calendar/v1/availability/query"
ZONE = "America/New_York"
"""The clock of the studio, by which this site shows its times."""
DAYS = 3
MOST = 60


@dataclass(frozen=True, slots=True)
class Service:
    """Something to book, as this site shows it."""

    id: str
    slug: str
    name: str
    tag_line: str
    description: str
    price: str
    minutes: int
    has_times: bool


@dataclass(frozen=True, slots=True)
class Time:
    """A free time. `value` names it when it is wanted; the server looks everything else up again."""

    value: str
    words: str
    with_whom: str


@dataclass(frozen=True, slots=True)
class Booking:
    """What the hosted pages made."""

    title: str
    start: str
    status: str
    is_paid: bool


async def services(api: Api, trace: Trace, token: str, *, slug: str = "") -> list[Service]:
    """Everything that is offered, in the owner's order; with `slug` the one service, or nothing."""
    query: dict[str, object] = {"paging": {"limit": 50}}
    if slug:
        query["filter"] = {"mainSlug.name": slug}
    answer = await api.call(trace, "What can be booked?", "POST", SERVICES_PATH, body={"query": query}, access_token=token)
    return [_service(one) for one in _objects(answer.get("services"))]


async def free_times(api: Api, trace: Trace, token: str, service_id: str) -> dict[str, list[Time]]:
    """Free times of the next days, by day."""
    days: dict[str, list[Time]] = {}
    for entry in await _entries(api, trace, token, service_id):
        slot = mapping(entry.get("slot"))
        start = datetime.fromisoformat(str(slot.get("startDate")))
        time = Time(_value(slot), f"{start:%H:%M}", str(mapping(slot.get("resource")).get("name") or ""))
        days.setdefault(f"{start:%A, %d %B}", []).append(time)
    return days


async def entry(api: Api, trace: Trace, token: str, service_id: str, value: str) -> Mapping[str, Any] | None:
    """The entry of the calendar with this value, if it is still free: what the hosted page is asked for."""
    found = await _entries(api, trace, token, service_id)
    return next((one for one in found if _value(mapping(one.get("slot"))) == value), None)


async def booking(api: Api, trace: Trace, token: str, booking_id: str) -> Booking | None:
    """The booking with this id, if it is this visitor's."""
    path = f"/bookings/v2/bookings/{quote(booking_id, safe='') or '-'}"
    try:
        found = mapping((await api.call(trace, "The booking", "GET", path, access_token=token)).get("booking"))
    except ApiError as problem:
        if problem.status in (400, 404):
            return None
        raise
    start = datetime.fromisoformat(str(found.get("startDate")))
    return Booking(
        title=str(mapping(found.get("bookedEntity")).get("title")),
        start=f"{start.astimezone(ZoneInfo(ZONE)):%A, %d %B %Y, %H:%M}, New York time",
        status=str(found.get("status")),
        is_paid=found.get("paymentStatus") == "PAID",
    )


async def _entries(api: Api, trace: Trace, token: str, service_id: str) -> list[Mapping[str, Any]]:
    now = datetime.now(ZoneInfo(ZONE))
    window = {"startDate": now.isoformat(timespec="seconds"), "endDate": (now + timedelta(days=DAYS)).isoformat(timespec="seconds")}
    query = {"filter": {"serviceId": [service_id], "bookable": True, **window}, "cursorPaging": {"limit": MOST}}
    body = {"query": query, "timezone": ZONE}
    answer = await api.call(trace, "When is it free?", "POST", TIMES_PATH, body=body, access_token=token)
    return _objects(answer.get("availabilityEntries"))


def _value(slot: Mapping[str, Any]) -> str:
    return f"{slot.get('startDate')} {slot.get('eventId') or mapping(slot.get('resource')).get('id') or ''}"


def _service(found: Mapping[str, Any]) -> Service:
    payment = mapping(found.get("payment"))
    price = mapping(mapping(payment.get("fixed")).get("price")).get("formattedValue") or mapping(payment.get("custom")).get("description")
    durations = mapping(mapping(found.get("schedule")).get("availabilityConstraints")).get("sessionDurations")
    return Service(
        id=str(found.get("id")),
        slug=str(mapping(found.get("mainSlug")).get("name")),
        name=str(found.get("name")),
        tag_line=str(found.get("tagLine") or ""),
        description=str(found.get("description") or ""),
        price=str(price or "Free"),
        minutes=int(durations[0]) if isinstance(durations, list) and durations else 0,
        has_times=found.get("type") != "COURSE",
    )


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
