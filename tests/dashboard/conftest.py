"""The dashboard for tests: `desk` is an owner inside the test's process."""

from __future__ import annotations

import pytest

from tests.app_fixture import App, _prepared, app
from tests.dashboard.owner_browser import OwnerBrowser

__all__ = ["_prepared", "app"]


@pytest.fixture
def desk(app: App) -> OwnerBrowser:
    """An owner who is logged in."""
    return OwnerBrowser(app)
