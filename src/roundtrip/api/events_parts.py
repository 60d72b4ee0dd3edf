"""Categories, policies, schedules and the registration form of events: visitors read them, the owner's server code changes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from roundtrip.api.events_orders import WEB
from roundtrip.api.events_view import item_out
from roundtrip.api.operation import KEYS, VISITORS, Call, Operation
from roundtrip.api.query_calls import asked
from roundtrip.api.settings_calls import change_of
from roundtrip.api.stores_views import Json, sees_hidden
from roundtrip.api.wire import Empty, Wire
from roundtrip.core.clock import rfc3339
from roundtrip.core.errors import invalid_field
from roundtrip.core.ids import derived_id, new_id
from roundtrip.events.event import actions as events
from roundtrip.events.event import store as event_store
from roundtrip.events.event.model import Status
from roundtrip.events.parts import actions, store
from roundtrip.events.parts.model import Kind, Part
from roundtrip.sites.change import changed_meanwhile
from roundtrip.storage.database import Tx

MOST = 300
Id = Annotated[str, Meta(max_length=36)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Time = Annotated[datetime, Meta(tz=True)]
Revision = Annotated[str, Meta(pattern=r"^\d{1,15}$")]


class SlotIn(Wire):
    """When it is."""

    start: Time
    end: Time


class PartIn(Wire):
    """A category (`name`), a policy (`name`, `body`, of an event) or an item of a schedule. What is not sent stays."""

    event_id: Id | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    sort_order: Annotated[int, Meta(ge=-1_000_000, le=1_000_000)] | UnsetType = UNSET
    body: Annotated[str, Meta(max_length=20_000)] | UnsetType = UNSET
    description: Annotated[str, Meta(max_length=2000)] | UnsetType = UNSET
    stage_name: Annotated[str, Meta(max_length=100)] | UnsetType = UNSET
    tags: Annotated[list[Annotated[str, Meta(max_length=50)]], Meta(max_length=20)] | UnsetType = UNSET
    status: Annotated[str, Meta(pattern="^(SCHEDULED|CANCELED)$")] | UnsetType = UNSET
    hidden: bool | UnsetType = UNSET
    time_slot: SlotIn | UnsetType = UNSET
    revision: Revision | UnsetType = UNSET


class CategoryBody(Wire):
    """A category."""

    category: PartIn


class PolicyBody(Wire):
    """A policy."""

    policy: PartIn


class ItemBody(Wire):
    """An item of a schedule."""

    item: PartIn


class ListQuery(Wire):
    """Which part of a list, of which events."""

    event_id: list[str] | str | None = None
    limit: Annotated[int, Meta(ge=1, le=MOST)] = 100
    offset: Annotated[int, Meta(ge=0, le=10_000)] = 0
    query: dict[str, Any] | None = None


async def schedule(call: Call) -> Json:
    """The schedule of events."""
    return await call.read(_schedule, call, asked(call, ListQuery))


def _schedule(tx: Tx, call: Call, body: ListQuery) -> Json:
    sent = body.event_id if isinstance(body.event_id, list) else [body.event_id or ""]
    known = event_store.several(tx, call.site_id, [one.lower() for one in sent][:100])
    shown = [one.id for one in known.values() if one.status is not Status.DRAFT or sees_hidden(call)]
    found = store.page(tx, call.site_id, "schedule_item", shown, body.limit, body.offset) if shown else []
    seen = [one for one in found if sees_hidden(call) or not one.content.get("hidden")]
    total = store.count(tx, call.site_id, "schedule_item", shown) if shown else 0
    items = [item_out(one, known[one.event_id].zone) for one in sorted(seen, key=lambda part: part.content["start"])]
    paging = {"count": len(items), "offset": body.offset, "total": total}
    return {"items": items, "total": total, "limit": body.limit, "offset": body.offset, "facets": {}, "pagingMetadata": paging}


async def categories(call: Call) -> Json:
    """The categories of the site."""
    return await call.read(_listed, call, "category")


async def policies(call: Call) -> Json:
    """The policies of an event."""
    return await call.read(_listed, call, "policy")


def _listed(tx: Tx, call: Call, kind: Kind) -> Json:
    body = asked(call, ListQuery)
    wanted = (body.query or {}).get("filter") or {}
    event_id = wanted.get("eventId", "") if kind == "policy" else ""
    if kind == "policy" and not isinstance(event_id, str):
        raise invalid_field("query.filter.eventId", "must be the id of an event", "FORMAT")
    found = store.page(tx, call.site_id, kind, (event_id.lower(),), body.limit, body.offset)
    paging = {"count": len(found), "offset": body.offset, "total": store.count(tx, call.site_id, kind, (event_id.lower(),))}
    return {_PLURAL[kind]: [_out(tx, call, one) for one in found], "pagingMetadata": paging}


def _out(tx: Tx, call: Call, one: Part) -> Json:
    if one.kind == "schedule_item":
        return {**item_out(one, events.require(tx, call.site_id, one.event_id).zone), "revision": str(one.revision)}
    found: Json = {
        "id": one.id,
        "name": one.name,
        "revision": str(one.revision),
        "createdDate": rfc3339(one.created_at),
        "updatedDate": rfc3339(one.updated_at),
    }
    return found | ({"eventId": one.event_id, "body": one.content.get("body", "")} if one.kind == "policy" else {"states": ["MANUAL"]})


def _sent(call: Call) -> PartIn:
    found: PartIn = getattr(call.body, msgspec.structs.fields(call.body)[0].name)
    return found


def _with(one: Part, sent: PartIn) -> Part:
    """The part with what was sent. Raises INVALID."""
    place = _FIELD[one.kind]
    name = one.name if sent.name is UNSET else " ".join(sent.name.split())
    if not name:
        raise invalid_field(f"{place}.name", "must have at least 1 character that is seen", "MIN_LENGTH", threshold=1)
    content = dict(one.content)
    pairs = (("body", sent.body), ("description", sent.description), ("stage", sent.stage_name), ("tags", sent.tags),
             ("status", sent.status), ("hidden", sent.hidden))  # fmt: skip
    content |= {key: value for key, value in pairs if value is not UNSET and key in _OWN[one.kind]}
    if sent.time_slot is not UNSET and one.kind == "schedule_item":
        if sent.time_slot.end <= sent.time_slot.start:
            raise invalid_field(f"{place}.timeSlot.end", "must be later than start", "FORMAT")
        content |= {"start": int(sent.time_slot.start.timestamp() * 1000), "end": int(sent.time_slot.end.timestamp() * 1000)}
    for key in _NEEDED[one.kind]:
        if key not in content:
            raise invalid_field(f"{place}.{'timeSlot' if key == 'start' else key}", "is required and missing", "REQUIRED_FIELD")
    position = one.position if sent.sort_order is UNSET else sent.sort_order
    return replace(one, name=name, position=position, content=content)


def _creating(kind: Kind) -> Any:
    def making(tx: Tx, call: Call, made: str) -> Json:
        sent = _sent(call)
        event_id = ""
        if kind != "category":
            if sent.event_id is UNSET:
                raise invalid_field(f"{_FIELD[kind]}.eventId", "is required and missing", "REQUIRED_FIELD")
            event_id = events.require(tx, call.site_id, sent.event_id).id
        blank = Part(call.site_id, kind, made, event_id, "", 0, {}, 1, call.now, call.now)
        kept = actions.create(tx, _with(blank, sent), change_of(tx, call, derived_id(made, "change")))
        return {_FIELD[kind]: _out(tx, call, kept)}

    async def run(call: Call) -> Json:
        return await call.write(making, call, new_id(call.now))

    return run


def _changing(kind: Kind) -> Any:
    def changing(tx: Tx, call: Call, entry_id: str) -> Json:
        sent = _sent(call)
        before = actions.require(tx, call.site_id, kind, call.path_params["id"])
        if sent.revision is not UNSET and int(sent.revision) != before.revision:
            raise changed_meanwhile(actions.WORDS[kind][1], int(sent.revision))
        kept = actions.update(tx, before, _with(before, sent), change_of(tx, call, entry_id))
        return {_FIELD[kind]: _out(tx, call, kept)}

    async def run(call: Call) -> Json:
        return await call.write(changing, call, new_id(call.now))

    return run


def _deleting(kind: Kind) -> Any:
    def deleting(tx: Tx, call: Call, entry_id: str) -> None:
        actions.delete(tx, call.site_id, kind, call.path_params["id"], change_of(tx, call, entry_id))

    async def run(call: Call) -> Empty:
        await call.write(deleting, call, new_id(call.now))
        return Empty()

    return run


async def form(call: Call) -> Json:
    """What is asked of everybody who registers."""

    def reading(tx: Tx) -> Json:
        event = events.require(tx, call.site_id, call.path_params["eventId"])
        if event.status is Status.DRAFT and not sees_hidden(call):
            raise events.no_such_event(event.id)
        system = (("name", "NAME", "firstName"), ("email", "INPUT", "email"))
        controls: list[Json] = [
            {"id": key, "type": kind, "system": True, "name": key, "inputs": [{"name": name, "mandatory": True, "type": "TEXT"}]}
            for key, kind, name in system
        ]
        for number, one in enumerate(event.terms.questions):
            inputs = [{"name": one.title, "label": one.title, "mandatory": one.is_required, "type": "TEXT"}]
            controls.append({"id": f"answer_{number}", "type": "INPUT", "system": False, "name": one.title, "inputs": inputs})
        return {"form": {"controls": controls}}

    return await call.read(reading)


_FIELD: dict[Kind, str] = {"category": "category", "policy": "policy", "schedule_item": "item"}
_PLURAL: dict[Kind, str] = {"category": "categories", "policy": "policies", "schedule_item": "items"}
_OWN: dict[Kind, tuple[str, ...]] = {
    "category": (),
    "policy": ("body",),
    "schedule_item": ("description", "stage", "tags", "status", "hidden"),
}
_NEEDED: dict[Kind, tuple[str, ...]] = {"category": (), "policy": ("body",), "schedule_item": ("start",)}
_SCHEDULE = ("/events/v1/schedule", "/_api/wix-events-schedule/v1/schedule")
_PATHS: dict[Kind, tuple[str, ...]] = {
    "category": ("/events/v1/categories", "/_api/wix-events-web/v1/categories"),
    "policy": ("/events/v2/policies", "/_api/events-policies/v2/policies"),
    "schedule_item": ("/api/v1/schedule-items",),
}
_EVENT = "e0e00001-0000-4000-8000-000000000001"
_SLOT = {"start": "2027-06-18T19:00:00Z", "end": "2027-06-18T20:00:00Z"}
_EXAMPLES: dict[Kind, Json] = {
    "category": {"name": "Music"},
    "policy": {"eventId": _EVENT, "name": "Refunds", "body": "Until two days before."},
    "schedule_item": {"eventId": _EVENT, "name": "Doors open", "stageName": "Gate", "timeSlot": _SLOT},
}
_BODIES: dict[Kind, type[msgspec.Struct]] = {"category": CategoryBody, "policy": PolicyBody, "schedule_item": ItemBody}
_NAMES: dict[Kind, str] = {"category": "EventCategory", "policy": "EventPolicy", "schedule_item": "ScheduleItem"}
_ALL = VISITORS | KEYS


def _owning(kind: Kind) -> tuple[Operation, ...]:
    code, noun = actions.WORDS[kind]
    ids = tuple(f"{path}/{{id}}" for path in _PATHS[kind])
    of_event = ("EVENT_NOT_FOUND",) if kind != "category" else ()
    return (
        Operation(f"Create{_NAMES[kind]}", "POST", _PATHS[kind], f"Make a {noun}.", _creating(kind), "event.manage", KEYS, _BODIES[kind],
                  example={_FIELD[kind]: _EXAMPLES[kind]}, errors=("TOO_MANY_PARTS", *of_event)),
        Operation(f"Update{_NAMES[kind]}", "PATCH", ids, f"Set the fields of a {noun} that are sent.", _changing(kind), "event.manage",
                  KEYS, _BODIES[kind], example={_FIELD[kind]: {"name": "Another name", "revision": "1"}},
                  errors=(code, "REVISION_CHANGED")),
        Operation(f"Delete{_NAMES[kind]}", "DELETE", ids, f"Delete a {noun}.", _deleting(kind), "event.manage", KEYS, None, Empty,
                  errors=(code,)),
    )  # fmt: skip


_PAGE = (("eventId", "Of which event; may be repeated."), ("limit", "At most so many."), ("offset", "So many are left out."))
OPERATIONS: tuple[Operation, ...] = (
    Operation("ListScheduleItems", "GET", _SCHEDULE, "The schedule of events.", schedule, "event.read", _ALL, query=_PAGE),
    Operation("QueryEventCategories", "POST", tuple(f"{path}/query" for path in _PATHS["category"]), "The categories of the site.",
              categories, "event.read", _ALL, ListQuery, example={"query": {}}),
    Operation("QueryEventPolicies", "POST", tuple(f"{path}/query" for path in _PATHS["policy"]), "The policies of an event.", policies,
              "event.read", _ALL, ListQuery, example={"query": {"filter": {"eventId": _EVENT}}}),
    Operation("GetEventForm", "GET", tuple(f"{prefix}/{{eventId}}/form" for prefix in WEB), "What everybody who registers is asked.", form,
              "event.read", _ALL, errors=("EVENT_NOT_FOUND",)),
    *_owning("category"),
    *_owning("policy"),
    *_owning("schedule_item"),
)  # fmt: skip
