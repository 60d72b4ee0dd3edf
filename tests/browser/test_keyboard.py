"""Logging in and signing up with nothing but a keyboard (PAG-06)."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.pages import become_logged_in, to_sign_up
from tests.browser.shop import Shop, query_of
from tests.browser_fixtures import NewContext

FOCUSED = """() => {
  const it = document.activeElement, box = it.getBoundingClientRect();
  const ring = [it, it.closest('.control')].filter(Boolean).map((one) => getComputedStyle(one))
    .some((style) => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2);
  return {name: it.id || it.className || it.tagName.toLowerCase(), ring, top: box.top + scrollY, height: box.height, width: box.width,
          seen: box.top >= -1 && box.bottom <= innerHeight + 1, where: [box.top, box.bottom, innerHeight]};
}"""

TOP = ["skip", "site", "back"]
BOTTOM = ["summary"]


def focused(page: Page) -> dict[str, Any]:
    """The element that the keyboard acts on: its name, whether it has a visible ring and is on the screen, and its place."""
    found: dict[str, Any] = page.evaluate(FOCUSED)
    return found


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the element of this id or class has the focus."""
    for _ in range(15):
        page.keyboard.press("Tab")
        if focused(page)["name"] == name:
            return
    raise AssertionError(f"Tab never reaches {name!r}; the focus is on {focused(page)['name']!r}")


def walk(page: Page) -> list[dict[str, Any]]:
    """Everything that Tab reaches, from the first to the last."""
    stops: list[dict[str, Any]] = []
    for _ in range(30):
        page.keyboard.press("Tab")
        stop = focused(page)
        if stop["name"] == "body":
            break
        stops.append(stop)
    return stops


def test_tab_visits_the_login_page_from_top_to_bottom_with_a_visible_ring(shop: Shop, page: Page) -> None:
    """PAG-06: nothing is left out, nothing is a trap, and one always sees where one is."""
    page.goto(shop.login()["fullUrl"])
    stops = walk(page)

    assert [stop["name"] for stop in stops] == [*TOP, "email", "password", "reveal", "button", "a", "a", *BOTTOM], "forgot, sign up"
    assert [stop["name"] for stop in stops if not stop["ring"]] == []
    assert [stop["name"] for stop in stops if not stop["seen"] or stop["height"] < 20 or stop["width"] < 20] == []
    middles = [stop["top"] + stop["height"] / 2 for stop in stops[1:]]
    assert all(later >= earlier - 5 for earlier, later in pairwise(middles)), middles


def test_tab_visits_the_sign_up_page_from_top_to_bottom_with_a_visible_ring(shop: Shop, new_context: NewContext) -> None:
    """PAG-06: on a phone with a keyboard, in the dark."""
    page = new_context(viewport={"width": 320, "height": 640}, color_scheme="dark").new_page()
    page.goto(shop.login()["fullUrl"])
    to_sign_up(page)
    stops = walk(page)

    assert [stop["name"] for stop in stops] == [*TOP, "email", "password", "reveal", "nickname", "button", "a", *BOTTOM]
    assert [stop["name"] for stop in stops if not stop["ring"]] == []
    assert [stop for stop in stops if not stop["seen"]] == []


def test_the_skip_link_leads_past_the_header(shop: Shop, page: Page) -> None:
    """PAG-06."""
    page.goto(shop.login()["fullUrl"])
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert focused(page)["name"] == "main"

    page.keyboard.press("Tab")
    assert focused(page)["name"] == "email"


def test_a_member_logs_in_with_the_keyboard_alone(shop: Shop, page: Page) -> None:
    """PAG-06: Enter in the last field sends the form."""
    member = shop.member()
    page.goto(shop.login()["fullUrl"])
    tab_to(page, "email")
    page.keyboard.type(member.email)
    tab_to(page, "password")
    page.keyboard.type(member.password)
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile(re.escape(shop.site_origin)))
    assert query_of(page.url) == {"wixMemberLoggedIn": "true"}


def test_a_new_member_signs_up_with_the_keyboard_alone(shop: Shop, page: Page) -> None:
    """PAG-06: the button is pressed by Enter too, and a shown password is sent as it was typed."""
    account = shop.account()
    page.goto(shop.login()["fullUrl"])
    tab_to(page, "a")
    tab_to(page, "a")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/sign_up$"))
    tab_to(page, "email")
    page.keyboard.type(account.email)
    tab_to(page, "password")
    page.keyboard.type(account.password)
    tab_to(page, "reveal")
    page.keyboard.press("Space")
    expect(page.locator("#password")).to_have_attribute("type", "text")
    tab_to(page, "nickname")
    page.keyboard.type("Ann")
    tab_to(page, "button")
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile(re.escape(shop.site_origin)))
    assert query_of(page.url) == {"wixMemberLoggedIn": "true"}


def test_after_a_mistake_the_focus_is_on_what_went_wrong_and_its_links_lead_to_the_fields(shop: Shop, page: Page) -> None:
    """PAG-06."""
    page.goto(shop.login()["fullUrl"])
    to_sign_up(page)
    tab_to(page, "email")
    page.keyboard.type("no address")
    page.keyboard.press("Enter")
    page.wait_for_selector("#error-summary")
    page.wait_for_function("document.activeElement.id === 'error-summary'")
    expect(page.locator("#error-summary")).to_be_in_viewport()

    for number, field in enumerate(("email", "password")):
        page.locator("#error-summary").focus()
        for _ in range(number + 1):
            page.keyboard.press("Tab")
        assert focused(page)["ring"]
        page.keyboard.press("Enter")

        assert focused(page)["name"] == field
        expect(page.locator(f"#{field}")).to_be_in_viewport()
        expect(page.locator(f"#{field}")).to_have_accessible_description(re.compile(r"\w"))


def test_the_language_menu_opens_closes_and_chooses(shop: Shop, page: Page) -> None:
    """PAG-06, PAG-07."""
    page.goto(shop.login()["fullUrl"])
    menu = page.locator(".languages ul")
    tab_to(page, "summary")
    page.keyboard.press("Enter")
    expect(menu).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    assert focused(page)["name"] == "summary"

    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Deutsch"
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_role("heading", name="Anmelden")).to_be_visible()


def test_a_question_before_logging_out_is_answered_by_keyboard(shop: Shop, page: Page) -> None:
    """PAG-06, IDN-08."""
    become_logged_in(shop, page)
    page.goto(shop.direct_logout(postLogoutRedirectUri=f"{shop.site_origin}/bye"))
    tab_to(page, "button")
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile(re.escape(shop.site_origin)))
    assert query_of(page.url) == {"wixMemberLoggedIn": "false"}
