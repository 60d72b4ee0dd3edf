"""An owner at the dashboard, in process."""

from __future__ import annotations

import re
from collections.abc import Mapping

import httpx

from tests.app_fixture import App, Browser
from tests.web.test_dashboard_door import become_owner

SITE = "/dashboard/kiln"


class Owner:
    """Somebody who owns the server, logged in."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.browser: Browser = become_owner(app)

    def open(self, path: str) -> httpx.Response:
        """A page of the site."""
        return self.browser.open(SITE + path)

    def text(self, path: str) -> str:
        """The HTML of a page that must be there."""
        answer = self.open(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, path: str, fields: Mapping[str, str] | None = None) -> httpx.Response:
        """A form of ours, with its token."""
        token = re.search(r'name="csrf" value="([0-9a-f]{64})"', self.text(""))
        assert token
        return self.browser.submit(SITE + path, {"csrf": token[1], **(fields or {})})

    def refusals(self) -> list[str]:
        """The ids of the refused addresses that are shown."""
        return re.findall(r"/refusals/([0-9a-f-]{36})/dismiss", self.text("/refusals"))
