"""Every page of the dashboard in a browser: fits every screen, reads well to a machine, works by keyboard and without scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import watch_page
from tests.browser.desk import DESK_PAGES, PASSWORD, Desk, invitation, join, open_desk
from tests.browser.test_accessibility import AXE, issues, unfold
from tests.browser_fixtures import NewContext
from tests.server_fixtures import Server

SHOWS_FOCUS = """() => {
  const one = document.activeElement, style = getComputedStyle(one), around = getComputedStyle(one.parentElement || document.body);
  return style.outlineStyle !== 'none' || style.boxShadow !== 'none' || around.boxShadow !== 'none' || one === document.body;
}"""

every_page = pytest.mark.parametrize("name", DESK_PAGES)


@pytest.fixture(scope="module")
def desk(browser: Browser, server: Server) -> Iterator[Desk]:
    """Somebody who owns the server."""
    desk = open_desk(server, browser)
    yield desk
    desk.context.close()


@every_page
def test_no_page_of_the_dashboard_has_a_serious_accessibility_issue(desk: Desk, name: str) -> None:
    """PAG-06."""
    page = desk.at(name)
    page.evaluate("document.body.style.background = 'var(--bg)'")
    for width, colours in ((320, "light"), (1440, "dark"), (1440, "light")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if colours == "dark" else "light")
        if width == 1440:
            unfold(page)
        assert list(issues(page, AXE.read_text())) == [], f"{width} px, {colours}"


@every_page
def test_nothing_of_the_dashboard_scrolls_sideways(desk: Desk, name: str) -> None:
    """PAG-06: wide tables scroll inside themselves, pages never."""
    page = desk.at(name)
    for width in (320, 768, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0, f"{width} px"


@every_page
def test_pages_of_the_dashboard_ask_nobody_else_for_anything(desk: Desk, name: str) -> None:
    """PAG-05: and complain about nothing."""
    page = desk.new_page()
    watched = watch_page(page)
    DESK_PAGES[name](desk, page)
    assert watched.origins() == {desk.server.origin}
    assert [one for one in watched.complaints if "the server responded with a status of" not in one] == []
    page.close()


@every_page
def test_every_control_can_be_reached_and_seen_by_keyboard(desk: Desk, name: str) -> None:
    """PAG-06: Tab comes by everything that can be pressed, and shows where it is."""
    page = desk.at(name)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    wanted = page.evaluate(
        "[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]"
        ".filter((one) => one.checkVisibility() && !one.disabled).length"
    )
    seen = set()
    for _ in range(wanted + 2):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)"))
        outline = page.evaluate(SHOWS_FOCUS)
        assert outline, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
    assert len(seen - {-1}) >= wanted


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
