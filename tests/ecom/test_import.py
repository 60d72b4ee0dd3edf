"""Products from a file: all of them, or none and what is wrong with which row."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import httpx
import pytest

from tests.api.shape import refused, succeeded
from tests.app_fixture import App
from tests.ecom.counter import listed, sells, slugs
from tests.server_fixtures import Server

FILE = """name,price,slug,discount,quantity,inStock,visible,productType,collections,options,description,weight,sku,brand,ribbon
Bowl,20.00,bowl,10%,12,,yes,,home; apparel,,"<p>Round, <script>x</script>deep</p>",0.5,BOWL,Kiln,New
Plate,"15",plate,2.50,,no,no,,,Size: S | M; Glaze: White = #ffffff | Blue = #2980b9,,,,,

Poster file,4.5,poster-file,,,,,digital,,,,,,,
"""


def imported(app: App, text: str | bytes, query: str = "") -> httpx.Response:
    content = text.encode() if isinstance(text, str) else text
    return app.request("POST", f"/api/v1/products/import{query}", content=content, headers={"authorization": app.world.key})


def test_every_row_becomes_a_product(app_on_each: App) -> None:
    store = sells(app_on_each)
    answer = succeeded(imported(store, "\ufeff" + FILE))
    assert answer["count"] == len(answer["productIds"]) == 3
    found = {
        one["slug"]: one for one in listed(store, {"filter": {"id": {"$in": answer["productIds"]}}}, token=store.world.key)["products"]
    }
    bowl, plate, poster = found["bowl"], found["plate"], found["poster-file"]
    assert (bowl["price"]["discountedPrice"], bowl["stock"]["quantity"], bowl["weight"], bowl["sku"]) == (18, 12, 0.5, "BOWL")
    assert (bowl["description"], len(bowl["collectionIds"]), bowl["ribbon"]) == ("<p>Round, deep</p>", 3, "New")
    assert (plate["price"]["discountedPrice"], plate["visible"], plate["stock"]["inStock"]) == (12.5, False, False)
    assert [(one["name"], one["optionType"]) for one in plate["productOptions"]] == [("Size", "drop_down"), ("Glaze", "color")]
    assert plate["productOptions"][1]["choices"][1]["value"] == "#2980b9"
    assert (poster["productType"], poster["stock"]["trackInventory"]) == ("digital", False)


def test_one_wrong_row_keeps_out_all_and_every_wrong_row_is_named(app_on_each: App) -> None:
    store = sells(app_on_each)
    before = store.db_text()
    text = (
        "name,price,slug,collections\nBowl,20.00,bowl,\n,1.00,,\nPlate,much,,\nCup,3.00,canvas-tote,\nJar,3.00,,nowhere\nLid,1.00,bowl,\n"
    )
    answer = imported(store, text)
    violations = refused(answer, 400)["fieldViolations"]
    assert [(one["field"], one["data"]["line"]) for one in violations] == [
        ("rows[1].name", 3),
        ("rows[2].price", 4),
        ("rows[3]", 5),
        ("rows[4]", 6),
        ("rows[5]", 7),
    ]
    assert "canvas-tote" in violations[2]["description"]
    assert violations[2]["data"]["code"] == "SLUG_TAKEN"
    assert "nowhere" in violations[3]["description"]
    assert store.db_text() == before


def test_a_try_says_how_many_there_would_be_and_keeps_nothing(app_on_each: App) -> None:
    store = sells(app_on_each)
    before = store.db_text()
    assert succeeded(imported(store, FILE, "?dryRun=true")) == {"count": 3, "productIds": []}
    assert store.db_text() == before


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no row below"),
        (b"name,price\n", "no row below"),
        (b"name,price\n\xff\xfe,1\n", "not UTF-8"),
        (b'name,price\n"Bowl,1\n', "unexpected end"),
        (b"name,price\nBo\0wl,1\n", "U+0000"),
        (b"name,price\n" + b"Bowl,1\n" * 1001, "at most 1000"),
    ],
)
def test_what_is_no_list_of_products_is_refused(app: App, content: bytes, told: str) -> None:
    assert told in refused(imported(app, content), 400, "NOT_A_CSV_FILE")["description"]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("name,cost\nBowl,1\n", "columns[1]"),
        ("name,name\nBowl,1\n", "columns[1]"),
        ("name,price\nBowl,1,2\n", "rows[0].columns"),
        ("name,price,visible\nBowl,1,maybe\n", "rows[0].visible"),
        ("name,price,quantity\nBowl,1,some\n", "rows[0].quantity"),
        ("name,price,options\nBowl,1,S | M\n", "rows[0].options"),
        ("name,price,productType\nBowl,1,service\n", "rows[0].productType"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(app: App, text: str, field: str) -> None:
    assert [one["field"] for one in refused(imported(app, text), 400)["fieldViolations"]] == [field]


def test_a_file_with_millions_of_rows_is_not_read_to_its_end(app: App) -> None:
    """TST-09: what a small file unpacks to is bounded before it is unpacked."""
    content = b"name,price\n" + b"a\n" * 2_600_000
    tracemalloc.start()
    answer = imported(sells(app), content)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "at most 1000" in refused(answer, 400, "NOT_A_CSV_FILE")["description"]
    assert most < 100 * 1024 * 1024, most


def test_a_thousand_rows_are_imported_in_one_go(app: App) -> None:
    text = "name,price\n" + "".join(f"Bowl {number},{number}\n" for number in range(1000))
    assert succeeded(imported(app, text))["count"] == 1000
    assert slugs(listed(app, {"filter": {"price": 999}})) == ["bowl-999"]


def test_commands_import_a_file_and_put_the_demo_store_up(server: Server, tmp_path: Path) -> None:
    made = json.loads(server.command("site", "create", "csv-shop", "--name", "Shop", "--json"))
    assert made["slug"] == "csv-shop"
    asked = ("product", "demo", "--site", "csv-shop", "--no-pictures", "--json")
    assert json.loads(server.command(*asked)) == {"made": 7, "pictures": 0, "withoutPicture": 7}
    assert json.loads(server.command(*asked)) == {"made": 0, "pictures": 0, "withoutPicture": 7}
    file = tmp_path / "products.csv"
    file.write_text("name,price\nBowl,20\n", encoding="utf-8")
    assert json.loads(server.command("product", "import", str(file), "--site", "csv-shop", "--json"))["count"] == 1
