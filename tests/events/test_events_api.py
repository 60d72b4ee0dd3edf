"""Events over the API: what pages of sites read, reserve and answer, and what the owner's server code does."""

from __future__ import annotations

from typing import Any

from roundtrip.core.clock import MINUTE
from roundtrip.events import seed
from roundtrip.worker.events import EventKeeper
from tests.api.shape import refused, succeeded
from tests.app_fixture import NOW, App

Json = dict[str, Any]
EVENTS, ADAPTER = "/events/v3/events", "/_api/events-events-v3-adapter/v3/events"
AVAILABLE, RESERVE = "/events/v1/checkout/available-tickets/query", "/events/v1/checkout/reservations"
RESERVATIONS, RSVPS = "/events/v1/ticket-reservations", "/events/v2/rsvps"
UNKNOWN = "01990000-0000-7000-8000-000000000000"
ANN = {"firstName": "Ann", "lastName": "Example", "email": "ann@example.com"}


def holds(app: App) -> App:
    """The application with the demo events."""
    app.application.db.write_now(seed.seed, app.world.site.id, now=NOW)
    return app


def keyed(app: App, method: str, path: str, body: object = None) -> Any:
    content = {} if body is None else {"json": body}
    return app.request(method, path, headers={"authorization": app.world.key}, **content)


def ordered(app: App, token: str, definition: str = seed.FREE, quantity: int = 2) -> Json:
    """An order that costs nothing."""
    wanted = {"eventId": seed.SUMMER, "ticketQuantities": [{"ticketDefinitionId": definition, "quantity": quantity}]}
    kept = succeeded(app.post(RESERVE, wanted, token))
    body = {"eventId": seed.SUMMER, "reservationId": kept["id"], "buyer": ANN}
    found: Json = succeeded(app.post("/events/v1/checkout", body, token))["order"]
    return found


def test_visitors_find_what_is_published_in_the_order_of_its_beginning(app: App) -> None:
    holds(app)
    token = app.visitor()
    draft = {"title": "Secret", "dateAndTimeSettings": {"dateAndTimeTbd": True}, "registration": {"initialType": "NONE"}}
    secret = succeeded(keyed(app, "POST", EVENTS, {"event": draft, "draft": True}))["event"]
    for prefix in (EVENTS, ADAPTER):
        found = succeeded(app.post(f"{prefix}/query", {"query": {"filter": {}, "paging": {"limit": 10, "offset": 0}}}, token))
        assert [one["slug"] for one in found["events"]] == ["summer-night-live", "open-studio-day"]
        assert found["pagingMetadata"]["total"] == 2
    summer = found["events"][0]
    assert summer["registration"]["status"] == "OPEN_TICKETS"
    assert summer["registration"]["tickets"]["lowestPrice"]["value"] == "0.00"
    assert summer["registration"]["tickets"]["highestPrice"]["value"] == "60.00"
    assert summer["location"]["address"]["formattedAddress"] == "Central Park, New York, NY, USA"
    assert summer["dateAndTimeSettings"]["formatted"]["startTime"] == "7:00\u202fPM"
    upcoming = {"query": {"filter": {"status": {"$in": ["UPCOMING", "STARTED"]}, "slug": "open-studio-day"}}}
    assert [one["id"] for one in succeeded(app.post(f"{EVENTS}/query", upcoming, token))["events"]] == [seed.STUDIO]
    assert succeeded(app.get(f"{EVENTS}/slug/summer-night-live?slug=summer-night-live&fields=TEXTS", token))["event"]["id"] == seed.SUMMER
    refused(app.get(f"{EVENTS}/{secret['id']}", token), 404, "EVENT_NOT_FOUND")
    succeeded(keyed(app, "POST", f"{EVENTS}/{secret['id']}/publish"))
    assert succeeded(app.get(f"{EVENTS}/{secret['id']}", token))["event"]["dateAndTimeSettings"]["dateAndTimeTbd"]
    items = succeeded(app.get(f"/events/v1/schedule?eventId={seed.SUMMER}&limit=100", token))["items"]
    assert [one["name"] for one in items] == ["Doors open", "The Clay Pots", "Night at the Wheel"]


def test_tickets_and_both_kinds_of_reservations(app: App) -> None:
    holds(app)
    token = app.visitor()
    found = succeeded(app.post(AVAILABLE, {"filter": {"eventId": seed.SUMMER}, "limit": 10}, token))
    assert [one["name"] for one in found["definitions"]] == ["General", "VIP", "Supporter", "Free entry"]
    assert [one["limitPerCheckout"] for one in found["definitions"]] == [10, 20, 20, 4]
    assert [one["price"]["value"] for one in found["definitions"]] == ["25.00", "40.00", "5.00", "0.00"]
    details = [{"pricingOptionId": seed.ADULT, "capacity": 1}, {"pricingOptionId": seed.STUDENT, "capacity": 2}]
    wanted = [
        {"ticketDefinitionId": seed.GENERAL, "quantity": 1},
        {"ticketDefinitionId": seed.VIP, "quantity": 3, "ticketDetails": details},
        {"ticketDefinitionId": seed.SUPPORTER, "quantity": 1, "ticketDetails": [{"priceOverride": "12"}]},
    ]
    kept = succeeded(app.post(RESERVE, {"eventId": seed.SUMMER, "ticketQuantities": wanted}, token))
    assert kept["reservationStatus"] == "RESERVATION_PENDING"
    assert kept["invoice"]["subTotal"]["value"] == "177.00"
    assert kept["invoice"]["tax"]["amount"]["value"] == "14.64", "on 165.00: what is given is not taxed"
    assert kept["invoice"]["grandTotal"]["value"] == "191.64"
    body = {"ticketReservation": {"tickets": [{"ticketDefinitionId": seed.GENERAL, "quantity": 2}]}}
    made = succeeded(app.post(RESERVATIONS, body, token))["ticketReservation"]
    assert (made["status"], made["tickets"][0]["subTotal"]["value"]) == ("PENDING", "50.00")
    refused(app.get(f"{RESERVATIONS}/{made['id']}", app.visitor()), 404, "TICKET_RESERVATION_NOT_FOUND")
    succeeded(app.post(f"{RESERVATIONS}/{made['id']}/cancel", {}, token))
    assert succeeded(app.get(f"{RESERVATIONS}/{made['id']}", token))["ticketReservation"]["status"] == "CANCELED"


def test_a_reservation_that_fails_says_so_in_the_form_that_each_client_reads(app: App) -> None:
    """The first generation has no applicationError: its clients look for details.error_key inside the body that the SDK hands on."""
    holds(app)
    token = app.visitor()
    too_many = {"eventId": seed.SUMMER, "ticketQuantities": [{"ticketDefinitionId": seed.GENERAL, "quantity": 11}]}
    answer = app.post(RESERVE, too_many, token)
    assert answer.status_code == 409
    assert answer.json()["details"]["error_key"] == "TICKET_LIMIT_EXCEEDED"
    assert "applicationError" not in answer.json()["details"]
    keyed(app, "PATCH", f"/events/v3/ticket-definitions/{seed.GENERAL}", {"ticketDefinition": {"initialLimit": 1}})
    body = {"ticketReservation": {"tickets": [{"ticketDefinitionId": seed.GENERAL, "quantity": 2}]}}
    refused(app.post(RESERVATIONS, body, token), 409, "TICKETS_SOLD_OUT")
    unknown = {"ticketReservation": {"tickets": [{"ticketDefinitionId": UNKNOWN, "quantity": 2}]}}
    refused(app.post(RESERVATIONS, unknown, token), 404, "TICKET_DEFINITION_NOT_FOUND")


def test_each_ticket_lets_one_person_in(app_on_each: App) -> None:
    app = holds(app_on_each)
    order = ordered(app, app.visitor())
    assert (order["status"], len(order["tickets"])) == ("FREE", 2)
    first, second = order["tickets"]
    at_door = {"eventId": seed.SUMMER, "ticketNumber": [first["checkInUrl"]]}
    came = succeeded(keyed(app, "POST", "/events/v1/tickets/check-in", at_door))["tickets"][0]
    assert (came["ticketNumber"], came["guestFullName"]) == (first["ticketNumber"], "Ann Example")
    refused(keyed(app, "POST", "/events/v1/tickets/check-in", at_door), 409, "ALREADY_CHECKED_IN")
    typed = {"eventId": seed.SUMMER, "ticketNumber": [f" {first['ticketNumber'].lower()}"]}
    refused(keyed(app, "POST", "/events/v1/tickets/check-in", typed), 409, "ALREADY_CHECKED_IN")
    forged = {"eventId": seed.SUMMER, "ticketNumber": [first["checkInUrl"][:-1] + "x"]}
    refused(keyed(app, "POST", "/events/v1/tickets/check-in", forged), 404, "TICKET_NOT_FOUND")
    refused(keyed(app, "POST", "/events/v1/tickets/check-in", {**at_door, "eventId": seed.STUDIO}), 409, "OTHER_EVENT")
    succeeded(keyed(app, "DELETE", "/events/v1/tickets/check-in", at_door))
    succeeded(keyed(app, "POST", "/events/v1/tickets/check-in", at_door))
    number = order["orderNumber"]
    cancelled = succeeded(keyed(app, "POST", f"/api/v1/event-orders/{number}/cancel", {"refund": True}))["order"]
    assert (cancelled["status"], cancelled["tickets"][1]["canceled"]) == ("CANCELED", True)
    gone = {"eventId": seed.SUMMER, "ticketNumber": [second["ticketNumber"]]}
    refused(keyed(app, "POST", "/events/v1/tickets/check-in", gone), 409, "TICKET_NOT_VALID")
    left = succeeded(keyed(app, "GET", f"/events/v3/ticket-definitions/{seed.FREE}"))["ticketDefinition"]["salesDetails"]
    assert (left["soldCount"], left["reservedCount"]) == (0, 0)


def test_the_list_of_guests_computes_nothing_in_a_spreadsheet(app: App) -> None:
    holds(app)
    token = app.visitor()
    wanted = {"eventId": seed.SUMMER, "ticketQuantities": [{"ticketDefinitionId": seed.FREE, "quantity": 1}]}
    kept = succeeded(app.post(RESERVE, wanted, token))
    evil = {"firstName": '=HYPERLINK("https://evil.example")', "lastName": "@SUM(1)", "email": "ann@example.com"}
    succeeded(app.post("/events/v1/checkout", {"eventId": seed.SUMMER, "reservationId": kept["id"], "buyer": evil}, token))
    answer = keyed(app, "GET", f"/api/v1/events/{seed.SUMMER}/guests.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    row = answer.text.splitlines()[1]
    assert "\"'=HYPERLINK(" in row
    assert '"\'@SUM(1)"' in row


def test_who_is_too_many_waits_and_is_offered_what_becomes_free(app_on_each: App) -> None:
    """PAY-07: places go to who waited first, for a day, and then to the next."""
    app = holds(app_on_each)
    changed = {"event": {"registration": {"rsvp": {"limit": 2}}}}
    succeeded(keyed(app, "PATCH", f"{EVENTS}/{seed.STUDIO}", changed))

    def answers(email: str, token: str, **more: object) -> Json:
        app.clock.move(1)
        sent = {"rsvp": {"eventId": seed.STUDIO, **ANN, "email": email, "status": "YES", **more}}
        found: Json = succeeded(app.post(RSVPS, sent, token))["rsvp"]
        return found

    ann, ben, cleo, dora = (app.visitor() for _ in range(4))
    first = answers("ann@example.com", ann, additionalGuestDetails={"guestCount": 1})
    assert (first["status"], first["totalGuests"]) == ("YES", 2)
    assert [answers(f"{name}@example.com", token)["status"] for name, token in (("ben", ben), ("cleo", cleo))] == ["WAITLIST"] * 2
    status = succeeded(app.get(f"{EVENTS}/{seed.STUDIO}", ann))["event"]["registration"]["status"]
    assert status == "OPEN_RSVP_WAITLIST_ONLY"
    again = answers("ann@example.com", ann)
    assert (again["id"], again["totalGuests"], again["status"]) == (first["id"], 1, "YES"), (
        "the same browser and address change their answer"
    )
    offered = succeeded(app.post(f"{RSVPS}/query", {"query": {}}, ben))["rsvps"][0]
    assert (offered["status"], "offerEndsDate" in offered) == ("WAITLIST", True)
    assert answers("dora@example.com", dora)["status"] == "WAITLIST", "the free place is kept for who waited"
    app.clock.move(24 * 60 * MINUTE)
    app.runner.run(EventKeeper(app.application.db, app.clock).round())
    known = {one["email"][:3]: one for one in succeeded(keyed(app, "POST", f"{RSVPS}/query", {"query": {}}))["rsvps"]}
    assert ("offerEndsDate" in known["cle"], known["ben"]["status"], known["dor"]["status"]) == (True, "NO", "WAITLIST")
    mine = succeeded(keyed(app, "POST", f"{RSVPS}/{first['id']}/check-in"))["rsvp"]
    assert mine["checkedIn"]
    refused(keyed(app, "POST", f"{RSVPS}/{first['id']}/check-in"), 409, "ALREADY_CHECKED_IN")
    for sent, code in (({"eventId": seed.SUMMER}, "INVALID_EVENT_TYPE"), ({"eventId": UNKNOWN}, "EVENT_NOT_FOUND")):
        body = {"rsvp": {**ANN, "status": "YES", **sent}}
        refused(app.post(RSVPS, body, app.visitor()), 404 if code == "EVENT_NOT_FOUND" else 409, code)


def test_an_event_on_several_days_is_an_event_for_each_and_can_be_cancelled(app: App) -> None:
    holds(app)
    days = [{"startDate": f"2027-06-{day}T17:00:00Z", "endDate": f"2027-06-{day}T19:00:00Z"} for day in (18, 19, 20)]
    times = {"timeZoneId": "Europe/Berlin", "recurringEvents": {"individualEventDates": days}}
    sent = {"title": "Evening Class", "dateAndTimeSettings": times, "registration": {"initialType": "TICKETING"}}
    first = succeeded(keyed(app, "POST", EVENTS, {"event": sent}))["event"]
    assert first["dateAndTimeSettings"]["recurrenceStatus"] == "RECURRING"
    asked = {"query": {"filter": {"dateAndTimeSettings.recurringEvents.categoryId": first["id"]}}}
    found = succeeded(app.post(f"{EVENTS}/query", asked, app.visitor()))["events"]
    assert [one["slug"] for one in found] == ["evening-class", "evening-class-2", "evening-class-3"]
    cancelled = succeeded(keyed(app, "POST", f"{EVENTS}/{first['id']}/cancel"))["event"]
    assert (cancelled["status"], cancelled["registration"]["status"]) == ("CANCELED", "CLOSED_AUTOMATICALLY")
    refused(keyed(app, "POST", f"{EVENTS}/{first['id']}/cancel"), 409, "EVENT_STATUS")
    refused(keyed(app, "PATCH", f"{EVENTS}/{found[1]['id']}", {"event": {"slug": "evening-class-3"}}), 409, "SLUG_TAKEN")
    wrong = {"event": {"dateAndTimeSettings": {"startDate": "2027-06-18T17:00:00Z", "endDate": "2027-06-18T16:00:00Z"}}}
    refused(keyed(app, "PATCH", f"{EVENTS}/{found[1]['id']}", wrong), 400, None)
    succeeded(keyed(app, "DELETE", f"{EVENTS}/{found[1]['id']}"))
    refused(keyed(app, "GET", f"{EVENTS}/{found[1]['id']}"), 404, "EVENT_NOT_FOUND")
