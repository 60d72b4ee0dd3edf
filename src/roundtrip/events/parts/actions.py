"""What owners do with categories, policies and schedules. Each change is written down in its transaction (OPS-02)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.errors import AppError, Kind
from roundtrip.events.parts import store
from roundtrip.events.parts.model import Kind as PartKind
from roundtrip.events.parts.model import Part
from roundtrip.sites.change import Change, changed_meanwhile
from roundtrip.storage import audit
from roundtrip.storage.database import Tx

MOST: Mapping[PartKind, int] = {"category": 100, "policy": 3, "schedule_item": 300}
"""How many a site (an event) may have: they are read and shown together."""
WORDS: Mapping[PartKind, tuple[str, str]] = {
    "category": ("CATEGORY_NOT_FOUND", "category"),
    "policy": ("POLICY_NOT_FOUND", "policy"),
    "schedule_item": ("SCHEDULE_ITEM_NOT_FOUND", "schedule item"),
}
"""The code of one that is missing, and what it is called."""


def create(tx: Tx, made: Part, change: Change) -> Part:
    """Keep a new one. Raises CONFLICT `TOO_MANY_PARTS`. Whoever calls has seen the event that it belongs to."""
    if store.count(tx, made.site_id, made.kind, (made.event_id,)) >= MOST[made.kind]:
        text = f"There are {MOST[made.kind]} of a kind at most; delete a {WORDS[made.kind][1]} first."
        raise AppError(Kind.CONFLICT, "TOO_MANY_PARTS", text)
    store.insert(tx, made)
    _note(tx, made, "created", change, None, picture(made))
    return made


def update(tx: Tx, before: Part, after: Part, change: Change) -> Part:
    """Keep it as its owner says it is now. Nothing that differs: nothing is written. Raises CONFLICT `REVISION_CHANGED`."""
    if after == before:
        return before
    if not store.replace_part(tx, after, before.revision, change.now):
        raise changed_meanwhile(WORDS[before.kind][1], before.revision)
    after = replace(after, revision=before.revision + 1, updated_at=change.now)
    was, now_is = audit.changed(picture(before), picture(after))
    _note(tx, after, "updated", change, was, now_is)
    return after


def delete(tx: Tx, site_id: str, kind: PartKind, part_id: str, change: Change) -> None:
    """Delete it. NOT_FOUND for whoever comes second."""
    found = require(tx, site_id, kind, part_id)
    if not store.delete(tx, site_id, kind, found.id):
        raise no_such_part(kind, part_id)
    _note(tx, found, "deleted", change, picture(found), None)


def require(tx: Tx, site_id: str, kind: PartKind, part_id: str) -> Part:
    """One of this site. Raises NOT_FOUND with the code of its kind."""
    found = store.get(tx, site_id, kind, part_id.lower())
    if found is None:
        raise no_such_part(kind, part_id)
    return found


def picture(one: Part) -> dict[str, Any]:
    """Every field with plain values, for the audit log and for events."""
    own = {"eventId": one.event_id} if one.event_id else {}
    return {"name": one.name, "sortOrder": one.position, **own, **one.content}


def _note(tx: Tx, one: Part, slug: str, change: Change, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> None:
    entity = f"event_{one.kind}"
    change.note(tx, site_id=one.site_id, action=f"{entity}.{slug}", object_id=one.id, object_name=one.name, before=before, after=after)
    name = "scheduleItem" if one.kind == "schedule_item" else one.kind
    body: dict[str, object] = {name: {"id": one.id, "revision": one.revision, **picture(one)}}
    if slug == "updated":
        body["changedFields"] = list(after or ())
    change.tell(tx, DomainEvent(one.site_id, entity, slug, one.id, body))


def no_such_part(kind: PartKind, part_id: str) -> AppError:
    """There is none (any more), or it is another site's."""
    code, noun = WORDS[kind]
    return AppError(Kind.NOT_FOUND, code, f"There is no {noun} {part_id[:40]!r}.", data={"id": part_id[:40]})
