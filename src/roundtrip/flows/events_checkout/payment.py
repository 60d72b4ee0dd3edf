"""The step of paying for tickets, as often as it takes."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from roundtrip.events.event import store as events
from roundtrip.events.orders import actions as orders
from roundtrip.events.orders.model import Order
from roundtrip.events.reservations import actions as reservations
from roundtrip.flows.base import Context, Step
from roundtrip.flows.events_checkout.buying import summary_of_order
from roundtrip.flows.events_checkout.draft import TicketsDraft
from roundtrip.flows.steps import pay
from roundtrip.payments.model import Owed
from roundtrip.storage.database import Tx
from roundtrip.text.marks import marked
from roundtrip.workflows.order_tickets import owed

NAME = "pay_tickets"
KEPT = marked("We are waiting for the word that it has arrived. You can close this page: your tickets are kept, and we send you a mail.")
CHANGE = marked("Change what was said")


def owed_in(tx: Tx, order: Order, context: Context[Any]) -> Owed:
    """What the order owes, paid in this visit and coming back to this step; its tickets are kept long enough to pay."""
    reservation = reservations.require(tx, order.site_id, order.reservation_id)
    return owed(order, reservation, return_path=pay.return_path(context, NAME))


def _order(tx: Tx, draft: TicketsDraft, context: Context[Any]) -> Order:
    return orders.require(tx, context.site.id, draft.order_id)


PAY: Step[TicketsDraft] = pay.pay_step(
    pay.Paying(
        owed=lambda tx, draft, context: owed_in(tx, _order(tx, draft, context), context),
        summary=lambda tx, draft, context: summary_of_order(
            events.get(tx, context.site.id, _order(tx, draft, context).event_id), _order(tx, draft, context), context.language
        ),
        needed=lambda draft: draft.costs and not draft.stands,
        done=lambda draft: draft.stands,
        changed=lambda draft: replace(draft, editing="review"),
        kept=KEPT,
        change=CHANGE,
    ),
    NAME,
)
