"""What else somebody may like who looks at a product, for shop fronts."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from roundtrip.api.operation import KEYS, VISITORS, Call, Operation
from roundtrip.api.wire import Wire
from roundtrip.core.ids import is_guid
from roundtrip.ecom.product_shelf import APP_IDS
from roundtrip.ecom.recommendations import store

MOST_ASKED = 100
MOST_GIVEN = 6
LOOKED_AT = 10
"""Of how many of the items that are sent: a cart of a hundred things is no better a hint than ten of them."""
Id = Annotated[str, Meta(max_length=100)]


class Algorithm(Wire):
    """A way to recommend, as shop fronts name it. There is one here, and it goes by the name of the first that is asked for."""

    id: Id = ""
    app_id: Id = ""


class Item(Wire):
    """Something that somebody looks at, or has in the cart."""

    catalog_item_id: Id = ""
    app_id: Id = ""


class GetRecommendation(Wire):
    """What somebody looks at; fewer than `minimumRecommendedItems` are no recommendation."""

    algorithms: Annotated[list[Algorithm], Meta(max_length=MOST_ASKED)] = msgspec.field(default_factory=list)
    items: Annotated[list[Item], Meta(max_length=MOST_ASKED)] = msgspec.field(default_factory=list)
    minimum_recommended_items: Annotated[int, Meta(ge=0, le=MOST_ASKED)] = 1


class Recommendation(Wire):
    """Nothing at all when there is nothing to recommend: shop fronts ask for every product of an empty list."""

    recommendation: dict[str, Any] | None = None


async def get(call: Call) -> Recommendation:
    """Find other products: of the same collections first."""
    body: GetRecommendation = call.body
    looked_at = [one for one in body.items if one.app_id.lower() in APP_IDS and is_guid(one.catalog_item_id)][:LOOKED_AT]
    if not looked_at:
        return Recommendation()
    wanted = [one.catalog_item_id.lower() for one in looked_at]
    found = await call.read(store.related, call.site_id, wanted, MOST_GIVEN)
    if not found or len(found) < body.minimum_recommended_items:
        return Recommendation()
    items = [{"catalogItemId": one, "appId": looked_at[0].app_id} for one in found]
    by = {"algorithm": msgspec.to_builtins(body.algorithms[0])} if body.algorithms else {}
    return Recommendation({"items": items, **by})


_EXAMPLE = {
    "algorithms": [{"id": "5dd69f67-9ab9-478e-ba7c-10c6c6e7285f", "appId": APP_IDS[0]}],
    "items": [{"catalogItemId": "7a1c2f10-0000-4000-8000-000000000001", "appId": APP_IDS[0]}],
    "minimumRecommendedItems": 3,
}

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="GetRecommendation",
        method="POST",
        paths=("/v1/recommendations/get", "/ecom/v1/recommendations/get"),
        summary="Find up to six other products for somebody who looks at some: those of the same collections first.",
        run=get,
        permission="catalogue.read",
        callers=VISITORS | KEYS,
        request=GetRecommendation,
        response=Recommendation,
        example=_EXAMPLE,
    ),
)
