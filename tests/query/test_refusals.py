"""What the query language does not know is refused with a sentence that says what was received and what there is."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roundtrip.core.errors import AppError, Kind
from roundtrip.query.model import Query
from roundtrip.query.parse import read_query
from roundtrip.query.store import after_all_with
from tests.query.things import FIELDS


def refused(query: Any) -> AppError:
    with pytest.raises(AppError) as caught:
        read_query(query, FIELDS)
    assert caught.value.kind is Kind.INVALID
    assert len(caught.value.violations) == 1
    return caught.value


@pytest.mark.parametrize(
    ("query", "field", "told"),
    [
        ({"filter": {"colour": "red"}}, "query.filter.colour", "id, name, brand"),
        ({"filter": {"name": {"$like": "a"}}}, "query.filter.name.$like", "$startsWith"),
        ({"filter": {"visible": {"$gt": True}}}, "query.filter.visible.$gt", "$eq, $ne, $in, $nin"),
        ({"filter": {"pieces": "many"}}, "query.filter.pieces", "'many'"),
        ({"filter": {"pieces": 1.5}}, "query.filter.pieces", "whole number"),
        ({"filter": {"pieces": 2**63}}, "query.filter.pieces", "too large"),
        ({"filter": {"price": float("inf")}}, "query.filter.price", "infinite"),
        ({"filter": {"price": 1e300}}, "query.filter.price", "too large"),
        ({"filter": {"price": "0.00001"}}, "query.filter.price", "at most 4 decimals"),
        ({"filter": {"madeDate": "yesterday"}}, "query.filter.madeDate", "2026-01-31T09:00:00Z"),
        ({"filter": {"madeDate": "2026-02-31T00:00:00Z"}}, "query.filter.madeDate", "2026-02-31"),
        ({"filter": {"visible": "yes"}}, "query.filter.visible", "true or false"),
        ({"filter": {"name": "a\0b"}}, "query.filter.name", "U+0000"),
        ({"filter": {"name": "\ud800"}}, "query.filter.name", "halves"),
        ({"filter": {"name": {"$gt": None}}}, "query.filter.name.$gt", "received null"),
        ({"filter": {"name": {"$in": "apple"}}}, "query.filter.name.$in", "must be a list"),
        ({"filter": {"name": {"$in": ["a"] * 101}}}, "query.filter.name.$in", "at most 100"),
        ({"filter": {"name": {}}}, "query.filter.name", "an empty object"),
        ({"filter": {"tags": {"$matchItems": [{"name": "a"}]}}}, "query.filter.tags.$matchItems[0]", '"id"'),
        ({"filter": {"tags": "red"}}, "query.filter.tags", "$hasSome"),
        ({"filter": {"$or": {"name": "a"}}}, "query.filter.$or", "must be a list"),
        ({"filter": {"$and": ["a"]}}, "query.filter.$and[0]", "must be an object"),
        ({"filter": {"$or": [{"pieces": 1}] * 101}}, "query.filter.$or", "at most 100"),
        ({"filter": {"$or": [{"$or": [{"pieces": 1}] * 60}] * 2}}, "query.filter.$or[1].$or[40].pieces", "at most 100"),
        ({"filter": []}, "query.filter", "must be an object"),
        ({"sort": [{"fieldName": "brand"}]}, "query.sort[0].fieldName", "name, visible, pieces, price"),
        ({"sort": [{"fieldName": "name", "order": "DOWN"}]}, "query.sort[0].order", "ASC or DESC"),
        ({"sort": {"fieldName": "name"}}, "query.sort", "must be a list"),
        ({"paging": {"limit": 101}}, "query.paging.limit", "from 0 to 100"),
        ({"paging": {"limit": True}}, "query.paging.limit", "whole number"),
        ({"paging": {"offset": 10_001}}, "query.paging.offset", "cursorPaging"),
        ({"paging": {"offset": -1}}, "query.paging.offset", "received -1"),
        ({"paging": []}, "query.paging", "must be an object"),
        ({"cursorPaging": {"cursor": "nonsense"}}, "query.cursorPaging.cursor", "pagingMetadata.cursors.next"),
        ({"cursorPaging": {"cursor": 7}}, "query.cursorPaging.cursor", "is not a cursor"),
    ],
)  # fmt: skip
def test_a_query_that_cannot_be_answered_is_told_why(query: Any, field: str, told: str) -> None:
    violation = refused(query).violations[0]
    assert violation.field == field
    assert told in violation.description


def test_a_filter_that_is_nested_too_deeply_is_refused() -> None:
    wanted: dict[str, Any] = {"pieces": 1}
    for _ in range(2000):
        wanted = {"$not": wanted}
    assert "nested deeper" in refused({"filter": wanted}).description
    inside: dict[str, Any] = {"$gt": 1}
    for _ in range(2000):
        inside = {"$not": inside}
    assert "not nested too deeply" in refused({"filter": {"pieces": inside}}).description


@pytest.mark.parametrize(
    "text",
    [
        b"{}",
        b'{"v":[]}',
        b'{"v":["x"]}',
        b'{"v":["x","y"]}',
        b'{"v":[true,"y"]}',
        b'{"v":[1,"\\u0000"]}',
        b'{"v":[99999999999999999999,"y"]}',
        b'{"v":[1,"y"],"f":{"colour":"red"}}',
        b'{"v":[1,"y"],"s":[{"fieldName":"name"}]}',
        b'{"v":[1,"y"],"s":"name"}',
        b"[" * 100_00,
    ],
)
def test_a_cursor_that_somebody_made_up_is_refused(text: bytes) -> None:
    made_up = base64.urlsafe_b64encode(text).decode().rstrip("=")
    assert refused({"cursorPaging": {"cursor": made_up}}).violations[0].field == "query.cursorPaging.cursor"


def test_a_cursor_does_not_go_with_another_filter() -> None:
    text = base64.urlsafe_b64encode(b'{"v":[1,"y"],"f":{"pieces":1}}').decode().rstrip("=")
    assert refused({"filter": {"pieces": 2}, "cursorPaging": {"cursor": text}}).violations[0].field == "query.filter"
    same = read_query({"filter": {"pieces": 1}, "cursorPaging": {"cursor": text}}, FIELDS)
    assert same == read_query({"filter": {}, "cursorPaging": {"cursor": text}}, FIELDS)


def test_numbers_of_plain_query_parameters_are_numbers() -> None:
    found = read_query({"paging": {"limit": "10", "offset": "20"}}, FIELDS)
    assert (found.limit, found.offset) == (10, 20)


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["name", "pieces", "tags", "$and", "$or", "$not", "$in", "$eq", "$exists", "$matchItems", "id"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine makes input slowly
@given(st.fixed_dictionaries({}, optional={"filter": json, "sort": json, "paging": json, "cursorPaging": json}))
def test_whatever_is_sent_is_understood_or_refused(query: dict[str, Any]) -> None:
    try:
        found: Query | AppError = read_query(query, FIELDS)
    except AppError as error:
        found = error
    assert isinstance(found, Query) or found.kind is Kind.INVALID


@given(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=4),
    st.text(st.characters(codec="utf-8"), max_size=3),
)
def test_nothing_with_a_beginning_comes_after_its_end(beginning: str, rest: str) -> None:
    end = after_all_with(beginning)
    if end is None:
        assert not beginning.strip("\U0010ffff")
    else:
        assert beginning + rest < end
        assert not end.startswith(beginning)
