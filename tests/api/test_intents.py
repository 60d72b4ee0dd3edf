"""The ten intents with each limit just inside and just outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from roundtrip.api.error_statuses import STATUS_OF_CODE
from roundtrip.flows.registry import registry
from tests.api.shape import is_violated, refused, succeeded, violated
from tests.app_fixture import App, auth

GUID = "8c6a3f3e-2a0f-4f0c-9c0e-0d9b5f0f2a11"
CLIENT = "00000000-0000-4000-8000-000000000011"
LEAST: Mapping[str, Mapping[str, Any]] = {
    "login": {},
    "logout": {"clientId": CLIENT},
    "ecomCheckout": {"checkoutId": GUID},
    "bookingsCheckout": {"slotAvailability": {}},
    "bookingsBook": {},
    "eventsCheckout": {"reservationId": GUID, "eventSlug": "s"},
    "paidPlansCheckout": {"planId": GUID},
    "storesProduct": {"productSlug": "s"},
    "ecomOrderPaymentRequest": {"paymentRequestId": GUID},
}
"""The smallest message of each intent; `auth` has a test of its own."""

SLOT = "bookingsCheckout.slotAvailability"
REQUIRED = [
    "logout.clientId",
    "ecomCheckout.checkoutId",
    "eventsCheckout.reservationId",
    "eventsCheckout.eventSlug",
    "paidPlansCheckout.planId",
    "storesProduct.productSlug",
    "ecomOrderPaymentRequest.paymentRequestId",
    SLOT,
]
GUIDS = [
    "logout.clientId",
    "ecomCheckout.checkoutId",
    "bookingsBook.resourceId",
    "eventsCheckout.reservationId",
    "paidPlansCheckout.planId",
    "ecomOrderPaymentRequest.paymentRequestId",
    f"{SLOT}.slot.resource.id",
    f"{SLOT}.slot.location.id",
]
NOT_GUIDS = ["", "x", GUID[:-1], GUID + "0", GUID.replace("-", ""), "{" + GUID + "}", GUID + "\n", "g" + GUID[1:], f" {GUID}"]
LONGEST = [
    ("eventsCheckout.eventSlug", 150),
    ("storesProduct.productSlug", 150),
    ("paidPlansCheckout.checkoutData", 2048),
    (f"{SLOT}.slot.resource.name", 1200),
    (f"{SLOT}.slot.location.formattedAddressTranslated", 512),
    (f"{SLOT}.slot.eventId", 250),
    ("auth.authRequest.nonce", 512),
]
SHORTEST = [
    ("eventsCheckout.eventSlug", 1),
    ("storesProduct.productSlug", 1),
    (f"{SLOT}.slot.eventId", 36),
    ("auth.authRequest.responseType", 1),
    ("auth.authRequest.redirectUri", 1),
    ("auth.authRequest.state", 1),
]


def _body(field: str, value: object) -> dict[str, Any]:
    """The smallest message of the field's intent, with this field set; `...` leaves it out."""
    intent, *path = field.split(".")
    body: dict[str, Any] = _auth() if intent == "auth" else {intent: {**LEAST[intent]}}
    place = body[intent]
    for name in path[:-1]:
        place[name] = {**place.get(name, {})}
        place = place[name]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return body


def _auth() -> dict[str, Any]:
    return {
        "auth": {
            "authRequest": {
                "clientId": CLIENT,
                "responseType": "code",
                "redirectUri": "https://shop.example/cb",
                "codeChallenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
                "codeChallengeMethod": "S256",
            }
        }
    }


def test_all_ten_intents_are_known() -> None:
    assert set(registry().params) >= {"auth", *LEAST}


UNKNOWN_THERE = {
    "ecomCheckout": "CHECKOUT_NOT_FOUND",
    "storesProduct": "PRODUCT_NOT_FOUND",
    "ecomOrderPaymentRequest": "PAYMENT_REQUEST_NOT_FOUND",
    "bookingsBook": "NOTHING_TO_BOOK",
    "eventsCheckout": "EVENT_NOT_FOUND",
    "paidPlansCheckout": "PLAN_NOT_FOUND",
}
"""Intents about something that the site has to have."""


@pytest.mark.parametrize("intent", [*LEAST, "auth"])
def test_the_smallest_message_of_each_intent_is_understood(shared_app: App, intent: str) -> None:
    answer = shared_app.create(_auth() if intent == "auth" else {intent: LEAST[intent]})
    if intent in UNKNOWN_THERE:
        refused(answer, STATUS_OF_CODE[UNKNOWN_THERE[intent]], UNKNOWN_THERE[intent])  # understood, and not there
    elif intent == "bookingsCheckout":
        violated(answer, f"{SLOT}.slot.serviceId", "REQUIRED_FIELD")  # either here, or in the first of the nested slots
    elif intent in registry().flows:
        succeeded(answer)
    else:
        data = refused(answer, 400, "FLOW_NOT_INSTALLED")["data"]
        assert data == {"intent": intent, "installed": sorted(registry().flows)}


@pytest.mark.parametrize("field", REQUIRED)
def test_a_missing_field_is_named(shared_app: App, field: str) -> None:
    violated(shared_app.create(_body(field, ...)), field, "REQUIRED_FIELD")


@pytest.mark.parametrize("field", ["clientId", "responseType"])
def test_a_missing_field_of_an_authorization_request_is_named(shared_app: App, field: str) -> None:
    violated(shared_app.create(_body(f"auth.authRequest.{field}", ...)), f"auth.authRequest.{field}", "REQUIRED_FIELD")


def test_a_misshaped_auth_body_is_a_validation_error(shared_app: App) -> None:
    """Official code relies on 400 here."""
    violated(shared_app.create({"auth": {}}), "auth.authRequest", "REQUIRED_FIELD")
    violated(shared_app.create({"auth": {"clientId": CLIENT}}), "auth.authRequest", "REQUIRED_FIELD")


@pytest.mark.parametrize("field", [*GUIDS, "auth.authRequest.clientId", "auth.authRequest.idp"])
def test_an_id_has_to_be_a_guid(shared_app: App, field: str) -> None:
    token = shared_app.visitor()
    for good in (CLIENT, CLIENT.upper()):
        assert not is_violated(shared_app.create(_body(field, good), token), field)
    for bad in NOT_GUIDS:
        violated(shared_app.create(_body(field, bad), token), field, "FORMAT")


@pytest.mark.parametrize(("field", "longest"), LONGEST)
def test_the_longest_text_passes_and_one_more_does_not(shared_app: App, field: str, longest: int) -> None:
    token = shared_app.visitor()
    for letter in ("x", "\u00fc", "\U0001f600"):
        assert not is_violated(shared_app.create(_body(field, letter * longest), token), field)
        data = violated(shared_app.create(_body(field, letter * (longest + 1)), token), field, "MAX_LENGTH")
        assert data["threshold"] == longest


@pytest.mark.parametrize(("field", "shortest"), SHORTEST)
def test_the_shortest_text_passes_and_one_less_does_not(shared_app: App, field: str, shortest: int) -> None:
    token = shared_app.visitor()
    assert not is_violated(shared_app.create(_body(field, "x" * shortest), token), field)
    data = violated(shared_app.create(_body(field, "x" * (shortest - 1)), token), field, "MIN_LENGTH")
    assert data["threshold"] == shortest


@pytest.mark.parametrize("end", ["start", "end"])
def test_the_parts_of_a_nested_slot_have_limits(shared_app: App, end: str) -> None:
    field = f"{SLOT}.nestedSlots[1].{end}"
    for count, violates in ((30, False), (31, True)):
        answer = shared_app.create({"bookingsCheckout": {"slotAvailability": {"nestedSlots": [{}, {end: "x" * count}]}}})
        assert is_violated(answer, field) is violates


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC", "America/Argentina/ComodRivadavia"])
def test_a_time_zone_of_the_world_passes(shared_app: App, zone: str) -> None:
    assert not is_violated(shared_app.create(_body("bookingsCheckout.timezone", zone)), "bookingsCheckout.timezone")


@pytest.mark.parametrize(("zone", "rule"), [("Mars/Base", "FORMAT"), ("../etc/passwd", "FORMAT"), ("", "FORMAT"), ("x" * 41, "MAX_LENGTH")])
def test_another_time_zone_does_not(shared_app: App, zone: str, rule: str) -> None:
    violated(shared_app.create(_body("bookingsCheckout.timezone", zone)), "bookingsCheckout.timezone", rule)


def test_the_old_name_of_the_slot_still_works(shared_app: App) -> None:
    answer = shared_app.create({"bookingsCheckout": {"slot": {"slot": {"serviceId": "x"}}}})
    assert not is_violated(answer, SLOT)


def test_a_whole_slot_as_the_availability_api_gives_it_is_understood(shared_app: App) -> None:
    slot = {
        "sessionId": "s",
        "serviceId": GUID,
        "scheduleId": GUID,
        "startDate": "2026-01-02T03:04:05",
        "endDate": "2026-01-02T04:04:05.000Z",
        "timezone": "Asia/Jerusalem",
        "resource": {"id": GUID, "name": "Ann", "scheduleId": GUID},
        "location": {"id": GUID, "name": "n", "formattedAddress": "a", "formattedAddressTranslated": "b", "locationType": "OWNER_BUSINESS"},
        "eventId": "e" * 36,
        "phoneCall": False,
    }
    whole = {
        "slot": slot,
        "bookable": True,
        "totalSpots": 10,
        "openSpots": 1,
        "waitingList": {"totalSpots": 1, "openSpots": 0},
        "bookingPolicyViolations": {
            "tooEarlyToBook": False,
            "tooLateToBook": False,
            "bookOnlineDisabled": False,
            "validSubmissionRequired": True,
        },
        "locked": False,
        "isFromV2": True,
        "nestedSlots": [{"serviceId": GUID, "start": "a", "end": "b", "resource": {"id": GUID}, "scheduleId": GUID}],
    }
    answer = shared_app.create({"bookingsCheckout": {"slotAvailability": whole, "timezone": "Asia/Jerusalem"}})
    assert answer.status_code == 200 or "code" in refused(answer)
    whole["slot"] = {**slot, "location": {"locationType": "MOON"}}
    violated(
        shared_app.create({"bookingsCheckout": {"slotAvailability": whole}}), f"{SLOT}.slot.location.locationType", "INVALID_ENUM_VALUE"
    )


@pytest.mark.parametrize("prompt", ["login", "none", "consent", "select_account"])
def test_known_prompts_pass(shared_app: App, prompt: str) -> None:
    succeeded(shared_app.create(auth(shared_app.world.shop, prompt=prompt)))


def test_an_unknown_prompt_does_not(shared_app: App) -> None:
    violated(shared_app.create(auth(shared_app.world.shop, prompt="sometimes")), "auth.prompt", "INVALID_ENUM_VALUE")


def test_no_intent_and_two_intents_are_told_apart(shared_app: App) -> None:
    nothings: list[dict[str, Any]] = [{}, {"callbacks": {}}, {"checkout": {}}, {"Login": {}}, {"login": None}]
    for nothing in nothings:
        data = violated(shared_app.create(nothing), "intent", "REQUIRED_ONE_OF_FIELD")
        assert "login" in data["expected"]
    data = violated(shared_app.create({"login": {}, "bookingsBook": {}}), "intent", "ONE_OF_ALIGNMENT")
    assert sorted(data["received"]) == ["bookingsBook", "login"]
    every = {intent: dict(message) for intent, message in LEAST.items()}
    assert sorted(violated(shared_app.create(every), "intent", "ONE_OF_ALIGNMENT")["received"]) == sorted(LEAST)
