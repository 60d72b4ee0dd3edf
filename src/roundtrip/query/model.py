"""A query that was understood: a condition, an order, and a part of the list. `parse.py` makes it, `store.py` runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from roundtrip.query.fields import Field
from roundtrip.storage.database import Row, Value


@dataclass(frozen=True, slots=True)
class Check:
    """One field held against values, which are as the column holds them. `$exists` has one boolean; None is only in `$eq`, `$ne`, `$in`."""

    field: Field
    operator: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class All:
    """Every part is true; so it is without any part."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part is true; so it is not without any part."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part is not true."""

    part: Condition


Condition = Check | All | Some | Not


def asks_about(condition: Condition, field: Field) -> bool:
    """True when the field is held against something anywhere in the condition."""
    match condition:
        case Check():
            return condition.field == field
        case Not():
            return asks_about(condition.part, field)
        case All() | Some():
            return any(asks_about(part, field) for part in condition.parts)


@dataclass(frozen=True, slots=True)
class Order:
    """One thing to sort by. `name` is the field's, or empty for the key."""

    name: str
    column: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where in an order a page begins: after the row with these values (one for each `Order`), or before it."""

    values: tuple[Value, ...]
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """`place` is None for the first page, and for pages by offset. `asked` has filter and sort as they were sent, for cursors."""

    condition: Condition
    order: tuple[Order, ...]
    limit: int
    offset: int = 0
    place: Place | None = None
    by_cursor: bool = False
    asked: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the order that was asked for. Cursors are None where nothing follows or comes before; `total` is None for cursor paging.

    `total` counts no further than `MOST_COUNTED`; then `too_many_to_count` is true.
    """

    rows: list[Row]
    limit: int
    offset: int
    next_cursor: str | None
    previous_cursor: str | None
    has_next: bool
    total: int | None
    too_many_to_count: bool


MOST_COUNTED = 10_000
MOST_OFFSET = 10_000
