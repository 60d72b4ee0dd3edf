"""The newcomer's story: a callback breaks, the page says so, the owner understands and allows it, the retry goes through (issue 3)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.desk import open_desk
from tests.browser.shop import Shop
from tests.browser_fixtures import NewContext
from tests.server_fixtures import Server


def log_in(page: Page, shop: Shop) -> None:
    account = shop.member()
    page.fill("#email", account.email)
    page.fill("#password", account.password)
    page.click("form button[type=submit]")


@pytest.fixture
def broken(shop: Shop, server: Server) -> str:
    """A visit whose way back was taken off the list after it was made."""
    client_id = server.client("Broken", redirect_domains=[shop.site_origin])
    session = shop.session({"login": {}, "callbacks": {"postFlowUrl": f"{shop.site_origin}/account?from=mail"}}, client_id=client_id)
    server.command("client", "allow", client_id, "--remove-redirect-domain", shop.site_origin)
    return str(session["fullUrl"])


def test_a_broken_callback_is_found_understood_and_allowed(
    shop: Shop, server: Server, broken: str, new_context: NewContext, browser: Browser
) -> None:
    """RED-19, OPS-02, SES-02: from the page alone."""
    visitor = new_context().new_page()
    visitor.goto(broken)
    log_in(visitor, shop)
    visitor.wait_for_url("**/return")
    assert "isn't listed" in visitor.inner_text("body") or "not allowed" in visitor.inner_text("body").lower()
    desk = open_desk(server, browser)
    page = desk.new_page()
    page.goto(desk.url("demo/refusals"))
    row = page.locator(".refusals > li", has_text=f"{shop.site_origin}/account").first
    assert "from=mail" not in page.content()
    assert page.locator(".nav a[aria-current=page] b").inner_text() == str(page.locator(".refusals > li").count())
    row.locator("text=Allow it").click()
    entry = page.locator(".diff ins").inner_text().removeprefix("+ ")
    assert entry == shop.site_origin
    if page.locator("#host").count():
        page.fill("#host", "localhost")
    page.click("button:has-text('Allow it')")
    page.wait_for_url("**/refusals?saved=approved**")
    assert page.locator(".refusals > li", has_text=f"{shop.site_origin}/account").count() == 0
    visitor.reload()
    visitor.wait_for_url(f"{shop.site_origin}/account**")
    page.goto(desk.url("demo/audit"))
    assert "A refused address was allowed for" in page.inner_text("main")
    page.goto(desk.url("demo/redirect-sessions"))
    page.click("tbody tr:first-child a")
    trip = page.locator(".trip h3").all_inner_texts()
    assert [words.split(",")[0].split(" it")[0] for words in trip][1:3] == ["A browser opened", "Logged in"]
    assert trip[3] == "The flow was completed"
    assert trip[4] == "Was not sent on: the address isn't listed as an allowed redirect domain"
    assert trip[-1] == f"Went back to {shop.site_origin}/account with from, wixMemberLoggedIn"
    assert page.locator(".trip mark").count() == 1
    desk.context.close()
