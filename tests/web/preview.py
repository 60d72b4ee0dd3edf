"""Pictures of every hosted page, for the eyes of whoever changes one: `python -m tests.web.preview FOLDER [--only NAME] [--html]`.

Renders the samples to files, opens them in the system's Chromium and saves one picture per page, width, appearance and language.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.sync_api import Browser, Route, sync_playwright

from roundtrip.web.assets import PREFIX
from roundtrip.web.render import Renderer
from tests.web import samples

WIDTHS = (320, 768, 1440)
HEIGHTS = {320: 640, 768: 1024, 1440: 900}
SCHEMES = ("light", "dark")
BASE = "http://pages.test"
LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40" viewBox="0 0 120 40"><circle cx="20" cy="20" r="15" fill="#1b2a6b"/>'
    '<path d="M44 12h66M44 20h48M44 28h58" stroke="#1b2a6b" stroke-width="4"/></svg>'
)
ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync "
    "--disable-quic"
).split()


@dataclass(frozen=True)
class Shot:
    """One picture to take."""

    name: str
    lang: str
    theme: str = "plain"
    is_test: bool = False


def shots(only: str | None) -> Iterator[Shot]:
    """English and Hebrew everywhere, German where words are long, the others, other themes and test mode on pages with most in them."""
    for name in samples.pages():
        if only is not None and only != name:
            continue
        yield from (Shot(name, lang) for lang in ("en", "he"))
        if not name.startswith("end_") or name == "end_refused_target":
            yield Shot(name, "de", is_test=True)
        if name in ("login", "sign_up_error", "end_refused_target"):
            yield from (Shot(name, lang) for lang in ("es", "fr", "ja"))
        if name in ("login", "sign_up_error", "checkout"):
            yield from (Shot(name, "en", theme) for theme in ("orange", "navy"))


def take(browser: Browser, renderer: Renderer, shot: Shot, folder: Path, *, keep_html: bool) -> None:
    """Save the pictures of one page in all widths and appearances."""
    template, view = samples.pages(shot.lang)[shot.name]
    html = renderer.render(template, samples.page(shot.lang, theme=shot.theme, is_test=shot.is_test), view)
    stem = "-".join((shot.name, shot.lang, shot.theme))
    if keep_html:
        (folder / f"{stem}.html").write_text(html, encoding="utf-8")

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(BASE).partition("?")[0]
        asset = renderer.assets.find(path.rpartition("/")[2]) if path.startswith(PREFIX) else None
        if asset is not None:
            route.fulfill(body=asset.body, content_type=asset.content_type)
        elif path == "/logo.svg":
            route.fulfill(body=LOGO, content_type="image/svg+xml")
        else:
            route.fulfill(body=html, content_type="text/html; charset=utf-8")

    for scheme in SCHEMES:
        context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light", device_scale_factor=1)
        context.route("**/*", answer)
        tab = context.new_page()
        for width in WIDTHS:
            tab.set_viewport_size({"width": width, "height": HEIGHTS[width]})
            tab.goto(f"{BASE}/")
            tab.screenshot(path=folder / f"{stem}-{width}-{scheme}.png", full_page=True)
            overflow = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
            if overflow > 0:
                print(f"{stem} at {width}: {overflow} px too wide")  # noqa: T201 - this is a command
        context.close()


def sizes(renderer: Renderer) -> str:
    """One line about weight, for the budget of `docs/explanation/pages.md`."""
    css, script = renderer.assets.files["roundtrip.css"], renderer.assets.files["roundtrip.js"]
    pages = {
        name: len(renderer.render(template, replace(samples.page()), view).encode()) for name, (template, view) in samples.pages().items()
    }
    heaviest = max(pages, key=lambda name: pages[name])
    return f"css {len(css.gzipped)} B, script {len(script.gzipped)} B gzipped; heaviest page {heaviest} {pages[heaviest]} B"


def main() -> int:
    """Parse, take the pictures, say where they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only")
    parser.add_argument("--html", action="store_true", help="keep the rendered files too")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    renderer = samples.renderer()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        for shot in shots(arguments.only):
            take(browser, renderer, shot, arguments.folder, keep_html=arguments.html)
        browser.close()
    print(sizes(renderer))  # noqa: T201 - this is a command
    return 0


if __name__ == "__main__":
    sys.exit(main())
