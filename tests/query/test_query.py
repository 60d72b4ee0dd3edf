"""Random queries answer the same on SQLite, on PostgreSQL, and by plain Python."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from roundtrip.query.model import Page
from roundtrip.query.parse import read_query
from roundtrip.query.store import run
from roundtrip.storage.database import Database
from tests.query.things import BRANDS, FIELDS, NAMES, PRICES, SOURCE, TAGS, THINGS, TIMES, fits, in_order, put_on_shelf

JsonFilter = dict[str, Any]


def answered(db: Database, query: dict[str, Any], *, by_cursor: bool = False) -> Page:
    return db.read_now(run, SOURCE, read_query(query, FIELDS, by_cursor=by_cursor))


def compared(name: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[JsonFilter]:
    single = st.sampled_from(["$eq", "$ne", "$gt", "$gte", "$lt", "$lte"])
    several = st.sampled_from(["$in", "$nin"])
    one = st.builds(lambda operator, value: {name: {operator: value}}, single, values)
    many = st.builds(lambda operator, value: {name: {operator: value}}, several, st.lists(values, max_size=7))
    return st.one_of(values.map(lambda value: {name: value}), one, many)


names = st.sampled_from(NAMES) | st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=3)
times = st.sampled_from([time for time in TIMES if time is not None])
numbers = st.integers(-3, 3)
prices = st.sampled_from([*PRICES, 10, 10.5])
tags = st.lists(st.sampled_from([*TAGS, "plaid"]), max_size=3)
leaf: st.SearchStrategy[JsonFilter] = st.one_of(
    compared("name", names),
    compared("brand", st.sampled_from([brand for brand in BRANDS if brand is not None])),
    compared("pieces", numbers),
    compared("price", prices),
    compared("madeDate", times),
    st.sampled_from([{"brand": None}, {"brand": {"$ne": None}}, {"brand": {"$in": [None, "Oak"]}}, {"brand": {"$nin": [None, "Oak"]}}]),
    st.builds(lambda text: {"name": {"$startsWith": text}}, names | st.sampled_from(["", "A", "a", "ä", "STRASS", "\uffff", "\ud7ff"])),
    st.builds(lambda text: {"brand": {"$startsWith": text}}, st.sampled_from(["", "K", "k", "\U0010ffff"])),
    st.builds(lambda value: {"visible": value}, st.booleans()),
    st.builds(lambda value: {"brand": {"$exists": value}}, st.booleans()),
    st.builds(lambda value: {"madeDate": {"$exists": value}}, st.booleans()),
    st.builds(lambda operator, value: {"tags": {operator: value}}, st.sampled_from(["$hasSome", "$hasAll"]), tags),
    st.builds(lambda value: {"tags": {"$matchItems": [{"id": one} for one in value]}}, tags),
    st.builds(lambda low, high: {"pieces": {"$gte": low, "$not": {"$gt": high}}}, numbers, numbers),
)
filters = st.recursive(
    leaf,
    lambda part: st.one_of(
        st.lists(part, max_size=3).map(lambda parts: {"$and": parts}),
        st.lists(part, max_size=3).map(lambda parts: {"$or": parts}),
        part.map(lambda one: {"$not": one}),
    ),
    max_leaves=6,
)
sorts = st.lists(
    st.fixed_dictionaries({"fieldName": st.sampled_from(FIELDS.sortable), "order": st.sampled_from(["ASC", "DESC"])}),
    max_size=2,
    unique_by=lambda one: one["fieldName"],
)


def test_any_filter_and_order_finds_what_it_says(db: Database) -> None:
    db.write_now(put_on_shelf)

    @settings(max_examples=150, deadline=None)
    @given(filters, sorts, st.integers(0, 12), st.integers(0, 45))
    def asked(wanted: JsonFilter, sort: list[dict[str, str]], limit: int, offset: int) -> None:
        expected = [one.id for one in in_order([one for one in THINGS if fits(one, wanted)], sort)]
        page = answered(db, {"filter": wanted, "sort": sort, "paging": {"limit": limit, "offset": offset}})
        assert [row[0] for row in page.rows] == expected[offset : offset + limit]
        assert (page.total, page.has_next) == (len(expected), offset + limit < len(expected))

    asked()


def test_pages_by_cursor_show_every_row_once_there_and_back(db: Database) -> None:
    db.write_now(put_on_shelf)

    @settings(max_examples=40, deadline=None)
    @given(filters, sorts, st.integers(1, 9))
    def walked(wanted: JsonFilter, sort: list[dict[str, str]], limit: int) -> None:
        expected = [one.id for one in in_order([one for one in THINGS if fits(one, wanted)], sort)]
        pages = [answered(db, {"filter": wanted, "sort": sort, "cursorPaging": {"limit": limit}})]
        while pages[-1].next_cursor:
            # The SDK sends the cursor alone.
            pages.append(answered(db, {"cursorPaging": {"limit": limit, "cursor": pages[-1].next_cursor}}))
        shown = [row[0] for page in pages for row in page.rows]
        assert shown == expected
        assert pages[0].previous_cursor is None
        back = [pages[-1]]
        while back[-1].previous_cursor:
            back.append(answered(db, {"cursorPaging": {"limit": limit, "cursor": back[-1].previous_cursor}}))
        assert [row[0] for page in reversed(back) for row in page.rows] == expected

    walked()


def test_a_page_by_cursor_does_not_shift_when_rows_come_in_before_it(db: Database) -> None:
    db.write_now(put_on_shelf)
    first = answered(db, {"sort": [{"fieldName": "name"}], "cursorPaging": {"limit": 5}})
    db.write_now(
        lambda tx: tx.execute(
            "INSERT INTO thing (shelf, id, name, name_key, visible, pieces, price) VALUES ('one', 'n', '', '', :v, 1, 1)", v=True
        )
    )
    second = answered(db, {"cursorPaging": {"limit": 5, "cursor": first.next_cursor}})
    expected = [one.id for one in in_order(list(THINGS), [{"fieldName": "name"}])]
    assert [row[0] for row in first.rows + second.rows] == expected[:10]


def test_a_list_longer_than_can_be_counted_says_so(db: Database) -> None:
    db.write_now(put_on_shelf)
    db.write_now(
        lambda tx: tx.execute(
            "INSERT INTO thing (shelf, id, name, name_key, visible, pieces, price)"
            " WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < 10001)"
            " SELECT 'one', 'many-' || n, 'many', 'many', :visible, 9, 1 FROM up",
            visible=True,
        )
    )
    page = answered(db, {"filter": {"name": "many"}, "paging": {"limit": 1}})
    assert (page.total, page.too_many_to_count, page.has_next) == (10_000, True, True)
