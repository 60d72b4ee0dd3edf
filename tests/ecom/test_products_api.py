"""What shop fronts read: both views of one store, however a query is sent."""

from __future__ import annotations

import base64
import json

import pytest

from tests.api.shape import refused, succeeded, violated
from tests.app_fixture import App
from tests.ecom.counter import ALL, APPAREL, MUG, PIN, SHIRT, TOTE, V1, V3, Json, changed, keyed, listed, sells, slugs

COLLECTIONS = "/stores-reader/v2/collections"


@pytest.fixture(scope="module")
def store(app_on_each_shared: App) -> App:
    """A store that these tests only look at."""
    return sells(app_on_each_shared)


def packed(request: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(request).encode()).decode().rstrip("=")


def test_a_query_may_be_a_body_a_packed_parameter_or_plain_parameters(store: App) -> None:
    query: Json = {"filter": {"slug": "canvas-tote"}, "paging": {"limit": 1, "offset": 0}}
    token = store.visitor()
    by_body = listed(store, query, token=token)
    assert slugs(by_body) == ["canvas-tote"]
    assert succeeded(store.get(f"{V1}?.r={packed({'query': query})}", token)) == by_body
    assert succeeded(store.get(f"{V1}?query.filter.slug=canvas-tote&query.paging.limit=1&fields=A&fields=B", token)) == by_body


@pytest.mark.parametrize(
    ("query", "field", "rule"),
    [
        (".r=%20", ".r", "FORMAT"),
        (".r=e30%", ".r", "FORMAT"),
        (f".r={packed({'query': 7})}", "query", "FORMAT"),
        (f".r={packed({'query': {'filter': {'colour': 1}}})}", "query.filter.colour", "INVALID_ENUM_VALUE"),
        ("query=x", "query", "FORMAT"),
        ("query=x&query.filter=y", "query.filter", "FORMAT"),
        ("&".join(f"a{number}=1" for number in range(101)), "query", "FORMAT"),
    ],
)
def test_a_request_that_cannot_be_read_is_refused(store: App, query: str, field: str, rule: str) -> None:
    violated(store.get(f"{V1}?{query}", store.visitor()), field, rule)


def test_version_1_answers_everything_that_shop_fronts_read_without_looking(store: App) -> None:
    answer = listed(store, {})
    assert (answer["metadata"], answer["totalResults"]) == ({"items": 7, "offset": 0, "total": 7}, 7)
    tote, shirt = answer["products"][:2]
    assert tote["convertedPriceData"]["formatted"] == {"price": "$18.00", "discountedPrice": "$15.00"}
    assert (tote["price"]["price"], tote["price"]["discountedPrice"], tote["price"]["currency"]) == (18, 15, "USD")
    assert (tote["productOptions"], tote["stock"]["quantity"], tote["stock"]["inventoryStatus"]) == ([], 40, "IN_STOCK")
    assert tote["variants"][0]["id"] == "00000000-0000-0000-0000-000000000000"
    assert tote["collectionIds"][0] == ALL
    assert tote["productPageUrl"]["path"] == "/product-page/canvas-tote"
    assert tote["additionalInfoSections"][0]["title"] == "Care"
    assert shirt["manageVariants"]
    assert shirt["stock"] == {"trackInventory": True, "quantity": 50, "inStock": True, "inventoryStatus": "PARTIALLY_OUT_OF_STOCK"}
    color = shirt["productOptions"][1]
    assert (color["optionType"], color["choices"][0]["value"], color["choices"][0]["description"]) == ("color", "#000000", "Black")
    assert {"Size": "L", "Color": "White"} in [one["choices"] for one in shirt["variants"] if not one["stock"]["inStock"]]
    for one in answer["products"]:
        assert all(choice["description"] for option in one["productOptions"] for choice in option["choices"])
        assert one["customTextFields"] == []


def test_a_page_that_does_not_show_the_end_knows_how_many_there_are(store: App) -> None:
    """With and without a filter."""
    short: Json = {"paging": {"limit": 2}}
    everything = {"filter": {"collectionIds": {"$hasSome": [ALL]}}, **short}
    dear = {"filter": {"price": {"$gt": 0}}, **short}
    assert [listed(store, query)["totalResults"] for query in (short, everything, dear)] == [7, 7, 7]
    assert [listed(store, {"paging": {"limit": 2, "offset": offset}})["totalResults"] for offset in (4, 6, 100)] == [7, 7, 7]


def test_version_3_answers_the_same_store(store: App) -> None:
    answer = succeeded(store.post(f"{V3}/query", {"query": {"filter": {}, "cursorPaging": {"limit": 3}}}, store.visitor()))
    assert slugs(answer) == ["canvas-tote", "demo-tshirt", "ceramic-mug"]
    tote, shirt = answer["products"][:2]
    assert tote["actualPriceRange"]["minValue"] == {"amount": "15.00", "formattedAmount": "$15.00"}
    assert tote["compareAtPriceRange"]["minValue"]["amount"] == "18.00"
    assert tote["variantsInfo"]["variants"][0]["price"]["compareAtPrice"]["amount"] == "18.00"
    names = shirt["variantsInfo"]["variants"][0]["choices"][0]
    option = shirt["options"][0]
    assert names["optionChoiceIds"] == {"optionId": option["id"], "choiceId": option["choicesSettings"]["choices"][0]["choiceId"]}
    assert names["optionChoiceNames"] == {"optionName": "Size", "choiceName": "S", "renderType": "TEXT_CHOICES"}
    assert shirt["inventory"]["availabilityStatus"] == "PARTIALLY_OUT_OF_STOCK"
    cursor = answer["pagingMetadata"]["cursors"]["next"]
    rest = succeeded(store.post(f"{V3}/query", {"query": {"cursorPaging": {"limit": 10, "cursor": cursor}}}, store.visitor()))
    assert slugs(rest) == ["field-notebook", "enamel-pin", "album-download", "rain-jacket"]
    assert "next" not in rest["pagingMetadata"]["cursors"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"filter": {"id": {"$in": [MUG, TOTE.upper()]}}}, ["canvas-tote", "ceramic-mug"]),
        ({"filter": {"id": {"$in": []}}}, []),
        ({"filter": {"collectionIds": {"$hasSome": [APPAREL]}}}, ["canvas-tote", "demo-tshirt", "rain-jacket"]),
        ({"filter": {"name": {"$startsWith": "CERAMIC"}}}, ["ceramic-mug"]),
        ({"filter": {"price": {"$lt": 10}}, "sort": [{"fieldName": "price", "order": "DESC"}]}, ["field-notebook", "enamel-pin"]),
        ({"filter": {"price": 15}}, ["canvas-tote"]),
        ({"filter": {"$and": [{"productType": "digital"}, {"name": {"$startsWith": ""}}]}}, ["album-download"]),
        ({"filter": {"brand": "Kiln & Co"}}, ["ceramic-mug"]),
        ({"sort": [{"fieldName": "name", "order": "ASC"}], "paging": {"limit": 2}}, ["album-download", "canvas-tote"]),
        ({"sort": [{"fieldName": "lastUpdated", "order": "DESC"}], "paging": {"limit": 1}}, ["rain-jacket"]),
    ],
)  # fmt: skip
def test_version_1_finds_what_templates_ask_for(store: App, query: Json, expected: list[str]) -> None:
    assert slugs(listed(store, query)) == expected


def test_version_3_finds_a_category(store: App) -> None:
    wanted = {"directCategoriesInfo.categories": {"$matchItems": [{"id": APPAREL}]}}
    body = {"search": {"filter": wanted, "cursorPaging": {"limit": 20}}, "fields": ["CURRENCY"]}
    assert slugs(succeeded(store.post(f"{V3}/search", body, store.visitor()))) == ["canvas-tote", "demo-tshirt", "rain-jacket"]
    violated(
        store.post(f"{V3}/search", {"search": {"search": {"expression": "mug"}}}, store.visitor()), "search.search.expression", "OTHER"
    )


def test_one_product_by_id_or_slug(store: App) -> None:
    token = store.visitor()
    by_id = succeeded(store.get(f"{V3}/{TOTE}?productId={TOTE}&fields=URL", token))["product"]
    assert by_id == succeeded(store.get(f"{V3}/slug/canvas-tote?slug=canvas-tote&fields=A&fields=B", token))["product"]
    assert succeeded(store.get(f"/stores-reader/v1/products/{TOTE.upper()}", token))["product"]["slug"] == "canvas-tote"
    for path in (f"{V3}/slug/nothing", f"{V3}/{ALL}", f"{V3}/nothing"):
        refused(store.get(path, token), 404, "PRODUCT_NOT_FOUND")


def test_variants_are_found_by_choices_or_id(store: App) -> None:
    path = f"/stores-reader/v1/products/{SHIRT}/variants/query"
    small = succeeded(store.post(path, {"choices": {"Size": "S"}}, store.visitor()))["variants"]
    assert [one["choices"]["Color"] for one in small] == ["Black", "White"]
    assert succeeded(store.post(path, {"variantIds": [small[0]["id"]]}, store.visitor()))["variants"] == small[:1]


def test_collections_are_listed_without_the_one_of_all_products_as_a_template_asks(store: App) -> None:
    """The id in the filter is no GUID: it is how a template writes the collection of all products."""
    query = {"filter": {"id": {"$ne": "00000000-000000-000000-000000000001"}}, "paging": {"limit": 3}}
    answer = listed(store, query, f"{COLLECTIONS}/query")
    assert (slugs(answer), answer["totalResults"]) == (["apparel", "home", "hidden-homepage-featured-items"], 4)
    assert answer["collections"][0]["numberOfProducts"] == 3
    assert slugs(succeeded(store.get(f"/v2/collections/query?.r={packed({'query': query})}", store.visitor()))) == slugs(answer)


def test_a_collection_that_is_not_there_is_told_by_the_number_of_the_status(store: App) -> None:
    """A code in the body would hide the number 404 that templates compare with (decision 0112)."""
    assert succeeded(store.get("/v2/collections/slug/apparel", store.visitor()))["collection"]["id"] == APPAREL
    answer = store.get("/v2/collections/slug/nothing", store.visitor())
    assert refused(answer, 404, "COLLECTION_NOT_FOUND")
    assert "applicationError" not in answer.json()["details"]
    refused(store.get(f"{COLLECTIONS}/{TOTE}", store.visitor()), 404, "COLLECTION_NOT_FOUND")


def test_menus_are_missing_in_the_way_that_templates_know(store: App) -> None:
    refused(store.get(f"/wix-data/v2/items/query?.r={packed({'dataCollectionId': 'Menus'})}", store.visitor()), 404, "WDE0025")
    refused(store.post("/wix-data/v2/items/query", {"dataCollectionId": "Menus", "query": {}}, store.visitor()), 404, "WDE0025")


def test_a_site_that_sells_nothing_has_empty_lists_and_nobody_elses_products(store: App) -> None:
    for path in (V1, f"{V3}/query", f"{COLLECTIONS}/query"):
        assert slugs(listed(store, {}, path, store.visitor(store.world.foreign))) == []
    refused(store.get(f"{V3}/{TOTE}", store.visitor(store.world.foreign)), 404, "PRODUCT_NOT_FOUND")


def test_visitors_do_not_see_or_count_what_is_hidden(app_on_each: App) -> None:
    store = sells(app_on_each)
    succeeded(changed(store, MUG, visible=False))
    short: Json = {"paging": {"limit": 2}}
    assert [listed(store, query)["totalResults"] for query in ({}, short)] == [6, 6]
    assert "ceramic-mug" not in slugs(listed(store, {"filter": {"visible": False}}))
    refused(store.get(f"{V3}/slug/ceramic-mug", store.visitor()), 404, "PRODUCT_NOT_FOUND")
    assert [listed(store, query, token=store.world.key)["totalResults"] for query in ({}, short)] == [7, 7]
    assert succeeded(keyed(store, "GET", f"{V3}/slug/ceramic-mug"))["product"]["visible"] is False
    home = succeeded(store.get("/v2/collections/slug/home", store.visitor()))["collection"]
    assert home["numberOfProducts"] == 1
    succeeded(changed(store, MUG, visible=True))
    assert succeeded(store.get("/v2/collections/slug/home", store.visitor()))["collection"]["numberOfProducts"] == 2


def test_what_is_sold_out_says_so_in_both_versions(store: App) -> None:
    pin = listed(store, {"filter": {"id": PIN}})["products"][0]
    assert (pin["stock"]["inStock"], pin["stock"]["quantity"], pin["ribbon"]) == (False, None, "Back soon")
    assert succeeded(store.get(f"{V3}/{PIN}", store.visitor()))["product"]["inventory"]["availabilityStatus"] == "OUT_OF_STOCK"
