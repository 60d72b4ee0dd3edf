"""What a journey in a browser needs beyond a page: everything the page asked for and complained about (PAG-05)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

NOT_ORIGINS = ("data:", "blob:", "about:")


@dataclass
class Watch:
    """What one page did since it was first watched."""

    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def origins(self) -> set[str]:
        """Scheme, host and port of everything that was asked for."""
        parts = [urlsplit(url) for url in self.requests if not url.startswith(NOT_ORIGINS)]
        return {f"{part.scheme}://{part.netloc}" for part in parts}


@pytest.fixture
def watch() -> Callable[[Page], Watch]:
    """Start listening to a page: `watched = watch(page)`, later `watched.origins()` and `watched.complaints`."""

    def start(page: Page) -> Watch:
        watched = Watch()
        page.on("request", lambda request: watched.requests.append(request.url))
        page.on("pageerror", lambda error: watched.complaints.append(f"script error: {error.message}"))
        page.on("console", lambda line: watched.complaints.append(line.text) if line.type in {"error", "warning"} else None)
        return watched

    return start
