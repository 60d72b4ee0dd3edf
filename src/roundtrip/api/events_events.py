"""Events for the pages of sites, and for the owner's own server code. Visitors see what is published, keys see and change everything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from roundtrip.api.events_view import event_out
from roundtrip.api.operation import KEYS, VISITORS, Call, Operation
from roundtrip.api.query_calls import PARAMETERS, PagingMetadata, QueryBody, asked, paging_metadata
from roundtrip.api.settings_calls import change_of, own_site
from roundtrip.api.stores_views import Front, Json, front_of, sees_hidden
from roundtrip.api.wire import Wire
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.ids import derived_id, is_guid, new_id
from roundtrip.events.event import actions, store
from roundtrip.events.event.draft import EventDraft
from roundtrip.events.event.model import Event, Status
from roundtrip.events.orders import store as orders
from roundtrip.events.parts import store as parts
from roundtrip.events.tickets import store as tickets
from roundtrip.query.model import Query
from roundtrip.query.parse import read_query
from roundtrip.sites.change import Change
from roundtrip.storage.database import Tx
from roundtrip.workflows.shop import open_shop


class Events(Wire, omit_defaults=False):
    """A page of events."""

    events: list[dict[str, Any]]
    paging_metadata: PagingMetadata


class EventAnswer(Wire, omit_defaults=False):
    """One event."""

    event: dict[str, Any]


class CreateBody(Wire):
    """A new event. `draft`: nobody but its owner sees it."""

    event: EventDraft
    draft: bool = False


class UpdateBody(Wire):
    """What changes about an event: fields that are not sent stay. With `revision`, only if nobody was quicker."""

    event: EventDraft


class Deleted(Wire, omit_defaults=False):
    """What was deleted."""

    event_id: str


async def query(call: Call) -> Events:
    """List events in the order of their beginnings."""
    return await call.read(_queried, call, read_query(asked(call, QueryBody).query, store.EVENT_FIELDS))


def _queried(tx: Tx, call: Call, wanted: Query) -> Events:
    page, found = store.query(tx, call.site_id, wanted, drafts_too=sees_hidden(call))
    return Events(_shown(tx, call, found), paging_metadata(page))


def _shown(tx: Tx, call: Call, found: list[Event]) -> list[Json]:
    shown: Front = front_of(own_site(tx, call), call)
    ids = [one.id for one in found]
    kinds = tickets.of_events(tx, call.site_id, ids)
    categories = parts.categories_of(tx, call.site_id, ids)
    return [event_out(one, kinds.get(one.id, []), categories.get(one.id, []), shown, call.now) for one in found]


async def get(call: Call) -> EventAnswer:
    """Read one event."""
    return EventAnswer(await call.read(_found, call, call.path_params["id"], lambda tx, key: store.get(tx, call.site_id, key.lower())))


async def get_by_slug(call: Call) -> EventAnswer:
    """Read one event by the last part of its page's address."""
    return EventAnswer(await call.read(_found, call, call.path_params["slug"], lambda tx, key: store.by_slug(tx, call.site_id, key)))


def _found(tx: Tx, call: Call, key: str, read: Callable[[Tx, str], Event | None]) -> Json:
    found = read(tx, key)
    if found is None or (found.status is Status.DRAFT and not sees_hidden(call)):
        raise actions.no_such_event(key)
    return _shown(tx, call, [found])[0]


async def create(call: Call) -> EventAnswer:
    """Make an event."""
    return EventAnswer(await call.write(_create, call, new_id(call.now)))


def _create(tx: Tx, call: Call, event_id: str) -> Json:
    body: CreateBody = call.body
    change = change_of(tx, call, derived_id(event_id, "change"))
    currency = open_shop(tx, own_site(tx, call)).currency
    made = actions.create(tx, call.site_id, body.event, event_id=event_id, currency=currency, is_draft=body.draft, change=change)
    return _shown(tx, call, [made])[0]


async def update(call: Call) -> EventAnswer:
    """Set the fields that are sent; with `revision`, only if nobody was quicker."""
    return await _changed(call, lambda tx, event_id, change: actions.update(tx, call.site_id, event_id, call.body.event, change))


async def publish(call: Call) -> EventAnswer:
    """Let visitors see a draft."""
    return await _changed(call, lambda tx, event_id, change: actions.publish(tx, call.site_id, event_id, change))


async def cancel(call: Call) -> EventAnswer:
    """An event does not take place."""
    return await _changed(call, lambda tx, event_id, change: actions.cancel(tx, call.site_id, event_id, change))


async def _changed(call: Call, do: Callable[[Tx, str, Change], Event]) -> EventAnswer:
    def changing(tx: Tx, entry_id: str) -> Json:
        return _shown(tx, call, [do(tx, call.path_params["id"], change_of(tx, call, entry_id))])[0]

    return EventAnswer(await call.write(changing, new_id(call.now)))


async def delete(call: Call) -> Deleted:
    """Delete an event for which nobody has ordered."""

    def deleting(tx: Tx, entry_id: str) -> str:
        event_id = call.path_params["id"].lower()
        if is_guid(event_id) and orders.has_orders(tx, call.site_id, event_id):
            text = "There are orders for this event. Cancel it instead."
            raise AppError(Kind.CONFLICT, "STILL_IN_USE", text, data={"id": event_id})
        actions.delete(tx, call.site_id, event_id, change_of(tx, call, entry_id))
        parts.delete_of_event(tx, call.site_id, event_id)
        return event_id

    return Deleted(await call.write(deleting, new_id(call.now)))


PREFIXES = ("/events/v3/events", "/_api/events-events-v3-adapter/v3/events")
_QUERY = tuple(f"{prefix}/query" for prefix in PREFIXES)
_ONE = tuple(f"{prefix}/{{id}}" for prefix in PREFIXES)
_UNKNOWN = ("EVENT_NOT_FOUND",)
_FIELDS = (("fields", "May be repeated. Accepted and not needed: answers hold every field."),)
_PARTS = ("PICTURE_NOT_FOUND", "CATEGORY_NOT_FOUND", "SLUG_TAKEN")
_SUMMARY = f"List events. Filters: {', '.join(store.EVENT_FIELDS.fields)}. Sorts: {', '.join(store.EVENT_FIELDS.sortable)}."
_TIMES = {"startDate": "2027-06-18T19:00:00Z", "endDate": "2027-06-18T22:00:00Z", "timeZoneId": "Europe/Berlin"}
_NEW = {"title": "Autumn Concert", "dateAndTimeSettings": _TIMES, "registration": {"initialType": "TICKETING"}}
_ALL = VISITORS | KEYS


def _reading(name: str, method: str, paths: tuple[str, ...], summary: str, run: Any, **more: Any) -> Operation:
    return Operation(name, method, paths, summary, run, **{"permission": "event.read", "callers": _ALL, "response": EventAnswer, **more})


def _owning(name: str, method: str, paths: tuple[str, ...], summary: str, run: Any, **more: Any) -> Operation:
    return Operation(name, method, paths, summary, run, **{"permission": "event.manage", "callers": KEYS, "response": EventAnswer, **more})


OPERATIONS: tuple[Operation, ...] = (
    _reading("QueryEvents", "POST", _QUERY, _SUMMARY, query, request=QueryBody, response=Events,
             example={"query": {"filter": {"status": {"$in": ["UPCOMING", "STARTED"]}}, "paging": {"limit": 10, "offset": 0}}}),
    _reading("QueryEventsByAddress", "GET", _QUERY, _SUMMARY, query, response=Events, query=PARAMETERS),
    _reading("GetEvent", "GET", _ONE, "Read one event.", get, errors=_UNKNOWN, query=_FIELDS),
    _reading("GetEventBySlug", "GET", tuple(f"{prefix}/slug/{{slug}}" for prefix in PREFIXES), "Read one event by its slug.", get_by_slug,
             errors=_UNKNOWN, query=_FIELDS),
    _owning("CreateEvent", "POST", PREFIXES, "Make an event, or one for each of its dates.", create, request=CreateBody,
            example={"event": _NEW, "draft": False}, errors=_PARTS),
    _owning("UpdateEvent", "PATCH", _ONE, "Set the fields of an event that are sent.", update, request=UpdateBody,
            example={"event": {"shortDescription": "Strings and leaves", "revision": "1"}},
            errors=(*_UNKNOWN, *_PARTS, "REVISION_CHANGED", "EVENT_STATUS")),
    _owning("PublishEvent", "POST", tuple(f"{one}/publish" for one in _ONE), "Let visitors see a draft.", publish,
            errors=(*_UNKNOWN, "EVENT_STATUS")),
    _owning("CancelEvent", "POST", tuple(f"{one}/cancel" for one in _ONE), "An event does not take place; orders stay.", cancel,
            errors=(*_UNKNOWN, "EVENT_STATUS")),
    _owning("DeleteEvent", "DELETE", _ONE, "Delete an event for which nobody has ordered.", delete, response=Deleted,
            errors=(*_UNKNOWN, "STILL_IN_USE")),
)  # fmt: skip
