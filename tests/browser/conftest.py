"""What a journey in a browser needs beyond a page: a shop to come from, every hosted page, and all that a page asked for (PAG-05)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.browser.pages import HEADINGS, PAGES
from tests.browser.shop import PREVIEW_URI, Shop
from tests.browser_fixtures import ARGUMENTS, DESKTOP, PATIENCE_MS, chromium_path
from tests.server_fixtures import Server
from tests.site_fixture import Site

NOT_ORIGINS = ("data:", "blob:", "about:")
ANSWERED_WITH_A_STATUS = "Failed to load resource: the server responded with a status of"
"""Chromium's complaint about a page whose status is 400 or more, as the pages about a failure rightly have."""


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver, for all tests of this folder: none of them needs the thread's event loop for itself."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium for all tests of this folder."""
    chromium = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
    yield chromium
    chromium.close()


@dataclass
class Watch:
    """What one page did since it was first watched. `parts` is what pages loaded beside themselves."""

    requests: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def origins(self) -> set[str]:
        """Scheme, host and port of everything that was asked for."""
        return _origins(self.requests)

    def origins_of_parts(self) -> set[str]:
        """The same, of everything but the pages themselves."""
        return _origins(self.parts)


def _origins(urls: list[str]) -> set[str]:
    parts = [urlsplit(url) for url in urls if not url.startswith(NOT_ORIGINS)]
    return {f"{part.scheme}://{part.netloc}" for part in parts}


def watch_page(page: Page) -> Watch:
    """Start listening to a page."""
    watched = Watch()
    page.on("request", lambda request: watched.requests.append(request.url))
    page.on("request", lambda request: None if request.is_navigation_request() else watched.parts.append(request.url))
    page.on("pageerror", lambda error: watched.complaints.append(f"script error: {error.message}"))
    page.on("console", lambda line: watched.complaints.append(line.text) if line.type in {"error", "warning"} else None)
    return watched


@pytest.fixture
def watch() -> Callable[[Page], Watch]:
    """Start listening to a page: `watched = watch(page)`, later `watched.origins()` and `watched.complaints`."""
    return watch_page


@pytest.fixture(scope="session")
def shop(server: Server, site_for_all_tests: Site) -> Iterator[Shop]:
    """The running site as a customer of the server that most tests share."""
    origin = site_for_all_tests.origin
    key = json.loads(server.command("key", "create", "--site", "demo", "--name", "Tests", "--json"))["key"]
    shop = Shop(
        server=server,
        site_origin=origin,
        client_id=server.client("Shop", redirect_uris=[f"{origin}/callback"], redirect_domains=[origin]),
        preview=server.client("Previews", redirect_uris=[PREVIEW_URI], redirect_domains=["shop.example"]),
        bare=server.client("Bare"),
        key=server.secret(key),
    )
    yield shop
    shop.http.close()


@dataclass
class Gallery:
    """Hosted pages, each made once per language and kept open until `close`: `gallery("login", "he")`. Tests may change size and colours.

    All pages of one language are in one profile, which makes them quick.
    """

    browser: Browser
    shop: Shop
    contexts: dict[str, BrowserContext] = field(default_factory=dict)
    shown: dict[tuple[str, str], tuple[Page, Watch]] = field(default_factory=dict)

    def __call__(self, name: str, lang: str = "en") -> Page:
        """The page of this name, ready to be looked at."""
        return self.watched(name, lang)[0]

    def watched(self, name: str, lang: str = "en") -> tuple[Page, Watch]:
        """The same, with everything that was asked for on the way."""
        if (name, lang) not in self.shown:
            if lang not in self.contexts:
                self.contexts[lang] = self.browser.new_context(viewport=DESKTOP, locale=lang, timezone_id="Europe/Berlin")
                self.contexts[lang].set_default_timeout(PATIENCE_MS)
            page = self.contexts[lang].new_page()
            watched = watch_page(page)
            PAGES[name](self.shop, page, lang)
            heading = page.locator("h1").inner_text()
            assert lang != "en" or heading == HEADINGS[name], heading
            assert page.locator("html").get_attribute("lang") == lang
            watched.complaints[:] = [one for one in watched.complaints if not one.startswith(ANSWERED_WITH_A_STATUS)]
            self.shown[name, lang] = page, watched
        return self.shown[name, lang]

    def close(self, name: str, lang: str) -> None:
        """Nobody needs this page any more."""
        page, _watched = self.shown.pop((name, lang))
        page.close()


@pytest.fixture(scope="package")
def gallery(browser: Browser, shop: Shop) -> Iterator[Gallery]:
    """Every hosted page (`tests/browser/pages.py`)."""
    gallery = Gallery(browser, shop)
    yield gallery
    for context in gallery.contexts.values():
        context.close()
