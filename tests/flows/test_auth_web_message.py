"""`auth` answered by a message to another window: to exactly one listed origin, and never to nobody."""

from __future__ import annotations

import pytest

from roundtrip.core.errors import AppError, Kind
from roundtrip.flows.create import Created
from tests.flows.browser import Tab, message
from tests.flows.shop import ISSUER, SHOP_ID, VERIFIER, Shop


def direct_login(shop: Shop, token: str | None = None, *, prompt: str | None = "none", redirect_uri: str | None = None) -> Created:
    """What the official SDK asks for after a login on the site's own page."""
    token = token or shop.session_token()
    return shop.auth(prompt=prompt, responseMode="web_message", redirectUri=redirect_uri, sessionToken=token)


def test_the_message_goes_to_the_page_that_framed_us(shop: Shop, tab: Tab) -> None:
    """AUT-07, decision record 0005."""
    tab.comes_from = "https://shop.example"
    posted = message(tab.enter(direct_login(shop)))
    assert posted.target_origin == "https://shop.example"
    assert posted.values.keys() == {"code", "state", "iss"}
    caller = shop.member_of(shop.exchange(redeem_without_uri(posted.values["code"])))
    assert caller.member_id == shop.ann.id


def redeem_without_uri(code: str) -> dict[str, str]:
    """A direct login names no redirect URI, so its exchange names none either."""
    return {
        "clientId": SHOP_ID,
        "grantType": "authorization_code",
        "code": code,
        "codeVerifier": VERIFIER,
    }


@pytest.mark.parametrize("comes_from", [None, "https://evil.example", "null", "http://shop.example", "https://www.shop.example"])
def test_else_to_the_origin_of_the_redirect_uri(shop: Shop, tab: Tab, comes_from: str | None) -> None:
    """AUT-07."""
    tab.comes_from = comes_from
    posted = message(tab.enter(direct_login(shop, redirect_uri="https://shop.example/callback")))
    assert posted.target_origin == "https://shop.example"


@pytest.mark.parametrize("comes_from", [None, "https://evil.example", "null", "https://other.example", "http://localhost:4321"])
def test_else_nothing_is_posted_and_the_page_says_what_to_list(shop: Shop, tab: Tab, comes_from: str | None) -> None:
    """AUT-08, RED-20: the session token is not spent by it. Where sites are developed, scripts may call, and are sent no code."""
    token = shop.session_token()
    created = direct_login(shop, token)
    tab.comes_from = comes_from
    with pytest.raises(AppError) as refused:
        tab.enter(created)
    assert (refused.value.kind, refused.value.code) == (Kind.INVALID, "WEB_MESSAGE_ORIGIN")
    assert (comes_from or "nowhere") in refused.value.description
    tab.comes_from = "https://shop.example"
    assert "code" in message(tab.enter(created)).values


@pytest.mark.parametrize("prompt", ["none", None])
def test_a_dead_session_token_is_answered_by_a_message(shop: Shop, tab: Tab, prompt: str | None) -> None:
    """AUT-08: nobody sees a login page in a hidden frame, so without a prompt too the error is posted."""
    tab.comes_from = "https://shop.example"
    posted = message(tab.enter(direct_login(shop, "JWS.unknown", prompt=prompt)))
    assert posted.values["error"] == "login_required"
    assert posted.values.keys() == {"error", "error_description", "state", "iss"}
    assert posted.values["iss"] == ISSUER


def test_prompt_none_without_a_login_is_answered_by_a_message(shop: Shop, tab: Tab) -> None:
    """AUT-08."""
    tab.comes_from = "https://shop.example"
    created = shop.auth(prompt="none", responseMode="web_message", redirectUri=None)
    assert message(tab.enter(created)).values["error"] == "login_required"


def test_a_window_that_waits_for_a_message_is_never_shown_a_page(shop: Shop, tab: Tab) -> None:
    """AUT-08: in a frame nobody would see it, and a window that was opened loses its opener by the page's own isolation (PAG-01)."""
    tab.comes_from = "https://shop.example"
    created = shop.auth(responseMode="web_message", redirectUri=None)
    assert message(tab.enter(created)).values["error"] == "login_required"


def test_a_message_is_matched_by_its_state_so_it_has_to_have_one(shop: Shop) -> None:
    with pytest.raises(AppError, match="state is missing"):
        shop.auth(responseMode="web_message", redirectUri=None, state=None)
