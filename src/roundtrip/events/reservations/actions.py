"""Keeping tickets and giving them back. Of many who want the last ones exactly as many get them as there are (PAY-07).

Everybody locks in the same order: reservations by their ids, then kinds of tickets by their ids (decision 0163).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from roundtrip.core.clock import rfc3339
from roundtrip.core.errors import AppError, Kind
from roundtrip.events.event.model import Event, Registration
from roundtrip.events.event.model import Status as EventStatus
from roundtrip.events.reservations import store
from roundtrip.events.reservations.model import AT_ONCE, ENTITY, LONGEST, PAY_FOR, Reservation, Status
from roundtrip.events.reservations.wanted import Wanted, content_of, sold_out
from roundtrip.events.tickets import actions as tickets
from roundtrip.events.tickets import store as ticket_store
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx

MOST_RELEASED = 100


def reserve(
    tx: Tx, event: Event, wanted: Sequence[Wanted], *, visitor_id: str | None, member_id: str | None, moment: Moment
) -> Reservation:
    """Keep tickets for as long as the event says, all or none.

    Raises as `wanted.content_of`, CONFLICT `TICKETS_SOLD_OUT`, `EVENT_HAS_NO_TICKETS`; whoever catches that has taken nothing.
    """
    if event.registration is not Registration.TICKETING or event.status_at(moment.now) is EventStatus.DRAFT:
        text = f"There are no tickets for {event.title}."
        raise AppError(Kind.CONFLICT, "EVENT_HAS_NO_TICKETS", text, data={"eventId": event.id})
    reservation_id = moment.new_id("reservation")
    known = ticket_store.several(tx, event.site_id, [one.definition_id for one in wanted])
    content = content_of(event, known, wanted, reservation_id, moment.now)
    made = Reservation(
        event.site_id, reservation_id, event.id, Status.PENDING, moment.now + event.hold, visitor_id, member_id, None, content, 1,
        moment.now, moment.now,
    )  # fmt: skip
    _make_room(tx, made, moment)
    missing = _take_all(tx, made, moment)
    if missing is not None:
        raise sold_out(ticket_store.get(tx, event.site_id, missing) or known[missing])
    store.insert(tx, made)
    tell(tx, made, "created", moment)
    return made


def _make_room(tx: Tx, made: Reservation, moment: Moment) -> None:
    """Give back what is over, so that nobody waits for the worker; and what this visitor keeps beyond what one may.

    Those that somebody may still be paying for are left to the worker, who gives up the payment first.
    """
    over = store.overdue_of_event(tx, made.site_id, made.event_id, moment.now, MOST_RELEASED)
    beyond = store.kept_by(tx, made, AT_ONCE + MOST_RELEASED)[AT_ONCE - 1 :]
    free = {one.id: (one, Status.CANCELED) for one in beyond if one.order_id is None}
    free |= {one.id: (one, Status.EXPIRED) for one in over}
    back: dict[str, int] = {}
    for reservation_id in sorted(free):
        one, to = free[reservation_id]
        over_at = moment.now if to is Status.EXPIRED else None
        if store.move(tx, one.site_id, one.id, Status.PENDING, to, moment.now, over_at=over_at):
            tell(tx, replace(one, status=to), to.value.lower(), moment)
            for definition_id, quantity in one.by_definition():
                back[definition_id] = back.get(definition_id, 0) + quantity
    for definition_id in sorted(back):
        ticket_store.give_back(tx, made.site_id, definition_id, back[definition_id])


def require(tx: Tx, site_id: str, reservation_id: str) -> Reservation:
    """The reservation of this site. Raises NOT_FOUND `TICKET_RESERVATION_NOT_FOUND`."""
    found = store.get(tx, site_id, reservation_id.lower())
    if found is None:
        raise no_reservation(reservation_id)
    return found


def locked(tx: Tx, site_id: str, reservation_id: str) -> Reservation:
    """The same, which nobody else moves until the transaction ends."""
    store.lock(tx, site_id, reservation_id.lower())
    return require(tx, site_id, reservation_id)


def extend(tx: Tx, reservation: Reservation, now: int) -> int | None:
    """Keep it long enough to pay, but not for ever. Until when; None when it is over."""
    until = max(reservation.expires_at, min(now + PAY_FOR, reservation.created_at + LONGEST))
    return until if store.keep_until(tx, reservation.site_id, reservation.id, until, now) else None


def expire(tx: Tx, reservation: Reservation, moment: Moment) -> bool:
    """The time is over, and the tickets are free again. True for exactly one caller."""
    return _let_go(tx, reservation, Status.EXPIRED, moment, over_at=moment.now)


def lapse(tx: Tx, reservation: Reservation, moment: Moment) -> bool:
    """What it waited for did not come: free again before its time is over. True for exactly one caller."""
    return _let_go(tx, reservation, Status.EXPIRED, moment)


def cancel(tx: Tx, reservation: Reservation, moment: Moment) -> bool:
    """Nobody wants it any more. True for exactly one caller."""
    return _let_go(tx, reservation, Status.CANCELED, moment)


def _let_go(tx: Tx, reservation: Reservation, to: Status, moment: Moment, *, over_at: int | None = None) -> bool:
    if not store.move(tx, reservation.site_id, reservation.id, Status.PENDING, to, moment.now, over_at=over_at):
        return False
    for definition_id, quantity in reservation.by_definition():
        ticket_store.give_back(tx, reservation.site_id, definition_id, quantity)
    tell(tx, replace(reservation, status=to), to.value.lower(), moment)
    return True


def confirm(tx: Tx, reservation: Reservation, moment: Moment) -> bool:
    """It was bought. A reservation that is over and still there can be confirmed: nobody else has its tickets.

    One whose tickets were given back takes them again, all or none. False: somebody else has them.
    """
    site_id, now = reservation.site_id, moment.now
    if not store.move(tx, site_id, reservation.id, Status.PENDING, Status.CONFIRMED, now) and not _take_again(tx, reservation, moment):
        return False
    for definition_id, quantity in reservation.by_definition():
        ticket_store.count_sold(tx, site_id, definition_id, quantity)
    tell(tx, replace(reservation, status=Status.CONFIRMED), "confirmed", moment)
    return True


def _take_again(tx: Tx, reservation: Reservation, moment: Moment) -> bool:
    site_id = reservation.site_id
    if not store.move(tx, site_id, reservation.id, Status.EXPIRED, Status.CONFIRMED, moment.now):
        return False
    if _take_all(tx, reservation, moment) is None:
        return True
    store.move(tx, site_id, reservation.id, Status.CONFIRMED, Status.EXPIRED, moment.now)
    return False


def _take_all(tx: Tx, reservation: Reservation, moment: Moment) -> str | None:
    """Take everything of it, or nothing: then the kind of ticket of which there are not so many."""
    taken: list[tuple[str, int, int]] = []
    for definition_id, quantity in reservation.by_definition():
        left = ticket_store.take(tx, reservation.site_id, definition_id, quantity)
        if left is None:
            for other, back, _ in taken:
                ticket_store.give_back(tx, reservation.site_id, other, back)
            return definition_id
        taken.append((definition_id, quantity, left))
    for definition_id, _, left in taken:
        if not left:
            tickets.tell_sold_out(tx, reservation.site_id, definition_id, moment)
    return None


def give_back_sold(tx: Tx, reservation: Reservation, moment: Moment) -> bool:
    """An order was cancelled: what was sold is free again. True for exactly one caller."""
    if not store.move(tx, reservation.site_id, reservation.id, Status.CONFIRMED, Status.CANCELED, moment.now):
        return False
    for definition_id, quantity in reservation.by_definition():
        ticket_store.give_back(tx, reservation.site_id, definition_id, quantity, sold=quantity)
    tell(tx, replace(reservation, status=Status.CANCELED), "canceled", moment)
    return True


def tell(tx: Tx, one: Reservation, slug: str, moment: Moment) -> None:
    """Record a domain event about a reservation."""
    body: dict[str, object] = {
        "id": one.id,
        "eventId": one.event_id,
        "status": one.status.value,
        "expirationDate": rfc3339(one.expires_at),
        "tickets": [{"ticketDefinitionId": line.definition_id, "quantity": line.quantity} for line in one.lines],
    }
    moment.tell(tx, one.site_id, ENTITY, slug, one.id, body, person=one.member_id)


def no_reservation(reservation_id: str) -> AppError:
    """There is none (any more), or it is another site's."""
    text = f"There is no ticket reservation {reservation_id[:40]!r}."
    return AppError(Kind.NOT_FOUND, "TICKET_RESERVATION_NOT_FOUND", text, data={"reservationId": reservation_id[:40]})
