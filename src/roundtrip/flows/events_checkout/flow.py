"""The `eventsCheckout` flow: who comes, a last look, payment; and the order's number and the event's id are the site's answer."""

from __future__ import annotations

from msgspec.structs import replace

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.identity import ApiKey, App, Caller, Member
from roundtrip.events.event import actions as event_actions
from roundtrip.events.event import store as events
from roundtrip.events.event.model import Status as EventStatus
from roundtrip.events.orders import store as orders
from roundtrip.events.orders.model import GIVEN_BACK, Order, Status
from roundtrip.events.reservations import actions as reservations
from roundtrip.events.reservations import store
from roundtrip.events.reservations.model import Reservation
from roundtrip.events.reservations.model import Status as Kept
from roundtrip.flows.base import Asked, Began, Context, Flow, Identity, Outcome, Refreshed
from roundtrip.flows.events_checkout import details, review, thanks
from roundtrip.flows.events_checkout.draft import Over, TicketsDraft
from roundtrip.flows.events_checkout.params import INTENT, EventsCheckout
from roundtrip.flows.events_checkout.payment import PAY
from roundtrip.flows.links import through_entry
from roundtrip.sites.verdict import Rule
from roundtrip.storage.database import Tx
from roundtrip.workflows.order_tickets import quote


def check(tx: Tx, asked: Asked[EventsCheckout]) -> None:
    """The reservation is this site's, for this event, not bought yet, and no other member's (decision record 0140).

    Whether it is still kept is asked when the visitor is there, who can reserve again. Raises NOT_FOUND, CONFLICT.
    """
    params = asked.params
    event = events.by_slug(tx, asked.site.id, params.event_slug)
    if event is None or event.status is EventStatus.DRAFT:
        raise event_actions.no_such_event(params.event_slug)
    reservation = store.get(tx, asked.site.id, params.reservation_id.lower())
    if reservation is None or reservation.event_id != event.id or not _may_open(reservation, asked.caller):
        raise reservations.no_reservation(params.reservation_id)
    if reservation.status is Kept.CONFIRMED:
        text = "These tickets were bought already. Make a new reservation for more."
        raise AppError(Kind.CONFLICT, "TICKETS_ALREADY_BOUGHT", text, data={"reservationId": reservation.id})


def _may_open(reservation: Reservation, caller: Caller | None) -> bool:
    """A visitor's reservation is bought by whoever knows its unguessable id; a member's by that member."""
    if not reservation.member_id or (isinstance(caller, Member) and caller.member_id == reservation.member_id):
        return True
    return isinstance(caller, ApiKey | App)


def begin(tx: Tx, context: Context[EventsCheckout]) -> Began[TicketsDraft]:
    """Only the reservation is taken from what was sent."""
    return Began(TicketsDraft(reservation_id=context.params.reservation_id.lower()))


def refresh(tx: Tx, draft: TicketsDraft, context: Context[EventsCheckout]) -> Refreshed[TicketsDraft]:
    """What became of the reservation, and of the order."""
    site_id = context.site.id
    bought = orders.of_session(tx, context.session.id)
    order = bought or (orders.get(tx, site_id, draft.order_id) if draft.order_id else None)
    reservation = store.get(tx, site_id, draft.reservation_id)
    if order is not None and (order.stands or order.status is Status.PENDING):
        # Who comes is kept in the order alone from now on, where each guest finds themselves.
        typed = {name: text for name, text in draft.typed.items() if name == "email"} if order.stands else draft.typed
        kept = replace(draft, order_id=order.id, stands=order.stands, typed=typed, costs=bool(order.total), said=True, over="", editing="")
        return Refreshed(kept)
    over = _over(tx, draft, order, reservation, context)
    if over or reservation is None:
        return Refreshed(replace(draft, over=over, stands=False, order_id=draft.order_id))
    event = events.get(tx, site_id, reservation.event_id)
    assert event is not None  # `_over` has just seen it
    total = quote(tx, event, reservation, draft.coupon, draft.person or "", context.now).invoice.total
    # Until somebody has said who they are, the number of steps is told as if no coupon made it free.
    costs = bool(total) or bool(draft.coupon)
    waits = order is not None and order.waits and order.reservation_id == reservation.id
    return Refreshed(replace(draft, over="", costs=costs, stands=False, order_id=order.id if waits and order is not None else ""))


def _over(tx: Tx, draft: TicketsDraft, order: Order | None, reservation: Reservation | None, context: Context[EventsCheckout]) -> Over:
    """Why nothing can be bought now; empty when it can."""
    if reservation is None:
        return "gone"
    event = events.get(tx, context.site.id, reservation.event_id)
    if event is None or event.status_at(context.now) is EventStatus.ENDED:
        return "gone"
    if event.status is EventStatus.CANCELED:
        return "canceled"
    if reservation.status is Kept.CONFIRMED:
        return "bought"
    if reservation.is_kept(context.now):
        return ""
    if draft.sold_out:
        return "sold_out"
    return "refunded" if order is not None and order.why == GIVEN_BACK else "time_over"


def finish(tx: Tx, draft: TicketsDraft, context: Context[EventsCheckout]) -> Outcome:
    """The tickets are bought."""
    order = orders.get(tx, context.site.id, draft.order_id)
    assert order is not None  # `refresh` has just seen it
    return Outcome(ids={"orderNumber": order.number, "eventId": order.event_id})


FLOW: Flow[EventsCheckout, TicketsDraft] = Flow(
    intent=INTENT,
    params=EventsCheckout,
    draft=TicketsDraft,
    returns_to=Rule.REDIRECT_DOMAIN,
    identity=Identity.VISITOR,
    check=check,
    link=through_entry(
        lambda params: f"/__events/event-details/{params.event_slug}/ticket-form", lambda params: {"reservationId": params.reservation_id}
    ),
    begin=begin,
    refresh=refresh,
    steps=(details.STEP, review.STEP, PAY),
    finish=finish,
    leave=thanks.leave,
    return_params=("orderNumber", "eventId"),
)
