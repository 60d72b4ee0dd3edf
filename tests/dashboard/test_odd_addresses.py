"""Addresses of the dashboard that name nothing."""

from __future__ import annotations

import pytest

from tests.app_fixture import App, app_on_each
from tests.dashboard.owner_browser import OwnerBrowser

__all__ = ["app_on_each"]


@pytest.mark.parametrize("path", ["mailbox/%00", "members/%00", "members/%00/erase", "refusals/%00/approve", "settings/clients/%00"])
def test_an_address_with_the_character_zero_is_none_of_ours(app_on_each: App, path: str) -> None:
    """TST-09: PostgreSQL takes no text that holds it."""
    desk = OwnerBrowser(app_on_each)
    desk.open(f"kiln/{path}")
    assert desk.page.status_code == 404
