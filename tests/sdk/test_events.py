"""An event page with the official events module: it lists events and tickets, reserves in both generations, orders and answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import pytest

from roundtrip.events import seed
from tests.sdk.bridge import Sdk, SdkError
from tests.server_fixtures import Server

FIND: tuple[str, tuple[object, ...]] = ("find", ())
UNKNOWN = "01990000-0000-7000-8000-000000000000"
ANN = {"firstName": "Ann", "lastName": "Lee", "email": "ann@stage.example"}


@pytest.fixture(scope="session")
def stage_client(server: Server) -> str:
    """A client of a site that holds the demo events."""
    server.command("event", "demo", "--site", "demo", "--no-pictures", "--json")
    return server.client("Stage", redirect_uris=["https://stage.example/callback"], redirect_domains=["stage.example"])


@pytest.fixture(params=[None, "api.selfhost.example"], ids=["maker", "own"])
def stage(request: pytest.FixtureRequest, server: Server, stage_client: str, node_processes: None) -> Iterator[Sdk]:
    """The event page's SDK client: it asks its maker's host, and then any other, for which it knows other addresses."""
    sdk = Sdk(server, stage_client, api_host=request.param)
    yield sdk
    sdk.close()


def ways(sdk: Sdk) -> list[str]:
    return [urlsplit(one["url"]).path for one in sdk.requests() if "/oauth2/" not in one["url"]]


def test_an_event_page_from_the_list_to_the_order(stage: Sdk) -> None:
    """Rows 36 to 45 of the contract, in the order in which pages ask."""
    found = stage.query("wixEventsV2.queryEvents", FIND)
    assert [one["slug"] for one in found["items"]] == ["summer-night-live", "open-studio-day"]
    assert found["totalCount"] == 2
    typed = stage("wixEventsV2.queryEvents", {"fields": ["DETAILS", "TEXTS", "REGISTRATION", "URLS"]})
    assert typed is not None
    summer = stage("wixEventsV2.getEventBySlug", "summer-night-live", {"fields": ["TEXTS", "REGISTRATION"]})["event"]
    assert summer["registration"]["tickets"]["taxSettings"]["rate"] == "8.875"
    assert summer["description"]["nodes"][0]["nodes"][0]["textData"]["text"] == "Bring a blanket."
    assert summer["location"]["address"]["formatted"] == "Central Park, New York, NY, USA"
    assert stage("wixEventsV2.getEvent", seed.STUDIO, {"fields": ["REGISTRATION"]})["registration"]["type"] == "RSVP"
    items = stage("schedule.listScheduleItems", {"eventId": [seed.SUMMER], "limit": 100})["items"]
    assert [one["stageName"] for one in items] == ["Gate", "Main stage", "Main stage"]
    assert items[0]["timeSlot"]["start"]
    available = stage("eventOrders.queryAvailableTickets", {"filter": {"eventId": seed.SUMMER}, "limit": 10})
    assert (available["definitions"][0]["name"], available["definitions"][0]["eventId"]) == ("General", seed.SUMMER)
    assert available["definitions"][-1]["limitPerCheckout"] >= 2
    assert stage("eventForms.getForm", seed.SUMMER)["controls"][0]["name"] == "name"

    wanted = {"ticketQuantities": [{"ticketDefinitionId": seed.FREE, "quantity": 2}]}
    kept = stage("eventOrders.createReservation", seed.SUMMER, wanted)
    assert (kept["reservationStatus"], kept["invoice"]["grandTotal"]["value"]) == ("RESERVATION_PENDING", "0.00")
    assert stage("eventOrders.getInvoice", kept["_id"], seed.SUMMER, {})["reservationStatus"] == "RESERVATION_PENDING"
    made = stage("eventOrders.checkout", seed.SUMMER, {"reservationId": kept["_id"], "buyer": ANN})["order"]
    assert (made["status"], made["confirmed"], len(made["tickets"])) == ("FREE", True, 2)
    read = stage("eventOrders.getOrder", {"eventId": seed.SUMMER, "orderNumber": made["orderNumber"]})
    assert json.dumps(made["orderNumber"]) in json.dumps(read)
    third = {"tickets": [{"ticketDefinitionId": seed.VIP, "quantity": 1, "ticketInfo": {"pricingOptionId": seed.STUDENT}}]}
    reserved = stage("ticketReservations.createTicketReservation", third)
    assert (reserved["status"], reserved["tickets"][0]["price"]["value"]) == ("PENDING", "40.00")
    target = {"eventsCheckout": {"reservationId": reserved["_id"], "eventSlug": "summer-night-live"}}
    session = stage("redirects.createRedirectSession", {**target, "callbacks": {"postFlowUrl": "https://stage.example/"}})
    assert f"reservationId={reserved['_id']}" in unquote(session["redirectSession"]["fullUrl"])
    stage("ticketReservations.cancelTicketReservation", reserved["_id"])
    coming = stage("rsvpV2.createRsvp", {"eventId": seed.STUDIO, **ANN, "status": "YES"})
    assert (coming["status"], coming["totalGuests"]) == ("YES", 1)
    asked = ways(stage)
    assert all(path.startswith(("/events/", "/_api/events", "/_api/wix-events", "/headless/", "/_api/redirects")) for path in asked), asked


def test_refusals_reach_the_page_as_each_generation_reads_them(stage: Sdk) -> None:
    """The template of the first generation looks for `data.details.details.error_key`, and crashes on anything else."""
    with pytest.raises(SdkError) as caught:
        stage("eventOrders.createReservation", seed.SUMMER, {"ticketQuantities": [{"ticketDefinitionId": seed.FREE, "quantity": 5}]})
    assert caught.value.application_error["data"]["details"]["details"]["error_key"] == "TICKET_LIMIT_EXCEEDED"
    with pytest.raises(SdkError) as caught:
        stage("ticketReservations.createTicketReservation", {"tickets": [{"ticketDefinitionId": UNKNOWN, "quantity": 1}]})
    assert caught.value.application_error["code"] == "TICKET_DEFINITION_NOT_FOUND"
    with pytest.raises(SdkError) as caught:
        stage("wixEventsV2.getEvent", UNKNOWN, {})
    assert caught.value.application_error["code"] == "EVENT_NOT_FOUND"
    with pytest.raises(SdkError) as caught:
        stage("rsvpV2.createRsvp", {"eventId": seed.SUMMER, **ANN, "status": "YES"})
    assert caught.value.application_error["code"] == "INVALID_EVENT_TYPE"
