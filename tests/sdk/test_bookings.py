"""A booking page with the official bookings module: it lists services, asks for times, and hands one of them to the checkout."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from roundtrip.bookings import seed
from tests.sdk.bridge import Sdk, SdkError
from tests.server_fixtures import Server

CALL, COACHING, YOGA = (seed.service_id(number) for number in (1, 2, 3))
FIND: tuple[str, tuple[object, ...]] = ("find", ())


@pytest.fixture(scope="session")
def studio_client(server: Server) -> str:
    """A client of a site that offers the demo services."""
    server.command("service", "demo", "--site", "demo", "--no-pictures", "--json")
    return server.client("Studio", redirect_uris=["https://studio.example/callback"], redirect_domains=["studio.example"])


@pytest.fixture(params=[None, "api.selfhost.example"], ids=["maker", "own"])
def studio(request: pytest.FixtureRequest, server: Server, studio_client: str, node_processes: None) -> Iterator[Sdk]:
    """The booking page's SDK client: it asks its maker's host, and then any other, for which it knows other addresses."""
    sdk = Sdk(server, studio_client, api_host=request.param)
    yield sdk
    sdk.close()


def window(days: float) -> dict[str, str]:
    now = datetime.now(UTC)
    return {"startDate": now.isoformat(timespec="milliseconds"), "endDate": (now + timedelta(days=days)).isoformat(timespec="milliseconds")}


def ways(sdk: Sdk) -> list[tuple[str, str]]:
    return [(one["method"], urlsplit(one["url"]).path) for one in sdk.requests() if "/oauth2/" not in one["url"]]


def test_a_booking_page_lists_services_and_reads_one(studio: Sdk) -> None:
    found = studio.query("services.queryServices", FIND)
    assert [one["mainSlug"]["name"] for one in found["items"]][:3] == ["intro-call", "coaching-session", "morning-yoga"]
    assert (found["totalCount"], found["hasNext"]) == (4, False)
    assert ways(studio)[-1] in (("POST", "/_api/bookings/v2/services/query"), ("POST", "/bookings/v2/services/query"))
    yoga = studio.query("services.queryServices", ("eq", ("mainSlug.name", "morning-yoga")), ("limit", (1,)), FIND)["items"][0]
    assert (yoga["_id"], yoga["category"]["name"], yoga["payment"]["fixed"]["price"]["formattedValue"]) == (YOGA, "Studio", "$20.00")
    one = studio("services.getService", CALL)
    assert (one["name"], one["schedule"]["availabilityConstraints"]["sessionDurations"]) == ("Intro Call", [30])
    with pytest.raises(SdkError) as caught:
        studio("services.getService", "01990000-0000-7000-8000-000000000000")
    assert caught.value.application_error["code"] == "SERVICE_NOT_FOUND"
    categories = studio.query("categoriesV2.queryCategories", FIND)
    assert [one["name"] for one in categories["items"]] == ["Consulting", "Studio"]


def test_the_first_service_can_be_booked_within_a_day(studio: Sdk) -> None:
    asked = {"filter": {"serviceId": [CALL], **window(1), "bookable": True}, "sort": [{"fieldName": "startTime", "order": "ASC"}]}
    entries: list[Any] = studio("availabilityCalendar.queryAvailability", asked, {"timezone": "UTC"})["availabilityEntries"]
    assert entries
    assert all(one["bookable"] and one["slot"]["startDate"].endswith("Z") for one in entries)
    assert entries[0]["slot"]["resource"] == {"_id": seed.ALEX, "name": "Alex Kim"}
    few = {"filter": {"serviceId": [COACHING, YOGA], **window(60)}, "cursorPaging": {"limit": 42}}
    first = studio("availabilityCalendar.queryAvailability", few, {"timezone": "Europe/Berlin", "slotsPerDay": 1})["availabilityEntries"]
    assert len(first) == 42
    assert len({one["slot"]["startDate"][:10] for one in first}) == 42
    with pytest.raises(SdkError) as caught:
        studio("availabilityCalendar.queryAvailability", {"filter": {"serviceId": [CALL]}}, {})
    assert "startDate" in caught.value.violations[0]["field"]


def test_time_slots_and_sessions_of_a_class(studio: Sdk) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    local = {"fromLocalDate": f"{now:%Y-%m-%dT%H:%M:%S}", "toLocalDate": f"{now + timedelta(days=2):%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}
    found = studio("availabilityTimeSlots.listAvailabilityTimeSlots", {"serviceId": COACHING, "bookable": True, **local})
    slot = found["timeSlots"][-1]
    assert slot["availableResources"][0]["resources"][0]["_id"] in (seed.ALEX, seed.SAM)
    read = studio(
        "availabilityTimeSlots.getAvailabilityTimeSlot", COACHING, slot["localStartDate"], slot["localEndDate"], "UTC", slot["location"]
    )
    assert read["timeSlot"]["localStartDate"] == slot["localStartDate"]
    events = studio("eventTimeSlots.listEventTimeSlots", {"serviceIds": [YOGA], **local})["timeSlots"]
    assert len(events) >= 2, "twice a day, from the day after the demo was made"
    one = studio("eventTimeSlots.getEventTimeSlot", events[0]["eventInfo"]["eventId"], {"timeZone": "UTC"})
    assert one["timeSlot"]["totalCapacity"] == 12
