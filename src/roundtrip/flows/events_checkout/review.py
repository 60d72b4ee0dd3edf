"""The last look before paying: coupon, how to pay, and the one button that makes an order of it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from roundtrip.core.money import Money, NotAnAmount
from roundtrip.events.orders import store as orders
from roundtrip.events.orders.model import Guest, Status
from roundtrip.flows.base import Context, Form, Step, Submitted
from roundtrip.flows.ecom_checkout.review import COUPON_MISSING, COUPON_TEXTS
from roundtrip.flows.events_checkout import buying
from roundtrip.flows.events_checkout.draft import TicketsDraft
from roundtrip.flows.events_checkout.ordering import CHANGED, ordered
from roundtrip.flows.events_checkout.params import EventsCheckout
from roundtrip.flows.events_checkout.payment import owed_in
from roundtrip.flows.steps import pay
from roundtrip.flows.steps.refused import refused
from roundtrip.storage.database import Tx
from roundtrip.text.marks import marked
from roundtrip.workflows.order_tickets import Quote


def view(tx: Tx, draft: TicketsDraft, context: Context[EventsCheckout]) -> Mapping[str, object]:
    """Who buys, what it comes to now, and how it can be paid."""
    found = buying.quoted(tx, draft, context)
    offered = pay.ways(tx, context.site)
    later = [way for way in offered if way.pays_later]
    total = found.invoice.total
    return {
        "step_name": marked("Review"),
        "summary": buying.summary(found, context.language),
        "kept": buying.kept(found.reservation, context.now),
        "again": draft.again,
        "buyer": buying.buyer_in(draft.typed, found.event),
        "guests": [one.name for one in _guests(draft, found)] if found.event.terms.separately else [],
        "coupon": {"code": draft.coupon, "problem": COUPON_TEXTS[found.problem] if found.problem else None},
        "seen": total.text,
        "total": total,
        "can_order": found.problem is None,
        "methods": pay.methods(tuple(way for way in offered if not way.pays_later)),
        "later": pay.methods(tuple(later[:1])),
    }


def _guests(draft: TicketsDraft, found: Quote) -> tuple[Guest, ...]:
    return buying.guests_in(draft.typed, found.event, found.reservation)


def submit(tx: Tx, draft: TicketsDraft, form: Form, context: Context[EventsCheckout]) -> Submitted[TicketsDraft]:
    """Change the details or the coupon; otherwise order, and go to pay."""
    if form.get("change") == "details":
        return Submitted(replace(draft, editing="details"))
    match form.get("do", ""):
        case "coupon":
            return Submitted(_with_coupon(tx, draft, form.get("coupon", "").strip()[:100], context))
        case "no_coupon":
            return Submitted(replace(draft, coupon=""))
        case wanted:
            return _order(tx, draft, form, context, pays_later=wanted == "later")


def _with_coupon(tx: Tx, draft: TicketsDraft, code: str, context: Context[EventsCheckout]) -> TicketsDraft:
    if not code:
        raise refused(("coupon", COUPON_MISSING))
    with_code = replace(draft, coupon=code)
    problem = buying.quoted(tx, with_code, context).problem
    if problem is not None:
        raise refused(("coupon", COUPON_TEXTS[problem]))
    return with_code


def _order(tx: Tx, draft: TicketsDraft, form: Form, context: Context[EventsCheckout], *, pays_later: bool) -> Submitted[TicketsDraft]:
    found = buying.quoted(tx, draft, context)
    if found.problem is not None:
        raise refused(("coupon", COUPON_TEXTS[found.problem]))
    later = pays_later and any(way.pays_later for way in pay.ways(tx, context.site))
    try:
        seen = Money.parse(form.get("seen", ""), found.invoice.total.currency)
    except NotAnAmount:
        raise refused(("", CHANGED)) from None
    kept = ordered(tx, replace(draft, again=False), context, seen=seen, pays_later=later)
    order = orders.get(tx, context.site.id, kept.order_id)
    assert order is not None  # just made
    if order.status is not Status.INITIATED:
        return Submitted(kept)
    method = pay.chosen(tx, form, context)
    return Submitted(kept, pay_at=pay.begin(tx, owed_in(tx, order, context), method, context))


STEP: Step[TicketsDraft] = Step(
    name="tickets_review",
    needed=lambda draft: draft.costs and not draft.stands,
    done=lambda draft: bool(draft.order_id) and draft.editing != "review",
    view=view,
    submit=submit,
)
