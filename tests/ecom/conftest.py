"""The application in the test's process, and a shop, for the tests of this folder."""

from __future__ import annotations

import pytest

from roundtrip.ecom.shop import ShopTerms
from roundtrip.storage.database import Database
from tests.app_fixture import _prepared, app, app_on_each, app_on_each_shared
from tests.ecom.buying import SHOP, delivered, selling, terms

__all__ = ["_prepared", "app", "app_on_each", "app_on_each_shared"]


@pytest.fixture
def standard(db: Database) -> str:
    """A shop with three mugs at 12.50 and one way of delivery for 5.00; answers that way."""
    selling(db)
    terms(db, ShopTerms(orders_email=SHOP))
    return delivered(db).id
