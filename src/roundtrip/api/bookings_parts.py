"""Categories, locations, staff members and policies of services, for the owner's own server code; visitors read categories.

The four are kept alike, so one table says what differs between them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from msgspec import UNSET

from roundtrip.api.bookings_parts_wire import (
    CategoryBody,
    LocationBody,
    PartDraft,
    PolicyBody,
    QueryParts,
    StaffBody,
    content_of,
    part_out,
)
from roundtrip.api.operation import KEYS, VISITORS, Call, Operation
from roundtrip.api.query_calls import PARAMETERS, asked
from roundtrip.api.settings_calls import change_of
from roundtrip.api.stores_views import Front, front
from roundtrip.api.wire import Empty, Wire
from roundtrip.bookings.parts import actions, store
from roundtrip.bookings.parts.model import CONTENTS, Part, PartKind
from roundtrip.core.errors import invalid_field
from roundtrip.core.ids import derived_id, new_id
from roundtrip.sites.change import changed_meanwhile
from roundtrip.storage.database import Tx

MOST = 100


class CategoryAnswer(Wire, omit_defaults=False):
    """One category."""

    category: dict[str, Any]


class Categories(Wire, omit_defaults=False):
    """Categories in the owner's order."""

    categories: list[dict[str, Any]]
    paging_metadata: dict[str, Any]


class LocationAnswer(Wire, omit_defaults=False):
    """One location."""

    location: dict[str, Any]


class Locations(Wire, omit_defaults=False):
    """Locations in the owner's order."""

    locations: list[dict[str, Any]]
    paging_metadata: dict[str, Any]


class StaffAnswer(Wire, omit_defaults=False):
    """One staff member."""

    staff_member: dict[str, Any]


class StaffMembers(Wire, omit_defaults=False):
    """Staff members in the owner's order."""

    staff_members: list[dict[str, Any]]
    paging_metadata: dict[str, Any]


class PolicyAnswer(Wire, omit_defaults=False):
    """One policy."""

    booking_policy: dict[str, Any]


class Policies(Wire, omit_defaults=False):
    """Policies in the owner's order."""

    booking_policies: list[dict[str, Any]]
    paging_metadata: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Words:
    """What one kind is called. `field` is the name of the one thing in bodies, as attribute of the body's struct."""

    kind: PartKind
    noun: str
    field: str
    name: str
    plural: str
    paths: tuple[str, ...]
    body: type[msgspec.Struct]
    one: type[msgspec.Struct]
    many: type[msgspec.Struct]
    missing: str
    example: Mapping[str, Any]

    def draft(self, call: Call) -> PartDraft:
        """What was sent."""
        found: PartDraft = getattr(call.body, self.field)
        return found


_V1 = "/bookings/v1"
WORDS: tuple[_Words, ...] = (
    _Words(PartKind.CATEGORY, "category", "category", "Category", "categories", ("/_api/bookings/v2/categories", "/bookings/v2/categories"),
           CategoryBody, CategoryAnswer, Categories, "CATEGORY_NOT_FOUND", {"name": "Studio", "sortOrder": 2}),
    _Words(PartKind.LOCATION, "location", "location", "Location", "locations", ("/api/v1/booking-locations",),
           LocationBody, LocationAnswer, Locations, "LOCATION_NOT_FOUND",
           {"name": "Main Street", "formattedAddress": "12 Main Street, New York", "default": True}),
    _Words(PartKind.STAFF, "staff member", "staff_member", "StaffMember", "staffMembers",
           (f"{_V1}/staff-members", "/_api/staff-members/v1/staff-members"), StaffBody, StaffAnswer, StaffMembers, "STAFF_MEMBER_NOT_FOUND",
           {"name": "Alex Kim", "workingHours": [{"day": "MONDAY", "periods": [{"start": "09:00", "end": "17:00"}]}]}),
    _Words(PartKind.POLICY, "booking policy", "booking_policy", "BookingPolicy", "bookingPolicies",
           (f"{_V1}/booking-policies", f"/_api{_V1}/booking-policies"), PolicyBody, PolicyAnswer, Policies, "BOOKING_POLICY_NOT_FOUND",
           {"name": "Strict", "limitLateBookingPolicy": {"enabled": True, "latestBookingInMinutes": 60}}),
)  # fmt: skip


def _answered(words: _Words, part: Part[Any], shown: Front) -> msgspec.Struct:
    return words.one(part_out(part, shown))


def _create(tx: Tx, call: Call, words: _Words, part_id: str) -> msgspec.Struct:
    sent = words.draft(call)
    if sent.name is UNSET:
        raise invalid_field(f"{msgspec.structs.fields(words.body)[0].encode_name}.name", "is required and missing", "REQUIRED_FIELD")
    blank: Part[Any] = Part(call.site_id, words.kind, part_id, "", 0, CONTENTS[words.kind](), 1, call.now, call.now)
    made = actions.create(tx, _with(blank, sent, words), change_of(tx, call, derived_id(part_id, "change")))
    return _answered(words, made, front(tx, call))


def _update(tx: Tx, call: Call, words: _Words, entry_id: str) -> msgspec.Struct:
    sent = words.draft(call)
    before = actions.require(tx, call.site_id, words.kind, call.path_params["id"])
    if sent.revision is not UNSET and int(sent.revision) != before.revision:
        raise changed_meanwhile(words.noun, int(sent.revision))
    changed = actions.update(tx, before, _with(before, sent, words), change_of(tx, call, entry_id))
    return _answered(words, changed, front(tx, call))


def _with(part: Part[Any], sent: PartDraft, words: _Words) -> Part[Any]:
    field = str(msgspec.structs.fields(words.body)[0].encode_name)
    name = part.name if sent.name is UNSET else sent.name.strip()
    if not name:
        raise invalid_field(f"{field}.name", "must have at least 1 character that is seen", "MIN_LENGTH", threshold=1)
    position = part.position if sent.sort_order is UNSET else sent.sort_order
    return replace(part, name=name, position=position, content=content_of(part.content, sent, field))


def _get(tx: Tx, call: Call, words: _Words) -> msgspec.Struct:
    return _answered(words, actions.require(tx, call.site_id, words.kind, call.path_params["id"]), front(tx, call))


def _query(tx: Tx, call: Call, words: _Words) -> msgspec.Struct:
    body = asked(call, QueryParts)
    paging = (body.query.paging or body.query.cursor_paging) if body.query else None
    limit = paging.limit if paging else MOST
    offset = (int(paging.cursor) if paging.cursor else paging.offset) if paging else 0
    found = store.page(tx, call.site_id, words.kind, limit + 1, offset)
    shown, more = front(tx, call), len(found) > limit
    cursors = {"next": str(offset + limit)} if more else {}
    total = store.count(tx, call.site_id, words.kind)
    paged = {"count": min(len(found), limit), "offset": offset, "total": total, "hasNext": more, "cursors": cursors}
    return words.many([part_out(one, shown) for one in found[:limit]], paged)


def _run(words: _Words, does: Callable[[Tx, Call, _Words], msgspec.Struct]) -> Any:
    async def run(call: Call) -> msgspec.Struct:
        return await call.read(does, call, words)

    return run


def _changing(words: _Words, does: Callable[[Tx, Call, _Words, str], msgspec.Struct]) -> Any:
    async def run(call: Call) -> msgspec.Struct:
        return await call.write(does, call, words, new_id(call.now))

    return run


def _delete(tx: Tx, call: Call, words: _Words, entry_id: str) -> msgspec.Struct:
    actions.delete(tx, call.site_id, words.kind, call.path_params["id"], change_of(tx, call, entry_id))
    return Empty()


def _operations(words: _Words) -> tuple[Operation, ...]:
    field = str(msgspec.structs.fields(words.body)[0].encode_name)
    ids = tuple(f"{path}/{{id}}" for path in words.paths)
    queries = tuple(f"{path}/query" for path in words.paths)
    seen = VISITORS | KEYS if words.kind is PartKind.CATEGORY else KEYS
    missing, manage, noun = (words.missing,), "booking.manage", words.noun
    pictured = ("PICTURE_NOT_FOUND",) if words.kind is PartKind.STAFF else ()
    return (
        Operation(f"Create{words.name}", "POST", words.paths, f"Make a {noun}.", _changing(words, _create), manage, KEYS, words.body,
                  words.one, example={field: words.example}, errors=("TOO_MANY_PARTS", *pictured)),
        Operation(f"Get{words.name}", "GET", ids, f"Read a {noun}.", _run(words, _get), "booking.read", seen, None, words.one,
                  errors=missing),
        Operation(f"Query{words.plural[0].upper()}{words.plural[1:]}", "POST", queries, f"List every {noun} in order.",
                  _run(words, _query), "booking.read", seen, QueryParts, words.many,
                  example={"query": {"paging": {"limit": 50, "offset": 0}}}),
        Operation(f"Update{words.name}", "PATCH", ids, f"Set the fields of a {noun} that are sent.", _changing(words, _update), manage,
                  KEYS, words.body, words.one, example={field: {"name": "Another name", "revision": "1"}},
                  errors=(*missing, "REVISION_CHANGED", *pictured)),
        Operation(f"Delete{words.name}", "DELETE", ids, f"Delete a {noun} that nothing uses.", _changing(words, _delete), manage, KEYS,
                  None, Empty, errors=(*missing, "STILL_IN_USE")),
    )  # fmt: skip


_CATEGORIES = WORDS[0]
OPERATIONS: tuple[Operation, ...] = (
    *(operation for words in WORDS for operation in _operations(words)),
    Operation(
        name="QueryCategoriesByAddress",
        method="GET",
        paths=tuple(f"{path}/query" for path in _CATEGORIES.paths),
        summary="List every category in the owner's order.",
        run=_run(_CATEGORIES, _query),
        permission="booking.read",
        callers=VISITORS | KEYS,
        response=Categories,
        query=PARAMETERS,
    ),
)
