"""What owners do with categories, locations, staff members and policies. Each change is written down in its transaction (OPS-02)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from roundtrip.bookings.parts import store
from roundtrip.bookings.parts.model import Content, Part, PartKind, StaffMember
from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.errors import AppError, Kind
from roundtrip.media import medium
from roundtrip.sites.change import Change, changed_meanwhile
from roundtrip.storage import audit
from roundtrip.storage.database import Tx

MOST = 300
"""How many of a kind a site may have: they are shown and read together."""
_CODES: Mapping[PartKind, tuple[str, str]] = {
    PartKind.CATEGORY: ("CATEGORY_NOT_FOUND", "category"),
    PartKind.LOCATION: ("LOCATION_NOT_FOUND", "location"),
    PartKind.STAFF: ("STAFF_MEMBER_NOT_FOUND", "staff member"),
    PartKind.POLICY: ("BOOKING_POLICY_NOT_FOUND", "booking policy"),
}


def create(tx: Tx, part: Part[Content], change: Change) -> Part[Any]:
    """Keep a new part. Raises CONFLICT `TOO_MANY_PARTS`, NOT_FOUND `PICTURE_NOT_FOUND`."""
    if store.count(tx, part.site_id, part.kind) >= MOST:
        noun = _CODES[part.kind][1]
        raise AppError(Kind.CONFLICT, "TOO_MANY_PARTS", f"A site has at most {MOST} of a kind; delete a {noun} first.")
    made = _with_known_picture(tx, part)
    store.insert(tx, made)
    _note(tx, made, "created", change, None, picture(made))
    return made


def update(tx: Tx, before: Part[Content], after: Part[Content], change: Change) -> Part[Any]:
    """Keep a part as its owner says it is now. Nothing that differs: nothing is written. Raises CONFLICT `REVISION_CHANGED`."""
    after = _with_known_picture(tx, after)
    if after == before:
        return before
    if not store.replace_part(tx, after, before.revision, change.now):
        raise changed_meanwhile(_CODES[before.kind][1], before.revision)
    after = replace(after, revision=before.revision + 1, updated_at=change.now)
    was, now_is = audit.changed(picture(before), picture(after))
    _note(tx, after, "updated", change, was, now_is)
    return after


def delete(tx: Tx, site_id: str, kind: PartKind, part_id: str, change: Change) -> None:
    """Delete a part that nothing uses. Raises CONFLICT `STILL_IN_USE`; NOT_FOUND for whoever comes second."""
    found = require(tx, site_id, kind, part_id)
    if not store.hold(tx, site_id, kind, found.id):
        raise no_such_part(kind, part_id)
    if store.is_used(tx, site_id, kind, found.id):
        noun = _CODES[kind][1]
        text = f"A service or its sessions use the {noun} {found.name!r}. Let them use another one first."
        raise AppError(Kind.CONFLICT, "STILL_IN_USE", text, data={"id": found.id})
    if not store.delete(tx, site_id, kind, found.id):
        raise no_such_part(kind, part_id)
    _note(tx, found, "deleted", change, picture(found), None)


def require(tx: Tx, site_id: str, kind: PartKind, part_id: str) -> Part[Any]:
    """A part of this site. Raises NOT_FOUND with the code of its kind."""
    found = store.part(tx, site_id, kind, part_id.lower())
    if found is None:
        raise no_such_part(kind, part_id)
    return found


def require_held(tx: Tx, site_id: str, kind: PartKind, part_id: str) -> None:
    """Keep a part from being deleted until the transaction ends. Raises as `require`."""
    if not store.hold(tx, site_id, kind, part_id):
        raise no_such_part(kind, part_id)


def picture(one: Part[Content]) -> dict[str, Any]:
    """Every field with plain values, for the audit log and for events."""
    return {"name": one.name, "sortOrder": one.position, **msgspec.to_builtins(one.content)}


def _with_known_picture(tx: Tx, one: Part[Content]) -> Part[Any]:
    content = one.content
    if isinstance(content, StaffMember) and content.picture is not None:
        (known,) = medium.known(tx, one.site_id, (content.picture,))
        content = msgspec.structs.replace(content, picture=known)
    return replace(one, content=content)


def _note(tx: Tx, one: Part[Content], slug: str, change: Change, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> None:
    entity = f"booking_{one.kind.value}"
    change.note(tx, site_id=one.site_id, action=f"{entity}.{slug}", object_id=one.id, object_name=one.name, before=before, after=after)
    body: dict[str, object] = {one.kind.value: {"id": one.id, "revision": one.revision, **picture(one)}}
    if slug == "updated":
        body["changedFields"] = list(after or ())
    change.tell(tx, DomainEvent(one.site_id, entity, slug, one.id, body))


def no_such_part(kind: PartKind, part_id: str) -> AppError:
    """There is none (any more), or it is another site's."""
    code, noun = _CODES[kind]
    return AppError(Kind.NOT_FOUND, code, f"There is no {noun} {part_id[:100]!r}.", data={"id": part_id[:100]})
