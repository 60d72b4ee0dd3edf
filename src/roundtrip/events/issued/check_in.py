"""Letting people in: each ticket once, whoever stands at however many doors."""

from __future__ import annotations

from roundtrip.core.clock import rfc3339
from roundtrip.core.errors import AppError, Kind
from roundtrip.events.issued import store
from roundtrip.events.orders import links
from roundtrip.events.orders.model import Ticket
from roundtrip.events.orders.numbers import read_number
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx

ENTITY = "event_ticket"


def find(tx: Tx, site_id: str, event_id: str, said: str, code_key: bytes) -> Ticket:
    """The ticket of a square code, or of a number that somebody types. Raises NOT_FOUND `TICKET_NOT_FOUND`, CONFLICT `OTHER_EVENT`."""
    ticket_id = links.ticket_id(code_key, said)
    found = store.get(tx, site_id, ticket_id) if ticket_id else store.by_number(tx, site_id, read_number(said)[:40])
    if found is None:
        raise no_ticket(said)
    if found.event_id != event_id:
        text = f"The ticket {found.number} is for another event."
        raise AppError(Kind.CONFLICT, "OTHER_EVENT", text, data={"ticketNumber": found.number, "eventId": found.event_id})
    return found


def check_in(tx: Tx, ticket: Ticket, moment: Moment) -> Ticket:
    """Let somebody in with it. Raises CONFLICT `ALREADY_CHECKED_IN` with the time of the first, `TICKET_NOT_VALID` after cancelling."""
    if store.check_in(tx, ticket, moment.now):
        _tell(tx, ticket, "checked_in", moment)
        return _again(tx, ticket)
    seen = _again(tx, ticket)
    if not seen.is_valid:
        text = f"The ticket {seen.number} is not good any more: its order was cancelled."
        raise AppError(Kind.CONFLICT, "TICKET_NOT_VALID", text, data={"ticketNumber": seen.number})
    at = rfc3339(seen.checked_in_at or moment.now)
    text = f"Somebody came with the ticket {seen.number} already, at {at}."
    raise AppError(Kind.CONFLICT, "ALREADY_CHECKED_IN", text, data={"ticketNumber": seen.number, "checkedInDate": at})


def undo(tx: Tx, ticket: Ticket, moment: Moment) -> Ticket:
    """Take a check-in back; nothing changes when nobody has come."""
    if store.undo_check_in(tx, ticket):
        _tell(tx, ticket, "check_in_undone", moment)
    return _again(tx, ticket)


def _again(tx: Tx, ticket: Ticket) -> Ticket:
    found = store.get(tx, ticket.site_id, ticket.id)
    assert found is not None  # tickets are never deleted
    return found


def _tell(tx: Tx, ticket: Ticket, slug: str, moment: Moment) -> None:
    body: dict[str, object] = {"id": ticket.id, "ticketNumber": ticket.number, "eventId": ticket.event_id, "orderId": ticket.order_id}
    moment.tell(tx, ticket.site_id, ENTITY, slug, ticket.id, body)


def no_ticket(said: str) -> AppError:
    """There is none, it is another site's, or nobody here made the code."""
    return AppError(Kind.NOT_FOUND, "TICKET_NOT_FOUND", f"There is no ticket {said[:40]!r}.", data={"ticketNumber": said[:40]})
