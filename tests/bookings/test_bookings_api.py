"""Bookings over the API: begin one, pay it by a checkout, cancel and move one's own; and what the owner's server code does."""

from __future__ import annotations

from typing import Any

from roundtrip.bookings import seed
from roundtrip.bookings.book import store
from roundtrip.core.clock import DAY, MINUTE
from roundtrip.worker.bookings import BookingKeeper
from tests.api.shape import refused, succeeded
from tests.app_fixture import App
from tests.bookings.desk import CALL, COACHING, UNKNOWN, YOGA, keyed, offers, starts, times

Json = dict[str, Any]
BOOKINGS, ALIAS = "/_api/bookings-service/v2/bookings", "/bookings/v2/bookings"
READER = "/_api/bookings-reader/v2/extended-bookings/query"
APP_ID = "13d21c63-b5ec-5912-8397-c3a5ddb27a97"
ANN = {"firstName": "Ann", "lastName": "Example", "email": "ann@example.com", "phone": "+1 212 555 0100"}


def first(app: App, service_id: str = CALL, days: float = 3, place: int = 0) -> Json:
    """A bookable entry of the calendar, as a client hands it on."""
    return times(app, {"serviceId": service_id, "bookable": True}, days=days)[place]


def begin(app: App, entry: Json, token: str | None = None, status: int | None = None, code: str = "", **more: object) -> Json:
    """Begin a booking of it; or see that this is refused."""
    body = {"booking": {"bookedEntity": entry, "contactDetails": ANN, **more}}
    answer = app.post(BOOKINGS, body, token or app.visitor())
    if status is not None:
        refused(answer, status, code)
        return {}
    found: Json = succeeded(answer)["booking"]
    return found


def checked_out(app: App, booking: Json, token: str) -> Json:
    line = {"quantity": 1, "catalogReference": {"appId": APP_ID, "catalogItemId": booking["id"]}}
    body = {"lineItems": [line], "channelType": "WEB", "checkoutInfo": {"buyerInfo": {"email": ANN["email"]}}}
    found: Json = succeeded(app.post("/ecom/v1/checkouts", body, token))["checkout"]
    return found


def read(app: App, booking_id: str) -> Json:
    found: Json = succeeded(keyed(app, "GET", f"{ALIAS}/{booking_id}"))["booking"]
    return found


def own(app: App, token: str, **more: object) -> list[Json]:
    found: list[Json] = succeeded(app.post(READER, {"query": {}, **more}, token))["extendedBookings"]
    return found


def test_a_free_booking_is_confirmed_by_its_order(app_on_each: App) -> None:
    """As the scheduler template does it: booking, checkout, order."""
    app = offers(app_on_each)
    token = app.visitor()
    entry = first(app)
    booking = begin(app, entry, token)
    assert (booking["status"], booking["paymentStatus"], booking["revision"]) == ("CREATED", "UNDEFINED", "1")
    assert booking["bookedEntity"]["title"] == "Intro Call"
    assert booking["bookedEntity"]["slot"]["resource"] == {"id": seed.ALEX, "name": "Alex Kim"}
    assert booking["selectedPaymentOption"] == "OFFLINE"
    begin(app, entry, status=409, code="SLOT_NOT_AVAILABLE")
    assert own(app, token) == [], "nobody finished it"
    checkout = checked_out(app, booking, token)
    assert checkout["lineItems"][0]["productName"]["original"] == "Intro Call"
    ordered = succeeded(app.post(f"/ecom/v1/checkouts/{checkout['id']}/create-order", {}, token))
    confirmed = read(app, booking["id"])
    assert (confirmed["status"], confirmed["paymentStatus"]) == ("CONFIRMED", "EXEMPT")
    assert confirmed["orderId"] == ordered["orderId"]
    (listed,) = own(app, token, withBookingAllowedActions=True)
    assert listed["allowedActions"] == {"cancel": False, "reschedule": False}, "it is less than a day away"
    assert own(app, app.visitor()) == []


def test_a_booking_can_be_in_one_order_and_a_second_checkout_finds_it_gone(app: App) -> None:
    """PAY-07."""
    offers(app)
    token = app.visitor()
    booking = begin(app, first(app), token)
    one, other = checked_out(app, booking, token), checked_out(app, booking, token)
    succeeded(app.post(f"/ecom/v1/checkouts/{one['id']}/create-order", {}, token))
    refused(app.post(f"/ecom/v1/checkouts/{other['id']}/create-order", {}, token), 409, "FULL_OUT_OF_STOCK")


def test_what_was_sent_about_a_slot_is_read_again(app: App) -> None:
    offers(app)
    entry = first(app)
    slot = entry["slot"] | {"endDate": "2099-01-01T00:00:00Z", "resource": {"id": seed.ALEX, "name": "Somebody else"}}
    booking = begin(app, {"slot": slot, "bookable": True})
    assert booking["bookedEntity"]["slot"]["resource"]["name"] == "Alex Kim"
    assert booking["endDate"] < "2099"
    for odd, code in (
        ({"startDate": "2020-01-01T09:00:00Z"}, "SLOT_NOT_AVAILABLE"),
        ({"startDate": entry["slot"]["startDate"][:14] + "07:00Z"}, "SLOT_NOT_AVAILABLE"),
        ({"resource": {"id": UNKNOWN}}, "SLOT_NOT_AVAILABLE"),
    ):
        begin(app, {"slot": entry["slot"] | odd}, status=409, code=code)
    begin(app, {"slot": entry["slot"] | {"serviceId": UNKNOWN}}, status=404, code="SERVICE_NOT_FOUND")
    begin(
        app,
        {"slot": {"serviceId": YOGA, "eventId": "no such session at all, and long enough"}},
        status=409,
        code="SESSION_CAPACITY_EXCEEDED",
    )
    body: Json = {"booking": {"bookedEntity": {"slot": {"startDate": "2026-01-01"}}}}
    refused(app.post(BOOKINGS, body, app.visitor()), 400, None)
    body = {"booking": {"bookedEntity": entry, "contactDetails": {"email": "nobody"}}}
    refused(app.post(BOOKINGS, body, app.visitor()), 400, None)


def test_members_cancel_and_move_their_own_as_the_policy_says(app: App) -> None:
    offers(app)
    token = app.visitor()
    booking = begin(app, first(app, days=4, place=-1), token)
    succeeded(keyed(app, "POST", f"/api/v1/bookings/{booking['id']}/finish", {}))
    (listed,) = own(app, token, withBookingAllowedActions=True)
    assert listed["allowedActions"] == {"cancel": True, "reschedule": True}
    refused(app.post(f"{BOOKINGS}/{booking['id']}/cancel", {"revision": "1"}, app.visitor()), 404, "BOOKING_NOT_FOUND")
    refused(app.post(f"{ALIAS}/{booking['id']}/cancel", {"revision": "1"}, token), 409, "REVISION_CHANGED")
    other = first(app, days=4, place=-2)
    moved = succeeded(app.post(f"{ALIAS}/{booking['id']}/reschedule", {"slot": other["slot"], "revision": "2"}, token))["booking"]
    assert moved["bookedEntity"]["slot"]["startDate"] == other["slot"]["startDate"]
    free = starts(times(app, {"serviceId": CALL, "bookable": True}, days=4))
    assert other["slot"]["startDate"] not in free
    assert listed["booking"]["bookedEntity"]["slot"]["startDate"] in free
    cancelled = succeeded(app.post(f"{BOOKINGS}/{booking['id']}/cancel", {"revision": moved["revision"]}, token))["booking"]
    assert cancelled["status"] == "CANCELED"
    assert other["slot"]["startDate"] in starts(times(app, {"serviceId": CALL, "bookable": True}, days=4))
    refused(app.post(f"{BOOKINGS}/{booking['id']}/cancel", {}, token), 409, "BOOKING_STATUS")
    soon = begin(app, first(app), token)
    succeeded(keyed(app, "POST", f"/api/v1/bookings/{soon['id']}/finish", {}))
    refused(app.post(f"{BOOKINGS}/{soon['id']}/cancel", {}, token), 409, "BOOKING_POLICY_VIOLATION")
    assert succeeded(keyed(app, "POST", f"{BOOKINGS}/{soon['id']}/cancel", {}))["booking"]["status"] == "CANCELED", "the owner may"


def test_owners_confirm_decline_and_mark_paid(app: App) -> None:
    offers(app)
    online = {"service": {"onlineBooking": {"requireManualApproval": True}}}
    succeeded(keyed(app, "PATCH", f"/bookings/v2/services/{YOGA}", online))
    made = [begin(app, first(app, YOGA), totalParticipants=2) for _ in range(2)]
    for one in made:
        assert succeeded(keyed(app, "POST", f"/api/v1/bookings/{one['id']}/finish", {}))["booking"]["status"] == "PENDING"
    sure = succeeded(keyed(app, "POST", f"{ALIAS}/{made[0]['id']}/confirm", {"revision": "2"}))["booking"]
    assert (sure["status"], sure["paymentStatus"]) == ("CONFIRMED", "NOT_PAID")
    refused(keyed(app, "POST", f"{ALIAS}/{made[0]['id']}/confirm", {}), 409, "BOOKING_STATUS")
    before = first(app, YOGA)["openSpots"]
    assert succeeded(keyed(app, "POST", f"{ALIAS}/{made[1]['id']}/decline", {}))["booking"]["status"] == "DECLINED"
    assert first(app, YOGA)["openSpots"] == before + 2
    assert succeeded(keyed(app, "POST", f"/api/v1/bookings/{sure['id']}/mark-paid", {}))["booking"]["paymentStatus"] == "PAID"
    refused(keyed(app, "POST", f"/api/v1/bookings/{made[1]['id']}/mark-paid", {}), 409, "BOOKING_STATUS")
    coaching = begin(app, first(app, COACHING))
    refused(keyed(app, "POST", f"/api/v1/bookings/{coaching['id']}/finish", {}), 409, "PAYMENT_REQUIRED")
    refused(app.request("GET", f"{ALIAS}/{sure['id']}", headers={"authorization": app.world.foreign_key}), 404, "BOOKING_NOT_FOUND")
    page = succeeded(keyed(app, "POST", READER, {"query": {"filter": {"status": {"$in": ["CONFIRMED", "DECLINED"]}}}}))
    assert {one["booking"]["id"] for one in page["extendedBookings"]} == {one["id"] for one in made}


def test_a_course_is_booked_as_a_whole(app: App) -> None:
    offers(app)
    service_id = seed.service_id(4)
    token = app.visitor()
    body = {"booking": {"bookedEntity": {"schedule": {"serviceId": service_id}}, "contactDetails": ANN}}
    booking = succeeded(app.post(BOOKINGS, body, token))["booking"]
    assert (booking["bookedEntity"]["tags"], booking["selectedPaymentOption"]) == (["COURSE"], "ONLINE")
    assert booking["bookedEntity"]["schedule"]["firstSessionStart"] < booking["bookedEntity"]["schedule"]["lastSessionEnd"]


def test_who_holds_more_than_three_times_loses_the_oldest(app: App) -> None:
    """As with unpaid orders (decision 0136): nobody empties a calendar without booking."""
    offers(app)
    token = app.visitor()
    taken = []
    for _ in range(4):
        taken.append(begin(app, first(app, COACHING), token)["bookedEntity"]["slot"])
        app.clock.move(1)
    free = [(one["slot"]["startDate"], one["slot"]["resource"]["id"]) for one in times(app, {"serviceId": COACHING, "bookable": True})]
    assert [(slot["startDate"], slot["resource"]["id"]) in free for slot in taken] == [True, False, False, False]


def test_reminders_are_sent_once_and_what_was_held_too_long_is_free(app: App) -> None:
    offers(app)
    booking = begin(app, first(app, days=4, place=-1))
    succeeded(keyed(app, "POST", f"/api/v1/bookings/{booking['id']}/finish", {}))
    held = begin(app, first(app))
    app.clock.move(11 * MINUTE)
    app.runner.run(BookingKeeper(app.application.db, app.clock).round())
    assert held["bookedEntity"]["slot"]["startDate"] in starts(times(app, {"serviceId": CALL, "bookable": True}))
    app.clock.move(3 * DAY)
    for _ in range(2):
        app.runner.run(BookingKeeper(app.application.db, app.clock).round())
    rows = app.application.db.read_now(lambda tx: tx.all("SELECT body FROM outbox WHERE entity = 'mail' ORDER BY id"))
    kinds = [body.split('"kind":"')[1].split('"')[0] for (body,) in rows]
    assert kinds.count("booking_reminder") == 1
    assert app.application.db.write_now(store.forget, app.clock.now, 10) == 1


def test_shop_and_services_of_a_site_have_one_currency(app: App) -> None:
    offers(app)
    refused(keyed(app, "PATCH", "/api/v1/catalogue", {"currency": "EUR"}), 409, "CURRENCIES_DIFFER")
    succeeded(keyed(app, "PATCH", "/api/v1/catalogue", {"currency": "USD"}))
    succeeded(keyed(app, "PATCH", "/api/v1/booking-business", {"business": {"currency": "USD"}}))


def test_a_calendar_can_be_subscribed_to_until_it_is_ended(app: App) -> None:
    offers(app)
    booking = begin(app, first(app))
    succeeded(keyed(app, "POST", f"/api/v1/bookings/{booking['id']}/finish"))
    feed = succeeded(keyed(app, "POST", "/api/v1/booking-feeds", {"staffMemberId": seed.ALEX}))["feed"]
    other = succeeded(keyed(app, "POST", "/api/v1/booking-feeds", {"staffMemberId": seed.SAM}))["feed"]
    path = feed["url"].removeprefix("https://pages.example")
    read = app.request("GET", path)
    assert (read.status_code, read.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert "SUMMARY:Intro Call: Ann Example" in read.text
    assert "BEGIN:VEVENT" not in app.request("GET", other["url"].removeprefix("https://pages.example")).text
    assert app.request("GET", path.replace(path[12:16], "0000")).status_code == 404
    refused(keyed(app, "POST", "/api/v1/booking-feeds", {"staffMemberId": UNKNOWN}), 404, "STAFF_MEMBER_NOT_FOUND")
    assert len(succeeded(keyed(app, "GET", "/api/v1/booking-feeds"))["feeds"]) == 2
    succeeded(keyed(app, "DELETE", f"/api/v1/booking-feeds/{feed['id']}"))
    refused(keyed(app, "DELETE", f"/api/v1/booking-feeds/{feed['id']}"), 404, "FEED_NOT_FOUND")
    assert app.request("GET", path).status_code == 404
