"""A list to ask questions about, in a database and as plain values, and what each answer ought to be, worked out without any SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from roundtrip.query.fields import Field, Fields, Kind
from roundtrip.query.store import Source
from roundtrip.storage.database import Tx

FIELDS = Fields(
    {
        "id": Field(Kind.ID, "thing.id"),
        "name": Field(Kind.TEXT, "thing.name", folded="thing.name_key", sortable=True),
        "brand": Field(Kind.TEXT, "thing.brand", nullable=True),
        "visible": Field(Kind.BOOLEAN, "thing.visible", sortable=True),
        "pieces": Field(Kind.INTEGER, "thing.pieces", sortable=True, nullable=False),
        "price": Field(Kind.DECIMAL, "thing.price", sortable=True, scale=4),
        "madeDate": Field(Kind.TIME, "thing.made_at", nullable=True),
        "tags": Field(
            Kind.LIST,
            "tag.name",
            members="FROM thing_tag AS tag WHERE tag.shelf = :shelf",
            owner="thing.id",
            member="tag.thing_id",
            item="id",
        ),
    },
    key="thing.id",
    default_sort=("-pieces",),
)
SOURCE = Source("thing.id", "thing", "thing.shelf = :shelf", {"shelf": "one"})


@dataclass(frozen=True)
class Thing:
    """One row, with values as the wire has them."""

    id: str
    name: str
    brand: str | None
    visible: bool
    pieces: int
    price: str
    made: str | None
    tags: tuple[str, ...]


NAMES = ["apple", "Apple", "APPLE pie", "ähre", "Ähre", "a%b", "a_b", "a'b", "", "straße", "STRASSE", "🦉 owl", "\ud7ffx", "\uffff", "z"]
BRANDS = [None, "Kiln", "kiln", "Oak", ""]
TIMES = [None, "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.001Z", "2026-07-01T12:00:00+02:00"]
TAGS = ["red", "blue", "green"]
PRICES = ["0", "0.0001", "10", "10.5", "999999.99"]
THINGS = [
    Thing(
        id=f"{number:08x}",
        name=NAMES[number % len(NAMES)],
        brand=BRANDS[number * 3 % len(BRANDS)],
        visible=number % 3 != 0,
        pieces=number * 7 % 5 - 2,
        price=PRICES[number * 5 % 7 % len(PRICES)],
        made=TIMES[number * 11 % len(TIMES)],
        tags=tuple(tag for place, tag in enumerate(TAGS) if number >> place & 1),
    )
    for number in range(40)
]


def put_on_shelf(tx: Tx) -> None:
    """Make the tables and fill them; another shelf has the same things again."""
    text = 'TEXT COLLATE "C"' if tx.dialect == "postgresql" else "TEXT"
    tx.execute(
        f"CREATE TABLE thing (shelf TEXT, id {text} PRIMARY KEY, name {text}, name_key {text}, brand {text}, visible BOOLEAN,"
        " pieces BIGINT, price BIGINT, made_at BIGINT)"
    )
    tx.execute("CREATE TABLE thing_tag (shelf TEXT, thing_id TEXT, name TEXT)")
    for shelf, mark in (("one", ""), ("two", "x")):
        for one in THINGS:
            tx.execute(
                "INSERT INTO thing VALUES (:shelf, :id, :name, :key, :brand, :visible, :pieces, :price, :made)",
                shelf=shelf,
                id=one.id + mark,
                name=one.name,
                key=one.name.casefold(),
                brand=one.brand,
                visible=one.visible,
                pieces=one.pieces,
                price=int(Decimal(one.price) * 10_000),
                made=None if one.made is None else moment(one.made),
            )
            for tag in one.tags:
                tx.execute("INSERT INTO thing_tag VALUES (:shelf, :id, :tag)", shelf=shelf, id=one.id + mark, tag=tag)


def moment(text: str) -> int:
    """A time of the wire in milliseconds."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


_VALUE: Mapping[str, Callable[[Any], Any]] = {
    "madeDate": lambda value: None if value is None else moment(value),
    "price": lambda value: None if value is None else Decimal(str(value)),
}
_HELD: Mapping[str, Callable[[Thing], Any]] = {
    "id": lambda one: one.id,
    "name": lambda one: one.name,
    "brand": lambda one: one.brand,
    "visible": lambda one: one.visible,
    "pieces": lambda one: one.pieces,
    "price": lambda one: Decimal(one.price),
    "madeDate": lambda one: None if one.made is None else moment(one.made),
    "tags": lambda one: one.tags,
}


def fits(one: Thing, asked: Mapping[str, Any]) -> bool:
    """Whether a filter is true for a thing."""
    for name, value in asked.items():
        if name == "$and":
            good = all(fits(one, part) for part in value)
        elif name == "$or":
            good = any(fits(one, part) for part in value)
        elif name == "$not":
            good = not fits(one, value)
        elif isinstance(value, Mapping):
            good = all(_holds(one, name, operator, operand) for operator, operand in value.items())
        else:
            good = _holds(one, name, "$eq", value)
        if not good:
            return False
    return True


def _holds(one: Thing, name: str, operator: str, operand: Any) -> bool:
    if operator == "$not":
        return not fits(one, {name: operand})
    held, told = _HELD[name](one), _VALUE.get(name, lambda value: value)
    if name == "tags":
        return _listed(operator, held, operand)
    match operator:
        case "$exists":
            return bool((held is not None) == operand)
        case "$eq" | "$ne":
            return bool(held == told(operand)) == (operator == "$eq")
        case "$in" | "$nin":
            return bool((held in [told(value) for value in operand]) == (operator == "$in"))
        case "$startsWith" if name == "name":
            return str(held).casefold().startswith(operand.casefold())
        case "$startsWith":
            return held is not None and str(held).startswith(operand)
        case _:
            return held is not None and _compared(operator, held, told(operand))


def _listed(operator: str, held: tuple[str, ...], operand: Any) -> bool:
    if operator == "$hasSome":
        return any(tag in operand for tag in held)
    wanted = operand if operator == "$hasAll" else [item["id"] for item in operand]
    return all(tag in held for tag in wanted)


def _compared(operator: str, held: Any, told: Any) -> bool:
    return bool({"$gt": held > told, "$gte": held >= told, "$lt": held < told, "$lte": held <= told}[operator])


def in_order(found: list[Thing], sort: Sequence[Mapping[str, str]]) -> list[Thing]:
    """As the sort asks for."""
    keys: Mapping[str, Callable[[Thing], Any]] = {**_HELD, "name": lambda one: one.name.casefold()}
    wanted = [(one["fieldName"], one.get("order") == "DESC") for one in sort] or [("pieces", True)]
    last_descends = bool(sort) and wanted[-1][1]
    result = sorted(found, key=lambda one: one.id, reverse=last_descends)
    for name, descending in reversed(wanted):
        result.sort(key=keys[name], reverse=descending)
    return result
