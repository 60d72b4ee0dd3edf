"""`auth`: what is refused, where, and to whom it is told."""

from __future__ import annotations

from typing import Any

import pytest

from roundtrip.core.errors import AppError, Kind
from roundtrip.flows import direct
from roundtrip.flows.runner import Ended, SentBack
from tests.flows.browser import Tab, sent_to, shown
from tests.flows.shop import ANN, ANNS_PASSWORD, ISSUER, NOTHING_ISSUED, OTHER_ID, REQUEST, SHOP_ID, Shop

UNLISTED = [
    "https://evil.example/callback",
    "https://shop.example/callback/",
    "https://shop.example/callback?x=1",
    "https://shop.example/callback#x",
    "https://shop.example/x/../callback",
    "http://shop.example/callback",
    "https://shop.example:444/callback",
    "https://shop.example@evil.example/callback",
    "https://deep.blue-preview.shop.example/callback",
    "https://other.example/callback",
]
BROKEN: list[tuple[dict[str, str | None], str]] = [
    ({"responseType": "token"}, "unsupported_response_type"),
    ({"codeChallenge": None}, "invalid_request"),
    ({"codeChallenge": "short"}, "invalid_request"),
    ({"codeChallengeMethod": "plain"}, "invalid_request"),
    ({"codeChallengeMethod": None}, "invalid_request"),
    ({"scope": "a\tb"}, "invalid_scope"),
    ({"prompt": "none login"}, "invalid_request"),
    ({"state": "s" * 2049}, "invalid_request"),
]


def go(tab: Tab, **changes: str | None) -> Any:
    """Open the authorize address as a standard client does, without a redirect session."""
    query = {name: value for name, value in {**REQUEST, **changes}.items() if value is not None}
    return tab.go_directly(direct.authorize(query, NOTHING_ISSUED))


@pytest.mark.parametrize("redirect_uri", UNLISTED)
def test_an_unlisted_address_is_refused_when_the_session_is_made(shop: Shop, redirect_uri: str) -> None:
    """RED-01, RED-08, RED-20: where the developer sees it, and nothing is kept."""
    before = shop.session_count()
    with pytest.raises(AppError) as refused:
        shop.auth(redirectUri=redirect_uri)
    assert (refused.value.kind, refused.value.code) == (Kind.INVALID, "INVALID_REDIRECT_URI")
    assert refused.value.data["field"] == "auth.authRequest.redirectUri"
    assert not refused.value.may_return
    assert shop.session_count() == before


@pytest.mark.parametrize("redirect_uri", UNLISTED)
def test_an_unlisted_address_is_refused_at_authorize_without_going_there(shop: Shop, tab: Tab, redirect_uri: str) -> None:
    """RED-01, RED-09: a page of ours, also for the answer to another mistake."""
    for mistake in ({}, {"responseType": "token"}, {"prompt": "none"}):
        with pytest.raises(AppError) as refused:
            go(tab, redirectUri=redirect_uri, **mistake)
        assert refused.value.kind is Kind.INVALID
    assert shop.session_count() == 0


def test_a_client_that_does_not_exist_gets_a_page(shop: Shop, tab: Tab) -> None:
    """RED-09."""
    for client_id, code in (("99999999-9999-4999-8999-999999999999", "CLIENT_NOT_FOUND"), ("shop", "CLIENT_NOT_FOUND")):
        with pytest.raises(AppError) as refused:
            go(tab, clientId=client_id)
        assert (refused.value.code, refused.value.may_return) == (code, False)
    with pytest.raises(AppError, match="received ''"):
        go(tab, clientId=None)


@pytest.mark.parametrize("mode", ["form_get", "QUERY", "query fragment", "jwt"])
def test_an_unknown_response_mode_is_an_error_and_never_a_default(shop: Shop, tab: Tab, mode: str) -> None:
    """AUT-06."""
    with pytest.raises(AppError, match="responseMode must be one of"):
        shop.auth(responseMode=mode)
    with pytest.raises(AppError, match="responseMode must be one of"):
        go(tab, responseMode=mode)


@pytest.mark.parametrize(("broken", "error"), BROKEN)
def test_a_mistake_in_the_request_is_told_when_the_session_is_made(shop: Shop, broken: dict[str, Any], error: str) -> None:
    with pytest.raises(AppError) as refused:
        shop.auth(**broken) if "prompt" not in broken else shop.create("auth", {"authRequest": {**REQUEST, **broken}})
    assert refused.value.oauth_error == error
    assert shop.session_count() == 0


@pytest.mark.parametrize(("broken", "error"), BROKEN)
@pytest.mark.parametrize("mode", ["query", "fragment"])
def test_a_mistake_of_a_standard_client_is_told_to_its_redirect_uri(
    shop: Shop, tab: Tab, broken: dict[str, Any], error: str, mode: str
) -> None:
    """AUT-05, RFC 6749 4.1.2.1: with state and iss, in the wished way, and nothing is kept."""
    then = go(tab, **{"responseMode": mode, **broken})
    assert isinstance(then, SentBack)
    assert ("#" in then.leaving.url) is (mode == "fragment")
    target, params = sent_to(then)
    assert target == "https://shop.example/callback"
    assert (params["error"], params["iss"]) == (error, ISSUER)
    assert params.get("state") == broken.get("state", "a-state")
    assert shop.session_count() == 0


def test_a_request_without_an_address_is_refused_unless_it_is_a_message(shop: Shop, tab: Tab) -> None:
    """RED-08."""
    with pytest.raises(AppError, match="only responseMode web_message"):
        shop.auth(redirectUri=None)
    with pytest.raises(AppError, match="only responseMode web_message"):
        go(tab, redirectUri=None)
    shop.auth(redirectUri=None, responseMode="web_message")


def test_a_token_of_another_client_cannot_ask_for_this_one(shop: Shop) -> None:
    """SES-07, RED-20."""
    with pytest.raises(AppError) as refused:
        shop.auth(caller=shop.visitor(shop.other))
    assert (refused.value.kind, refused.value.code) == (Kind.FORBIDDEN, "PERMISSION_DENIED")
    with pytest.raises(AppError, match="another client"):
        shop.auth(clientId=OTHER_ID, redirectUri="https://other.example/callback")


def test_a_client_id_in_capitals_is_the_same_client(shop: Shop, tab: Tab) -> None:
    tab.log_in(shop.ann)
    assert "code" in sent_to(tab.enter(shop.auth(clientId=SHOP_ID.upper())))[1]
    assert "code" in sent_to(go(tab, clientId=SHOP_ID.upper()))[1]


def test_a_standard_clients_request_becomes_a_session_of_its_own(shop: Shop, tab: Tab) -> None:
    """Decision record 0003: born opened, bound to this browser, and not announced."""
    page = shown(go(tab))
    session_id = page.visit.session.id
    assert shop.moves(session_id) == []
    assert isinstance(Tab(shop).show(session_id, "login"), Ended)
    _, params = sent_to(tab.fill_in(session_id, "login", {"email": ANN, "password": ANNS_PASSWORD}))
    assert shop.member_of(shop.redeem(params["code"])).member_id == shop.ann.id
    assert shop.moves(session_id) == ["completed", "returned"]


def test_a_standard_client_may_write_its_parameters_with_underscores(shop: Shop, tab: Tab) -> None:
    tab.log_in(shop.ann)
    query = {
        "client_id": SHOP_ID,
        "response_type": "code",
        "redirect_uri": REQUEST["redirectUri"],
        "scope": "profile offline_access",
        "state": "a-state",
        "code_challenge": REQUEST["codeChallenge"],
        "code_challenge_method": "S256",
        "prompt": "none",
        "response_mode": "",
    }
    _, params = sent_to(tab.go_directly(direct.authorize(query, NOTHING_ISSUED)))
    assert shop.redeem(params["code"]).scope.split() == ["profile", "offline_access"]


def test_a_request_that_is_too_long_is_a_page(shop: Shop, tab: Tab) -> None:
    with pytest.raises(AppError) as refused:
        go(tab, redirectUri="https://shop.example/" + "x" * 2048)
    assert (refused.value.kind, refused.value.may_return) == (Kind.INVALID, False)


def test_the_language_of_a_standard_client_counts(shop: Shop, tab: Tab) -> None:
    """PAG-07."""
    for query, language in (({"lang": "de"}, "de"), ({"ui_locales": "he en"}, "he"), ({}, "en"), ({"lang": "<script>"}, "en")):
        page = shown(tab.go_directly(direct.authorize({**REQUEST, **query}, NOTHING_ISSUED)))
        assert page.visit.session.language == language
