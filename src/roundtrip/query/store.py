"""Runs a query: the one translation of conditions, orders and pages into SQL, the same text on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from roundtrip.query import cursor
from roundtrip.query.cursor import Cursor, values_of
from roundtrip.query.listed import listed
from roundtrip.query.model import MOST_COUNTED, All, Check, Condition, Not, Order, Page, Place, Query, Some
from roundtrip.storage.database import Row, Tx, Value

_COMPARED = {"$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<="}
_TRUE, _FALSE = "1 = 1", "1 = 0"
_ALL = (_TRUE, f"({_TRUE})")
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Source:
    """What a query is run over. `where` is what holds whatever is asked, such as the site; `params` are its parameters.

    `size` tells how many rows there are when nothing more is asked, where that is kept somewhere; None: they are counted.
    """

    columns: str
    table: str
    where: str
    params: Mapping[str, Value]
    size: Callable[[], int] | None = None


def run(tx: Tx, source: Source, query: Query) -> Page:
    """The rows of the page that is asked for; each has `source.columns` and nothing else. Works alike on both databases.

    A page by cursor costs the same wherever it is. A page by offset costs as much as all before it, which `MOST_OFFSET` bounds.
    """
    text, params = condition(query.condition)
    where = f"{source.where} AND {text}"
    counted = where, params
    size = source.size if text in _ALL else None
    backwards = query.place is not None and query.place.backwards
    order = tuple(Order(one.name, one.column, not one.descending) for one in query.order) if backwards else query.order
    if query.place is not None:
        beyond, more = _beyond(order, query.place)
        where, params = f"{where} AND {beyond}", params | more
    keys = ", ".join(one.column for one in query.order)
    by = ", ".join(f"{one.column} DESC" if one.descending else one.column for one in order)
    rows = tx.all(
        f"SELECT {source.columns}, {keys} FROM {source.table} WHERE {where} ORDER BY {by} LIMIT :page_limit OFFSET :page_offset",
        **source.params,
        **params,
        page_limit=query.limit + 1,
        page_offset=query.offset,
    )
    if query.by_cursor:
        return _page(query, rows, None)
    if len(rows) <= query.limit and (rows or not query.offset):
        return _page(query, rows, query.offset + len(rows))  # the page shows the end, and so how many there are
    return _page(query, rows, size() if size else _total(tx, source, *counted))


def _total(tx: Tx, source: Source, where: str, params: dict[str, Value]) -> int:
    """How many there are, no further than one more than `MOST_COUNTED`."""
    row = tx.one(
        f"SELECT COUNT(*) FROM (SELECT 1 FROM {source.table} WHERE {where} LIMIT :most_counted) AS counted",
        **source.params,
        **params,
        most_counted=MOST_COUNTED + 1,
    )
    return int(row[0]) if row else 0


def _page(query: Query, rows: list[Row], total: int | None) -> Page:
    more, rows = len(rows) > query.limit, rows[: query.limit]
    backwards = query.place is not None and query.place.backwards
    if backwards:
        rows = rows[::-1]
    width = len(query.order)
    following, before = (query.place is not None, more) if backwards else (more, query.place is not None)
    ends = query.by_cursor and rows
    return Page(
        rows=[row[: len(row) - width] for row in rows],
        limit=query.limit,
        offset=query.offset,
        next_cursor=_cursor(query, rows[-1], backwards=False) if ends and following else None,
        previous_cursor=_cursor(query, rows[0], backwards=True) if ends and before else None,
        has_next=following if query.by_cursor else more,
        total=None if total is None else min(total, MOST_COUNTED),
        too_many_to_count=total is not None and total > MOST_COUNTED,
    )


def _cursor(query: Query, row: Row, *, backwards: bool) -> str:
    asked: Mapping[str, Any] = query.asked or {}
    return cursor.written(Cursor(values_of(row, len(query.order)), asked.get("filter"), asked.get("sort"), backwards))


def _beyond(order: tuple[Order, ...], place: Place) -> tuple[str, dict[str, Value]]:
    """What comes after a place: later in the first column, or the same there and later in the next one, and so on."""
    params: dict[str, Value] = {f"at_{number}": value for number, value in enumerate(place.values)}
    ways, same = [], ""
    for number, one in enumerate(order):
        ways.append(f"({same}{one.column} {'<' if one.descending else '>'} :at_{number})")
        same += f"{one.column} = :at_{number} AND "
    # Says again what follows from the rest, for the index.
    start = f"{order[0].column} {'<=' if order[0].descending else '>='} :at_0"
    return f"({start} AND ({' OR '.join(ways)}))", params


def condition(wanted: Condition) -> tuple[str, dict[str, Value]]:
    """A condition as SQL and its parameters. It is true or false for every row, never unknown, so that it can be negated."""
    return _Translation().text(wanted)


class _Translation:
    def __init__(self) -> None:
        self._params: dict[str, Value] = {}
        self._names = count(1)

    def text(self, wanted: Condition) -> tuple[str, dict[str, Value]]:
        return self._part(wanted), self._params

    def _part(self, wanted: Condition) -> str:
        match wanted:
            case All(()):
                return _TRUE
            case Some(()):
                return _FALSE
            case All(parts):
                return "(" + " AND ".join(self._part(part) for part in parts) + ")"
            case Some(parts):
                return "(" + " OR ".join(self._part(part) for part in parts) + ")"
            case Not(part):
                return f"NOT ({self._part(part)})"
            case Check():
                return self._test(wanted)

    def _test(self, test: Check) -> str:
        field, values = test.field, test.values
        match test.operator:
            case "$exists":
                return self._is_null(test, negated=bool(values[0]))
            case "$hasSome":
                return self._has(test, values)
            case "$hasAll":
                return "(" + " AND ".join(self._has(test, (value,)) for value in dict.fromkeys(values)) + ")" if values else _TRUE
            case "$eq" | "$in":
                return self._among(test, values)
            case "$ne" | "$nin":
                return f"NOT ({self._among(test, values)})"
            case "$startsWith":
                return self._starts(test, str(values[0]))
            case _:
                compared = f"{field.column} {_COMPARED[test.operator]} :{self._named(values[0])}"
                return f"({field.column} IS NOT NULL AND {compared})" if field.nullable else compared

    def _among(self, test: Check, values: tuple[Value, ...]) -> str:
        ways = [self._is_null(test, negated=False)] if None in values else []
        present = [value for value in values if value is not None]
        if present:
            names = self._list(present)
            text = f"{test.field.column} IN ({names})"
            ways.append(f"({test.field.column} IS NOT NULL AND {text})" if test.field.nullable else text)
        return "(" + " OR ".join(ways) + ")" if ways else _FALSE

    def _is_null(self, test: Check, *, negated: bool) -> str:
        if not test.field.nullable:
            return _TRUE if negated else _FALSE
        return f"{test.field.column} IS {'NOT ' if negated else ''}NULL"

    def _has(self, test: Check, values: tuple[Value, ...]) -> str:
        if not values:
            return _FALSE
        if test.field.everywhere and test.field.everywhere in values:
            return _TRUE
        field = test.field
        return f"{field.owner} IN (SELECT {field.member} {field.members} AND {field.column} IN ({self._list(values)}))"

    def _starts(self, test: Check, beginning: str) -> str:
        column = test.field.column
        if test.field.folded:
            column, beginning = test.field.folded, beginning.casefold()
        present = f"{test.field.column} IS NOT NULL" if test.field.nullable else ""
        if not beginning:
            return present or _TRUE
        # A range, not LIKE: it needs no escapes, and an index serves it on both databases.
        text = f"{column} >= :{self._named(beginning)}"
        end = after_all_with(beginning)
        if end is not None:
            text += f" AND {column} < :{self._named(end)}"
        return f"({present} AND {text})" if present else f"({text})"

    def _named(self, value: Value) -> str:
        name = f"value_{next(self._names)}"
        self._params[name] = value
        return name

    def _list(self, values: Sequence[Value]) -> str:
        names, params = listed(f"value_{next(self._names)}", values)
        self._params |= params
        return names


def after_all_with(beginning: str) -> str | None:
    """The first text, code point by code point, that comes after every text with this beginning; None when there is none."""
    kept = beginning.rstrip(_LAST)
    if not kept:
        return None
    # U+D800 to U+DFFF are no characters.
    following = "\ue000" if kept[-1] == "\ud7ff" else chr(ord(kept[-1]) + 1)
    return kept[:-1] + following
