"""Reads a query: `{"filter": {...}, "sort": [...], "paging": {...}}` or with `cursorPaging`. Unknown keys of the query are ignored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roundtrip.core.errors import AppError, invalid_field
from roundtrip.query import cursor
from roundtrip.query.cursor import Cursor, NotACursor
from roundtrip.query.fields import Fields, Kind
from roundtrip.query.filters import read_filter
from roundtrip.query.model import MOST_OFFSET, Order, Place, Query
from roundtrip.storage.database import Value

MOST_SORTED = 3
DIRECTIONS = ("ASC", "DESC")


def read_query(raw: Mapping[str, Any] | None, fields: Fields, *, path: str = "query", by_cursor: bool = False) -> Query:
    """What is asked for. `by_cursor` says how this API pages when a query does not say. Raises INVALID, naming the place in the request."""
    raw = raw or {}
    given = _object(raw.get("cursorPaging"), f"{path}.cursorPaging")
    if given is None and by_cursor and raw.get("paging") is None:
        given = {}
    if given is not None:
        return _by_cursor(raw, given, fields, path)
    paging = _object(raw.get("paging"), f"{path}.paging") or {}
    offset = _count(paging.get("offset"), 0, MOST_OFFSET, f"{path}.paging.offset")
    limit = _count(paging.get("limit"), fields.default_limit, fields.most, f"{path}.paging.limit")
    return Query(
        read_filter(raw.get("filter"), fields, f"{path}.filter"), read_sort(raw.get("sort"), fields, f"{path}.sort"), limit, offset
    )


def _by_cursor(raw: Mapping[str, Any], paging: Mapping[str, Any], fields: Fields, path: str) -> Query:
    limit = _count(paging.get("limit"), fields.default_limit, fields.most, f"{path}.cursorPaging.limit")
    text = paging.get("cursor")
    if text is None or text == "":
        condition = read_filter(raw.get("filter"), fields, f"{path}.filter")
        order = read_sort(raw.get("sort"), fields, f"{path}.sort")
        asked = {name: raw[name] for name in ("filter", "sort") if raw.get(name)}
        return Query(condition, order, limit, by_cursor=True, asked=asked)
    place = f"{path}.cursorPaging.cursor"
    found = _cursor(text, place)
    for name, kept in (("filter", found.filter), ("sort", found.sort)):
        if raw.get(name) and raw[name] != kept:
            raise invalid_field(f"{path}.{name}", f"differs from the one that the cursor was made for; leave {name} out", "FORMAT")
    try:
        condition = read_filter(found.filter, fields, "filter")
        order = read_sort(found.sort, fields, "sort")
    except AppError as error:
        raise invalid_field(place, "is not a cursor of this list; start again without one", "FORMAT") from error
    values = _fitting(found.values, order, fields)
    if values is None:
        raise invalid_field(place, "is not a cursor of this list; start again without one", "FORMAT")
    asked = {name: kept for name, kept in (("filter", found.filter), ("sort", found.sort)) if kept}
    return Query(condition, order, limit, place=Place(values, found.backwards), by_cursor=True, asked=asked)


def _cursor(text: object, path: str) -> Cursor:
    try:
        if isinstance(text, str):
            return cursor.read(text)
    except NotACursor:
        pass
    raise invalid_field(path, "is not a cursor that this server has made; send back pagingMetadata.cursors.next, or none", "FORMAT")


def _fitting(values: tuple[Any, ...], order: tuple[Order, ...], fields: Fields) -> tuple[Value, ...] | None:
    """A cursor's values with the types of the columns, or None: a database would fail on others."""
    if len(values) != len(order):
        return None
    fitting: list[Value] = []
    for value, one in zip(values, order, strict=True):
        kind = fields.fields[one.name].kind if one.name else Kind.ID
        if kind is Kind.BOOLEAN and value in (0, 1):
            fitting.append(bool(value))  # SQLite answers 0 and 1
        elif _fits(value, kind):
            fitting.append(value)
        else:
            return None
    return tuple(fitting)


def _fits(value: object, kind: Kind) -> bool:
    if kind in (Kind.ID, Kind.TEXT):
        return isinstance(value, str) and "\0" not in value
    return kind is not Kind.BOOLEAN and type(value) is int and abs(value) < 2**63


def read_sort(raw: object, fields: Fields, path: str) -> tuple[Order, ...]:
    """The order that is asked for, or the API's own; the key ends every order. Raises INVALID."""
    if raw is None or raw == []:
        orders = [_order(name.removeprefix("-"), name.startswith("-"), fields) for name in fields.default_sort]
        return (*orders, Order("", fields.key, descending=False))
    if not isinstance(raw, list) or len(raw) > MOST_SORTED:
        raise invalid_field(path, f"must be a list of at most {MOST_SORTED} objects with fieldName and order", "FORMAT")
    orders = []
    for number, one in enumerate(raw):
        place = f"{path}[{number}]"
        if not isinstance(one, Mapping):
            raise invalid_field(place, "must be an object with fieldName and order", "FORMAT")
        name, direction = one.get("fieldName"), one.get("order") or "ASC"
        if not isinstance(name, str) or name not in fields.sortable:
            shown = name[:100] if isinstance(name, str) else ""
            known = ", ".join(fields.sortable)
            raise invalid_field(
                f"{place}.fieldName", f"is {shown!r}, which can't be sorted by; there are {known}", "INVALID_ENUM_VALUE", received=shown
            )
        if direction not in DIRECTIONS:
            raise invalid_field(f"{place}.order", "must be ASC or DESC", "INVALID_ENUM_VALUE")
        if name not in [known.name for known in orders]:
            orders.append(_order(name, direction == "DESC", fields))
    # The key runs the same way as what it follows, so that one index serves the order in both directions.
    return (*orders, Order("", fields.key, descending=orders[-1].descending))


def _order(name: str, descending: bool, fields: Fields) -> Order:
    return Order(name, fields.fields[name].order_column, descending)


def _object(raw: object, path: str) -> Mapping[str, Any] | None:
    if raw is not None and not isinstance(raw, Mapping):
        raise invalid_field(path, "must be an object", "FORMAT")
    return raw


def _count(raw: object, default: int, most: int, path: str) -> int:
    if raw is None:
        return default
    if isinstance(raw, str) and raw.isascii() and raw.isdecimal() and len(raw) < 10:  # from plain query parameters
        raw = int(raw)
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw <= most:
        shown = str(raw)[:20] if isinstance(raw, int | str) else "something else"
        hint = "; go on with cursorPaging" if most == MOST_OFFSET and isinstance(raw, int) and raw > most else ""
        raise invalid_field(path, f"must be a whole number from 0 to {most} (received {shown}){hint}", "FORMAT")
    return raw
