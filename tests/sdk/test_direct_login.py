"""A site with its own login form, in a real browser that blocks third-party cookies: the SDK's hidden frame (AUT-07, AUT-08, AUT-09)."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser_fixtures import NewContext
from tests.sdk.conftest import Account
from tests.server_fixtures import Server
from tests.site_fixture import Site

PAGE = "<!doctype html><html lang=en><title>Shop</title><link rel=icon href='data:,'><h1>Shop</h1><script src='/site.js'></script>"

LOG_IN = """async ({serverUrl, clientId, email, password}) => {
    const client = official.client({serverUrl, clientId});
    window.shop = client;
    const {loginState, data, errorCode} = await client.auth.login({email, password});
    if (loginState !== 'SUCCESS') return {loginState, errorCode};
    window.sessionToken = data.sessionToken;
    const tokens = await client.auth.getMemberTokensForDirectLogin(data.sessionToken);
    client.auth.setTokens(tokens);
    return {loginState, tokens, sessionToken: data.sessionToken};
}"""

AGAIN = """async () => {
    const started = performance.now();
    const ended = (what) => ({what, seconds: (performance.now() - started) / 1000});
    try { return ended(await shop.auth.getMemberTokensForDirectLogin(sessionToken)); }
    catch (error) { return ended(error.message); }
}"""

RECORD_MESSAGES = """() => {
    window.heard = [];
    addEventListener('message', ({data, origin}) => heard.push({data, origin}));
}"""


@pytest.fixture
def shop_page(site: Site, bundle: bytes, new_context: NewContext) -> Page:
    """The site's own page with the SDK in it."""
    site.script("/site.js", bundle)
    page = new_context(third_party_cookies="blocked").new_page()
    page.goto(site.page("/", PAGE))
    page.evaluate(RECORD_MESSAGES)
    return page


def _log_in(page: Page, server: Server, client_id: str, account: Account) -> dict[str, Any]:
    asked = {"serverUrl": server.origin, "clientId": client_id, "email": account.email, "password": account.password}
    answer: dict[str, Any] = page.evaluate(LOG_IN, asked)
    for secret in (answer.get("sessionToken"), *(one["value"] for one in answer.get("tokens", {}).values())):
        if secret:
            server.secret(secret)
    return answer


def test_a_member_logs_in_on_the_sites_own_form(shop_page: Page, server: Server, site_client: str, member: Account) -> None:
    """AUT-09: the frame needs no cookie. TST-01."""
    answer = _log_in(shop_page, server, site_client, member)

    assert answer["loginState"] == "SUCCESS"
    assert answer["tokens"]["refreshToken"]["role"] == "member"
    assert shop_page.evaluate("async () => (await shop.members.getCurrentMember()).member.loginEmail") == member.email


def test_the_message_says_only_what_it_must_and_comes_from_the_server(
    shop_page: Page, server: Server, site_client: str, member: Account
) -> None:
    """AUT-07."""
    _log_in(shop_page, server, site_client, member)
    heard = shop_page.evaluate("() => heard")
    assert [message["origin"] for message in heard] == [server.origin]
    assert set(heard[0]["data"]) <= {"code", "state", "iss"}
    server.secret(heard[0]["data"]["code"])


def test_a_wrong_password_is_told_to_the_sites_own_form(shop_page: Page, server: Server, site_client: str, member: Account) -> None:
    answer = _log_in(shop_page, server, site_client, Account(member.email, "Wrong-password-1!"))
    assert answer == {"loginState": "FAILURE", "errorCode": "invalidPassword"}


def test_a_spent_session_token_fails_at_once_and_does_not_hang(shop_page: Page, server: Server, site_client: str, member: Account) -> None:
    """AUT-08, AUT-16: the frame posts an error; the SDK would else wait for two minutes."""
    _log_in(shop_page, server, site_client, member)
    again = shop_page.evaluate(AGAIN)
    assert "Missing code" in again["what"] or "INVALID" in again["what"].upper()
    assert again["seconds"] < 30
    assert shop_page.evaluate("() => heard.every(({data}) => !('code' in data) || !('error' in data))")


def test_a_site_that_is_not_listed_hears_nothing(shop_page: Page, server: Server, shop_client: str, member: Account) -> None:
    """AUT-07, OPS-06: the client lists another site, so no code reaches this one, by message or by any other way."""
    asked = {"serverUrl": server.origin, "clientId": shop_client, "email": member.email, "password": member.password}
    outcome = shop_page.evaluate(
        f"async (asked) => Promise.race([({LOG_IN})(asked).catch((e) => e.message), new Promise((r) => setTimeout(r, 4000, 'silence'))])",
        asked,
    )
    assert isinstance(outcome, str)
    assert not [message for message in shop_page.evaluate("() => heard") if "code" in message["data"]]
