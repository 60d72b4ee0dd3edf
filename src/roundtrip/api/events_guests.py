"""Who comes: tickets and guests of an event for the owner's server code, a list to print, and letting people in at the door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any

from msgspec import Meta

from roundtrip.api.callers import moment_of_call
from roundtrip.api.events_orders_view import pages_of, ticket_out
from roundtrip.api.operation import KEYS, Answer, Call, Operation
from roundtrip.api.query_calls import PagingMetadata, QueryBody, asked, paging_metadata
from roundtrip.api.stores_views import Json
from roundtrip.api.wire import Wire
from roundtrip.core.clock import rfc3339
from roundtrip.core.ids import new_id
from roundtrip.events.event import actions as events
from roundtrip.events.event.model import Registration
from roundtrip.events.issued import check_in as door
from roundtrip.events.issued import store
from roundtrip.events.orders import actions as orders
from roundtrip.events.orders import store as order_store
from roundtrip.events.orders.model import Answer as Said
from roundtrip.events.orders.model import Ticket
from roundtrip.events.rsvps import store as rsvps
from roundtrip.query.model import Query
from roundtrip.query.parse import read_query
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.text.csv_file import CONTENT_TYPE, csv_file

AT_ONCE = 500
MOST = 100_000
"""Lines of a list; an event with more guests is read by the API."""
_HEAD = ("Number", "Order", "Ticket", "First name", "Last name", "Email", "Status", "Checked in", "Answers")


class DoorBody(Wire):
    """Numbers of tickets, or what their square codes say. `eventId` is the event at whose door they are shown."""

    event_id: Annotated[str, Meta(max_length=36)]
    ticket_number: Annotated[list[Annotated[str, Meta(min_length=1, max_length=400)]], Meta(min_length=1, max_length=100)]


class Tickets(Wire, omit_defaults=False):
    """Tickets."""

    tickets: list[dict[str, Any]]


class TicketPage(Wire, omit_defaults=False):
    """A page of tickets."""

    tickets: list[dict[str, Any]]
    paging_metadata: PagingMetadata


async def query(call: Call) -> TicketPage:
    """List tickets."""
    return await call.read(_queried, call, read_query(asked(call, QueryBody).query, store.TICKETS))


def _queried(tx: Tx, call: Call, wanted: Query) -> TicketPage:
    page, found = store.query(tx, call.site_id, wanted)
    return TicketPage(_shown(tx, call, found), paging_metadata(page))


def _shown(tx: Tx, call: Call, found: list[Ticket]) -> list[Json]:
    known = order_store.several(tx, call.site_id, [one.order_id for one in found])
    pages = pages_of(tx, call)
    return [ticket_out(one, known[one.order_id], call.services.code_key, pages) for one in found]


async def check_in(call: Call) -> Tickets:
    """Let people in: each ticket once."""
    return await _at_door(call, door.check_in)


async def undo_check_in(call: Call) -> Tickets:
    """Take check-ins back."""
    return await _at_door(call, door.undo)


async def _at_door(call: Call, do: Callable[[Tx, Ticket, Moment], Ticket]) -> Tickets:
    body: DoorBody = call.body

    def doing(tx: Tx, made: str) -> list[Json]:
        event = events.require(tx, call.site_id, body.event_id)
        moment = moment_of_call(tx, call, made)
        found = [door.find(tx, call.site_id, event.id, said, call.services.code_key) for said in body.ticket_number]
        # In one order, so that two doors that read the same tickets do not wait for each other in a circle.
        return _shown(tx, call, [do(tx, one, moment) for one in sorted(found, key=lambda ticket: ticket.id)])

    return Tickets(await call.write(doing, new_id(call.now)))


async def guest_list(call: Call) -> Answer:
    """Everybody who comes, as a file for a spreadsheet."""
    rows = await call.read(lambda tx: list(_rows(tx, call)))
    name = b'attachment; filename="guests.csv"'
    return Answer(csv_file(_HEAD, rows), content_type=CONTENT_TYPE, headers=((b"content-disposition", name),))


def _rows(tx: Tx, call: Call) -> Iterator[tuple[str, ...]]:
    event = events.require(tx, call.site_id, call.path_params["eventId"])
    return _answered(tx, call.site_id, event.id) if event.registration is Registration.RSVP else _ticketed(tx, call.site_id, event.id)


def _ticketed(tx: Tx, site_id: str, event_id: str) -> Iterator[tuple[str, ...]]:
    after = ""
    for _ in range(MOST // AT_ONCE):
        found = store.of_event(tx, site_id, event_id, after, AT_ONCE)
        known = order_store.several(tx, site_id, [one.order_id for one in found])
        for one in found:
            order, guest = known.get(one.order_id) or orders.require(tx, site_id, one.order_id), one.content.guest
            ticket = f"{one.content.name} ({one.content.option})" if one.content.option else one.content.name
            email = guest.email or order.content.buyer.email
            answers = guest.answers or order.content.buyer.answers
            came = rfc3339(one.checked_in_at) if one.checked_in_at is not None else ""
            yield one.number, order.number, ticket, guest.first_name, guest.last_name, email, order.status.value, came, _said(answers)
        if len(found) < AT_ONCE:
            return
        after = found[-1].number


def _answered(tx: Tx, site_id: str, event_id: str) -> Iterator[tuple[str, ...]]:
    after = ""
    for _ in range(MOST // AT_ONCE):
        found = rsvps.of_event(tx, site_id, event_id, after, AT_ONCE)
        for one in found:
            guest, came = one.content.guest, str(one.checked_in) if one.checked_in else ""
            yield "", "", str(one.guests), guest.first_name, guest.last_name, guest.email, one.status.value, came, _said(guest.answers)
        if len(found) < AT_ONCE:
            return
        after = found[-1].id


def _said(answers: tuple[Said, ...]) -> str:
    return "; ".join(f"{one.title}: {one.value}" for one in answers)


_TICKETS = ("/events/v1/tickets", "/_api/wix-events-web/v1/tickets")
_DOOR = tuple(f"{prefix}/check-in" for prefix in _TICKETS)
_EVENT = "e0e00001-0000-4000-8000-000000000001"
_EXAMPLE = {"eventId": _EVENT, "ticketNumber": ["2ABC-DEFG-HJK-01"]}
_MISSING = ("EVENT_NOT_FOUND", "TICKET_NOT_FOUND", "OTHER_EVENT")
OPERATIONS: tuple[Operation, ...] = (
    Operation("QueryTickets", "POST", tuple(f"{prefix}/query" for prefix in _TICKETS),
              f"List tickets. Filters: {', '.join(store.TICKETS.fields)}.", query, "event.read", KEYS, QueryBody, TicketPage,
              example={"query": {"filter": {"eventId": _EVENT}}}),
    Operation("CheckInTickets", "POST", _DOOR, "Let people in: each ticket once. All that are named, or none.", check_in, "event.manage",
              KEYS, DoorBody, Tickets, example=_EXAMPLE, errors=(*_MISSING, "ALREADY_CHECKED_IN", "TICKET_NOT_VALID")),
    Operation("DeleteTicketCheckIns", "DELETE", _DOOR, "Take check-ins back.", undo_check_in, "event.manage", KEYS, DoorBody, Tickets,
              example=_EXAMPLE, errors=_MISSING),
    Operation("ListGuests", "GET", tuple(f"{prefix}/{{eventId}}/guests.csv" for prefix in ("/api/v1/events",)),
              "Everybody who comes, as a file for a spreadsheet.", guest_list, "event.read", KEYS, produces="text/csv",
              errors=("EVENT_NOT_FOUND",)),
)  # fmt: skip
