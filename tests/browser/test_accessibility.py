"""What can be checked about accessibility without a person: the axe engine on every hosted page, in sizes, colours and directions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize

from tests.browser.conftest import Gallery
from tests.browser.pages import PAGES
from tests.browser_fixtures import PHONE, ColorScheme

AXE = Path(__file__).parents[1] / "sdk" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
BAD = {"serious", "critical"}
WIDE: ViewportSize = {"width": 1440, "height": 900}

LOOKS: dict[str, tuple[tuple[ViewportSize, ColorScheme], ...]] = {
    "en": ((PHONE, "light"), (WIDE, "dark")),
    "he": ((PHONE, "dark"), (WIDE, "light")),
}
"""Each size, colour scheme and language meets each of the others."""


@pytest.fixture(scope="module")
def axe() -> str:
    """The engine's source."""
    assert AXE.is_file(), "No axe-core: run scripts/setup-tests"
    return AXE.read_text()


def unfold(page: Page) -> None:
    """Show what is folded, so that it is looked at too."""
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")


def make_plain(page: Page, colour: str) -> None:
    """Replace the ground, which runs from one colour to another, by one of the two: axe judges no contrast on a gradient."""
    page.evaluate("colour => { document.querySelector('.page').style.background = `var(--${colour})`; }", colour)


def issues(page: Page, axe: str) -> Iterator[str]:
    """One line for each serious or critical issue, with where it is."""
    # What the browser's debugger runs is not bound by the page's policy: the page stays as visitors get it.
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(axe)
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
    found: dict[str, Any] = page.evaluate("options => axe.run(document, options)", options)
    for violation in found["violations"]:
        if violation["impact"] in BAD:
            for node in violation["nodes"]:
                yield f"{violation['id']} ({violation['impact']}): {node['html'][:160]} {node['failureSummary'][:300]}"


@pytest.mark.parametrize("lang", LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_no_page_has_a_serious_accessibility_issue(gallery: Gallery, axe: str, name: str, lang: str) -> None:
    """PAG-06."""
    page = gallery(name, lang)
    for size, colours in LOOKS[lang]:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=colours)
        make_plain(page, "tint" if size is PHONE else "bg")
        if size is WIDE:
            unfold(page)

        assert list(issues(page, axe)) == [], f"{size['width']} px, {colours}"


def test_the_check_itself_notices_an_issue(gallery: Gallery, axe: str) -> None:
    """PAG-06: a green run is worth something only if a bad page would be red."""
    page = gallery("signed out", "de")
    make_plain(page, "bg")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<input name=bare><p id=pale>Pale</p>')")
    page.evaluate("document.querySelector('#pale').style.color = '#ccc'")

    found = " ".join(issues(page, axe))

    assert "label (" in found
    assert "color-contrast (" in found
