"""Logging out through the SDK, in a real browser: back on the site, and nothing of the login still works."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.browser_fixtures import NewContext
from tests.sdk.bridge import SdkError
from tests.sdk.conftest import Account, NewSdk, become_member, query_of
from tests.server_fixtures import Server
from tests.site_fixture import Site


def test_logging_out_returns_signed_out_and_really_ends_it(
    new_sdk: NewSdk, site_client: str, site: Site, member: Account, new_context: NewContext
) -> None:
    """IDN-07, IDN-08."""
    sdk, page = new_sdk(site_client), new_context().new_page()
    tokens = become_member(sdk, page, member, site)

    page.goto(sdk("auth.logout", f"{site.origin}/bye?from=menu")["logoutUrl"])
    page.wait_for_url(lambda url: url.startswith(site.origin))

    assert urlsplit(page.url).path == "/bye"
    assert query_of(page.url) == {"from": "menu", "wixMemberLoggedIn": "false"}
    assert sdk("auth.loggedIn") is False
    sdk("auth.setTokens", tokens)
    with pytest.raises(SdkError) as refused:
        sdk("members.getCurrentMember")
    assert refused.value.status == 401
    with pytest.raises(SdkError, match="invalid_grant"):
        sdk("auth.renewToken", tokens["refreshToken"])


def test_after_a_logout_the_browser_has_no_login_any_more(
    new_sdk: NewSdk, site_client: str, site: Site, member: Account, new_context: NewContext
) -> None:
    """IDN-07."""
    sdk, page = new_sdk(site_client), new_context().new_page()
    become_member(sdk, page, member, site)
    page.goto(sdk("auth.logout", f"{site.origin}/bye")["logoutUrl"])
    page.wait_for_url(lambda url: url.startswith(site.origin))

    oauth = sdk("auth.generateOAuthData", f"{site.origin}/callback")
    page.goto(sdk("auth.getAuthUrl", oauth, {"prompt": "none", "responseMode": "query"})["authUrl"])
    assert query_of(page.url)["error"] == "login_required"


def test_a_logout_that_goes_nowhere_listed_is_refused_at_once(new_sdk: NewSdk, site_client: str) -> None:
    """IDN-08, RED-02."""
    with pytest.raises(SdkError) as refused:
        new_sdk(site_client)("auth.logout", "https://evil.example/")
    assert refused.value.application_error["code"] == "INVALID_REDIRECT_DOMAIN"


def test_a_logout_on_one_server_holds_on_the_other(
    two_servers: tuple[Server, Server], new_sdk: NewSdk, site: Site, account: Account, new_context: NewContext
) -> None:
    """OPS-11: any server serves any request, and an ended login ends everywhere within a second."""
    here, there = two_servers
    client_id = here.client("Site", redirect_uris=[f"{site.origin}/callback"], redirect_domains=[site.origin])
    sdk, page = new_sdk(client_id, on=here), new_context().new_page()
    assert sdk("auth.register", {"email": account.email, "password": account.password})["loginState"] == "SUCCESS"
    become_member(sdk, page, account, site)
    neighbour = new_sdk(client_id, tokens=sdk("auth.getTokens"), on=there)
    assert neighbour("members.getCurrentMember")["member"]["loginEmail"] == account.email

    page.goto(sdk("auth.logout", f"{site.origin}/bye")["logoutUrl"])
    page.wait_for_url(lambda url: url.startswith(site.origin))
    page.wait_for_timeout(1_000)

    with pytest.raises(SdkError) as refused:
        neighbour("members.getCurrentMember")
    assert refused.value.status == 401
