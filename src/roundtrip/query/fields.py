"""What an API can be asked for: its fields, the columns behind them, and which values each kind of field takes.

A field is declared once, beside the SQL of its room. Column texts are constants of the program; what a caller sends travels as parameters.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from roundtrip.storage.database import Value


class Kind(StrEnum):
    """What a field holds. The value is what error messages call it."""

    ID = "an id (text)"
    TEXT = "a text"
    BOOLEAN = "true or false"
    INTEGER = "a whole number"
    DECIMAL = "a number, or a text with one"
    TIME = "a time such as 2026-01-31T09:00:00Z"
    LIST = "a list of ids or texts"


_SAME = ("$eq", "$ne", "$in", "$nin")
_ORDER = ("$gt", "$gte", "$lt", "$lte")
OPERATORS: Mapping[Kind, tuple[str, ...]] = {
    Kind.ID: (*_SAME, "$exists"),
    Kind.TEXT: (*_SAME, *_ORDER, "$startsWith", "$exists"),
    Kind.BOOLEAN: (*_SAME, "$exists"),
    Kind.INTEGER: (*_SAME, *_ORDER, "$exists"),
    Kind.DECIMAL: (*_SAME, *_ORDER, "$exists"),
    Kind.TIME: (*_SAME, *_ORDER, "$exists"),
    Kind.LIST: ("$hasSome", "$hasAll"),
}
"""What each kind of field can be asked. A list whose items are objects takes `$matchItems` besides."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an API.

    `column` is a SQL expression. Text columns that are ordered or searched by their beginning are compared code point by code point:
    declare them `COLLATE "C"` on PostgreSQL. `folded` is a column with the same text casefolded: sorting and `$startsWith` ignore case.
    `nullable` columns may be NULL, and cannot be sorted by. `scale`: a DECIMAL column counts 1/10^scale.
    For a LIST, `column` is the value column of `members`: FROM and WHERE of the lists of all rows, so that a database may begin with the
    list. `member` is the column there that names the row, never NULL, and `owner` the one that it is looked for in. `item` names the
    field of its items that `$matchItems` looks at, when they are objects on the wire; `everywhere` is a value that every list holds.
    `same` has other texts that clients use for a value.
    """

    kind: Kind
    column: str
    folded: str = ""
    sortable: bool = False
    nullable: bool = False
    scale: int = 0
    members: str = ""
    owner: str = ""
    member: str = ""
    item: str = ""
    everywhere: str = ""
    same: Mapping[str, str] = dataclass_field(default_factory=dict)

    @property
    def operators(self) -> tuple[str, ...]:
        """What it can be asked."""
        found = OPERATORS[self.kind]
        if self.item:
            found = (*found, "$matchItems")
        return found if self.nullable or self.kind is Kind.LIST else tuple(name for name in found if name != "$exists")

    @property
    def order_column(self) -> str:
        """What rows are sorted by."""
        return self.folded or self.column


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one API. `key` is the column that no two rows share; it ends every order, so that pages never overlap.

    `default_sort` is used when a query names none: names of sortable fields, a dash in front for descending order.
    """

    fields: Mapping[str, Field]
    key: str
    default_sort: tuple[str, ...]
    default_limit: int = 50
    most: int = 100

    @property
    def sortable(self) -> list[str]:
        """The names that can be sorted by."""
        return [name for name, field in self.fields.items() if field.sortable]


class Unfit(ValueError):
    """A value that a field does not take; the text says what was expected."""


_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_LONGEST = 1000
_BIGGEST = 2**63 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def stored(field: Field, value: object) -> Value:
    """A value of the wire as the column holds it. Raises `Unfit`. None is not a value: `parse.py` knows what it means."""
    match field.kind:
        case Kind.ID:
            text = _text(value).lower()
            return field.same.get(text, text)
        case Kind.TEXT | Kind.LIST:
            text = _text(value)
            return field.same.get(text, text)
        case Kind.BOOLEAN if isinstance(value, bool):
            return value
        case Kind.INTEGER:
            return _whole(_number(value), 0)
        case Kind.DECIMAL:
            return _whole(_number(value), field.scale)
        case Kind.TIME:
            return _milliseconds(value)
        case _:
            raise Unfit(f"must be {field.kind.value}")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Unfit("must be a text")
    if len(value) > _LONGEST:
        raise Unfit(f"must be a text of at most {_LONGEST} characters")
    if any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in value):
        raise Unfit("must be a text without U+0000 and without halves of characters")
    return value


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Unfit("must be a number")
    if isinstance(value, float) and not math.isfinite(value):
        raise Unfit("must be a number that is not infinite")
    if isinstance(value, str) and not re.fullmatch(r"-?\d{1,30}(\.\d{1,30})?", value, re.ASCII):
        raise Unfit("must be a number, or a text such as 12.50")
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise Unfit("must be a number") from None


def _whole(number: Decimal, scale: int) -> int:
    if number and number.adjusted() > 30:
        raise Unfit("is too large a number")
    scaled = number.scaleb(scale)
    if scaled != scaled.to_integral_value():
        raise Unfit(f"must be a number with at most {scale} decimals" if scale else "must be a whole number")
    if abs(scaled) > _BIGGEST:
        raise Unfit("is too large a number")
    return int(scaled)


def _milliseconds(value: object) -> int:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise Unfit(f"must be {Kind.TIME.value}")
    try:
        moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", value))
        since = moment - _EPOCH
    except (ValueError, OverflowError):
        raise Unfit(f"must be {Kind.TIME.value}") from None
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000
