"""Every page of the dashboard in a browser: fits every screen, reads well to a machine, works by keyboard and without scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.checks import RULES_ABOUT_LOOKS, hidden_from_the_keyboard, issues, look, menu_issues, unfold
from tests.browser.conftest import ANSWERED_WITH_A_STATUS, watch_page
from tests.browser.desk import DESK_PAGES, PASSWORD, Desk, invitation, join, open_desk
from tests.browser_fixtures import NewContext
from tests.server_fixtures import Server


@pytest.fixture(scope="module")
def desk(browser: Browser, server: Server) -> Iterator[Desk]:
    """Somebody who owns the server."""
    desk = open_desk(server, browser)
    yield desk
    desk.context.close()


@pytest.mark.parametrize("name", DESK_PAGES)
def test_a_page_of_the_dashboard_reads_well_fits_works_by_keyboard_and_asks_nobody_else(desk: Desk, name: str) -> None:
    """PAG-05, PAG-06: one visit for all. Wide tables scroll inside themselves, pages never; Tab comes by everything that can be pressed."""
    page = desk.new_page()
    watched = watch_page(page)
    DESK_PAGES[name](desk, page)
    assert watched.origins() == {desk.server.origin}
    assert [one for one in watched.complaints if ANSWERED_WITH_A_STATUS not in one] == []

    found = []
    for width in (768, 320, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        scrolls = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{width} px: scrolls by {scrolls}"] if scrolls else []
    found += hidden_from_the_keyboard(page)
    page.evaluate("document.body.style.background = 'var(--bg)'")
    look(page, {"width": 320, "height": 900}, "dark")
    found += issues(page, rules=RULES_ABOUT_LOOKS)
    look(page, {"width": 1440, "height": 900}, "light")
    unfold(page)
    found += issues(page)
    found += menu_issues(page)

    assert found == []
    page.close()


def test_an_owner_joins_logs_out_and_in_again_without_scripts(server: Server, new_context: NewContext) -> None:
    """PAG-06: complete without scripts."""
    page = new_context(scripts=False).new_page()
    email = "noscript@kiln.example"
    join(page, invitation(server), email)
    page.click(".me summary")
    page.click("text=Log out")
    page.wait_for_url("**/dashboard/login")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click("form button[type=submit]")
    page.wait_for_url(lambda url: not url.endswith("/login"))
    assert page.locator("h1").is_visible()


def test_the_search_is_a_keystroke_away_and_a_menu_closes_by_escape(desk: Desk) -> None:
    page = desk.new_page()
    page.goto(desk.url("demo"))
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    page.click(".me summary")
    assert page.locator(".me ul").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator(".me ul").is_visible()
