"""How the pages fit a screen: small and large, enlarged, in long German words, from right to left, without waiting and without motion."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize

from tests.browser.conftest import Gallery
from tests.browser.pages import PAGES
from tests.browser.shop import Shop
from tests.browser_fixtures import NewContext

WIDTHS = (320, 768, 1440)
LARGE: ViewportSize = {"width": 1440, "height": 900}
SMALL: ViewportSize = {"width": 320, "height": 640}
PRIMARY = "form button[type=submit], a.button:not(.button-quiet)"

TOO_WIDE = """() => {
  const room = document.documentElement.clientWidth;
  const out = [...document.body.querySelectorAll('*')].filter((one) => {
    const box = one.getBoundingClientRect();
    return one.checkVisibility() && box.width > 0 && (box.right > room + 1 || box.left < -1);
  });
  const scrolls = document.documentElement.scrollWidth - room;
  return scrolls > 0 || out.length ? [scrolls, ...out.map((one) => one.outerHTML.slice(0, 120))] : [];
}"""

SIZES = """(wanted) => [...document.querySelectorAll(wanted)].filter((one) => one.checkVisibility())
  .map((one) => {
    const box = one.getBoundingClientRect();
    return {what: one.outerHTML.slice(0, 120), width: box.width, height: box.height, letters: parseFloat(getComputedStyle(one).fontSize)};
  })"""


def too_wide(page: Page) -> list[Any]:
    """What sticks out at the side, and by how much the page scrolls; empty when all fits."""
    found: list[Any] = page.evaluate(TOO_WIDE)
    return found


def sizes(page: Page, wanted: str) -> list[dict[str, Any]]:
    """The visible elements that a selector finds, as large as they are drawn."""
    found: list[dict[str, Any]] = page.evaluate(SIZES, wanted)
    return found


@pytest.mark.parametrize("name", PAGES)
def test_nothing_scrolls_sideways_in_german_at_any_width_or_at_200_percent(gallery: Gallery, name: str) -> None:
    """PAG-06. 200 % zoom halves the room: 768 px become 384. Larger letters alone must fit the smallest screen too."""
    page = gallery(name, "de")
    for width in (*WIDTHS, 768 // 2, 1440 // 2):
        page.set_viewport_size({"width": width, "height": 800})
        assert too_wide(page) == [], f"{width} px"

    page.evaluate("document.documentElement.style.fontSize = '200%'")
    for width in (320, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        assert too_wide(page) == [], f"{width} px with letters twice as large"
    page.evaluate("document.documentElement.style.fontSize = ''")


@pytest.mark.parametrize("name", PAGES)
def test_everything_to_press_is_large_enough_for_a_thumb(gallery: Gallery, name: str) -> None:
    """PAG-06: 24 px for everything, 44 px for what the page is about, and no input that makes a phone zoom in."""
    page = gallery(name, "de")
    page.set_viewport_size(SMALL)

    small = [one for one in sizes(page, "a:not(.skip), button, summary, input:not([type=hidden])") if min(one["width"], one["height"]) < 24]
    assert small == []
    assert [one for one in sizes(page, PRIMARY) if one["height"] < 44] == []
    assert [one for one in sizes(page, "input:not([type=hidden])") if one["letters"] < 16] == []


@pytest.mark.parametrize("name", PAGES)
def test_no_page_asks_anybody_else_for_anything_or_complains(gallery: Gallery, name: str) -> None:
    """PAG-05."""
    page, watched = gallery.watched(name, "de")
    shop = gallery.shop

    assert watched.origins_of_parts() <= {shop.server.origin}
    assert watched.origins() <= {shop.server.origin, shop.site_origin}
    assert page.evaluate("[...document.styleSheets].length") >= 1
    assert watched.complaints == []


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_there_with_its_first_bytes(gallery: Gallery, name: str) -> None:
    """TST-07: sites wait for #SITE_CONTAINER; it is in the HTML and visible, not made by a script."""
    page = gallery(name, "de")
    html = page.evaluate("new DOMParser().parseFromString(document.documentElement.outerHTML, 'text/html').body.firstElementChild.id")

    assert html == "SITE_CONTAINER"
    assert page.locator("#SITE_CONTAINER").is_visible()


def test_the_container_is_visible_before_the_page_has_finished_loading(shop: Shop, new_context: NewContext) -> None:
    """PAG-06: it waits for no script and for no picture."""
    page = new_context(scripts=False).new_page()
    page.route("**/roundtrip.js", lambda route: route.abort())
    page.goto(shop.login()["fullUrl"], wait_until="domcontentloaded")

    assert page.locator("#SITE_CONTAINER").is_visible()
    assert page.locator("#email").is_visible()


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["small", "large"])
def test_hebrew_is_laid_out_from_right_to_left(gallery: Gallery, size: ViewportSize) -> None:
    """PAG-06: the header, the texts, the button for the password and the menu change sides; an email address stays as it is written."""
    places: dict[str, dict[str, tuple[float, float]]] = {}
    for lang in ("en", "he"):
        page = gallery("login with errors", lang)
        page.set_viewport_size(size)
        for part in (".site", ".monogram", ".reveal", ".languages", "#email-error svg", "label[for=email]"):
            box = page.locator(part).bounding_box()
            assert box is not None
            places.setdefault(lang, {})[part] = (box["x"], size["width"] - box["x"] - box["width"])

    for part in (".site", ".monogram", ".languages", "#email-error svg", "label[for=email]"):
        assert places["en"][part][0] == pytest.approx(places["he"][part][1], abs=2), part
    page = gallery("login with errors", "he")
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).textAlign") in ("start", "right")
    assert page.evaluate("getComputedStyle(document.querySelector('#email')).direction") == "ltr"
    assert page.evaluate("getComputedStyle(document.querySelector('.back svg')).transform").startswith("matrix(-1")
    assert too_wide(page) == []


MOVING = """() => [...document.querySelectorAll('*')].flatMap((one) => {
  const style = getComputedStyle(one);
  const times = style.transitionDuration.split(',').map(parseFloat);
  return style.transitionProperty !== 'none' && times.some((time) => time > 0) ? [one.className || one.tagName] : [];
})"""


@pytest.mark.parametrize("name", ["login with errors", "logout question", "expired"])
def test_nothing_moves_for_who_asked_for_less_motion(gallery: Gallery, name: str) -> None:
    """PAG-06: what moves for others stands still, and the sign of waiting turns slowly."""
    page = gallery(name, "en")
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(MOVING) != []

    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(MOVING) == []
    page.evaluate("document.querySelector('.button').classList.add('is-busy')")
    seconds = page.evaluate("parseFloat(getComputedStyle(document.querySelector('.button'), '::before').animationDuration)")
    page.evaluate("document.querySelector('.button').classList.remove('is-busy')")
    assert seconds >= 3
