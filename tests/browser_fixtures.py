"""The machine's Chromium, driven by Playwright: fixtures `browser`, `new_context`, `page`.

The browser lives as long as one test module: Playwright's synchronous interface keeps an event loop running in the thread, and a
later module with asynchronous tests needs that thread for its own.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, ViewportSize, sync_playwright

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PATIENCE_MS = 15_000
"""How long one action of a page may take. Long for a slow machine; nothing waits this long when all is well."""

DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 320, "height": 640}

ColorScheme = Literal["light", "dark"]
ThirdPartyCookies = Literal["allowed", "blocked"]
COOKIE_CONTROLS_MODE: dict[ThirdPartyCookies, int] = {"allowed": 0, "blocked": 1}


def chromium_path() -> str:
    """Where the machine's Chromium is (`ROUNDTRIP_TEST_CHROMIUM` goes first)."""
    found = os.environ.get("ROUNDTRIP_TEST_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    assert found, "No Chromium: run scripts/setup-tests"
    return found


class NewContext(Protocol):
    """What the fixture `new_context` gives: a browser profile of its own, without cookies."""

    def __call__(
        self,
        *,
        scripts: bool = True,
        viewport: ViewportSize = DESKTOP,
        locale: str = "en-US",
        color_scheme: ColorScheme = "light",
        third_party_cookies: ThirdPartyCookies | None = None,
        **more: Any,
    ) -> BrowserContext: ...


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver, for the module."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium for the module."""
    chromium = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
    yield chromium
    chromium.close()


@pytest.fixture
def new_context(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewContext]:
    """Make profiles: with or without scripts, any size, language and colour scheme.

    Whether third-party cookies work depends on who built the browser; a test that cares says `allowed` or `blocked` and gets a
    browser of its own that was told so (`tests/browser/test_third_party_cookies.py` proves that it listens).
    """
    made: list[BrowserContext] = []

    def new(
        *,
        scripts: bool = True,
        viewport: ViewportSize = DESKTOP,
        locale: str = "en-US",
        color_scheme: ColorScheme = "light",
        third_party_cookies: ThirdPartyCookies | None = None,
        **more: Any,
    ) -> BrowserContext:
        options: dict[str, Any] = {
            "java_script_enabled": scripts,
            "viewport": viewport,
            "locale": locale,
            "color_scheme": color_scheme,
            "timezone_id": "Europe/Berlin",
            **more,
        }
        context: BrowserContext
        if third_party_cookies is None:
            context = request.getfixturevalue("browser").new_context(**options)
        else:
            profile = _profile(tmp_path_factory.mktemp("profile"), third_party_cookies)
            chromium = request.getfixturevalue("playwright").chromium
            context = chromium.launch_persistent_context(profile, executable_path=chromium_path(), args=ARGUMENTS, **options)
        context.set_default_timeout(PATIENCE_MS)
        made.append(context)
        return context

    yield new
    for context in made:
        context.close()


@pytest.fixture
def page(new_context: NewContext) -> Page:
    """One page in a fresh profile."""
    return new_context().new_page()


def _profile(folder: Path, third_party_cookies: ThirdPartyCookies) -> Path:
    """A user profile with the same switch that a person finds in the browser's privacy settings."""
    settings = folder / "Default" / "Preferences"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"profile": {"cookie_controls_mode": COOKIE_CONTROLS_MODE[third_party_cookies]}}))
    return folder
