"""Making and moving orders inside this room, and the tickets that come of them. Money, coupons and mails are joined in `workflows/`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from roundtrip.core.email import email_key
from roundtrip.core.errors import AppError, Kind
from roundtrip.events.issued import store as ticket_store
from roundtrip.events.orders import store
from roundtrip.events.orders.model import ENTITY, STANDING, WAITING, Guest, Order, Status, Ticket, TicketContent
from roundtrip.events.orders.numbers import order_number, ticket_number
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx

NUMBERS_TRIED = 5


def require(tx: Tx, site_id: str, order_id: str) -> Order:
    """The order of this site. Raises NOT_FOUND `ORDER_NOT_FOUND`."""
    found = store.get(tx, site_id, order_id)
    if found is None:
        raise no_order(order_id)
    return found


def insert(tx: Tx, made: Order, moment: Moment) -> Order:
    """Keep a new order under a number of its own."""
    for attempt in range(NUMBERS_TRIED):
        numbered = replace(made, number=order_number(made.id, attempt))
        if store.insert(tx, numbered):
            tell(tx, numbered, "created", moment)
            return numbered
    raise AppError(Kind.CONFLICT, "NUMBERS_TAKEN", "No number was free for this order. Repeat the call.")


def stand(tx: Tx, order: Order, among: Sequence[Status], to: Status, moment: Moment) -> Order | None:
    """Let an order stand whose tickets were confirmed, and make them. None when it moved meanwhile."""
    if not store.move(tx, order, among, to, moment.now):
        return None
    return issued(tx, order, moment)


def issued(tx: Tx, order: Order, moment: Moment) -> Order:
    """The order as it stands, with its tickets made: one for each piece, in the order of its lines."""
    stands = require(tx, order.site_id, order.id)
    place = 0
    for line in stands.content.lines:
        for _ in range(line.quantity):
            guest = stands.content.guests[place] if place < len(stands.content.guests) else Guest()
            place += 1
            ticket = Ticket(
                stands.site_id,
                moment.new_id(f"ticket {stands.id} {place}"),
                ticket_number(stands.number, place),
                stands.id,
                stands.event_id,
                line.definition_id,
                place,
                True,
                None,
                TicketContent(line.name, line.option_name, line.unit, line.id, guest),
                moment.now,
            )
            ticket_store.insert(tx, ticket)
    tell(tx, stands, "confirmed", moment)
    return stands


def give_up(tx: Tx, order: Order, why: str, moment: Moment, *, declined: bool = False) -> bool:
    """An order that waits for its money waits no longer. True for exactly one caller."""
    if not store.move(tx, order, tuple(WAITING), Status.DECLINED if declined else Status.CANCELED, moment.now, why):
        return False
    tell(tx, require(tx, order.site_id, order.id), "canceled", moment, reason=why)
    return True


def cancel(tx: Tx, order: Order, why: str, moment: Moment) -> Order:
    """An order that stood is cancelled, and its tickets open no door any more. Raises CONFLICT `ORDER_STATUS`."""
    if not store.move(tx, order, tuple(STANDING), Status.CANCELED, moment.now, why):
        raise in_other_state(require(tx, order.site_id, order.id), "be cancelled")
    ticket_store.void(tx, order.site_id, order.id)
    cancelled = require(tx, order.site_id, order.id)
    tell(tx, cancelled, "canceled", moment, reason=why)
    moment.note(tx, order.site_id, "event_order.canceled", order.id, order.number, {"status": order.status}, {"status": cancelled.status})
    return cancelled


def tell(tx: Tx, order: Order, slug: str, moment: Moment, **more: object) -> None:
    """Record a domain event about an order."""
    body: dict[str, object] = {
        "id": order.id,
        "orderNumber": order.number,
        "eventId": order.event_id,
        "status": order.status.value,
        "ticketsQuantity": order.tickets,
        "totalPrice": {"value": order.total.text, "currency": order.currency},
        "revision": str(order.revision),
        **({"memberId": order.member_id} if order.member_id else {}),
        **more,
    }
    person = order.member_id or email_key(order.content.buyer.email) or None
    moment.tell(tx, order.site_id, ENTITY, slug, order.id, body, person=person)


def no_order(order_id: str) -> AppError:
    """There is none (any more), or it is somebody else's."""
    text = f"There is no order {order_id[:40]!r} of tickets."
    return AppError(Kind.NOT_FOUND, "ORDER_NOT_FOUND", text, data={"orderNumber": order_id[:40]})


def in_other_state(order: Order, what: str) -> AppError:
    """It is not in a state for that."""
    text = f"The order {order.number} is {order.status.value} and can't {what}."
    return AppError(Kind.CONFLICT, "ORDER_STATUS", text, data={"orderNumber": order.number, "status": order.status.value})
