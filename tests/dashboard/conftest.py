"""The dashboard for tests: `desk` is an owner inside the test's process, `owner_page` one in a real browser with a real server."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.app_fixture import App, _prepared, app, app_on_each, app_on_each_shared, plain_app, shared_app
from tests.browser_fixtures import NewContext
from tests.dashboard.owner_browser import OwnerBrowser
from tests.server_fixtures import Server

__all__ = ["_prepared", "app", "app_on_each", "app_on_each_shared", "plain_app", "shared_app"]
OWNER_PASSWORD = "nine quiet herons at dawn"


@pytest.fixture
def desk(app: App) -> OwnerBrowser:
    """An owner who is logged in."""
    return OwnerBrowser(app)


@pytest.fixture
def owner_page(server: Server, new_context: NewContext) -> Callable[..., Page]:
    """Open a browser in which a new owner of the shared server is logged in: `page = owner_page(scripts=False)`."""

    def open_page(**options: object) -> Page:
        link = json.loads(server.command("owner", "invite", "--json"))["link"]
        page = new_context(**options).new_page()  # type: ignore[arg-type]
        page.goto(link)
        page.get_by_label("Your name").fill("Olive Owner")
        page.get_by_label("Email address").fill(f"olive-{link[-12:].lower()}@example.com")
        page.get_by_label("Password", exact=False).first.fill(server.secret(OWNER_PASSWORD))
        page.get_by_role("button").last.click()
        page.wait_for_url("**/dashboard/demo")
        return page

    return open_page
