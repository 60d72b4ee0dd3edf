"""A shop over its API: the application in the test's process, and a counter to buy at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from roundtrip.ecom.catalogue import store as catalogue
from roundtrip.media.medium import Medium
from roundtrip.storage.database import Tx
from tests.api.shape import succeeded
from tests.app_fixture import App, _prepared, app, app_on_each, app_on_each_shared, shared_app
from tests.ecom.shelf import MUG, mug, shirt

__all__ = ["_prepared", "app", "app_on_each", "app_on_each_shared", "shared_app"]

Json = dict[str, Any]
STORES = "215238eb-22a5-4c36-9e7b-e7c08025e04e"
SHIRT = shirt().id
CARTS = "/ecom/v1/carts/current"
CHECKOUTS = "/ecom/v1/checkouts"
HOME = {
    "address": {"country": "US", "subdivision": "NY", "city": "New York", "postalCode": "10001", "addressLine": "12 Main Street"},
    "contactDetails": {"firstName": "Ann", "lastName": "Lee", "phone": "+12125550100"},
}


def item(item_id: str = MUG, quantity: int = 1, **options: object) -> Json:
    """A line as sites send it."""
    reference: Json = {"appId": STORES, "catalogItemId": item_id}
    return {"catalogReference": reference | ({"options": options} if options else {}), "quantity": quantity}


@dataclass
class Till:
    """A buyer's calls, with one token. `owner` makes those of the owner."""

    app: App
    token: str

    def call(self, method: str, path: str, body: Json | None = None, *, token: str | None = None) -> httpx.Response:
        """One call, whatever comes of it."""
        return self.app.request(method, path, json=body, headers={"authorization": token or self.token})

    def get(self, path: str) -> Json:
        """A read that must succeed."""
        return succeeded(self.call("GET", path))

    def post(self, path: str, body: Json | None = None) -> Json:
        """A call that must succeed."""
        return succeeded(self.call("POST", path, body or {}))

    def patch(self, path: str, body: Json) -> Json:
        """A change that must succeed."""
        return succeeded(self.call("PATCH", path, body))

    def owner(self, method: str, path: str, body: Json | None = None) -> Json:
        """A call of the owner's server code that must succeed."""
        return succeeded(self.call(method, path, body, token=self.app.world.key))

    def put(self, *lines: Json) -> Json:
        """Put things into the cart; the cart."""
        return dict(self.post(f"{CARTS}/add-to-cart", {"lineItems": list(lines) or [item()]})["cart"])

    def another(self) -> Till:
        """Another visitor."""
        return Till(self.app, self.app.visitor())


def stocked(tx: Tx, site_id: str) -> None:
    """Mugs and shirts, the mug with a picture."""
    catalogue.start_catalogue(tx, site_id, "USD")
    picture = Medium("mug~mv2.png", "", 600, 400, "A mug")
    for product in (replace(mug(), media=(picture,)), shirt()):
        number, _ = catalogue.take_number(tx, site_id)
        assert catalogue.insert_product(tx, replace(product, site_id=site_id, number=number))


def opened(running: App) -> Till:
    """A till in a shop with goods, one way of delivery and a tax in New York."""
    running.application.db.write_now(stocked, running.world.site.id)
    till = Till(running, running.visitor())
    till.owner("POST", "/ecom/v1/shipping-options", {"shippingOption": {"title": "Standard", "rates": [{"amount": "5.00"}]}})
    rate = {"name": "Sales tax", "rate": "8.875", "country": "US", "subdivision": "NY", "coversShipping": True}
    till.owner("POST", "/api/v1/tax-rates", {"taxRate": rate})
    return till


@pytest.fixture
def till(app: App) -> Till:
    """A visitor in a shop, on SQLite."""
    return opened(app)


@pytest.fixture
def till_on_each(app_on_each: App) -> Till:
    """A visitor in a shop, on each database."""
    return opened(app_on_each)
