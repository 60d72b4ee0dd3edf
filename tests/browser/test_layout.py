"""How the pages fit: long words of other languages, from right to left, without waiting and without motion.

That every page fits every screen in English and Hebrew is part of the one visit in `test_accessibility.py`.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import ViewportSize

from roundtrip.text.catalogue import LANGUAGES
from tests.browser.checks import too_wide
from tests.browser.conftest import Gallery
from tests.browser.shop import Shop
from tests.browser_fixtures import NewContext
from tests.web import samples

LARGE: ViewportSize = {"width": 1440, "height": 900}
SMALL: ViewportSize = {"width": 320, "height": 640}
ELSEWHERE = sorted(LANGUAGES.keys() - {"en", "he"})


@pytest.mark.parametrize("lang", ELSEWHERE)
def test_the_words_of_every_language_fit_the_smallest_screen(new_context: NewContext, lang: str) -> None:
    """PAG-06: with letters twice as large too. Samples of all pages, put into the browser without a server."""
    page = new_context(scripts=False, viewport=SMALL, locale=lang).new_page()
    renderer = samples.renderer()
    css = renderer.assets.files["roundtrip.css"].body.decode()
    found = []
    for name, (template, view) in samples.pages(lang).items():
        html = re.sub(
            r'<script nonce.*?</script>|<link rel="(?:icon|stylesheet)"[^>]*>', "", renderer.render(template, samples.page(lang), view)
        )
        page.set_content(html.replace("<title>", f"<style>{css}</style><title>"))
        assert page.locator("html").get_attribute("lang") == lang
        found += [f"{name}: {one}" for one in too_wide(page)]
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        found += [f"{name}, twice as large: {one}" for one in too_wide(page)]
    assert found == []


def test_japanese_breaks_lines_as_its_readers_expect(gallery: Gallery) -> None:
    """PAG-07: by the language of the page, in fonts that systems have, and after a site's own font."""
    page = gallery("login with errors", "ja")
    style = "getComputedStyle(document.body)"
    assert page.evaluate(f"{style}.lineBreak") == "strict"
    assert page.evaluate(f"{style}.wordBreak") == "auto-phrase"
    assert "Hiragino Sans" in page.evaluate(f"{style}.fontFamily")
    page.evaluate(
        "css => { const own = new CSSStyleSheet(); own.replaceSync(css); document.adoptedStyleSheets = [own]; }", ":root{--font:Futura}"
    )
    assert page.evaluate(f"{style}.fontFamily") == "Futura"


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
