"""Create Redirect Session through the official module: what comes back, and what a developer reads when it does not."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.sdk.bridge import Sdk, SdkError
from tests.sdk.conftest import SHOP, NewSdk, query_of

CREATE = "redirects.createRedirectSession"
HOME = {"postFlowUrl": f"{SHOP}/"}
SOME_ID = "8c6a3f3e-2a0f-4f0c-9c0e-0d9b5f0f2a11"
INSTALLED = ("auth", "login", "logout")

NOT_THERE: dict[str, tuple[dict[str, Any], str]] = {
    "ecomCheckout": ({"checkoutId": SOME_ID}, "CHECKOUT_NOT_FOUND"),
    "ecomOrderPaymentRequest": ({"paymentRequestId": SOME_ID}, "PAYMENT_REQUEST_NOT_FOUND"),
    "storesProduct": ({"productSlug": "stoneware-mug"}, "PRODUCT_NOT_FOUND"),
    "bookingsCheckout": (
        {"slotAvailability": {"slot": {"serviceId": SOME_ID, "startDate": "2030-01-02T10:00:00"}}, "timezone": "UTC"},
        "SERVICE_NOT_FOUND",
    ),
    "eventsCheckout": ({"reservationId": SOME_ID, "eventSlug": "autumn-concert"}, "EVENT_NOT_FOUND"),
    "paidPlansCheckout": ({"planId": SOME_ID}, "PLAN_NOT_FOUND"),
}
"""Flows about something that the site has to have."""


def _intent(intent: str, client_id: str) -> dict[str, Any]:
    request = {
        "clientId": client_id,
        "responseType": "code",
        "redirectUri": f"{SHOP}/callback",
        "state": "a-state",
        "codeChallenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "codeChallengeMethod": "S256",
    }
    known: dict[str, dict[str, Any]] = {
        "auth": {"auth": {"authRequest": request}},
        "login": {"login": {}},
        "logout": {"logout": {"clientId": client_id}},
    }
    return known[intent]


@pytest.mark.parametrize("intent", INSTALLED)
def test_an_installed_intent_answers_with_an_address_to_send_the_browser_to(intent: str, sdk: Sdk) -> None:
    callbacks = {} if intent == "auth" else {"callbacks": HOME}
    made = sdk(CREATE, {**_intent(intent, sdk.client_id), **callbacks})["redirectSession"]

    assert str(uuid.UUID(made["_id"])) == made["_id"]
    full_url = urlsplit(made["fullUrl"])
    assert made["fullUrl"].startswith(sdk.server.origin)
    assert len(made["fullUrl"]) <= 2048
    assert made["urlDetails"]["endpoint"] == full_url._replace(query="", fragment="").geturl()
    assert made["urlDetails"]["searchParams"] == dict(parse_qsl(full_url.query, keep_blank_values=True))
    assert made["shortUrl"] == ""
    for secret in (made.get("sessionToken"), *made["urlDetails"]["searchParams"].values()):
        if secret and secret.startswith("JWS."):
            sdk.server.secret(secret)


def test_the_address_of_auth_and_logout_is_the_documented_endpoint(sdk: Sdk) -> None:
    auth = sdk(CREATE, _intent("auth", sdk.client_id))["redirectSession"]
    logout = sdk(CREATE, {**_intent("logout", sdk.client_id), "callbacks": HOME})["redirectSession"]
    assert auth["urlDetails"]["endpoint"].endswith("/_api/oauth2/authorize")
    assert logout["urlDetails"]["endpoint"].endswith("/_api/iam/authentication/v1/logout")


def test_the_address_of_other_intents_carries_the_page_in_redirect_url(sdk: Sdk) -> None:
    """Public clients read `redirectUrl` out of `fullUrl`."""
    made = sdk(CREATE, {"login": {}, "callbacks": HOME})["redirectSession"]
    assert query_of(made["fullUrl"])["redirectUrl"].startswith(f"{sdk.server.origin}/")


def test_every_session_is_another_one(sdk: Sdk) -> None:
    made = sdk.together([(CREATE, [{"login": {}, "callbacks": HOME}])] * 5)
    assert len({answer["redirectSession"]["_id"] for answer in made}) == 5
    assert len({answer["redirectSession"]["fullUrl"] for answer in made}) == 5


@pytest.mark.parametrize("intent", NOT_THERE)
def test_what_a_site_does_not_have_is_named(intent: str, sdk: Sdk) -> None:
    message, code = NOT_THERE[intent]
    with pytest.raises(SdkError) as refused:
        sdk(CREATE, {intent: message, "callbacks": HOME})
    assert refused.value.application_error["code"] == code


@pytest.mark.parametrize(
    ("intent", "field"),
    [
        ({"ecomCheckout": {"checkoutId": "not-a-guid"}}, "options.ecomCheckout.checkoutId"),
        ({"ecomCheckout": {}}, "options.ecomCheckout.checkoutId"),
        ({"eventsCheckout": {"reservationId": SOME_ID, "eventSlug": "x" * 151}}, "options.eventsCheckout.eventSlug"),
        ({"paidPlansCheckout": {"planId": SOME_ID, "checkoutData": "x" * 2049}}, "options.paidPlansCheckout.checkoutData"),
        ({"logout": {}}, "options.logout.clientId"),
        ({"login": {}, "callbacks": {"postFlowUrl": f"{SHOP}/{'x' * 2048}"}}, "options.callbacks.postFlowUrl"),
    ],
)
def test_a_field_that_breaks_a_rule_is_named_as_the_developer_wrote_it(intent: dict[str, Any], field: str, sdk: Sdk) -> None:
    """The SDK renames wire paths to its own arguments, which works only with plain dotted paths."""
    with pytest.raises(SdkError) as refused:
        sdk(CREATE, {"callbacks": HOME, **intent})
    assert refused.value.status == 400
    assert [violation["field"] for violation in refused.value.violations] == [field]
    assert f'"{field}" ' in refused.value.message.replace('\\"', '"')
    assert all("data" in violation and violation["description"] for violation in refused.value.violations)


@pytest.mark.parametrize("intents", [{}, {"login": {}, "storesProduct": {"productSlug": "mug"}}])
def test_exactly_one_intent_is_needed(intents: dict[str, Any], sdk: Sdk) -> None:
    with pytest.raises(SdkError) as refused:
        sdk(CREATE, {**intents, "callbacks": HOME})
    assert refused.value.status == 400
    assert refused.value.violations


@pytest.mark.parametrize(
    ("field", "url"),
    [
        ("postFlowUrl", "https://evil.example/"),
        ("postFlowUrl", "http://shop.example/"),
        ("thankYouPageUrl", "https://shop.example.evil.tld/"),
        ("cartPageUrl", "https://shop.example:444/"),
        ("planListUrl", "https://www.shop.example/"),
        ("loginUrl", "https://shop.example@evil.tld/"),
    ],
)
def test_a_callback_that_is_not_listed_is_refused_where_the_developer_sees_it(field: str, url: str, sdk: Sdk) -> None:
    """RED-02, RED-03, RED-06, RED-08, RED-19."""
    with pytest.raises(SdkError) as refused:
        sdk(CREATE, {"login": {}, "callbacks": {**HOME, field: url}})
    error = refused.value.application_error
    assert error["code"] == "INVALID_REDIRECT_DOMAIN"
    assert url in error["description"]
    assert error["data"]["field"] == f"callbacks.{field}"
    assert "INVALID_REDIRECT_DOMAIN" in refused.value.message
    assert refused.value.details["requestId"]


@pytest.mark.parametrize(
    "uri", [f"{SHOP}/callback/", f"{SHOP}/callback?x=1", f"{SHOP}/other", "http://shop.example/callback", "https://evil.example/callback"]
)
def test_a_redirect_uri_that_is_not_listed_is_refused_where_the_developer_sees_it(uri: str, sdk: Sdk) -> None:
    """RED-01, RED-08: the SDK throws in `getAuthUrl`, instead of a page that the site's developer never sees."""
    oauth = sdk("auth.generateOAuthData", uri)
    with pytest.raises(SdkError) as refused:
        sdk("auth.getAuthUrl", oauth)
    error = refused.value.application_error
    assert error["code"] == "INVALID_REDIRECT_URI"
    assert uri in error["description"]


def test_another_clients_list_does_not_help(new_sdk: NewSdk, sdk: Sdk) -> None:
    """RED-20."""
    sdk.server.client("Neighbour", redirect_domains=["neighbour.example"])
    with pytest.raises(SdkError) as refused:
        sdk(CREATE, {"login": {}, "callbacks": {"postFlowUrl": "https://neighbour.example/"}})
    assert refused.value.application_error["code"] == "INVALID_REDIRECT_DOMAIN"


@pytest.mark.parametrize("token", ["OauthNG.JWS.made.up.token", "nonsense"])
def test_a_token_that_is_not_ours_is_unauthenticated(token: str, new_sdk: NewSdk) -> None:
    tokens = {"accessToken": {"value": token, "expiresAt": 4_000_000_000}, "refreshToken": {"value": "JWS.x", "role": "visitor"}}
    with pytest.raises(SdkError) as refused:
        new_sdk(tokens=tokens)(CREATE, {"login": {}, "callbacks": HOME})
    assert refused.value.status == 401
    assert refused.value.application_error["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("header", "preferences", "expected"), [("de|de-de", {}, "de"), ("de|de-de", {"additionalQueryParameters": {"lang": "he"}}, "he")]
)
def test_the_language_of_the_site_reaches_the_page(header: str, preferences: dict[str, Any], expected: str, new_sdk: NewSdk) -> None:
    """PAG-07."""
    sdk = new_sdk(headers={"x-wix-linguist": header})
    made = sdk(CREATE, {"login": {}, "callbacks": HOME, "preferences": preferences})["redirectSession"]
    assert query_of(query_of(made["fullUrl"])["redirectUrl"])["lang"] == expected
