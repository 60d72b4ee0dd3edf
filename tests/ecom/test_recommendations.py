"""What shop fronts show beside a product, and the stock that old programs list: on each database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from roundtrip.ecom.catalogue import store as catalogue
from roundtrip.ecom.recommendations import store as recommendations
from roundtrip.storage.database import Row, Tx, Value
from tests.api.shape import refused, succeeded, violated
from tests.app_fixture import App
from tests.ecom.counter import MUG, NOTEBOOK, PIN, SHIRT, TOTE, Json, changed, keyed, sells

RECOMMENDED, OTHER_PATH = "/v1/recommendations/get", "/ecom/v1/recommendations/get"
STORES = "215238eb-22a5-4c36-9e7b-e7c08025e04e"
INVENTORY = "/stores-reader/v2/inventoryItems"
ALGORITHM = {"id": "5dd69f67-9ab9-478e-ba7c-10c6c6e7285f", "appId": STORES}


@pytest.fixture(scope="module")
def store(app_on_each_shared: App) -> App:
    """A store whose pin is hidden."""
    sold = sells(app_on_each_shared)
    assert changed(sold, PIN, visible=False).status_code == 200
    return sold


def asked(store: App, *product_ids: str, path: str = RECOMMENDED, **more: object) -> Json:
    items = [{"catalogItemId": one, "appId": STORES} for one in product_ids]
    return succeeded(store.post(path, {"algorithms": [ALGORITHM], "items": items, **more}, store.visitor()))


def ids(answer: Json) -> list[str]:
    return [one["catalogItemId"] for one in answer["recommendation"]["items"]]


def test_neighbours_are_other_visible_products_of_the_same_collections_first(store: App) -> None:
    answer = asked(store, MUG, minimumRecommendedItems=3)
    found = ids(answer)
    assert found[0] == NOTEBOOK, "it shares two collections with the mug"
    assert 3 <= len(found) <= 6
    assert not {MUG, PIN} & set(found)
    assert answer["recommendation"]["algorithm"] == ALGORITHM
    assert all(one["appId"] == STORES for one in answer["recommendation"]["items"])
    both = ids(asked(store, TOTE.upper(), SHIRT, path=OTHER_PATH))
    assert not {TOTE, SHIRT} & set(both)


def test_where_nothing_fits_there_is_no_empty_list(store: App) -> None:
    """Shop fronts query the ids of the list: an empty one would ask for nothing, or for everything."""
    assert asked(store) == asked(store, PIN) == asked(store, "no-guid") == asked(store, MUG, minimumRecommendedItems=7) == {}
    foreign = {"items": [{"catalogItemId": MUG, "appId": "13d21c63-b5ec-5912-8397-c3a5ddb27a97"}]}
    assert succeeded(store.post(RECOMMENDED, foreign, store.visitor())) == {}
    violated(store.post(RECOMMENDED, {"items": [{}] * 101}, store.visitor()), "items", "MAX_LENGTH")
    assert succeeded(store.post(RECOMMENDED, {}, store.world.foreign_key)) == {}


class Watched:
    """A transaction that keeps the plan of every read."""

    def __init__(self, tx: Tx) -> None:
        self._tx, self.plans = tx, list[str]()

    def all(self, sql: str, **params: Value) -> Sequence[Row]:
        explain = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN (COSTS OFF)"}[self._tx.dialect]
        self.plans += [str(row[-1]) for row in self._tx.all(f"{explain} {sql}", **params)]
        return self._tx.all(sql, **params)


def test_recommending_never_reads_a_whole_catalogue(store: App) -> None:
    def plans(tx: Tx) -> list[str]:
        if tx.dialect == "postgresql":
            tx.execute("SET LOCAL enable_seqscan = off")  # a small table is read whole, index or not
        watched: Any = Watched(tx)
        assert len(recommendations.related(watched, store.world.site.id, [MUG, TOTE], 6)) == 4
        return list(watched.plans)

    read = store.application.db.write_now(plans)
    whole = [plan for plan in read if "SCAN product" in plan or "SCAN collection_product" in plan or "Seq Scan" in plan]
    assert whole == []
    # Which of its indexes PostgreSQL takes depends on what it knows of the rows.
    assert store.application.db.dialect == "postgresql" or sum("product_shown" in plan for plan in read) >= 2


def test_reading_one_product_never_reads_the_collections_of_the_whole_shop(store: App) -> None:
    """Without the index that holds the ids of collections SQLite reads all of them, and every cart and checkout with it.

    Which of its indexes PostgreSQL takes depends on what it knows of the rows; it has to be one of them.
    """

    def plans(tx: Tx) -> list[str]:
        if tx.dialect == "postgresql":
            tx.execute("SET LOCAL enable_seqscan = off")
        watched: Any = Watched(tx)
        assert catalogue.products(watched, store.world.site.id, [MUG])
        return list(watched.plans)

    read = [plan for plan in store.application.db.write_now(plans) if "collection_product" in plan]
    if store.application.db.dialect == "postgresql":
        assert read
        assert not any("Seq Scan on collection_product" in plan for plan in read), read
    else:
        assert any("collection_product_of_product" in plan for plan in read), read


def test_stock_is_listed_found_and_turned_over_in_pages(store: App) -> None:
    token = store.visitor()
    for path in (INVENTORY, "/stores/v2/inventoryItems"):
        found = succeeded(store.post(f"{path}/query", {}, token))
        assert (found["totalResults"], found["metadata"]) == (6, {"items": 6, "offset": 0, "total": 6})
        tote = found["inventoryItems"][0]
        assert (tote["productId"], tote["trackQuantity"], tote["variants"][0]["quantity"]) == (TOTE, True, 40)
    page = {"sort": json.dumps({"numericId": "desc"}), "paging": {"limit": 1, "offset": 1}}
    turned = succeeded(store.post(f"{INVENTORY}/query", {"query": page}, token))["inventoryItems"]
    assert [one["numericId"] for one in turned] == [str(int(found["inventoryItems"][-1]["numericId"]) - 1)]
    for wanted in ({"id": tote["id"]}, {"productId": TOTE}, {"$or": [{"id": {"$in": [tote["id"].upper()]}}]}, {"numericId": 1001}):
        for sent in (wanted, json.dumps(wanted)):
            answer = succeeded(store.post(f"{INVENTORY}/query", {"query": {"filter": sent}}, token))
            assert [one["productId"] for one in answer["inventoryItems"]] == [TOTE]
    hidden = {"query": {"filter": {"productId": PIN}}}
    assert succeeded(store.post(f"{INVENTORY}/query", hidden, token))["inventoryItems"] == []
    (pin,) = succeeded(keyed(store, "POST", f"{INVENTORY}/query", hidden))["inventoryItems"]
    assert [one["inStock"] for one in pin["variants"]] == [False]
    one_of_them = succeeded(store.post(f"{INVENTORY}/{tote['id']}/getVariants", {"variantIds": ["x"]}, token))
    assert (one_of_them["inventoryItem"]["productId"], one_of_them["inventoryItem"]["variants"]) == (TOTE, [])
    refused(store.post(f"{INVENTORY}/{pin['id']}/getVariants", {}, token), 404, "PRODUCT_NOT_FOUND")


def test_a_query_of_stock_that_cannot_be_read_says_what_is_wrong(store: App) -> None:
    for query, field, rule in (
        ({"filter": "{"}, "query.filter", "FORMAT"),
        ({"sort": "numericId"}, "query.sort", "FORMAT"),
        ({"sort": "7"}, "query.sort", "FORMAT"),
        ({"filter": {"quantity": 1}}, "query.filter.quantity", "INVALID_ENUM_VALUE"),
        ({"sort": {"numericId": 1}}, "query.sort[0].order", "INVALID_ENUM_VALUE"),
        ({"filter": {"id": {"$gt": "a"}}}, "query.filter.productId.$gt", "INVALID_ENUM_VALUE"),
        ({"paging": {"limit": 101}}, "query.paging.limit", "FORMAT"),
    ):
        violated(store.post(f"{INVENTORY}/query", {"query": query}, store.visitor()), field, rule)


def test_a_site_says_which_catalogue_its_owner_manages(store: App) -> None:
    for path in ("/stores/v3/provision/version", "/_api/stores/v3/provision/version"):
        assert succeeded(store.get(path, store.visitor())) == {"catalogVersion": "V1_CATALOG"}
