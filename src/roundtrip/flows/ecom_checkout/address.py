"""The second step: where the goods go; where nothing is sent, where the buyer is, because taxes depend on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from roundtrip.ecom.address import Address, Recipient
from roundtrip.ecom.checkout import actions as checkouts
from roundtrip.ecom.delivery import store as delivery
from roundtrip.flows.base import Context, Form, Step, Submitted
from roundtrip.flows.ecom_checkout.draft import CheckoutDraft
from roundtrip.flows.ecom_checkout.params import EcomCheckout
from roundtrip.flows.steps.buying import as_found, buying, moment_of, summary_of_quote
from roundtrip.flows.steps.refused import refused
from roundtrip.storage.database import Tx
from roundtrip.text import territories
from roundtrip.text.marks import marked

LONGEST = 200
COUNTRY_MISSING = marked("Choose the country.")
PART_WRONG = marked("Enter the state or province, such as NY or New York.")
CITY_MISSING = marked("Enter the city.")
POSTAL_CODE_MISSING = marked("Enter the postal code.")
LINE_MISSING = marked("Enter the street and the number of the house.")
TOO_LONG = marked("This is too long.")
_REQUIRED = (("city", CITY_MISSING), ("postal_code", POSTAL_CODE_MISSING), ("line", LINE_MISSING))
_FIELDS = ("country", "subdivision", "city", "postal_code", "line", "line2")
WITHOUT_POSTAL_CODES = frozenset(
    "AE AG AN AO AW BF BI BJ BO BS BW BZ CD CF CG CI CK CM CW DJ DM ER FJ GA GD GH GM GN GQ GY HK IE JM KE KI KM KN KP LC ML MO MR MS MU "
    "MW NA NR NU QA RW SB SC SL SO SR ST SY TD TF TG TK TL TO TT TV TZ UG VU WS YE ZA ZW".split()
)
"""Countries where letters arrive without one (Universal Postal Union)."""


def view(tx: Tx, draft: CheckoutDraft, context: Context[EcomCheckout]) -> Mapping[str, object]:
    """An address that is known already stands in the fields."""
    now = as_found(tx, context.params.checkout_id, context)
    said = now.checkout.details
    known = (said.shipping or said.billing or Recipient()).address
    values = {name: getattr(known, name) for name in _FIELDS}
    return {
        "step_name": marked("Address"),
        "summary": summary_of_quote(now.quote),
        "is_sent": draft.is_sent,
        "countries": _delivered_to(tx, context) if draft.is_sent else None,
        "values": {**values, "subdivision": known.subdivision.removeprefix(f"{known.country}-")},
    }


def _delivered_to(tx: Tx, context: Context[EcomCheckout]) -> frozenset[str] | None:
    """The countries that some way of delivery serves; None: all of them."""
    ways = [one.terms for one in delivery.of_site(tx, context.site.id) if one.terms.is_active]
    if not ways or any(terms.pickup is not None or not terms.regions for terms in ways):
        return None
    return frozenset(region.country for terms in ways for region in terms.regions)


def submit(tx: Tx, draft: CheckoutDraft, form: Form, context: Context[EcomCheckout]) -> Submitted[CheckoutDraft]:
    """Keep it in the checkout. A way of delivery that was chosen for another address stays chosen as long as it is offered here."""
    now = as_found(tx, context.params.checkout_id, context)
    typed = {name: form.get(name, "").strip() for name in _FIELDS}
    wrong = list(_wrong(typed, whole=draft.is_sent))
    if wrong:
        raise refused(*wrong)
    said = now.checkout.details
    part = territories.part_code(typed["country"], typed["subdivision"]) or ""
    contact = (said.billing or said.shipping or Recipient()).contact
    at = Recipient(Address(**{**typed, "subdivision": part}), contact)
    site_id, moment = context.site.id, moment_of(context)
    checkouts.set_contact(tx, site_id, now.checkout.id, email=said.email, billing=at, moment=moment)
    if draft.is_sent:
        checkouts.set_delivery(tx, site_id, now.checkout.id, shipping=at, delivery_id=said.delivery_id, moment=moment)
        moved = buying(tx, now.checkout.id, context)
        if moved.quote.chosen is None and said.delivery_id:
            checkouts.set_delivery(tx, site_id, now.checkout.id, shipping=at, delivery_id="", moment=moment)
    return Submitted(replace(draft, editing="", notice=""))


def _wrong(typed: Mapping[str, str], *, whole: bool) -> Iterator[tuple[str, str]]:
    """`whole`: a parcel has to arrive, so that everything is needed."""
    country = typed["country"]
    if not territories.is_country(country):
        yield "country", COUNTRY_MISSING
    if territories.part_code(country, typed["subdivision"]) is None:
        yield "subdivision", PART_WRONG
    for field, missing in _REQUIRED if whole else ():
        if not typed[field] and not (field == "postal_code" and country in WITHOUT_POSTAL_CODES):
            yield field, missing
    for field, text in typed.items():
        if len(text) > LONGEST:
            yield field, TOO_LONG


STEP: Step[CheckoutDraft] = Step(
    name="address",
    needed=lambda draft: draft.is_sent or draft.costs,
    done=lambda draft: draft.has_address and draft.editing != "address",
    view=view,
    submit=submit,
)
