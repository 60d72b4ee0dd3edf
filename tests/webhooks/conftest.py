"""What the tests of webhooks share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from roundtrip.storage.database import Database
from tests.app_fixture import _prepared, app
from tests.webhooks.town import Receiver, Town, found_town, receiving

__all__ = ["_prepared", "app"]


@pytest.fixture
def town(db: Database) -> Town:
    """Two sites on each database."""
    return found_town(db)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A customer's server that takes everything."""
    with receiving() as one:
        yield one
