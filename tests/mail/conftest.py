"""The office on each database, and an open post office."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from roundtrip.storage.database import Database
from tests.app_fixture import _prepared, app, app_on_each
from tests.mail.post_office import Clerk, Office, open_office, open_post

__all__ = ["_prepared", "app", "app_on_each"]


@pytest.fixture
def office(db: Database) -> Office:
    """Two sites and workers for them."""
    return open_office(db)


@pytest.fixture
def clerk() -> Clerk:
    """Polite until told otherwise."""
    return Clerk()


@pytest.fixture
def port(clerk: Clerk) -> Iterator[int]:
    """Where the clerk's server listens."""
    with open_post(clerk) as number:
        yield number
