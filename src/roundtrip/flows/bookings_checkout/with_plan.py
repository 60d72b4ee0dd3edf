"""The plans in the booking form: which ones of the visitor's pay for it, logging in to use one, and the way to buy one and come back."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from roundtrip.bookings.availability import Offer
from roundtrip.bookings.book.model import Booking
from roundtrip.bookings.book.wanted import Wanted
from roundtrip.bookings.services.model import Service
from roundtrip.flows.base import Context, Form, Submitted
from roundtrip.flows.bookings_checkout.draft import BookingDraft
from roundtrip.flows.bookings_checkout.params import BookingsCheckout
from roundtrip.flows.steps import interrupted
from roundtrip.flows.steps.choose_time import may_wait
from roundtrip.flows.steps.identified import carried_over
from roundtrip.plans.credits.actions import Usable
from roundtrip.plans.plan import store as plans
from roundtrip.redirect_session import return_url
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.text.marks import marked
from roundtrip.workflows import book_with_plan, move_booking

PREFIX = "plan-"
"""What stands before the id of an order in the field `method`."""
REFUSALS: Mapping[str, str] = {
    "NO_CREDITS_LEFT": marked("Your plan has not so many credits left for this. Choose another way to pay."),
    "PLAN_NOT_USABLE": marked("Your plan doesn’t pay for this any more. Choose another way to pay."),
    "PLAN_ORDER_NOT_FOUND": marked("Your plan doesn’t pay for this any more. Choose another way to pay."),
}


def member_of(draft: BookingDraft, context: Context[BookingsCheckout]) -> str | None:
    """Who is here: who logged in during this visit, or is logged in in this browser. A link alone is nobody's plan."""
    return draft.member_id or (context.login.member_id if context.login is not None else None)


def log_in(tx: Tx, draft: BookingDraft, context: Context[BookingsCheckout]) -> Submitted[BookingDraft]:
    """The visitor wants to use a plan: whose own token asked for this visit is known already, everybody else logs in."""
    began = carried_over(tx, draft, context)
    if began.draft.member_id is not None:
        return Submitted(began.draft, began.login_started)
    return Submitted(replace(draft, wants_login=True))


def method_of(way: Usable) -> str:
    """The value of the choice."""
    return PREFIX + way.order.id


def usable(tx: Tx, draft: BookingDraft, offer: Offer, context: Context[BookingsCheckout]) -> list[Usable]:
    """The visitor's orders that pay for this now."""
    return [way for way in _ways(tx, draft, offer, context) if way.left is None or way.left]


def _ways(tx: Tx, draft: BookingDraft, offer: Offer, context: Context[BookingsCheckout]) -> list[Usable]:
    member_id = member_of(draft, context)
    if member_id is None or may_wait(offer):
        return []
    return book_with_plan.ways(tx, offer.service, member_id, offer.start)


def view(tx: Tx, draft: BookingDraft, offer: Offer, context: Context[BookingsCheckout]) -> Mapping[str, object] | None:
    """What the form says about plans; None for what no plan that is sold pays for, and for the waiting list."""
    service = offer.service
    if not service.terms.pays_by_plan or may_wait(offer):
        return None
    sold = [one.id for one in plans.several(tx, context.site.id, service.terms.plan_ids) if one.is_sold]
    ways = _ways(tx, draft, offer, context)
    if not sold and not ways:
        return None
    return {
        "usable": [
            {"value": method_of(way), "name": way.order.content.name, "left": way.left, "most": way.most}
            for way in ways
            if way.left is None or way.left
        ],
        "used_up": [way.order.content.name for way in ways if way.left == 0],
        "may_log_in": member_of(draft, context) is None,
        "buy_url": _buy_url(sold, context),
        "may_buy_here": bool(sold) and not context.session.request.callbacks.plan_list_url,
    }


def _buy_url(plan_ids: list[str], context: Context[BookingsCheckout]) -> str | None:
    """The site's own page of plans, which leads back here by way of buying one."""
    if not plan_ids:
        return None
    try:
        return return_url.plan_list(
            context.session,
            context.client,
            context.site,
            plan_ids=plan_ids,
            data=interrupted.carried(context.session),
            member_logged_in=context.login is not None,
            now=context.now,
        )
    except return_url.NotAllowed:
        return None


def chosen(tx: Tx, draft: BookingDraft, offer: Offer, form: Form, context: Context[BookingsCheckout]) -> tuple[str, str] | None:
    """Order and member, when the form says that a plan pays; None: money does, or nothing is to be paid."""
    method, member_id = form.get("method", ""), member_of(draft, context)
    if not method.startswith(PREFIX) or member_id is None or not offer.service.terms.pays_by_plan:
        return None
    return method.removeprefix(PREFIX)[:36], member_id


def book(tx: Tx, service: Service, wanted: Wanted, by_plan: tuple[str, str], moment: Moment) -> Booking:
    """Book it and pay with the plan, both or neither. Raises as `move_booking.book` and `book_with_plan.finish`."""
    booking = move_booking.book(tx, service.site_id, service.id, wanted, moment)
    return book_with_plan.finish(tx, service.site_id, booking.id, *by_plan, moment)
