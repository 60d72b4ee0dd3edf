"""SQL of tickets, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from roundtrip.core.email import email_key
from roundtrip.events.orders.model import Ticket, TicketContent
from roundtrip.query.fields import Field, Fields, Kind
from roundtrip.query.listed import listed
from roundtrip.query.model import Page, Query
from roundtrip.query.store import Source, run
from roundtrip.storage.database import Row, Tx, Value

_TICKET = (
    "ticket.site_id, ticket.id, ticket.number, ticket.order_id, ticket.event_id, ticket.definition_id, ticket.place, ticket.is_valid,"
    " ticket.checked_in_at, ticket.content, ticket.created_at"
)
_TABLE = "event_ticket AS ticket"
_content = msgspec.json.Decoder(TicketContent).decode
TICKETS: Final = Fields(
    {
        "id": Field(Kind.ID, "ticket.id"),
        "ticketNumber": Field(Kind.TEXT, "ticket.number", sortable=True),
        "eventId": Field(Kind.ID, "ticket.event_id"),
        "orderId": Field(Kind.ID, "ticket.order_id"),
        "ticketDefinitionId": Field(Kind.ID, "ticket.definition_id"),
        "valid": Field(Kind.BOOLEAN, "ticket.is_valid"),
    },
    key="ticket.id",
    default_sort=("ticketNumber",),
)
"""What tickets can be asked for."""


def insert(tx: Tx, made: Ticket) -> bool:
    """False when it is there already."""
    return (
        tx.execute(
            "INSERT INTO event_ticket (site_id, id, number, order_id, event_id, definition_id, place, is_valid, checked_in_at, guest_key,"
            " content, created_at) VALUES (:site_id, :id, :number, :order_id, :event_id, :definition_id, :place, :is_valid, NULL,"
            " :guest_key, :content, :created_at) ON CONFLICT DO NOTHING",
            site_id=made.site_id,
            id=made.id,
            number=made.number,
            order_id=made.order_id,
            event_id=made.event_id,
            definition_id=made.definition_id,
            place=made.place,
            is_valid=True,
            guest_key=email_key(made.content.guest.email),
            content=msgspec.json.encode(made.content).decode(),
            created_at=made.created_at,
        )
        == 1
    )


def of_order(tx: Tx, site_id: str, order_id: str) -> list[Ticket]:
    """The tickets of an order, in their places."""
    where = "ticket.site_id = :site_id AND ticket.order_id = :order_id ORDER BY ticket.place"
    return _all(tx, where, site_id=site_id, order_id=order_id)


def of_orders(tx: Tx, site_id: str, order_ids: Sequence[str]) -> dict[str, list[Ticket]]:
    """The tickets of these orders, by order. Give at most a hundred."""
    if not order_ids:
        return {}
    names, params = listed("order_id", sorted(set(order_ids)))
    found: dict[str, list[Ticket]] = {}
    where = f"ticket.site_id = :site_id AND ticket.order_id IN ({names}) ORDER BY ticket.order_id, ticket.place"
    for one in _all(tx, where, site_id=site_id, **params):
        found.setdefault(one.order_id, []).append(one)
    return found


def get(tx: Tx, site_id: str, ticket_id: str) -> Ticket | None:
    """A ticket of this site."""
    found = _all(tx, "ticket.site_id = :site_id AND ticket.id = :id", site_id=site_id, id=ticket_id)
    return found[0] if found else None


def by_id(tx: Tx, ticket_id: str) -> Ticket | None:
    """A ticket of whatever site, for who has its address."""
    found = _all(tx, "ticket.id = :id", id=ticket_id)
    return found[0] if found else None


def by_number(tx: Tx, site_id: str, number: str) -> Ticket | None:
    """A ticket of this site by its number."""
    found = _all(tx, "ticket.site_id = :site_id AND ticket.number = :number", site_id=site_id, number=number)
    return found[0] if found else None


def query(tx: Tx, site_id: str, wanted: Query) -> tuple[Page, list[Ticket]]:
    """A page of the tickets of a site."""
    page = run(tx, Source(_TICKET, _TABLE, "ticket.site_id = :site_id", {"site_id": site_id}), wanted)
    return page, [_ticket(row) for row in page.rows]


def of_event(tx: Tx, site_id: str, event_id: str, after: str, limit: int) -> list[Ticket]:
    """The good tickets of an event whose number comes after that one."""
    return _all(
        tx,
        "ticket.site_id = :site_id AND ticket.event_id = :event_id AND ticket.number > :after AND ticket.is_valid = :yes"
        " ORDER BY ticket.number LIMIT :limit",
        site_id=site_id,
        event_id=event_id,
        after=after,
        yes=True,
        limit=limit,
    )


def check_in(tx: Tx, ticket: Ticket, now: int) -> bool:
    """Let somebody in with it: true for exactly one caller, however many come with copies of it."""
    return (
        tx.execute(
            "UPDATE event_ticket SET checked_in_at = :now WHERE site_id = :site_id AND id = :id AND checked_in_at IS NULL"
            " AND is_valid = :yes",
            site_id=ticket.site_id,
            id=ticket.id,
            now=now,
            yes=True,
        )
        == 1
    )


def undo_check_in(tx: Tx, ticket: Ticket) -> bool:
    """Take a check-in back. True for exactly one caller."""
    sql = "UPDATE event_ticket SET checked_in_at = NULL WHERE site_id = :site_id AND id = :id AND checked_in_at IS NOT NULL"
    return tx.execute(sql, site_id=ticket.site_id, id=ticket.id) == 1


def void(tx: Tx, site_id: str, order_id: str) -> None:
    """The tickets of an order are not good any more."""
    sql = "UPDATE event_ticket SET is_valid = :no WHERE site_id = :site_id AND order_id = :order_id"
    tx.execute(sql, site_id=site_id, order_id=order_id, no=False)


def erase_guest(tx: Tx, ticket: Ticket, content: TicketContent) -> None:
    """Keep a ticket without whose it is."""
    tx.execute(
        "UPDATE event_ticket SET content = :content, guest_key = '' WHERE site_id = :site_id AND id = :id",
        site_id=ticket.site_id,
        id=ticket.id,
        content=msgspec.json.encode(content).decode(),
    )


def _all(tx: Tx, where: str, **params: Value) -> list[Ticket]:
    return [_ticket(row) for row in tx.all(f"SELECT {_TICKET} FROM {_TABLE} WHERE {where}", **params)]


def _ticket(row: Row) -> Ticket:
    return Ticket(row[0], row[1], row[2], row[3], row[4], row[5], row[6], bool(row[7]), row[8], _content(row[9]), row[10])
