"""A visitor's tokens, as the SDK gets and renews them."""

from __future__ import annotations

import time

import pytest

from tests.sdk.bridge import Sdk, SdkError, token_payload
from tests.sdk.conftest import NewSdk

FOUR_HOURS = 14_400


def test_a_site_gets_a_token_for_its_visitor(sdk: Sdk, shop_client: str) -> None:
    before = time.time()
    tokens = sdk("auth.generateVisitorTokens")

    assert FOUR_HOURS - 5 <= tokens["accessToken"]["expiresAt"] - before <= FOUR_HOURS + 60
    assert tokens["refreshToken"]["role"] == "visitor"
    assert tokens["refreshToken"]["value"].startswith("JWS.")
    payload = token_payload(tokens["accessToken"]["value"])
    assert payload["exp"] - payload["iat"] == FOUR_HOURS
    assert payload["data"]["instance"]["appDefId"] == shop_client
    assert payload["data"]["instance"]["metaSiteId"]


def test_one_page_view_that_asks_seven_times_at_once_is_served_seven_times(sdk: Sdk) -> None:
    """The SDK fetches a token for each of several parallel calls; the default limits let one page view through."""
    made = sdk.together([("auth.generateVisitorTokens", [])] * 7)

    assert len({tokens["refreshToken"]["value"] for tokens in made}) == 7
    assert len({token_payload(tokens["accessToken"]["value"])["data"]["instance"]["aid"] for tokens in made}) == 7
    assert [request["status"] for request in sdk.requests()] == [200] * 7


def test_the_same_refresh_token_works_twice_and_stays_the_same_visitor(sdk: Sdk) -> None:
    """The SDK keeps its first refresh token for ever (decision on refresh tokens; AUT-11 does not apply to this dialect)."""
    first = sdk("auth.generateVisitorTokens")
    renewed = [sdk("auth.renewToken", first["refreshToken"]) for _ in range(2)]

    visitors = {token_payload(tokens["accessToken"]["value"])["data"]["instance"]["aid"] for tokens in [first, *renewed]}
    assert len(visitors) == 1


def test_the_same_refresh_token_works_twice_and_stays_the_same_member(member_sdk: Sdk) -> None:
    """AUT-11: a member who comes back in four hours, and in eight, is still logged in."""
    refresh_token = member_sdk("auth.getTokens")["refreshToken"]
    me = member_sdk("members.getCurrentMember")["member"]["_id"]

    for _ in range(2):
        member_sdk("auth.setTokens", member_sdk("auth.renewToken", refresh_token))
        assert member_sdk("members.getCurrentMember")["member"]["_id"] == me
    assert member_sdk("auth.loggedIn") is True


def test_an_expired_access_token_is_renewed_without_the_site_noticing(new_sdk: NewSdk) -> None:
    tokens = new_sdk()("auth.generateVisitorTokens")
    tokens["accessToken"]["expiresAt"] = 1
    sdk = new_sdk(tokens=tokens)

    sdk("redirects.createRedirectSession", {"login": {}, "callbacks": {"postFlowUrl": "https://shop.example/"}})

    assert [request["status"] for request in sdk.requests()] == [200, 200]
    assert sdk("auth.getTokens")["refreshToken"] == tokens["refreshToken"]


def test_a_refresh_token_that_is_not_ours_is_refused_and_the_sdk_starts_over_as_a_new_visitor(new_sdk: NewSdk) -> None:
    foreign = {"value": "JWS.nothing-that-was-ever-issued-here", "role": "member"}
    sdk = new_sdk(tokens={"accessToken": {"value": "", "expiresAt": 0}, "refreshToken": foreign})

    with pytest.raises(SdkError, match="invalid_grant"):
        sdk("auth.renewToken", foreign)
    assert sdk("auth.generateVisitorTokens")["refreshToken"]["role"] == "visitor"


def test_a_refresh_token_of_another_client_is_refused(new_sdk: NewSdk, sdk: Sdk) -> None:
    """A refresh token is bound to its client."""
    tokens = sdk("auth.generateVisitorTokens")
    other = new_sdk(sdk.server.client("Other shop"))

    with pytest.raises(SdkError, match="invalid_grant"):
        other("auth.renewToken", tokens["refreshToken"])


def test_an_unknown_client_gets_a_readable_refusal(new_sdk: NewSdk) -> None:
    stranger = new_sdk("00000000-0000-4000-8000-000000000000")
    with pytest.raises(SdkError, match="invalid_client"):
        stranger("auth.generateVisitorTokens")
