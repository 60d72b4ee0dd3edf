"""The availability calendar and Time Slots over the API: the same times in every zone, and everything that was asked for in the filter."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from roundtrip.api.operation import Router
from roundtrip.api.operations import OPERATIONS
from roundtrip.bookings import seed
from roundtrip.bookings.hours import Interval
from roundtrip.bookings.times import actions as taken
from roundtrip.bookings.times.model import HOLD, Seats, StaffTime
from roundtrip.core.clock import HOUR, MINUTE, rfc3339
from tests.api.shape import is_violated, refused, succeeded
from tests.app_fixture import App
from tests.bookings.desk import AVAILABILITY, CALL, COACHING, DAY, POTTERY, SLOTS, UNKNOWN, YOGA, Json, keyed, offers, starts, times


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/_api/bookings/v2/services/query"), ("POST", "/bookings/v2/services/query"), ("GET", "/_api/bookings/v2/services/x"),
        ("GET", "/bookings/v2/services/x"), ("POST", "/availability-calendar/v1/availability/query"),
        ("POST", "/_api/availability-calendar/v1/availability/query"), ("POST", "/bookings/v1/availability/query"),
        ("POST", "/bookings/availability-calendar/v1/availability/query"), ("POST", "/_api/service-availability/v2/time-slots"),
        ("POST", "/service-availability/v2/time-slots"), ("POST", "/_api/service-availability/v2/time-slots/get"),
        ("POST", "/_api/service-availability/v2/time-slots/event"), ("POST", "/_api/bookings/v2/categories/query"),
    ],
)  # fmt: skip
def test_every_address_that_an_sdk_may_use_is_answered(method: str, path: str) -> None:
    found = Router(OPERATIONS).find(path)
    assert found is not None
    assert method in found[0]


def milliseconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def test_the_first_service_can_always_be_booked_within_a_day_with_one_entry_for_each_start(app_on_each: App) -> None:
    desk = offers(app_on_each)
    for hours in (0, 5, 9, 13, 22):
        desk.clock.move(hours * HOUR)
        found = times(desk, {"serviceId": CALL, "bookable": True}, days=1)
        assert found
        assert len(set(starts(found))) == len(found)
        assert all(milliseconds(one) > desk.clock.now for one in starts(found)), "what has begun is not offered"
    slot = found[0]["slot"]
    assert slot["resource"] == {"id": seed.ALEX, "name": "Alex Kim"}
    assert slot["location"]["locationType"] == "OWNER_BUSINESS"
    assert slot["timezone"] == "America/New_York"
    assert found[0]["bookingPolicyViolations"] == {"tooEarlyToBook": False, "tooLateToBook": False, "bookOnlineDisabled": False}
    assert times(desk, {"serviceId": POTTERY}, days=30) == [], "a course is booked as a whole"
    assert times(desk, {"serviceId": UNKNOWN}) == []
    assert times(desk, {"serviceId": CALL}, desk.visitor(desk.world.foreign)) == []


def test_the_same_times_are_offered_whatever_zone_is_asked_in(app: App) -> None:
    desk = offers(app)
    window = {"startDate": "2026-10-31T00:00:00Z", "endDate": "2026-11-03T00:00:00Z"}  # clocks in New York go back on 1 November
    exact = {milliseconds(one) for one in starts(times(desk, {"serviceId": COACHING, **window}))}
    for zone in ("UTC", "Asia/Kathmandu", "Pacific/Auckland"):
        # The wall clock is meant, whatever offset is written: a day earlier and later covers the same instants.
        wide = {"startDate": "2026-10-30T00:00:00+09:00", "endDate": "2026-11-04T12:00:00.000Z"}
        found = times(desk, {"serviceId": [COACHING], **wide}, timezone=zone)
        assert exact <= {milliseconds(one) for one in starts(found)}
        assert {one["slot"]["timezone"] for one in found} == {zone}
    berlin = times(
        desk, {"serviceId": CALL, "startDate": "2026-10-25T13:00:00Z", "endDate": "2026-10-25T14:00:00Z"}, timezone="Europe/Berlin"
    )
    assert starts(berlin) == ["2026-10-25T13:00:00.000+01:00", "2026-10-25T13:30:00.000+01:00"]


def test_what_is_taken_is_shown_last_as_not_bookable_and_each_staff_member_has_an_entry(app_on_each: App) -> None:
    desk = offers(app_on_each)
    free = times(desk, {"serviceId": COACHING, "bookable": True}, days=1)
    first = milliseconds(starts(free)[0])
    assert [one["slot"]["resource"]["name"] for one in free if milliseconds(one["slot"]["startDate"]) == first] == ["Alex Kim", "Sam Lee"]
    wanted = StaffTime(desk.world.site.id, "b1", seed.ALEX, Interval(first, first + HOUR))
    now = desk.clock.now
    assert desk.application.db.write_now(lambda tx: taken.take(tx, wanted, now, hold_ends_at=now + HOLD))
    found = times(desk, {"serviceId": COACHING}, days=1)
    order = [one["bookable"] for one in found]
    assert order == sorted(order, reverse=True)
    held = next(one for one in found if milliseconds(one["slot"]["startDate"]) == first and not one["bookable"])
    assert (held["slot"]["resource"]["name"], held["openSpots"], held["totalSpots"]) == ("Alex Kim", 0, 1)
    call = times(desk, {"serviceId": CALL, "openSpots": 1}, days=1)
    assert first not in {milliseconds(one) for one in starts(call)}, "another service of the same staff member"
    only = times(desk, {"serviceId": COACHING, "resourceId": [seed.SAM]}, days=1)
    assert {one["slot"]["resource"]["id"] for one in only} == {seed.SAM}
    classes = {one["slot"]["startDate"] for one in times(desk, {"serviceId": YOGA}, days=1)}
    assert not any(one["bookable"] for one in only if one["slot"]["startDate"][:16] in {start[:16] for start in classes}), (
        "Sam teaches then"
    )
    desk.clock.move(HOLD)
    again = times(desk, {"serviceId": COACHING, "resourceId": seed.ALEX, "bookable": True}, days=1)
    assert first in {milliseconds(one) for one in starts(again)}, "nobody came back in time"


def test_sessions_count_their_seats_and_can_be_cancelled_one_by_one(app_on_each: App) -> None:
    desk = offers(app_on_each)
    evening, morning = times(desk, {"serviceId": [YOGA]}, days=1.5)[:2]
    event_id = evening["slot"]["eventId"]
    assert 36 <= len(event_id) <= 250
    assert (evening["totalSpots"], evening["openSpots"], evening["slot"]["sessionId"]) == (12, 12, event_id)
    start, end = (milliseconds(evening["slot"][name]) for name in ("startDate", "endDate"))
    seats = Seats(desk.world.site.id, "b1", event_id, Interval(start, end), 4, 12)
    assert desk.application.db.write_now(lambda tx: taken.take(tx, seats, desk.clock.now, hold_ends_at=None))
    assert times(desk, {"serviceId": YOGA}, days=1.5)[0]["openSpots"] == 8
    assert event_id not in [one["slot"]["eventId"] for one in times(desk, {"serviceId": YOGA, "openSpots": 9}, days=1.5)]
    succeeded(keyed(desk, "PATCH", f"/api/v1/sessions/{morning['slot']['eventId']}", {"session": {"cancelled": True}}))
    succeeded(keyed(desk, "PATCH", f"/api/v1/sessions/{event_id}", {"session": {"capacity": 4}}))
    found = {one["slot"]["eventId"]: one for one in times(desk, {"serviceId": YOGA}, days=1.5)}
    assert not found[morning["slot"]["eventId"]]["bookable"]
    assert (found[event_id]["openSpots"], found[event_id]["totalSpots"], found[event_id]["bookable"]) == (0, 4, False)
    refused(keyed(desk, "PATCH", f"/api/v1/sessions/{event_id[:-6]}070000", {"session": {"cancelled": True}}), 404, "SESSION_NOT_FOUND")
    window = {"since": rfc3339(desk.clock.now), "until": rfc3339(desk.clock.now + DAY)}
    sessions = succeeded(keyed(desk, "POST", "/api/v1/sessions/query", {"serviceId": YOGA, **window}))["sessions"]
    assert sessions[0]["takenSpots"] == 4


def test_an_owner_plans_sessions_gives_days_off_and_sets_a_policy(app: App) -> None:
    desk = offers(app)
    body = {"serviceId": YOGA, "start": "2026-12-01T12:00", "recurrenceRule": "FREQ=WEEKLY;BYDAY=TU", "capacity": 3}
    planned = succeeded(keyed(desk, "POST", "/api/v1/session-series", {"series": body}))["series"]
    december = {"serviceId": YOGA, "startDate": "2026-12-01T11:30:00Z", "endDate": "2026-12-15T13:00:00Z"}
    noon = [one for one in times(desk, december, timezone="America/New_York") if "T12:" in one["slot"]["startDate"]]
    assert ([one["slot"]["startDate"][:10] for one in noon], noon[0]["totalSpots"]) == (["2026-12-01", "2026-12-08", "2026-12-15"], 3)
    path = f"/api/v1/session-series/{planned['id']}"
    assert is_violated(keyed(desk, "PATCH", path, {"series": {"recurrenceRule": "FREQ=HOURLY"}}), "series.recurrenceRule")
    refused(keyed(desk, "PATCH", path, {"series": {"capacity": 5, "revision": "9"}}), 409, "REVISION_CHANGED")
    succeeded(keyed(desk, "DELETE", path))
    refused(keyed(desk, "GET", path), 404, "SERIES_NOT_FOUND")
    days = f"/api/v1/staff-members/{seed.ALEX}/days"
    there = {"serviceId": CALL, "startDate": "2026-12-24T00:00:00Z", "endDate": "2026-12-26T00:00:00Z"}
    off = {"from": "2026-12-24", "to": "2026-12-24"}
    succeeded(keyed(desk, "PUT", days, off))
    succeeded(keyed(desk, "PUT", days, {"from": "2026-12-25", "to": "2026-12-25", "periods": [{"start": "10:00", "end": "11:00"}]}))
    assert [one[11:16] for one in starts(times(desk, there, timezone="America/New_York"))] == ["10:00", "10:30"]
    succeeded(keyed(desk, "POST", f"{days}/clear", off))
    assert len(times(desk, there, timezone="America/New_York")) == 24 + 2
    limits = {
        "limitLateBookingPolicy": {"enabled": True, "latestBookingInMinutes": 240},
        "limitEarlyBookingPolicy": {"enabled": True, "earliestBookingInMinutes": 1440},
    }
    path = f"/bookings/v1/booking-policies/{seed.POLICY}"
    succeeded(keyed(desk, "PATCH", path, {"bookingPolicy": limits}))
    now = desk.clock.now
    for one in times(desk, {"serviceId": CALL}, days=3):
        start, violations = milliseconds(one["slot"]["startDate"]), one["bookingPolicyViolations"]
        assert violations["tooLateToBook"] is (start <= now + 240 * MINUTE)
        assert violations["tooEarlyToBook"] is (start > now + DAY)
        assert one["bookable"] is not (violations["tooLateToBook"] or violations["tooEarlyToBook"])


def test_a_few_times_of_each_day_page_by_page(app: App) -> None:
    desk = offers(app)
    found = times(desk, {"serviceId": CALL}, days=10, timezone="America/New_York", slotsPerDay=1, cursorPaging={"limit": 4})
    assert len(found) == 4
    assert len({one[:10] for one in starts(found)}) == 4
    following = {"limit": 4, "cursor": "4"}
    more = times(desk, {"serviceId": CALL}, days=10, timezone="America/New_York", slotsPerDay=1, cursorPaging=following)
    assert starts(more)[0] > starts(found)[-1]
    down = times(desk, {"serviceId": CALL}, days=2, sort=[{"fieldName": "startDate", "order": "DESC"}])
    assert starts(down) == sorted(starts(down), reverse=True)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "query.filter.startDate"),
        ({"query": {"filter": {"startDate": "2026-12-01T00:00:00Z"}}}, "query.filter.endDate"),
        ({"query": {"filter": {"startDate": "soon", "endDate": "2026-12-01T00:00:00Z"}}}, "query.filter.startDate"),
        ({"query": {"filter": {"startDate": "2026-12-02T00:00:00Z", "endDate": "2026-12-01T00:00:00Z"}}}, "query.filter.endDate"),
        ({"query": {"filter": {"startDate": "2026-12-01T00:00:00Z", "endDate": "2028-12-01T00:00:00Z"}}}, "query.filter.endDate"),
        ({"query": {"filter": {"startDate": "2026-12-01T00:00:00Z", "endDate": "2026-12-02T00:00:00Z"}}, "timezone": "Mars"}, "timezone"),
        ({"query": {"filter": {"colour": "red"}}}, "query.filter.colour"),
        ({"slotsPerDay": 0, "query": {"filter": {"startDate": "2026-12-01T00:00:00Z", "endDate": "2026-12-02T00:00:00Z"}}}, "slotsPerDay"),
        ({"query": {"filter": {"startDate": "9999-12-31T23:00:00-12:00", "endDate": "9999-12-31T23:59:00Z"}}}, "query.filter.startDate"),
    ],
)  # fmt: skip
def test_a_question_that_is_not_fine_is_told_so(shared_app: App, body: Json, field: str) -> None:
    assert is_violated(shared_app.post(AVAILABILITY, body, shared_app.visitor()), field)


def test_time_slots_name_everybody_who_is_free_and_sessions_by_themselves(app: App) -> None:
    desk = offers(app)
    visitor = desk.visitor()
    day = (datetime.fromisoformat(rfc3339(desk.clock.now)) + timedelta(days=2)).strftime("%Y-%m-%dT")
    window = {"fromLocalDate": f"{day}00:00:00", "toLocalDate": f"{day}23:59:00", "timeZone": "America/New_York"}
    found = succeeded(desk.post(SLOTS, {"serviceId": COACHING, **window}, visitor))
    early, first = found["timeSlots"][:2]
    assert [one["name"] for one in early["availableResources"][0]["resources"]] == ["Alex Kim"], "Sam teaches until a quarter past eight"
    assert (first["localStartDate"], first["localEndDate"]) == (f"{day}09:00:00", f"{day}10:00:00")
    assert [one["name"] for one in first["availableResources"][0]["resources"]] == ["Alex Kim", "Sam Lee"]
    assert (first["totalCapacity"], first["bookable"], found["timeZone"]) == (2, True, "America/New_York")
    six = next(one for one in found["timeSlots"] if "T18:00" in one["localStartDate"])
    assert [one["name"] for one in six["availableResources"][0]["resources"]] == ["Alex Kim"], "Sam teaches then"
    one = {"serviceId": COACHING, "localStartDate": f"{day}08:00:00", "timeZone": "America/New_York"}
    assert succeeded(desk.post(f"{SLOTS}/get", one, visitor))["timeSlot"]["bookable"]
    refused(desk.post(f"{SLOTS}/get", one | {"localStartDate": f"{day}08:10:00"}, visitor), 404, "SLOT_NOT_FOUND")
    refused(desk.post(SLOTS, {"serviceId": UNKNOWN, **window}, visitor), 404, "SERVICE_NOT_FOUND")
    assert is_violated(desk.post(SLOTS, window, visitor), "serviceId")
    events = succeeded(desk.post(f"{SLOTS}/event", {**window, "serviceIds": [YOGA]}, visitor))["timeSlots"]
    assert [one["localStartDate"] for one in events] == [f"{day}07:30:00", f"{day}18:00:00"]
    event_id = events[0]["eventInfo"]["eventId"]
    read = succeeded(desk.get(f"{SLOTS}/event/{event_id}?timeZone=America/New_York", visitor))["timeSlot"]
    assert read["localStartDate"] == events[0]["localStartDate"]
    refused(desk.get(f"{SLOTS}/event/nothing", visitor), 404, "SLOT_NOT_FOUND")
    capped = succeeded(desk.post(SLOTS, {"serviceId": CALL, "timeSlotsPerDay": 2, "cursorPaging": {"limit": 3}}, visitor))
    assert (len(capped["timeSlots"]), capped["cursorPagingMetadata"]["hasNext"]) == (3, True)
