"""Which plan to buy for a booking, where the site has no page of plans of its own: then the visit goes on as a purchase, and comes back."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from roundtrip.bookings.services import actions as services
from roundtrip.flows.base import Context, Form, Step, Submitted
from roundtrip.flows.bookings_checkout.draft import BookingDraft
from roundtrip.flows.bookings_checkout.params import BookingsCheckout
from roundtrip.flows.steps.plan_words import price_words
from roundtrip.flows.steps.refused import refused
from roundtrip.plans.plan import store
from roundtrip.plans.plan.model import Plan
from roundtrip.storage.database import Tx
from roundtrip.text.marks import marked

NOT_SOLD = marked("This plan isn’t sold any more. Choose another one.")


def sold_for(tx: Tx, draft: BookingDraft, context: Context[BookingsCheckout]) -> list[Plan]:
    """The plans that pay for the service and can be bought."""
    terms = services.require(tx, context.site.id, draft.service_id).terms
    return [one for one in store.several(tx, context.site.id, terms.plan_ids) if one.is_sold] if terms.pays_by_plan else []


def view(tx: Tx, draft: BookingDraft, context: Context[BookingsCheckout]) -> Mapping[str, object]:
    """Each plan with its price."""
    return {
        "step_name": marked("Plan"),
        "plans": [
            {"id": one.id, "name": one.name, "words": one.details.description, "price": price_words(one.terms, context.language)}
            for one in sold_for(tx, draft, context)
        ],
    }


def submit(tx: Tx, draft: BookingDraft, form: Form, context: Context[BookingsCheckout]) -> Submitted[BookingDraft]:
    """On to buying it, or back to the form."""
    if form.get("change") == "back":
        return Submitted(replace(draft, choosing_plan=False))
    plan_id = form.get("plan", "")
    if plan_id not in {one.id for one in sold_for(tx, draft, context)}:
        raise refused(("", NOT_SOLD))
    return Submitted(replace(draft, plan_id=plan_id))


STEP: Step[BookingDraft] = Step(
    name="choose_plan",
    needed=lambda draft: draft.choosing_plan,
    done=lambda draft: bool(draft.plan_id),
    view=view,
    submit=submit,
)
