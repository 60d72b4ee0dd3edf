"""How a visit that bought a plan ends: in the booking that it interrupted, on the site's own page, or here."""

from __future__ import annotations

from collections.abc import Mapping

from roundtrip.flows.base import Context, Leaving, Onward, Redirect, Stay
from roundtrip.flows.leaving import after_flow
from roundtrip.flows.paid_plans_checkout.draft import PlanDraft
from roundtrip.flows.paid_plans_checkout.params import PaidPlansCheckout
from roundtrip.flows.paid_plans_checkout.review import summary_of
from roundtrip.flows.steps import interrupted
from roundtrip.flows.steps import plan_words as words
from roundtrip.plans.clock.actions import plan_time
from roundtrip.plans.orders import store
from roundtrip.plans.orders.model import PlanOrder
from roundtrip.redirect_session import return_url
from roundtrip.redirect_session.model import Status as VisitStatus
from roundtrip.storage.database import Tx
from roundtrip.text import when


def leave(tx: Tx, draft: PlanDraft, context: Context[PaidPlansCheckout]) -> Leaving:
    """As every flow; who came from a booking goes on there, with or without a plan. Raises `return_url.NotAllowed`."""
    session = context.session
    booking = interrupted.open_visit(tx, context.site.id, context.params.checkout_data, context.now)
    if booking is not None:
        return Onward(booking)
    order_id = (session.result or {}).get("planOrderId") if session.outcome == VisitStatus.COMPLETED.value else None
    order = store.order(tx, context.site.id, order_id) if order_id else None
    if order is None or session.request.callbacks.thank_you_page_url:
        return after_flow(tx, draft, context)
    url = return_url.after_flow(session, context.client, context.site, member_logged_in=context.login is not None, now=context.now)
    return Stay("plan_thanks", view(tx, order, context), Redirect(url) if url is not None else None)


def view(tx: Tx, order: PlanOrder, context: Context[PaidPlansCheckout]) -> Mapping[str, object]:
    """What was bought, and what comes next."""
    zone, language = words.zone_of_site(tx, order.site_id), context.language
    starts_later = order.starts_at > plan_time(tx, order.site_id, context.now)
    return {
        "summary": {**summary_of(tx, order, order.terms, context)},
        "plan": order.content.name,
        "email": order.content.email,
        "starts": when.day(order.starts_at, zone, language) if starts_later else None,
        "in_trial": order.is_in_trial,
        "next": when.day(order.next_payment_at, zone, language) if order.next_payment_at else None,
        "ends": when.day(order.ends_at, zone, language) if order.ends_at else None,
        "price": order.price,
    }
