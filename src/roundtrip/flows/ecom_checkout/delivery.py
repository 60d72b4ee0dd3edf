"""The third step, for goods that are sent: how they get to the buyer."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from msgspec.structs import replace

from roundtrip.ecom.checkout import actions as checkouts
from roundtrip.flows.base import Context, Form, Step, Submitted
from roundtrip.flows.ecom_checkout.draft import CheckoutDraft
from roundtrip.flows.ecom_checkout.params import EcomCheckout
from roundtrip.flows.steps.buying import as_found, moment_of, summary_of_quote
from roundtrip.flows.steps.refused import refused
from roundtrip.storage.database import Tx
from roundtrip.text.marks import marked

NOT_CHOSEN = marked("Choose how your order gets to you.")
NOT_OFFERED = marked("This way of delivery isn't offered at your address any more. Choose another one.")


def view(tx: Tx, draft: CheckoutDraft, context: Context[EcomCheckout]) -> Mapping[str, object]:
    """Every way that is offered at the address, with its price; none: nothing is delivered there.

    The total is that of the way which is marked, also before anybody chose: what stands beside a marked way has to be what it comes to.
    """
    now = as_found(tx, context.params.checkout_id, context)
    offers = [
        {
            "id": offer.option.id,
            "title": offer.option.terms.title,
            "time": offer.option.terms.delivery_time,
            "pickup": offer.option.terms.pickup,
            "price": offer.price,
        }
        for offer in now.quote.offers
    ]
    chosen, shown = now.quote.chosen.option.id if now.quote.chosen else "", now.quote
    if not chosen and offers:
        chosen = str(offers[0]["id"])
        with_it = dataclasses.replace(now.checkout, details=replace(now.checkout.details, delivery_id=chosen))
        shown = checkouts.quoted(tx, now.shop, with_it, context.now)
    return {
        "step_name": marked("Delivery"),
        "summary": summary_of_quote(shown),
        "offers": offers,
        "country": now.checkout.place.country,
        "values": {"delivery": chosen},
    }


def submit(tx: Tx, draft: CheckoutDraft, form: Form, context: Context[EcomCheckout]) -> Submitted[CheckoutDraft]:
    """Keep the choice, or go back to the address."""
    if form.get("change") == "address":
        return Submitted(replace(draft, editing="address"))
    now = as_found(tx, context.params.checkout_id, context)
    wanted = form.get("delivery", "")
    if not wanted:
        raise refused(("delivery", NOT_CHOSEN))
    if wanted not in {offer.option.id for offer in now.quote.offers}:
        raise refused(("delivery", NOT_OFFERED))
    said = now.checkout.details
    checkouts.set_delivery(tx, context.site.id, now.checkout.id, shipping=said.shipping, delivery_id=wanted, moment=moment_of(context))
    return Submitted(replace(draft, editing="", notice=""))


STEP: Step[CheckoutDraft] = Step(
    name="delivery",
    needed=lambda draft: draft.is_sent,
    done=lambda draft: draft.has_delivery and draft.editing != "delivery",
    view=view,
    submit=submit,
)
