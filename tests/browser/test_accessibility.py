"""Every hosted page, visited once in each direction of writing and looked at in all ways that need no person."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, ViewportSize

from tests.browser.checks import AXE, RULES_ABOUT_LOOKS, hidden_from_the_keyboard, issues, look, menu_issues, sideways, too_small, unfold
from tests.browser.conftest import Gallery
from tests.browser.pages import PAGES
from tests.browser_fixtures import PHONE, ColorScheme, NewContext
from tests.web import samples

__all__ = ["AXE", "issues", "unfold"]

WIDE: ViewportSize = {"width": 1440, "height": 900}

PARTS = r'<script nonce.*?</script>|<link rel="(?:icon|stylesheet)"[^>]*>'
"""What a page loads beside itself, which a page without a server cannot."""

COLOURS: dict[str, tuple[ColorScheme, ColorScheme]] = {"en": ("light", "dark"), "he": ("dark", "light")}
"""On a phone and on a wide screen: each size, colour scheme and direction meets each of the others."""


def make_plain(page: Page, colour: str) -> None:
    """Replace the ground, which runs from one colour to another, by one of the two: axe judges no contrast on a gradient."""
    page.evaluate("colour => { document.querySelector('.page').style.background = `var(--${colour})`; }", colour)


@pytest.mark.parametrize("lang", COLOURS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_reads_well_fits_every_screen_and_every_thumb_and_asks_nobody_else(gallery: Gallery, name: str, lang: str) -> None:
    """PAG-05, PAG-06, TST-07. 200 % zoom halves the room: 768 px become 384. Larger letters alone must fit the smallest screen too."""
    page, watched = gallery.watched(name, lang)
    on_phone, on_wide = COLOURS[lang]
    shop = gallery.shop

    assert watched.complaints == []
    assert watched.origins_of_parts() <= {shop.server.origin}
    assert watched.origins() <= {shop.server.origin, shop.site_origin}
    assert page.evaluate("document.styleSheets.length") >= 1
    assert comes_with_the_first_bytes(page)

    found = sideways(page, widths=(768, 1440, 768 // 2, 1440 // 2, 320), doubled=(320, 1440))
    look(page, PHONE, on_phone)
    found += too_small(page)
    make_plain(page, "tint")
    found += issues(page, rules=RULES_ABOUT_LOOKS)
    look(page, WIDE, on_wide)
    make_plain(page, "bg")
    unfold(page)
    # The document is the same in each direction of writing; only how it looks is not.
    found += [*issues(page), *menu_issues(page)] if lang == "en" else issues(page, rules=RULES_ABOUT_LOOKS)

    assert found == []
    gallery.close(name, lang)


@pytest.mark.parametrize("lang", COLOURS)
def test_every_page_of_a_business_reads_well_and_fits_every_screen_thumb_and_keyboard(new_context: NewContext, lang: str) -> None:
    """PAG-05, PAG-06, TST-07. Samples, because each of these pages is many forms away; `test_buying_journey.py` walks such a way."""
    renderer = samples.renderer()
    css = renderer.assets.files["roundtrip.css"].body.decode()
    # Nothing moves: a button that is on its way from one colour to the other would be judged in between.
    page = new_context(locale=lang, reduced_motion="reduce").new_page()
    on_phone, on_wide = COLOURS[lang]
    found: list[str] = []
    for name, (template, view) in samples.business_pages(lang).items():
        html = renderer.render(template, samples.page(lang, is_test=True), view)
        page.set_content(re.sub(PARTS, "", html).replace("<title>", f"<style>{css}</style><title>"))
        wrong = sideways(page, widths=(768, 1440, 384, 320), doubled=(320,))
        look(page, PHONE, on_phone)
        wrong += too_small(page)
        make_plain(page, "tint")
        wrong += issues(page, rules=RULES_ABOUT_LOOKS)
        look(page, WIDE, on_wide)
        make_plain(page, "bg")
        unfold(page)
        # The document is the same in each direction of writing; only how it looks is not.
        wrong += [*issues(page), *hidden_from_the_keyboard(page)] if lang == "en" else issues(page, rules=RULES_ABOUT_LOOKS)
        found += [f"{name}: {one}" for one in wrong]
    assert found == []


def comes_with_the_first_bytes(page: Page) -> bool:
    """Sites wait for #SITE_CONTAINER: it is in the HTML and visible, not made by a script."""
    html = "new DOMParser().parseFromString(document.documentElement.outerHTML, 'text/html').body.firstElementChild.id"
    return bool(page.evaluate(html) == "SITE_CONTAINER" and page.locator("#SITE_CONTAINER").is_visible())


def test_the_check_itself_notices_an_issue(gallery: Gallery) -> None:
    """PAG-06: a green run is worth something only if a bad page would be red."""
    page = gallery("signed out", "de")
    make_plain(page, "bg")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<input name=bare><p id=pale>Pale</p>')")
    page.evaluate("document.querySelector('#pale').style.color = '#ccc'")

    assert "label (" in " ".join(issues(page))
    for found in (issues(page), issues(page, rules=RULES_ABOUT_LOOKS)):
        assert "color-contrast (" in " ".join(found)

    page.evaluate("document.querySelector('#pale').style = 'inline-size: 2000px'")
    page.evaluate("document.querySelector('[name=bare]').style = 'min-block-size: 0; block-size: 20px; flex: none; font-size: 12px'")
    assert any("pale" in one for one in sideways(page, widths=(320,), doubled=()))
    assert len([one for one in too_small(page) if "bare" in one]) == 2
    gallery.close("signed out", "de")
