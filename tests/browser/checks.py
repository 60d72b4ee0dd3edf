"""What can be checked of a page that is open, without a person: accessibility, room, size of what one presses, keyboard, strangers.

Each check answers a list of complaints, empty when all is well, and leaves the page as it was, except its size, colours and what is
folded: so one visit of a page serves all checks. Opening pages is what takes time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, ViewportSize

from tests.browser_fixtures import ColorScheme

AXE = Path(__file__).parents[1] / "sdk" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
BAD = {"serious", "critical"}
RULES_ABOUT_LOOKS = ["color-contrast", "scrollable-region-focusable"]
"""Rules whose verdict depends on size and colours. All others read the document, which stays the same."""

TOO_WIDE = """() => {
  const room = document.documentElement.clientWidth;
  const out = [...document.body.querySelectorAll('*')].filter((one) => {
    const box = one.getBoundingClientRect();
    return (box.right > room + 1 || box.left < -1) && box.width > 0 && one.checkVisibility();
  });
  const scrolls = document.documentElement.scrollWidth - room;
  return scrolls > 0 || out.length ? [scrolls, ...out.map((one) => one.outerHTML.slice(0, 120))] : [];
}"""

SIZES = """(wanted) => [...document.querySelectorAll(wanted)].filter((one) => one.checkVisibility())
  .map((one) => {
    const box = one.getBoundingClientRect();
    return {what: one.outerHTML.slice(0, 120), width: box.width, height: box.height, letters: parseFloat(getComputedStyle(one).fontSize)};
  })"""

PRIMARY = "form button[type=submit], a.button:not(.button-quiet)"

BEFORE_WALKING = """() => {
  document.activeElement.blur();
  scrollTo(0, 0);
  window.walked = new Set();
  // Tab stops once at a group of radio buttons: at the chosen one.
  const passed = 'input[type=radio]:not(:checked)';
  return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
    .filter((one) => one.checkVisibility() && !one.disabled && !(one.matches(passed) && one.form?.elements[one.name].value)).length;
}"""

STEP = """() => {
  const one = document.activeElement, style = getComputedStyle(one), around = getComputedStyle(one.parentElement || document.body);
  if (one === document.body) return '';
  walked.add(one);
  const seen = style.outlineStyle !== 'none' || style.boxShadow !== 'none' || around.boxShadow !== 'none';
  return seen ? '' : one.outerHTML.slice(0, 200);
}"""


@cache
def _axe() -> str:
    assert AXE.is_file(), "No axe-core: run scripts/setup-tests"
    return AXE.read_text()


MENUS = "details.menu > ul, details.switch > ul"
"""What opens over the page, and covers what is below it for as long as somebody wants it."""


def unfold(page: Page) -> None:
    """Show what is folded, so that it is looked at too; menus stay closed."""
    page.evaluate("for (const part of document.querySelectorAll('details:not(.menu, .switch)')) part.open = true")


def menu_issues(page: Page) -> Iterator[str]:
    """The same as `issues`, for what is in menus; leaves them closed."""
    found = page.evaluate("menus => document.querySelectorAll(menus).length", MENUS)
    if not found:
        return
    page.evaluate("for (const menu of document.querySelectorAll('details.menu, details.switch')) menu.open = true")
    yield from issues(page, inside=MENUS)
    page.evaluate("for (const menu of document.querySelectorAll('details.menu, details.switch')) menu.open = false")


def issues(page: Page, axe: str = "", rules: Collection[str] = (), inside: str = "html") -> Iterator[str]:
    """One line for each serious or critical issue, with where it is; of all rules, or of some; in the whole page, or in parts of it.

    `axe` is the engine's source, when it is another than the one under `tests/sdk`.
    """
    # What the browser's debugger runs is not bound by the page's policy: the page stays as visitors get it.
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(axe or _axe())
    # From its top, as it opens: what the keyboard has scrolled under the bar that stays is not covered for anybody who scrolls.
    page.evaluate("window.scrollTo(0, 0)")
    only = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": TAGS}
    options = {"runOnly": only, "resultTypes": ["violations"], "preload": False}
    # Only what is wrong comes back: all the rest would take longer to send than to find.
    run = "async ([inside, options]) => (await axe.run(inside, options)).violations"
    found: list[dict[str, Any]] = page.evaluate(run, [inside, options])
    for violation in found:
        if violation["impact"] in BAD:
            for node in violation["nodes"]:
                yield f"{violation['id']} ({violation['impact']}): {node['html'][:160]} {node['failureSummary'][:300]}"


def look(page: Page, size: ViewportSize, colours: ColorScheme) -> None:
    """Show the page in a size and a colour scheme."""
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=colours)


def too_wide(page: Page) -> list[Any]:
    """What sticks out at the side, and by how much the page scrolls; empty when all fits."""
    found: list[Any] = page.evaluate(TOO_WIDE)
    return found


def sideways(page: Page, *, widths: Collection[int], doubled: Collection[int]) -> list[str]:
    """What does not fit at these widths, or at those with letters twice as large."""
    found = []
    for letters, sizes_of_window in (("", widths), ("200%", doubled)):
        page.evaluate("letters => { document.documentElement.style.fontSize = letters; }", letters)
        for width in sizes_of_window:
            page.set_viewport_size({"width": width, "height": 800})
            found += [f"{width} px {letters}: {one}" for one in too_wide(page)]
    page.evaluate("document.documentElement.style.fontSize = ''")
    return found


def sizes(page: Page, wanted: str) -> list[dict[str, Any]]:
    """The visible elements that a selector finds, as large as they are drawn."""
    found: list[dict[str, Any]] = page.evaluate(SIZES, wanted)
    return found


def too_small(page: Page) -> list[str]:
    """What a thumb cannot hit (24 px; 44 for what the page is about), and inputs that make a phone zoom in (letters below 16 px)."""
    # A radio button is pressed anywhere on its label.
    to_press = sizes(page, "a:not(.skip), button, summary, input:not([type=hidden], [type=radio]), label:has(input[type=radio])")
    small = [one for one in to_press if min(one["width"], one["height"]) < 24]
    small += [one for one in sizes(page, PRIMARY) if one["height"] < 44]
    small += [one for one in sizes(page, "input:not([type=hidden])") if one["letters"] < 16]
    return [f"too small: {one}" for one in small]


def hidden_from_the_keyboard(page: Page) -> list[str]:
    """Controls that show no focus, and how many Tab never reaches."""
    wanted = page.evaluate(BEFORE_WALKING)
    # Day, month and year of a date are a stop each, and so is the calendar beside them.
    dates = page.locator("input[type=date]:visible").count()
    found = []
    for _ in range(wanted + 2 + 3 * dates):
        page.keyboard.press("Tab")
        found.append(page.evaluate(STEP))
    reached = page.evaluate("walked.size")
    if reached < wanted:
        found.append(f"Tab reaches {reached} of {wanted} controls")
    return [f"keyboard: {one}" for one in found if one]
