"""Reads a filter: `{"name": {"$startsWith": "a"}, "$or": [{"price": {"$lt": 10}}, {"collectionIds": {"$hasSome": ["…"]}}]}`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from roundtrip.core.errors import invalid_field
from roundtrip.query.fields import Field, Fields, Kind, Unfit, stored
from roundtrip.query.model import All, Check, Condition, Not, Some
from roundtrip.storage.database import Value

MOST_CONDITIONS = 100
MOST_VALUES = 100
DEEPEST = 10
LOGIC = ("$and", "$or", "$not")
_LISTS = ("$in", "$nin", "$hasSome", "$hasAll", "$matchItems")
_SHOWN = 100


def read_filter(raw: object, fields: Fields, path: str) -> Condition:
    """The condition that a filter asks for; an absent or empty one is always true. Raises INVALID, naming the place in the request."""
    return All(()) if raw is None else _Reading(fields).whole(raw, path, 0)


@dataclass
class _Reading:
    fields: Fields
    conditions: int = 0

    def whole(self, raw: object, path: str, depth: int) -> Condition:
        """One object: all of its entries have to be true."""
        if not isinstance(raw, Mapping):
            _refuse(path, f"must be an object (received {_shown(raw)})")
        if depth > DEEPEST:
            _refuse(path, f"is nested deeper than {DEEPEST} levels")
        return All(tuple(self._entry(str(name), value, f"{path}.{name}"[:200], depth) for name, value in raw.items()))

    def _entry(self, name: str, value: object, path: str, depth: int) -> Condition:
        if name in ("$and", "$or"):
            parts = _list(value, path)
            read = tuple(self.whole(part, f"{path}[{place}]", depth + 1) for place, part in enumerate(parts))
            return All(read) if name == "$and" else Some(read)
        if name == "$not":
            negated = value[0] if isinstance(value, list) and len(value) == 1 else value
            return Not(self.whole(negated, path, depth + 1))
        field = self.fields.fields.get(name)
        if field is None:
            known = ", ".join((*self.fields.fields, *LOGIC))
            _refuse(path, f"is not a field that can be filtered by; there are {known}", "INVALID_ENUM_VALUE", name)
        return self._field(field, value, path, depth)

    def _field(self, field: Field, value: object, path: str, depth: int) -> Condition:
        if not isinstance(value, Mapping):
            return self._test(field, "$eq", value, path)
        if not value:
            _refuse(path, f"must be a value, or an object with one of {', '.join(field.operators)} (received an empty object)")
        parts: list[Condition] = []
        for operator, operand in value.items():
            place = f"{path}.{operator}"[:200]
            if operator == "$not":
                if depth > DEEPEST or not isinstance(operand, Mapping):
                    _refuse(place, "must be an object with operators, not nested too deeply")
                parts.append(Not(self._field(field, operand, place, depth + 1)))
            else:
                parts.append(self._test(field, str(operator), operand, place))
        return All(tuple(parts)) if len(parts) > 1 else parts[0]

    def _test(self, field: Field, operator: str, operand: object, path: str) -> Condition:
        self.conditions += 1
        if self.conditions > MOST_CONDITIONS:
            _refuse(path, f"is one condition too many; a filter has at most {MOST_CONDITIONS}", "MAX_LENGTH")
        if operator not in field.operators:
            allowed = ", ".join(field.operators)
            _refuse(path, f"uses {operator[:40]}, which this field does not know; it knows {allowed}", "INVALID_ENUM_VALUE", operator)
        if operator == "$matchItems":
            return self._items(field, operand, path)
        if operator == "$exists":
            if not isinstance(operand, bool):
                _refuse(path, f"must be true or false (received {_shown(operand)})")
            return Check(field, operator, (operand,))
        if operator in _LISTS:
            values = tuple(_value(field, operator, one, f"{path}[{place}]") for place, one in enumerate(_list(operand, path)))
            return Check(field, operator, values)
        return Check(field, operator, (_value(field, operator, operand, path),))

    def _items(self, field: Field, operand: object, path: str) -> Condition:
        """Each object of the list fits at least one item of the field."""
        parts = []
        for place, one in enumerate(_list(operand, path)):
            where = f"{path}[{place}]"
            if not isinstance(one, Mapping) or set(one) != {field.item}:
                _refuse(where, f'must be an object like {{"{field.item}": "…"}} (received {_shown(one)})')
            asked = one[field.item]
            wanted = asked if isinstance(asked, Mapping) else {"$eq": asked}
            if set(wanted) not in ({"$eq"}, {"$in"}):
                _refuse(f"{where}.{field.item}", f"must be a value or use $in (received {_shown(asked)})")
            listed = _list(wanted["$in"], f"{where}.{field.item}.$in") if "$in" in wanted else [wanted["$eq"]]
            parts.append(Check(field, "$hasSome", tuple(_value(field, "$hasSome", value, f"{where}.{field.item}") for value in listed)))
        return All(tuple(parts))


def _value(field: Field, operator: str, value: object, path: str) -> Value:
    if value is None:
        if operator in ("$eq", "$ne", "$in", "$nin"):
            return None
        _refuse(path, f"must be {_expected(field)} (received null)", received="null")
    try:
        return stored(field, value)
    except Unfit as reason:
        _refuse(path, f"{reason} (received {_shown(value)})", received=_shown(value))


def _expected(field: Field) -> str:
    return "an id (text)" if field.kind is Kind.LIST else field.kind.value


def _list(value: object, path: str) -> list[object]:
    if not isinstance(value, list):
        _refuse(path, f"must be a list (received {_shown(value)})")
    if len(value) > MOST_VALUES:
        _refuse(path, f"must have at most {MOST_VALUES} entries (received {len(value)})", "MAX_LENGTH")
    return value


def _shown(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return repr(value[:_SHOWN])
        case int() | float():
            return str(value)[:_SHOWN] if abs(value) < 1e300 else "a very large number"
        case list():
            return "a list"
        case _:
            return "an object"


def _refuse(path: str, description: str, rule: str = "FORMAT", received: str = "") -> NoReturn:
    extra = {"received": received[:_SHOWN]} if received else {}
    raise invalid_field(path, description, rule, **extra)
