"""Services over the API: what visitors see of them, and what an owner's server code makes and changes."""

from __future__ import annotations

import pytest

from tests.api.shape import is_violated, refused, succeeded
from tests.app_fixture import App
from tests.bookings.desk import CALL, COACHING, SERVICES, UNKNOWN, YOGA, Json, keyed, offers


def listed(app: App, query: Json, token: str | None = None) -> list[str]:
    answer = succeeded(app.post(f"{SERVICES}/query", {"query": query}, token or app.visitor()))
    return [one["mainSlug"]["name"] for one in answer["services"]]


def test_visitors_see_services_in_the_owners_order_and_nothing_hidden(app_on_each: App) -> None:
    desk = offers(app_on_each)
    assert listed(desk, {}) == ["intro-call", "coaching-session", "morning-yoga", "pottery-basics"]
    assert listed(desk, {"filter": {"type": {"$in": ["CLASS"]}}}) == ["morning-yoga"]
    category = succeeded(desk.get(f"{SERVICES}/{CALL}", desk.visitor()))["service"]["category"]["id"]
    assert listed(desk, {"filter": {"$and": [{"category.id": category}, {"mainSlug.name": "intro-call"}]}}) == ["intro-call"]
    staff = succeeded(desk.get(f"{SERVICES}/{YOGA}", desk.visitor()))["service"]["staffMemberIds"]
    assert listed(desk, {"filter": {"staffMemberIds": {"$hasSome": staff}}}) == ["coaching-session", "morning-yoga"]
    succeeded(keyed(desk, "PATCH", f"{SERVICES}/{CALL}", {"service": {"hidden": True}}))
    assert "intro-call" not in listed(desk, {})
    assert "intro-call" in listed(desk, {}, desk.world.key)
    refused(desk.get(f"{SERVICES}/{CALL}", desk.visitor()), 404, "SERVICE_NOT_FOUND")
    refused(desk.get(f"{SERVICES}/{YOGA}", desk.visitor(desk.world.foreign)), 404, "SERVICE_NOT_FOUND")


def test_a_service_shows_its_prices_parts_and_policy(app: App) -> None:
    desk = offers(app)
    coaching = succeeded(desk.get(f"/bookings/v2/services/{COACHING}?serviceId={COACHING}", desk.visitor()))["service"]
    assert coaching["payment"]["fixed"]["price"] == {"value": "80.00", "currency": "USD", "formattedValue": "$80.00"}
    assert coaching["payment"]["options"] == {"online": True, "inPerson": False, "deposit": False, "pricingPlan": True}
    assert coaching["schedule"]["availabilityConstraints"]["sessionDurations"] == [60]
    assert [one["name"] for one in coaching["staffMemberDetails"]["staffMembers"]] == ["Alex Kim", "Sam Lee"]
    assert coaching["locations"][0]["business"]["name"] == "Main Street"
    assert coaching["bookingPolicy"]["cancellationPolicy"] == {
        "enabled": True, "limitLatestCancellation": True, "latestCancellationInMinutes": 1440,
    }  # fmt: skip
    assert coaching["bookingPolicy"]["participantsPolicy"] == {"maxParticipantsPerBooking": 4}


def test_an_owner_makes_changes_and_deletes_a_service_with_all_it_needs(app_on_each: App) -> None:
    """OPS-02, OPS-04: each change is told, and whoever read an older revision is refused."""
    desk = app_on_each
    staff = succeeded(keyed(desk, "POST", "/bookings/v1/staff-members", {"staffMember": {"name": "Kim"}}))["staffMember"]
    category = succeeded(keyed(desk, "POST", "/bookings/v2/categories", {"category": {"name": "Studio"}}))["category"]
    policy = {"name": "Strict", "limitLateBookingPolicy": {"enabled": True, "latestBookingInMinutes": 60}}
    strict = succeeded(keyed(desk, "POST", "/bookings/v1/booking-policies", {"bookingPolicy": policy}))["bookingPolicy"]
    body = {
        "type": "APPOINTMENT", "name": "Glazing", "staffMemberIds": [staff["id"]], "category": {"id": category["id"]},
        "bookingPolicy": {"id": strict["id"]},
        "payment": {"rateType": "VARIED", "options": {"online": True},
                    "varied": {"defaultPrice": {"value": "50"}, "minPrice": {"value": "40"}, "deposit": {"value": "10"}}},
        "schedule": {"availabilityConstraints": {"durations": [{"minutes": 45}], "timeBetweenSessions": 15}},
    }  # fmt: skip
    made = succeeded(keyed(desk, "POST", SERVICES, {"service": body}))["service"]
    assert (made["mainSlug"]["name"], made["revision"], made["category"]["name"]) == ("glazing", "1", "Studio")
    assert made["payment"]["varied"]["maxPrice"]["value"] == "50.00"
    assert made["payment"]["varied"]["deposit"]["formattedValue"] == "$10.00"
    again = succeeded(keyed(desk, "POST", SERVICES, {"service": body}))["service"]
    assert again["mainSlug"]["name"].startswith("glazing-"), "a second one of the same name has an address of its own"
    path = f"{SERVICES}/{made['id']}"
    changed = succeeded(keyed(desk, "PATCH", path, {"service": {"tagLine": "Shine", "revision": "1"}}))["service"]
    assert (changed["tagLine"], changed["name"], changed["revision"]) == ("Shine", "Glazing", "2")
    assert changed["staffMemberIds"] == [staff["id"]]
    assert succeeded(keyed(desk, "PATCH", path, {"service": {"tagLine": "Shine"}}))["service"]["revision"] == "2", "nothing was different"
    refused(keyed(desk, "PATCH", path, {"service": {"tagLine": "x", "revision": "1"}}), 409, "REVISION_CHANGED")
    refused(keyed(desk, "PATCH", path, {"service": {"mainSlug": {"name": again["mainSlug"]["name"]}}}), 409, "SLUG_TAKEN")
    refused(keyed(desk, "DELETE", f"/bookings/v1/staff-members/{staff['id']}"), 409, "STILL_IN_USE")
    for service in (made, again):
        succeeded(keyed(desk, "DELETE", f"{SERVICES}/{service['id']}"))
    refused(keyed(desk, "DELETE", path), 404, "SERVICE_NOT_FOUND")
    succeeded(keyed(desk, "DELETE", f"/bookings/v1/staff-members/{staff['id']}"))
    refused(keyed(desk, "GET", f"/bookings/v1/staff-members/{staff['id']}"), 404, "STAFF_MEMBER_NOT_FOUND")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "service.name"),
        ({"type": "CLASS"}, "service.type"),
        ({"defaultCapacity": 2}, "service.defaultCapacity"),
        ({"payment": {"rateType": "FIXED"}}, "service.payment.fixed"),
        ({"payment": {"rateType": "CUSTOM"}}, "service.payment.custom.description"),
        ({"payment": {"rateType": "FIXED", "fixed": {"price": {"value": "1.234"}}}}, "service.payment.fixed.price.value"),
        (
            {"payment": {"rateType": "FIXED", "fixed": {"price": {"value": "1", "currency": "EUR"}}}},
            "service.payment.fixed.price.currency",
        ),
        (
            {"payment": {"rateType": "FIXED", "fixed": {"price": {"value": "1"}, "deposit": {"value": "2"}}}},
            "service.payment.fixed.deposit",
        ),
        ({"payment": {"rateType": "NO_FEE", "options": {"online": True}}}, "service.payment.options.online"),
        ({"payment": {"rateType": "FIXED", "fixed": {"price": {"value": "1"}}, "options": {}}}, "service.payment.options"),
        ({"media": {"items": [{"image": {"url": "javascript:alert(1)"}}]}}, "service.media.items[0].image.url"),
    ],
)
def test_a_field_that_is_not_fine_is_named(shared: App, fields: Json, field: str) -> None:
    assert is_violated(keyed(shared, "PATCH", f"{SERVICES}/{CALL}", {"service": fields}), field)


def test_a_part_that_is_not_there_is_named(shared: App) -> None:
    for fields, code in (
        ({"category": {"id": UNKNOWN}}, "CATEGORY_NOT_FOUND"),
        ({"staffMemberIds": [UNKNOWN]}, "STAFF_MEMBER_NOT_FOUND"),
        ({"locations": [{"business": {"id": UNKNOWN}}]}, "LOCATION_NOT_FOUND"),
        ({"bookingPolicy": {"id": UNKNOWN}}, "BOOKING_POLICY_NOT_FOUND"),
        ({"media": {"items": [{"image": {"id": "nothing~mv2.png"}}]}}, "PICTURE_NOT_FOUND"),
    ):
        refused(keyed(shared, "PATCH", f"{SERVICES}/{CALL}", {"service": fields}), 404, code)


@pytest.fixture(scope="module")
def shared(shared_app: App) -> App:
    """Services of which none changes."""
    return offers(shared_app)


def test_lists_of_parts_come_in_the_owners_order_page_by_page(app: App) -> None:
    desk = offers(app)
    path = "/bookings/v2/categories"
    first = succeeded(keyed(desk, "POST", f"{path}/query", {"query": {"paging": {"limit": 1}}}))
    assert ([one["name"] for one in first["categories"]], first["pagingMetadata"]["hasNext"]) == (["Consulting"], True)
    rest = succeeded(desk.post(f"{path}/query", {"query": {"cursorPaging": {"cursor": "1", "limit": 5}}}, desk.visitor()))
    assert [one["name"] for one in rest["categories"]] == ["Studio"]
    refused(desk.post("/bookings/v1/staff-members/query", {}, desk.visitor()), 403)
    business = succeeded(keyed(desk, "GET", "/api/v1/booking-business"))["business"]
    assert (business["timeZone"], business["currency"], business["revision"]) == ("America/New_York", "USD", "1")
    refused(keyed(desk, "PATCH", "/api/v1/booking-business", {"business": {"currency": "EUR"}}), 409, "SERVICES_HAVE_PRICES")
    assert is_violated(keyed(desk, "PATCH", "/api/v1/booking-business", {"business": {"timeZone": "Mars/Olympus"}}), "business.timeZone")
