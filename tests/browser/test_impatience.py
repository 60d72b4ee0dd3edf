"""Double clicks, Stop and the browser's page cache: a button is pressed once, and is never found frozen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from tests.browser.pages import back_at_site, become_logged_in, to_sign_up
from tests.browser.shop import Shop, query_of
from tests.browser_fixtures import ARGUMENTS, PATIENCE_MS, chromium_path

HOLD = """() => {
  window.sent = 0;
  document.addEventListener('submit', (event) => {
    if (!event.defaultPrevented) sent += 1;
    event.preventDefault();
  });
}"""
"""Keeps forms from leaving the page, after the page's own script has had its say, and counts those that would have left."""


@pytest.fixture(scope="module")
def keeping_browser(playwright: Playwright) -> Iterator[BrowserContext]:
    """A browser that keeps pages in its back/forward cache, as people's browsers do; Playwright's own flags would turn that off."""
    chromium = playwright.chromium.launch(
        executable_path=chromium_path(), args=ARGUMENTS, ignore_default_args=["--disable-back-forward-cache"]
    )
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE_MS)
    yield context
    chromium.close()


def posts(page: Page) -> list[str]:
    """The forms that the page sends from now on."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    return sent


def test_a_double_click_sends_the_form_once(shop: Shop, page: Page) -> None:
    """PAG-08."""
    page.goto(shop.login()["fullUrl"])
    to_sign_up(page)
    account = shop.account()
    page.locator("#email").fill(account.email)
    page.locator("#password").fill(account.password)
    sent = posts(page)
    page.locator("form button[type=submit]").dblclick()

    assert query_of(back_at_site(shop, page)) == {"wixMemberLoggedIn": "true"}
    assert len(sent) == 1


def test_a_second_enter_while_waiting_sends_nothing(shop: Shop, page: Page) -> None:
    """PAG-08: and the button says that something is happening."""
    page.goto(shop.login()["fullUrl"])
    page.evaluate(HOLD)
    page.locator("#password").press("Enter")
    expect(page.locator(".button")).to_have_text("One moment…")
    page.locator("#password").press("Enter")
    page.locator(".button").click(force=True)

    assert page.evaluate("sent") == 1


def test_after_back_from_another_site_no_button_is_frozen(shop: Shop, keeping_browser: BrowserContext) -> None:
    """PAG-08, in a browser that may keep the page as it was left."""
    page = keeping_browser.new_page()
    page.goto(shop.login()["fullUrl"])
    page.locator("#email").fill("ann@example.com")
    page.evaluate(HOLD)
    page.locator("#password").press("Enter")
    expect(page.locator(".button")).to_have_text("One moment…")
    page.goto(f"{shop.site_origin}/elsewhere")
    page.go_back(wait_until="commit")

    expect(page.locator(".button")).to_have_text("Log in")
    assert page.locator(".button").get_attribute("aria-disabled") is None
    assert page.evaluate("document.querySelector('form').dataset.sent") is None


def test_a_page_from_the_cache_is_released(shop: Shop, page: Page) -> None:
    """PAG-08: the same for browsers that keep pages which forbid it, told by the event that they send."""
    page.goto(shop.login()["fullUrl"])
    page.evaluate(HOLD)
    page.locator("#password").press("Enter")
    expect(page.locator(".button")).to_have_attribute("aria-disabled", "true")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")

    expect(page.locator(".button")).to_have_text("Log in")
    expect(page.locator(".is-busy")).to_have_count(0)
    member = shop.member()
    become_logged_in(shop, page, member)
