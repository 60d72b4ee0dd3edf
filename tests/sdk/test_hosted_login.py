"""The hosted login page in a real browser, left and entered by the SDK's own addresses."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.browser_fixtures import NewContext
from tests.sdk.bridge import SdkError
from tests.sdk.conftest import Account, NewSdk, become_member, log_in_on_page, query_of
from tests.server_fixtures import Server
from tests.site_fixture import Site


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("mode", ["query", "fragment"])
def test_a_visitor_logs_in_and_comes_back_as_a_member(
    mode: str, scripts: bool, new_sdk: NewSdk, site_client: str, site: Site, member: Account, new_context: NewContext
) -> None:
    """AUT-05, AUT-06; PAG-06: also without scripts."""
    sdk, page = new_sdk(site_client), new_context(scripts=scripts).new_page()
    oauth = sdk("auth.generateOAuthData", f"{site.origin}/callback", f"{site.origin}/account")
    log_in_on_page(page, sdk("auth.getAuthUrl", oauth, {"prompt": "login", "responseMode": mode})["authUrl"], member, site)

    back = sdk("auth.parseFromUrl", page.url, mode)
    assert urlsplit(page.url).path == "/callback"
    assert back["state"] == oauth["state"]
    assert "error" not in back
    assert dict(parse_qsl(getattr(urlsplit(page.url), mode)))["iss"] == sdk.server.environment["ROUNDTRIP_BASE_URL"]
    tokens = sdk("auth.getMemberTokens", back["code"], back["state"], oauth)
    assert tokens["refreshToken"]["role"] == "member"
    sdk("auth.setTokens", tokens)
    assert sdk("members.getCurrentMember")["member"]["loginEmail"] == member.email


def test_a_code_works_once(new_sdk: NewSdk, site_client: str, site: Site, member: Account, new_context: NewContext) -> None:
    """AUT-04: the second use fails, and what the first one gave is dead."""
    sdk, page = new_sdk(site_client), new_context().new_page()
    oauth = sdk("auth.generateOAuthData", f"{site.origin}/callback")
    log_in_on_page(page, sdk("auth.getAuthUrl", oauth, {"responseMode": "query"})["authUrl"], member, site)
    back = sdk("auth.parseFromUrl", page.url, "query")
    tokens = sdk("auth.getMemberTokens", back["code"], back["state"], oauth)

    with pytest.raises(SdkError, match="invalid_grant"):
        sdk("auth.getMemberTokens", back["code"], back["state"], oauth)
    with pytest.raises(SdkError, match="invalid_grant"):
        sdk("auth.renewToken", tokens["refreshToken"])


def test_a_stolen_code_is_worth_nothing_without_the_verifier(
    new_sdk: NewSdk, site_client: str, site: Site, member: Account, new_context: NewContext
) -> None:
    """AUT-02, AUT-03."""
    sdk, page = new_sdk(site_client), new_context().new_page()
    oauth = sdk("auth.generateOAuthData", f"{site.origin}/callback")
    log_in_on_page(page, sdk("auth.getAuthUrl", oauth, {"responseMode": "query"})["authUrl"], member, site)
    back = sdk("auth.parseFromUrl", page.url, "query")

    guessed = {**oauth, "codeVerifier": sdk("auth.generateOAuthData", "unused")["codeVerifier"]}
    with pytest.raises(SdkError, match="invalid_grant"):
        sdk("auth.getMemberTokens", back["code"], back["state"], guessed)


@pytest.mark.parametrize("mode", ["query", "fragment"])
def test_a_silent_login_without_a_login_comes_back_with_login_required(
    mode: str, new_sdk: NewSdk, site_client: str, site: Site, new_context: NewContext
) -> None:
    """AUT-10: never a page of ours."""
    sdk, page = new_sdk(site_client), new_context().new_page()
    oauth = sdk("auth.generateOAuthData", f"{site.origin}/callback")
    page.goto(sdk("auth.getAuthUrl", oauth, {"prompt": "none", "responseMode": mode})["authUrl"])

    back = sdk("auth.parseFromUrl", page.url, mode)
    assert page.url.startswith(f"{site.origin}/callback")
    assert back["error"] == "login_required"
    assert back["state"] == oauth["state"]
    assert back["errorDescription"]
    assert back["code"] is None


def test_a_silent_login_after_a_login_needs_no_page(
    new_sdk: NewSdk, site_client: str, site: Site, member: Account, new_context: NewContext
) -> None:
    """AUT-09: `prompt=none` with the login cookie, at the top level, third-party cookies blocked."""
    sdk, page = new_sdk(site_client), new_context(third_party_cookies="blocked").new_page()
    first = sdk("auth.generateOAuthData", f"{site.origin}/callback")
    log_in_on_page(page, sdk("auth.getAuthUrl", first, {"responseMode": "query"})["authUrl"], member, site)

    second = sdk("auth.generateOAuthData", f"{site.origin}/callback")
    page.goto(sdk("auth.getAuthUrl", second, {"prompt": "none", "responseMode": "query"})["authUrl"])
    back = sdk("auth.parseFromUrl", page.url, "query")
    assert sdk("auth.getMemberTokens", back["code"], back["state"], second)["refreshToken"]["role"] == "member"


def test_prompt_login_asks_again_even_after_a_login(
    new_sdk: NewSdk, site_client: str, site: Site, member: Account, new_context: NewContext
) -> None:
    """AUT-10."""
    sdk, page = new_sdk(site_client), new_context().new_page()
    oauth = sdk("auth.generateOAuthData", f"{site.origin}/callback")
    log_in_on_page(page, sdk("auth.getAuthUrl", oauth)["authUrl"], member, site)

    page.goto(sdk("auth.getAuthUrl", oauth, {"prompt": "login"})["authUrl"])
    assert page.url.startswith(sdk.server.origin)
    assert page.locator("input[type=password]").first.is_visible()


def test_the_login_intent_returns_to_the_post_flow_address_and_says_so(
    new_sdk: NewSdk, site_client: str, site: Site, member: Account, new_context: NewContext
) -> None:
    """PAY-11: `wixMemberLoggedIn` on every return, the site's own parameters kept (RED-11)."""
    sdk, page = new_sdk(site_client), new_context().new_page()
    callbacks = {"postFlowUrl": f"{site.origin}/account?tab=orders"}
    made = sdk("redirects.createRedirectSession", {"login": {}, "callbacks": callbacks})["redirectSession"]
    log_in_on_page(page, made["fullUrl"], member, site)
    assert urlsplit(page.url).path == "/account"
    assert query_of(page.url) == {"tab": "orders", "wixMemberLoggedIn": "true"}


def test_editing_the_address_changes_nothing_about_where_the_visitor_ends_up(
    new_sdk: NewSdk, site_client: str, site: Site, member: Account, new_context: NewContext
) -> None:
    """AUT-17, RED-12, SES-08: `redirectUri` in the authorize address is only a hint."""
    sdk, page = new_sdk(site_client), new_context().new_page()
    oauth = sdk("auth.generateOAuthData", f"{site.origin}/callback")
    url = sdk("auth.getAuthUrl", oauth, {"responseMode": "query"})["authUrl"]
    edited = url.replace("%2Fcallback", "%2Felsewhere")
    assert edited != url
    log_in_on_page(page, edited, member, site)
    assert urlsplit(page.url).path == "/callback"


def test_the_whole_way_on_either_database(
    server_on_each: Server, new_sdk: NewSdk, site: Site, account: Account, new_context: NewContext
) -> None:
    """Sign up, log in on the page, come back, read who I am."""
    client_id = server_on_each.client("Site", redirect_uris=[f"{site.origin}/callback"], redirect_domains=[site.origin])
    sdk, page = new_sdk(client_id, on=server_on_each), new_context().new_page()
    assert sdk("auth.register", {"email": account.email, "password": account.password})["loginState"] == "SUCCESS"
    become_member(sdk, page, account, site)
    assert sdk("members.getCurrentMember")["member"]["loginEmail"] == account.email
