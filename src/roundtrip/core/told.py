"""What an event says: a sentence, and the fields that its body carries, in a notation short enough to stand beside it (decision 0176).

`told("A thing was made.", "id name? price:money tags:texts")`: names with a blank between; `?` may be missing or null; behind a colon the
kind of value, text if it is not said. From it come the reference page, a JSON Schema and an example; tests hold every recorded event to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_FIELD = re.compile(r"(?P<name>[A-Za-z_]\w*)(?P<optional>\?)?(?::(?P<kind>[a-z]+))?")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value: its JSON Schema, an example, and how to tell whether a value is one."""

    schema: Mapping[str, Any]
    example: Any
    fits: Callable[[Any], bool]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


KINDS: Mapping[str, Kind] = {
    "text": Kind({"type": "string"}, "text", lambda value: isinstance(value, str)),
    "number": Kind({"type": "number"}, 1, _is_number),
    "time": Kind(
        {"type": "integer", "description": "UTC milliseconds"},
        1_790_000_000_000,
        lambda value: isinstance(value, int) and not isinstance(value, bool),
    ),
    "yesno": Kind({"type": "boolean"}, True, lambda value: isinstance(value, bool)),
    "texts": Kind(
        {"type": "array", "items": {"type": "string"}},
        ["text"],
        lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value),
    ),
    "list": Kind({"type": "array"}, [], lambda value: isinstance(value, list)),
    "map": Kind({"type": "object"}, {}, lambda value: isinstance(value, dict)),
    "any": Kind({}, "text", lambda value: True),
}


class Told(str):
    """The sentence of an event, with its fields. None: they are not written down yet."""

    fields: str | None = None


def told(sentence: str, fields: str = "") -> Told:
    """An event that says `sentence` and carries `fields`. Raises `ValueError` for a notation that cannot be read."""
    made = Told(sentence)
    made.fields = fields
    _parsed(fields)
    return made


def fields_of(sentence: str) -> str | None:
    """The fields of an event's sentence; None when nobody has written them down."""
    return sentence.fields if isinstance(sentence, Told) else None


def schema(fields: str) -> dict[str, Any]:
    """The JSON Schema of a body."""
    parsed = _parsed(fields)
    return {
        "type": "object",
        "properties": {name: _schema(kind, optional=optional) for name, kind, optional in parsed},
        "required": [name for name, _, optional in parsed if not optional],
        "additionalProperties": False,
    }


def example(fields: str) -> dict[str, Any]:
    """A body that fits."""
    return {name: KINDS[kind].example for name, kind, optional in _parsed(fields) if not optional}


def misfits(fields: str, body: Mapping[str, Any]) -> list[str]:
    """What of a body does not fit, in words; empty when all does."""
    parsed = {name: (kind, optional) for name, kind, optional in _parsed(fields)}
    wrong = [f"{name} is not among its fields" for name in body if name not in parsed]
    for name, (kind, optional) in parsed.items():
        value = body.get(name)
        if value is None and optional:
            continue
        if value is None or not KINDS[kind].fits(value):
            wrong.append(f"{name} is no {kind}: {value!r}" if name in body else f"{name} is missing")
    return wrong


def _schema(kind: str, *, optional: bool) -> dict[str, Any]:
    known = dict(KINDS[kind].schema)
    if optional and "type" in known:
        known["type"] = [known["type"], "null"]
    return known


def _parsed(fields: str) -> list[tuple[str, str, bool]]:
    parsed = []
    for one in fields.split():
        match = _FIELD.fullmatch(one)
        if match is None or (match["kind"] or "text") not in KINDS:
            raise ValueError(f"{one!r} is no field of an event: write name, name? or name:kind with one of {', '.join(KINDS)}")
        parsed.append((match["name"], match["kind"] or "text", match["optional"] is not None))
    return parsed
