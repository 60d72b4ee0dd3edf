"""Every domain event there is, found in the rooms (decision 0176)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from roundtrip.core.errors import invalid_field
from roundtrip.core.rooms import said_in
from roundtrip.core.told import example, fields_of, schema
from roundtrip.webhooks.endpoints.model import EVERYTHING, MOST_EVENTS


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Entity to slug to what it says, in order of names."""
    found: dict[str, dict[str, str]] = {}
    for module in said_in("*", but=("__main__", "cli", "app")):
        for entity, events in getattr(module, "EVENTS", {}).items():
            found.setdefault(entity, {}).update(events)
    return {entity: found[entity] for entity in sorted(found)}


def described() -> list[dict[str, Any]]:
    """Every event with its sentence, the JSON Schema of its body, and a body that fits. None: its fields are not written down."""
    return [
        {
            "name": f"{entity}.{slug}",
            "meaning": str(sentence),
            "schema": None if (fields := fields_of(sentence)) is None else schema(fields),
            "example": None if fields is None else example(fields),
        }
        for entity, events in catalogue().items()
        for slug, sentence in events.items()
    ]


def check_patterns(patterns: Iterable[str]) -> tuple[str, ...]:
    """The names and wildcards of an endpoint. Raises INVALID for none, for too many, and for one that means no event there is."""
    given = tuple(dict.fromkeys(one.strip() for one in patterns if one.strip()))
    if not given:
        raise invalid_field("events", "must name at least one event, such as order.paid, order.* or *", "MIN_LENGTH", threshold=1)
    if len(given) > MOST_EVENTS:
        raise invalid_field("events", f"must have at most {MOST_EVENTS} entries", "MAX_LENGTH", threshold=MOST_EVENTS)
    known = catalogue()
    for one in given:
        entity, dot, slug = one.partition(".")
        if one != EVERYTHING and (entity not in known or not dot or slug not in (EVERYTHING, *known[entity])):
            raise invalid_field(
                "events", f"names {one[:100]!r}, which no event is called; see docs/reference/events.md", "INVALID_ENUM_VALUE"
            )
    return given
