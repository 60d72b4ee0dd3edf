"""The shop on each database, and a browser in front of it."""

from __future__ import annotations

import pytest

from roundtrip.storage.database import Database
from tests.flows.browser import Tab
from tests.flows.shop import Shop, hash_anns_password, open_shop


@pytest.fixture(scope="session")
def anns_hash() -> str:
    """Ann's password, hashed once."""
    return hash_anns_password()


@pytest.fixture
def shop(db: Database, anns_hash: str) -> Shop:
    """A site with two clients and a member, on each database."""
    return open_shop(db, anns_hash)


@pytest.fixture
def tab(shop: Shop) -> Tab:
    """A browser that was never here."""
    return Tab(shop)
