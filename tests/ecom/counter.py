"""A shop's counter for tests of the API: an application whose site `kiln` sells the demo products."""

from __future__ import annotations

from typing import Any

from roundtrip.ecom.catalogue import seed
from tests.api.shape import succeeded
from tests.app_fixture import NOW, App

Json = dict[str, Any]
V1, V3, OWNER = "/stores-reader/v1/products/query-platformized", "/stores/v3/products", "/stores/v1/products"
TOTE, SHIRT, MUG, NOTEBOOK, PIN = (seed.product_id(number) for number in range(1, 6))
APPAREL, HOME = seed.collection_id(1), seed.collection_id(2)
ALL = "00000000-0000-0000-0000-000000000001"


def sells(app: App, site_id: str | None = None) -> App:
    """Put the demo products up for sale."""
    app.application.db.write_now(seed.seed, site_id or app.world.site.id, now=NOW)
    return app


def listed(app: App, query: Json, path: str = V1, token: str | None = None) -> Json:
    """The answer to a query."""
    return succeeded(app.post(path, {"query": query}, token or app.visitor()))


def slugs(answer: Json) -> list[str]:
    """Which products, or collections, it holds."""
    return [one["slug"] for one in (answer["products"] if "products" in answer else answer["collections"])]


def keyed(app: App, method: str, path: str, body: object = None) -> Any:
    """A call with the site's key; answers the response."""
    content = {} if body is None else {"json": body}
    return app.request(method, path, headers={"authorization": app.world.key}, **content)


def changed(app: App, product_id: str, **fields: object) -> Any:
    """Set exactly these fields of a product; answers the response."""
    body = {"product": fields, "mask": {"paths": [name for name in fields if name != "revision"]}}
    return keyed(app, "PATCH", f"{OWNER}/{product_id}", body)
