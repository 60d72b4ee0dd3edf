"""The application in the test's process, and an owner at its dashboard, for the tests of this folder."""

from __future__ import annotations

import pytest

from tests.app_fixture import App, _prepared, app, app_on_each
from tests.dashboard.owner_browser import OwnerBrowser

__all__ = ["_prepared", "app", "app_on_each"]


@pytest.fixture
def desk(app: App) -> OwnerBrowser:
    """An owner who is logged in."""
    return OwnerBrowser(app)
