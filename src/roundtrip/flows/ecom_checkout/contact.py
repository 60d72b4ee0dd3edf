"""The first step: who buys, and what they want to say to the shop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from roundtrip.credentials import passwords
from roundtrip.ecom.address import Contact, Recipient
from roundtrip.ecom.checkout import actions as checkouts
from roundtrip.ecom.checkout.model import LONGEST_ANSWER, LONGEST_NOTE, Answer
from roundtrip.ecom.shop import Shop
from roundtrip.flows.base import Context, Form, Step, Submitted
from roundtrip.flows.ecom_checkout.draft import CheckoutDraft
from roundtrip.flows.ecom_checkout.params import EcomCheckout
from roundtrip.flows.steps.buying import as_found, moment_of, summary_of_quote
from roundtrip.flows.steps.person import TOO_LONG, wrong_with_person
from roundtrip.flows.steps.person import said as typed
from roundtrip.flows.steps.refused import refused
from roundtrip.storage.database import Tx
from roundtrip.text.marks import marked

ANSWER_MISSING = marked("The shop needs an answer to this.")


def view(tx: Tx, draft: CheckoutDraft, context: Context[EcomCheckout]) -> Mapping[str, object]:
    """What is known of the buyer already stands in the fields."""
    now = as_found(tx, context.params.checkout_id, context)
    said = now.checkout.details
    known = (said.billing or said.shipping or Recipient()).contact
    answers = {answer.title: answer.value for answer in said.answers}
    return {
        "step_name": marked("Contact"),
        "summary": summary_of_quote(now.quote),
        "questions": [
            {"field": _field(number), "title": question.title, "is_required": question.is_required}
            for number, question in enumerate(now.shop.terms.questions)
        ],
        "offers_gift_note": now.shop.terms.offers_gift_note,
        "values": {
            "email": said.email,
            "first_name": known.first_name,
            "last_name": known.last_name,
            "phone": known.phone,
            "buyer_note": said.buyer_note,
            "gift_note": said.gift_note,
            **{_field(number): answers.get(question.title, "") for number, question in enumerate(now.shop.terms.questions)},
        },
    }


def submit(tx: Tx, draft: CheckoutDraft, form: Form, context: Context[EcomCheckout]) -> Submitted[CheckoutDraft]:
    """Keep it in the checkout. Raises INVALID with a sentence for each field."""
    now = as_found(tx, context.params.checkout_id, context)
    wrong = list(_wrong(form, now.shop))
    if wrong:
        raise refused(*wrong)
    said = now.checkout.details
    contact = Contact(typed(form, "first_name"), typed(form, "last_name"), typed(form, "phone"))
    billing = replace(said.billing or Recipient(), contact=contact)
    shipping = replace(said.shipping, contact=contact) if said.shipping else None
    site_id, checkout_id, moment = context.site.id, now.checkout.id, moment_of(context)
    checkouts.set_contact(tx, site_id, checkout_id, email=passwords.check_email(typed(form, "email")), billing=billing, moment=moment)
    if shipping is not None:
        checkouts.set_delivery(tx, site_id, checkout_id, shipping=shipping, delivery_id=said.delivery_id, moment=moment)
    asked = {question.title for question in now.shop.terms.questions}
    answers = [answer for answer in said.answers if answer.title not in asked]
    answers += [
        Answer(question.title, typed(form, _field(number)))
        for number, question in enumerate(now.shop.terms.questions)
        if typed(form, _field(number))
    ]
    notes = {name: typed(form, name) for name in ("buyer_note", "gift_note")}
    checkouts.set_notes(tx, site_id, checkout_id, **notes, answers=answers, moment=moment)
    return Submitted(replace(draft, editing="", notice=""))


def _wrong(form: Form, shop: Shop) -> Iterator[tuple[str, str]]:
    yield from wrong_with_person(form)
    for field in ("buyer_note", "gift_note"):
        if len(typed(form, field)) > LONGEST_NOTE:
            yield field, TOO_LONG
    for number, question in enumerate(shop.terms.questions):
        answer = typed(form, _field(number))
        if question.is_required and not answer:
            yield _field(number), ANSWER_MISSING
        elif len(answer) > LONGEST_ANSWER:
            yield _field(number), TOO_LONG


def _field(number: int) -> str:
    return f"answer_{number}"


STEP: Step[CheckoutDraft] = Step(
    name="contact",
    needed=lambda draft: True,
    done=lambda draft: draft.has_contact and draft.editing != "contact",
    view=view,
    submit=submit,
)
