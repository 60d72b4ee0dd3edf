"""What an owner's server code changes: products, stock, collections. One change at a time wins, and nothing is half done."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.shape import refused, succeeded, violated
from tests.app_fixture import App
from tests.ecom.counter import ALL, APPAREL, HOME, MUG, OWNER, PIN, SHIRT, TOTE, Json, changed, keyed, listed, sells, slugs

COLLECTIONS = "/stores/v1/collections"
UNKNOWN = "01990000-0000-7000-8000-000000000000"


def made(app: App, **fields: object) -> Json:
    answer = succeeded(keyed(app, "POST", OWNER, {"product": {"name": "Bowl", "price": "20.00", **fields}}))
    return dict(answer["product"])


def stock_of(app: App, product_id: str) -> Any:
    return listed(app, {"filter": {"id": product_id}}, token=app.world.key)["products"][0]["stock"]


def test_a_product_needs_a_name_and_a_price_and_gets_all_the_rest(app_on_each: App) -> None:
    bowl = made(app_on_each)
    assert (bowl["slug"], bowl["revision"], bowl["visible"], bowl["collectionIds"]) == ("bowl", "1", True, [ALL])
    assert bowl["stock"]["inStock"]
    assert made(app_on_each)["slug"] == "bowl-1002", "a second one of the same name has an address of its own"
    assert made(app_on_each, name="茶碗")["slug"] == "product-1003"
    assert sorted(slugs(listed(app_on_each, {}))) == ["bowl", "bowl-1002", "product-1003"]


def test_a_product_with_options_has_a_variant_for_every_combination(app: App) -> None:
    options = [
        {"name": "Size", "choices": [{"value": "S"}, {"value": "M"}]},
        {"name": "Glaze", "optionType": "color", "choices": [{"value": "#fff", "description": "White"}]},
    ]
    bowl = made(app, productOptions=options, manageVariants=True)
    assert [one["choices"] for one in bowl["variants"]] == [{"Size": "S", "Glaze": "White"}, {"Size": "M", "Glaze": "White"}]
    ids = [one["id"] for one in bowl["variants"]]
    variants = [{"choices": {"Size": "M", "Glaze": "#fff"}, "price": "25.50", "sku": "M", "stock": {"quantity": 2}}]
    answer = succeeded(changed(app, bowl["id"], variants=variants))["product"]
    (only,) = answer["variants"]
    assert only["id"] == ids[1], "the combination is still the same variant"
    assert (only["variant"]["priceData"]["price"], only["stock"]["quantity"]) == (25.5, 2)
    assert answer["priceRange"] == {"minValue": 25.5, "maxValue": 25.5}


@pytest.mark.parametrize(
    ("fields", "field", "rule"),
    [
        ({"name": " "}, "product.name", "MIN_LENGTH"),
        ({"name": "x" * 81}, "product.name", "MAX_LENGTH"),
        ({"price": "-1"}, "product.price", "FORMAT"),
        ({"price": "1.234"}, "product.price", "FORMAT"),
        ({"price": "much"}, "product.price", "FORMAT"),
        ({"price": None}, "product.price", "REQUIRED_FIELD"),
        ({"slug": "Not A Slug"}, "product.slug", "FORMAT"),
        ({"weight": "heavy"}, "product.weight", "FORMAT"),
        ({"weight": 1e300}, "product.weight", "FORMAT"),
        ({"discount": {"type": "PERCENT", "value": 101}}, "product.discount.value", "FORMAT"),
        ({"discount": {"type": "AMOUNT", "value": "0.001"}}, "product.discount.value", "FORMAT"),
        ({"discount": {"type": "AMOUNT", "value": "1e400"}}, "product.discount.value", "FORMAT"),
        ({"productType": "service"}, "product.productType", "INVALID_ENUM_VALUE"),
        ({"stock": {"quantity": -1}}, "product.stock.quantity", "FORMAT"),
        ({"stock": {"trackInventory": False, "quantity": 3}}, "product.stock.quantity", "FORMAT"),
        ({"manageVariants": True}, "product.manageVariants", "FORMAT"),
        ({"productOptions": [{"name": "A", "choices": []}]}, "product.productOptions[0].choices", "MIN_LENGTH"),
        ({"productOptions": [{"name": "A", "choices": [{}]}]}, "product.productOptions[0].choices[0]", "REQUIRED_FIELD"),
        ({"productOptions": [{"name": "A", "choices": [{"value": "a"}, {"value": "a"}]}]},
         "product.productOptions[0].choices[1]", "FORMAT"),
        ({"productOptions": [{"name": "A", "choices": [{"value": "a"}]}], "variants": [{"choices": {"B": "a"}}]},
         "product.variants[0].choices", "FORMAT"),
        ({"media": [{"url": "http://x.example/a.png", "width": 1, "height": 1}]}, "product.media[0]", "FORMAT"),
        ({"media": [{"url": "https://x.example/a.png"}]}, "product.media[0]", "FORMAT"),
        ({"media": [{"url": "javascript:alert(1)"}]}, "product.media[0].url", "FORMAT"),
    ],
)  # fmt: skip
def test_a_field_that_is_not_fine_is_named(shared: App, fields: Json, field: str, rule: str) -> None:
    violated(keyed(shared, "POST", OWNER, {"product": {"name": "Bowl", "price": "20.00", **fields}}), field, rule)
    assert listed(shared, {}, token=shared.world.key)["totalResults"] == 7, "nothing was kept"


@pytest.fixture(scope="module")
def shared(app_on_each_shared: App) -> App:
    """A store in which nothing succeeds."""
    return sells(app_on_each_shared)


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"slug": "canvas-tote"}, 409, "SLUG_TAKEN"),
        ({"collectionIds": [UNKNOWN]}, 404, "COLLECTION_NOT_FOUND"),
        ({"media": [{"id": "nothing~mv2.png"}]}, 404, "PICTURE_NOT_FOUND"),
    ],
)
def test_what_is_taken_or_not_there_is_named(shared: App, fields: Json, status: int, code: str) -> None:
    refused(keyed(shared, "POST", OWNER, {"product": {"name": "Bowl", "price": "20.00", **fields}}), status, code)
    refused(changed(shared, MUG, **fields), status, code)
    assert listed(shared, {}, token=shared.world.key)["totalResults"] == 7


def test_descriptions_hold_nothing_that_runs(app: App) -> None:
    html = '<p onclick="x()">Good <b>bowl</b><script>alert(1)</script><a href="javascript:x()">a</a></p>'
    bowl = made(app, description=html, additionalInfoSections=[{"title": "Care", "description": html}])
    assert bowl["description"].startswith("<p>Good <b>bowl</b><a")
    for text in (bowl["description"], bowl["additionalInfoSections"][0]["description"]):
        assert not any(word in text for word in ("script", "onclick", "alert"))


def test_a_mask_sets_what_it_names_and_nothing_else(app_on_each: App) -> None:
    """OPS-04."""
    store = sells(app_on_each)
    body = {"product": {"name": "Cup", "price": "1.00"}, "mask": {"paths": ["name", "brand"]}}
    answer = succeeded(keyed(store, "PATCH", f"{OWNER}/{MUG}", body))["product"]
    assert (answer["name"], answer["price"]["price"], answer["brand"], answer["revision"]) == ("Cup", 12.5, "", "2")
    unmasked = keyed(store, "PATCH", f"{OWNER}/{MUG}", {"product": {"name": "Mug"}})
    assert succeeded(unmasked)["product"]["name"] == "Cup"
    assert "mask.paths" in unmasked.headers["x-roundtrip-notice"]
    violated(keyed(store, "PATCH", f"{OWNER}/{MUG}", {"product": {}, "mask": {"paths": ["colour"]}}), "mask.paths[0]", "INVALID_ENUM_VALUE")


def test_whoever_has_read_an_older_revision_is_told(app_on_each: App) -> None:
    """OPS-04."""
    store = sells(app_on_each)
    succeeded(changed(store, MUG, price="13.00", revision="1"))
    refused(changed(store, MUG, price="14.00", revision="1"), 409, "REVISION_CHANGED")
    succeeded(changed(store, MUG, price="14.00", revision=2))
    violated(changed(store, MUG, price="14.00", revision="new"), "product.revision", "FORMAT")


def test_a_change_of_words_leaves_stock_alone(app: App) -> None:
    store = sells(app)
    succeeded(keyed(store, "POST", f"/api/v1/products/{TOTE}/stock/add", {"incrementBy": -15}))
    succeeded(changed(store, TOTE, name="Big Tote"))
    assert stock_of(store, TOTE)["quantity"] == 25


def test_stock_is_set_or_changed_by_so_many_and_never_below_nothing(app_on_each: App) -> None:
    store = sells(app_on_each)
    path = f"/api/v1/products/{TOTE}/stock"
    refused(keyed(store, "POST", f"{path}/add", {"incrementBy": -41}), 409, "NOT_ENOUGH_STOCK")
    assert succeeded(keyed(store, "POST", f"{path}/add", {"incrementBy": -40}))["product"]["stock"]["inventoryStatus"] == "OUT_OF_STOCK"
    assert succeeded(keyed(store, "PUT", path, {"quantity": 7}))["product"]["stock"]["quantity"] == 7
    assert succeeded(keyed(store, "PUT", path, {"trackInventory": False, "inStock": True}))["product"]["stock"]["quantity"] is None
    violated(keyed(store, "POST", f"{path}/add", {"incrementBy": 1}), "incrementBy", "FORMAT")
    refused(keyed(store, "PUT", f"/api/v1/products/{SHIRT}/stock", {"quantity": 1}), 404, "VARIANT_NOT_FOUND")
    refused(keyed(store, "PUT", f"/api/v1/products/{UNKNOWN}/stock", {"quantity": 1}), 404, "PRODUCT_NOT_FOUND")
    violated(changed(store, SHIRT, stock={"quantity": 1}), "product.stock", "FORMAT")


def test_a_deleted_product_is_gone_from_everywhere(app_on_each: App) -> None:
    store = sells(app_on_each)
    succeeded(keyed(store, "DELETE", f"{OWNER}/{TOTE}"))
    refused(keyed(store, "DELETE", f"{OWNER}/{TOTE}"), 404, "PRODUCT_NOT_FOUND")
    refused(keyed(store, "DELETE", f"{OWNER}/nothing"), 404, "PRODUCT_NOT_FOUND")
    assert "canvas-tote" not in slugs(listed(store, {}))
    counts = {one["slug"]: one["numberOfProducts"] for one in listed(store, {}, f"{COLLECTIONS}/query")["collections"]}
    assert (counts["all-products"], counts["apparel"], counts["hidden-homepage-featured-items"]) == (6, 2, 2)


def test_collections_take_products_in_and_let_them_go(app_on_each: App) -> None:
    store = sells(app_on_each)
    path = f"{COLLECTIONS}/{HOME}/productIds"
    assert succeeded(keyed(store, "POST", path, {"productIds": [PIN, PIN, MUG]}))["collection"]["numberOfProducts"] == 3
    assert PIN in [one["id"] for one in listed(store, {"filter": {"collectionIds": {"$hasSome": [HOME]}}})["products"]]
    assert succeeded(keyed(store, "POST", f"{path}/delete", {"productIds": [PIN, UNKNOWN]}))["collection"]["numberOfProducts"] == 2
    refused(keyed(store, "POST", path, {"productIds": [UNKNOWN]}), 404, "PRODUCT_NOT_FOUND")
    violated(keyed(store, "POST", path, {"productIds": []}), "productIds", "MAX_LENGTH")
    refused(keyed(store, "POST", f"{COLLECTIONS}/{ALL}/productIds/delete", {"productIds": [PIN]}), 409, "COLLECTION_IS_BUILT_IN")
    refused(keyed(store, "DELETE", f"{COLLECTIONS}/{ALL}"), 409, "COLLECTION_IS_BUILT_IN")
    succeeded(changed(store, MUG, collectionIds=[APPAREL]))
    counts = {one["slug"]: one["numberOfProducts"] for one in listed(store, {}, f"{COLLECTIONS}/query")["collections"]}
    assert (counts["home"], counts["apparel"]) == (1, 4)


def test_a_collection_is_made_changed_and_deleted_and_its_products_stay(app_on_each: App) -> None:
    store = sells(app_on_each)
    new = succeeded(keyed(store, "POST", COLLECTIONS, {"collection": {"name": "Gifts"}}))["collection"]
    assert (new["slug"], new["numberOfProducts"], new["revision"]) == ("gifts", 0, "1")
    path = f"{COLLECTIONS}/{new['id']}"
    succeeded(keyed(store, "POST", f"{path}/productIds", {"productIds": [MUG]}))
    body = {"collection": {"name": "Presents", "visible": False}, "mask": {"paths": ["name", "visible"]}}
    assert succeeded(keyed(store, "PATCH", path, body))["collection"]["name"] == "Presents"
    refused(keyed(store, "PATCH", path, {"collection": {"slug": "home"}, "mask": {"paths": ["slug"]}}), 409, "SLUG_TAKEN")
    refused(keyed(store, "PATCH", path, {"collection": {"revision": 1, "name": "x"}, "mask": {"paths": ["name"]}}), 409, "REVISION_CHANGED")
    assert "gifts" not in slugs(listed(store, {}, f"{COLLECTIONS}/query"))
    refused(keyed(store, "POST", COLLECTIONS, {"collection": {"name": "Other", "slug": "gifts"}}), 409, "SLUG_TAKEN")
    violated(keyed(store, "POST", COLLECTIONS, {"collection": {"slug": "other"}}), "collection.name", "MIN_LENGTH")
    succeeded(keyed(store, "DELETE", path))
    refused(keyed(store, "DELETE", path), 404, "COLLECTION_NOT_FOUND")
    assert "ceramic-mug" in slugs(listed(store, {}))


def test_the_currency_is_chosen_before_anything_is_sold(app_on_each: App) -> None:
    assert succeeded(keyed(app_on_each, "PATCH", "/api/v1/catalogue", {"currency": "JPY"})) == {"currency": "JPY"}
    violated(keyed(app_on_each, "POST", OWNER, {"product": {"name": "Bowl", "price": "20.50"}}), "product.price", "FORMAT")
    assert made(app_on_each, price=2000)["price"]["formatted"]["price"] == "¥2,000"
    refused(keyed(app_on_each, "PATCH", "/api/v1/catalogue", {"currency": "EUR"}), 409, "CATALOGUE_IN_USE")
    violated(keyed(app_on_each, "PATCH", "/api/v1/catalogue", {"currency": "EURO"}), "currency", "INVALID_ENUM_VALUE")
    assert succeeded(keyed(app_on_each, "GET", "/api/v1/catalogue")) == {"currency": "JPY"}


def test_products_of_another_site_can_be_neither_seen_nor_changed(app: App) -> None:
    """RED-20."""
    store = sells(app)
    headers = {"authorization": store.world.foreign_key}
    for method, path, body in (
        ("GET", f"{OWNER}/{MUG}", None),
        ("PATCH", f"{OWNER}/{MUG}", {"product": {"name": "x"}, "mask": {"paths": ["name"]}}),
        ("DELETE", f"{OWNER}/{MUG}", None),
        ("PUT", f"/api/v1/products/{MUG}/stock", {"quantity": 0}),
    ):
        refused(store.request(method, path, json=body, headers=headers), 404, "PRODUCT_NOT_FOUND")
    refused(store.request("DELETE", f"{COLLECTIONS}/{HOME}", headers=headers), 404, "COLLECTION_NOT_FOUND")
    assert listed(store, {})["totalResults"] == 7


def test_what_an_owner_changed_is_written_down(app: App) -> None:
    """OPS-02."""
    store = sells(app)
    succeeded(changed(store, MUG, price="13.00"))
    rows = store.application.db.read_now(
        lambda tx: tx.all(
            "SELECT action, before, after, actor_kind FROM audit_entry WHERE object_id = :id AND action = 'product.updated'", id=MUG
        )
    )
    assert rows == [("product.updated", '{"price":"12.50"}', '{"price":"13.00"}', "api_key")]
    events = store.application.db.read_now(
        lambda tx: tx.all("SELECT slug FROM outbox WHERE entity = 'product' AND entity_id = :id", id=MUG)
    )
    assert sorted(slug for (slug,) in events) == ["created", "updated"]
