"""A shop front with the official stores modules, versions 1 and 3 of the catalogue: it finds, shows and pages what the store has."""

from __future__ import annotations

import io
import json
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image

from tests.sdk.bridge import Sdk, SdkError
from tests.sdk.conftest import NewSdk
from tests.server_fixtures import Server

TOTE, MUG = "7a1c2f10-0000-4000-8000-000000000001", "7a1c2f10-0000-4000-8000-000000000003"
APPAREL = "c0111ec7-0000-4000-8000-000000000001"
FIND: tuple[str, tuple[object, ...]] = ("find", ())


def _png() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 120, 60)).save(content, "PNG")
    return content.getvalue()


@pytest.fixture(scope="session")
def store_client(server: Server) -> str:
    """A client of a site that sells the demo products; the owner's server code gave the first one a picture."""
    server.command("product", "demo", "--site", "demo", "--no-pictures", "--json")
    key = server.secret(json.loads(server.command("key", "create", "--site", "demo", "--name", "Shop server", "--json"))["key"])
    with httpx.Client(base_url=server.origin, headers={"Authorization": key}, timeout=20) as owner:
        wanted = {"mimeType": "image/png", "fileName": "tote.png"}
        address = owner.post("/site-media/v1/files/generate-upload-url", json=wanted).json()["uploadUrl"]
        picture = httpx.put(address, content=_png(), timeout=20).json()["file"]
        body = {"product": {"media": [{"id": picture["id"], "altText": "A tote"}]}, "mask": {"paths": ["media"]}}
        owner.patch(f"/stores/v1/products/{TOTE}", json=body).raise_for_status()
    return server.client("Store", redirect_uris=["https://store.example/callback"], redirect_domains=["store.example"])


@pytest.fixture
def store(new_sdk: NewSdk, store_client: str) -> Sdk:
    """The shop front's SDK client."""
    return new_sdk(store_client)


def slugs(found: Any) -> list[str]:
    return [one["slug"] for one in found["items"]]


def ways(sdk: Sdk) -> list[tuple[str, str]]:
    """Method and path of what was asked since the last look, without the token."""
    return [(one["method"], urlsplit(one["url"]).path) for one in sdk.requests() if "/oauth2/" not in one["url"]]


def test_a_shop_front_lists_products_and_counts_them(store: Sdk) -> None:
    found = store.query("products.queryProducts", FIND)
    assert slugs(found)[:2] == ["canvas-tote", "demo-tshirt"]
    assert (len(found["items"]), found["totalCount"], found["hasNext"]) == (7, 7, False)
    assert ways(store)[-1] == ("GET", "/stores-reader/v1/products/query-platformized")
    tote = found["items"][0]
    assert tote["convertedPriceData"]["formatted"]["discountedPrice"] == "$15.00"
    assert tote["_id"] == TOTE
    image = tote["media"]["mainMedia"]["image"]
    assert (image["width"], image["height"], image["altText"]) == (40, 30, "A tote")
    assert image["url"].startswith("https://static.wixstatic.com/media/")
    assert image["url"].endswith("/v1/fit/w_40,h_30,q_90/file.png")
    assert httpx.get(store.server.origin + urlsplit(image["url"]).path).headers["content-type"].startswith("image/")


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([("eq", ("slug", "ceramic-mug")), ("limit", (1,))], ["ceramic-mug"]),
        ([("in", ("_id", [MUG, TOTE]))], ["canvas-tote", "ceramic-mug"]),
        ([("in", ("_id", []))], []),
        ([("hasSome", ("collectionIds", [APPAREL])), ("ascending", ("price",))], ["canvas-tote", "demo-tshirt", "rain-jacket"]),
        ([("startsWith", ("name", "")), ("descending", ("price",)), ("limit", (2,))], ["rain-jacket", "demo-tshirt"]),
        ([("startsWith", ("name", "field")), ("ne", ("slug", "x")), ("limit", (5,))], ["field-notebook"]),
        ([("gt", ("price", 24)), ("ascending", ("name",))], ["demo-tshirt", "rain-jacket"]),
    ],
    ids=lambda value: value[0][0] if value and isinstance(value[0], tuple) else None,
)  # fmt: skip
def test_version_1_filters_and_sorts(store: Sdk, steps: list[tuple[str, tuple[object, ...]]], expected: list[str]) -> None:
    assert slugs(store.query("products.queryProducts", *steps, FIND)) == expected


def test_pages_by_offset_go_on_and_back(store: Sdk) -> None:
    pages = [("limit", (3,)), FIND, ("next", ()), ("next", ())]
    last = store.query("products.queryProducts", *pages)
    assert (slugs(last), last["hasNext"], last["hasPrev"]) == (["rain-jacket"], False, True)
    assert slugs(store.query("products.queryProducts", *pages, ("prev", ()))) == ["field-notebook", "enamel-pin", "album-download"]


def test_a_query_too_long_for_an_address_is_sent_as_a_body(store: Sdk) -> None:
    many = [f"01990000-0000-7000-8000-{number:012d}" for number in range(99)]
    assert slugs(store.query("products.queryProducts", ("in", ("_id", [*many, MUG])), FIND)) == ["ceramic-mug"]
    assert ways(store)[-1][0] == "POST"


def test_one_product_and_its_variants_version_1(store: Sdk) -> None:
    shirt = store.query("products.queryProducts", ("eq", ("slug", "demo-tshirt")), FIND)["items"][0]
    assert store("products.getProduct", shirt["_id"])["product"]["name"] == "Demo T-Shirt"
    found = store("products.queryProductVariants", shirt["_id"], {"choices": {"Size": "M"}})
    assert [one["choices"]["Color"] for one in found["variants"]] == ["Black", "White"]
    with pytest.raises(SdkError) as caught:
        store("products.getProduct", "01990000-0000-7000-8000-000000000000")
    assert caught.value.application_error["code"] == "PRODUCT_NOT_FOUND"


def test_collections_without_the_one_of_all_products(store: Sdk) -> None:
    found = store.query("collections.queryCollections", ("ne", ("_id", "00000000-000000-000000-000000000001")), ("limit", (3,)), FIND)
    assert slugs(found) == ["apparel", "home", "hidden-homepage-featured-items"]
    assert ways(store)[-1] == ("GET", "/v2/collections/query")
    assert store("collections.getCollectionBySlug", "apparel")["collection"]["numberOfProducts"] == 3


def test_a_missing_collection_is_the_number_that_templates_compare_with(store: Sdk) -> None:
    with pytest.raises(SdkError) as caught:
        store("collections.getCollectionBySlug", "nothing")
    assert caught.value.application_error["code"] == 404


def test_version_3_shows_the_same_store_page_by_page(store: Sdk) -> None:
    first = store.query("productsV3.queryProducts", ("limit", (4,)), FIND)
    assert (slugs(first), first["hasNext"]) == (["canvas-tote", "demo-tshirt", "ceramic-mug", "field-notebook"], True)
    second = store.query("productsV3.queryProducts", ("limit", (4,)), FIND, ("next", ()))
    assert (slugs(second), second["hasNext"], second["hasPrev"]) == (["enamel-pin", "album-download", "rain-jacket"], False, True)
    assert slugs(store.query("productsV3.queryProducts", ("limit", (4,)), FIND, ("next", ()), ("prev", ()))) == slugs(first)
    tote = first["items"][0]
    assert tote["actualPriceRange"]["minValue"]["formattedAmount"] == "$15.00"
    assert tote["url"].endswith("/product-page/canvas-tote")
    assert tote["media"]["main"]["image"].endswith("/A%20tote#originWidth=40&originHeight=30")


def test_version_3_finds_one_product_and_a_category(store: Sdk) -> None:
    fields = {"fields": ["CURRENCY", "INFO_SECTION", "MEDIA_ITEMS_INFO"]}
    mug = store("productsV3.getProductBySlug", "ceramic-mug", fields)["product"]
    assert mug["options"][0]["choicesSettings"]["choices"][0]["colorCode"] == "#c0392b"
    assert store("productsV3.getProduct", mug["_id"], fields)["name"] == "Ceramic Mug"
    search = {"filter": {"directCategoriesInfo.categories": {"$matchItems": [{"id": APPAREL}]}}, "cursorPaging": {"limit": 20}}
    found = store("productsV3.searchProducts", search, {"fields": ["CURRENCY"]})
    assert [one["slug"] for one in found["products"]] == ["canvas-tote", "demo-tshirt", "rain-jacket"]
    with pytest.raises(SdkError) as caught:
        store("productsV3.getProductBySlug", "nothing")
    assert caught.value.application_error["code"] == "PRODUCT_NOT_FOUND"


def test_what_the_query_does_not_know_is_told_to_the_developer(store: Sdk) -> None:
    with pytest.raises(SdkError) as caught:
        store.query("products.queryProducts", ("eq", ("colour", "red")), FIND)
    (violation,) = caught.value.violations
    assert "colour" in violation["field"]
    assert "there are id, name, slug" in violation["description"]
