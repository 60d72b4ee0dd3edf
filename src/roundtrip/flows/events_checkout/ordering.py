"""Making an order of what a visit has said so far."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.money import Money
from roundtrip.events.reservations.model import Reservation
from roundtrip.events.tickets import store as tickets
from roundtrip.events.tickets.model import Definition
from roundtrip.flows.base import Context
from roundtrip.flows.events_checkout import buying
from roundtrip.flows.events_checkout.draft import TicketsDraft
from roundtrip.flows.steps.buying import moment_of
from roundtrip.flows.steps.refused import refused
from roundtrip.storage.database import Tx
from roundtrip.text.marks import marked
from roundtrip.workflows.order_tickets import Wanted, place

CHANGED = marked("Something has changed since you saw it. Look at the new amounts before you agree.")
NOT_NOW = marked("This can't be ordered at the moment. Try again.")


def ordered(tx: Tx, draft: TicketsDraft, context: Context[Any], *, seen: Money | None, pays_later: bool = False) -> TicketsDraft:
    """The draft with its order. Raises what is shown on the page, so that nothing is kept."""
    found = buying.quoted(tx, draft, context)
    session = context.session
    owner = (session.caller_kind, session.caller_id)
    wanted = Wanted(
        buyer=buying.buyer_in(draft.typed, found.event),
        guests=buying.guests_in(draft.typed, found.event, found.reservation),
        coupon_code=draft.coupon,
        pays_later=pays_later,
        language=context.language,
        session_id=session.id,
        visitor_id=owner[1] if owner[0] == "visitor" else None,
        member_id=(owner[1] if owner[0] == "member" else None) or found.reservation.member_id,
        seen=seen,
    )
    try:
        order = place(tx, context.site.id, draft.reservation_id, wanted, moment_of(context))
    except AppError as error:
        if error.kind not in (Kind.CONFLICT, Kind.NOT_FOUND):
            raise
        raise refused(("", CHANGED if error.code == "ORDER_CHANGED" else NOT_NOW)) from error
    typed = {"email": draft.typed["email"]} if order.stands else draft.typed
    return replace(draft, order_id=order.id, stands=order.stands, typed=typed, editing="")


def definitions(tx: Tx, reservation: Reservation) -> dict[str, Definition]:
    """The kinds of tickets that are reserved, by id."""
    return tickets.several(tx, reservation.site_id, [line.definition_id for line in reservation.lines])
