"""Kinds of tickets: the first generation, which pages of sites ask for, and the third, by which owners make them."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from roundtrip.api.events_view import definition_out, ticket_v1
from roundtrip.api.operation import KEYS, VISITORS, Call, Operation
from roundtrip.api.query_calls import PagingMetadata, QueryBody, asked, paging_metadata
from roundtrip.api.settings_calls import change_of
from roundtrip.api.stores_views import Json, front, sees_hidden
from roundtrip.api.wire import Empty, Wire
from roundtrip.core.ids import derived_id, new_id
from roundtrip.events.event import actions as events
from roundtrip.events.event import store as event_store
from roundtrip.events.event.model import Event, Status
from roundtrip.events.reservations.wanted import no_such_ticket
from roundtrip.events.tickets import actions, store
from roundtrip.events.tickets.draft import DefinitionDraft
from roundtrip.events.tickets.model import Definition
from roundtrip.query.model import Query
from roundtrip.query.parse import read_query
from roundtrip.storage.database import Tx

MOST = 100


class AvailableBody(Wire):
    """Of which event: `filter.eventId`. `sort` is a text such as `orderIndex:asc`; that order is the only one."""

    filter: dict[str, Any] | None = None
    limit: Annotated[int, Meta(ge=0, le=MOST)] = 100
    offset: Annotated[int, Meta(ge=0, le=10_000)] = 0
    sort: Annotated[str, Meta(max_length=100)] | None = None
    event_id: str | None = None


class ListPart(Wire, omit_defaults=False):
    """Which part of a list this is."""

    count: int
    offset: int
    total: int


class Available(Wire, omit_defaults=False):
    """What can be bought now."""

    definitions: list[dict[str, Any]]
    meta_data: ListPart


class DefinitionAnswer(Wire, omit_defaults=False):
    """One kind of ticket."""

    ticket_definition: dict[str, Any]


class Definitions(Wire, omit_defaults=False):
    """A page of kinds of tickets."""

    ticket_definitions: list[dict[str, Any]]
    paging_metadata: PagingMetadata


class DefinitionBody(Wire):
    """A new kind of ticket, or what changes about one. With `revision`, only if nobody was quicker."""

    ticket_definition: DefinitionDraft


async def available(call: Call) -> Available:
    """List what can be bought of an event."""
    return await call.read(_available, call, asked(call, AvailableBody))


def _available(tx: Tx, call: Call, body: AvailableBody) -> Available:
    wanted = (body.filter or {}).get("eventId") or (body.filter or {}).get("eventIds") or body.event_id
    ids = [one.lower() for one in (wanted if isinstance(wanted, list) else [wanted]) if isinstance(one, str)][:MOST]
    known = {event_id: one for event_id, one in event_store.several(tx, call.site_id, ids).items() if one.status is not Status.DRAFT}
    kinds = store.of_events(tx, call.site_id, sorted(known))
    listed = [one for event_id in ids for one in kinds.get(event_id, []) if one.is_listed(call.now)]
    part = listed[body.offset : body.offset + (body.limit or MOST)]
    shown = [ticket_v1(one, known[one.event_id], call.now) for one in part]
    return Available(shown, ListPart(len(shown), body.offset, len(listed)))


async def query(call: Call) -> Definitions:
    """List kinds of tickets."""
    return await call.read(_queried, call, read_query(asked(call, QueryBody).query, store.DEFINITIONS))


def _queried(tx: Tx, call: Call, wanted: Query) -> Definitions:
    page, found = store.query(tx, call.site_id, wanted)
    known = event_store.several(tx, call.site_id, [one.event_id for one in found])
    seen = [one for one in found if sees_hidden(call) or (one.is_listed(call.now) and known[one.event_id].status is not Status.DRAFT)]
    return Definitions([_out(tx, call, one, known[one.event_id]) for one in seen], paging_metadata(page))


def _out(tx: Tx, call: Call, one: Definition, event: Event) -> Json:
    return definition_out(one, event, front(tx, call), call.now, is_owners=sees_hidden(call))


async def get(call: Call) -> DefinitionAnswer:
    """Read a kind of ticket."""

    def reading(tx: Tx) -> Json:
        found = actions.require(tx, call.site_id, call.path_params["id"])
        event = events.require(tx, call.site_id, found.event_id)
        if not sees_hidden(call) and (not found.is_listed(call.now) or event.status is Status.DRAFT):
            raise no_such_ticket(found.id)
        return _out(tx, call, found, event)

    return DefinitionAnswer(await call.read(reading))


async def create(call: Call) -> DefinitionAnswer:
    """Make a kind of ticket."""

    def making(tx: Tx, made: str) -> Json:
        change = change_of(tx, call, derived_id(made, "change"))
        kept = actions.create(tx, call.site_id, call.body.ticket_definition, definition_id=made, change=change)
        return _out(tx, call, kept, events.require(tx, call.site_id, kept.event_id))

    return DefinitionAnswer(await call.write(making, new_id(call.now)))


async def update(call: Call) -> DefinitionAnswer:
    """Set the fields that are sent; with `revision`, only if nobody was quicker."""

    def changing(tx: Tx, entry_id: str) -> Json:
        change = change_of(tx, call, entry_id)
        kept = actions.update(tx, call.site_id, call.path_params["id"], call.body.ticket_definition, change)
        return _out(tx, call, kept, events.require(tx, call.site_id, kept.event_id))

    return DefinitionAnswer(await call.write(changing, new_id(call.now)))


async def delete(call: Call) -> Empty:
    """Delete a kind of ticket that nobody has."""

    def deleting(tx: Tx, entry_id: str) -> None:
        actions.delete(tx, call.site_id, call.path_params["id"], change_of(tx, call, entry_id))

    await call.write(deleting, new_id(call.now))
    return Empty()


CHECKOUT = ("/events/v1/checkout", "/_api/events/v1/checkout")
"""Where the first generation sells tickets."""
_PREFIXES = ("/events/v3/ticket-definitions", "/_api/events-ticket-definitions/v3/ticket-definitions")
_ONE = tuple(f"{prefix}/{{id}}" for prefix in _PREFIXES)
_QUERY = tuple(f"{prefix}/{rest}" for prefix in _PREFIXES for rest in ("query", "available/query"))
_UNKNOWN = ("TICKET_DEFINITION_NOT_FOUND",)
_EVENT = "e0e00001-0000-4000-8000-000000000001"
_PRICE = {"fixedPrice": {"value": "25.00", "currency": "USD"}}
_AVAILABLE = tuple(f"{prefix}/available-tickets" for prefix in CHECKOUT)
_PARAMETERS = (
    ("eventId", "Of which event."),
    ("limit", "At most so many."),
    ("offset", "So many are left out."),
    ("sort", "Accepted; the owner's order is the only one."),
)
_ALL = VISITORS | KEYS
OPERATIONS: tuple[Operation, ...] = (
    Operation("QueryAvailableTickets", "POST", tuple(f"{path}/query" for path in _AVAILABLE), "List the tickets of an event.", available,
              "event.read", _ALL, AvailableBody, Available, example={"filter": {"eventId": _EVENT}, "limit": 10}),
    Operation("ListAvailableTickets", "GET", _AVAILABLE, "List the tickets of an event.", available, "event.read", _ALL, None, Available,
              query=_PARAMETERS),
    Operation("QueryTicketDefinitions", "POST", _QUERY,
              f"List kinds of tickets. Filters: {', '.join(store.DEFINITIONS.fields)}. Sorts: {', '.join(store.DEFINITIONS.sortable)}.",
              query, "event.read", _ALL, QueryBody, Definitions, example={"query": {"filter": {"eventId": _EVENT}}}),
    Operation("GetTicketDefinition", "GET", _ONE, "Read a kind of ticket.", get, "event.read", _ALL, None, DefinitionAnswer,
              errors=_UNKNOWN),
    Operation("CreateTicketDefinition", "POST", _PREFIXES, "Make a kind of ticket.", create, "event.manage", KEYS, DefinitionBody,
              DefinitionAnswer, example={"ticketDefinition": {"eventId": _EVENT, "name": "Balcony", "pricingMethod": _PRICE}},
              errors=("EVENT_NOT_FOUND", "INVALID_EVENT_TYPE", "TOO_MANY_TICKETS")),
    Operation("UpdateTicketDefinition", "PATCH", _ONE, "Set the fields of a kind of ticket that are sent.", update, "event.manage", KEYS,
              DefinitionBody, DefinitionAnswer, example={"ticketDefinition": {"initialLimit": 50, "revision": "1"}},
              errors=(*_UNKNOWN, "REVISION_CHANGED")),
    Operation("DeleteTicketDefinition", "DELETE", _ONE, "Delete a kind of ticket that nobody has.", delete, "event.manage", KEYS, None,
              Empty, errors=(*_UNKNOWN, "STILL_IN_USE")),
)  # fmt: skip
