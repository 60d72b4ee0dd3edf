"""A mug is ordered, sent home and paid later, and the site gets the order's id."""

from __future__ import annotations

from collections.abc import Mapping

from roundtrip.core.identity import COMMAND
from roundtrip.core.ids import derived_id, new_id
from roundtrip.ecom.cart.model import Owner
from roundtrip.ecom.catalogue import actions as catalogue
from roundtrip.ecom.catalogue.model import NO_VARIANT
from roundtrip.ecom.checkout import store as checkouts
from roundtrip.ecom.checkout.model import Checkout, Details
from roundtrip.ecom.delivery import actions as delivery
from roundtrip.ecom.delivery.model import Step, Terms
from roundtrip.ecom.goods import Reference
from roundtrip.ecom.product_shelf import STORES
from roundtrip.ecom.quote import Wanted
from roundtrip.flows.example import HOME, Example, FilledIn
from roundtrip.payments.site_settings import actions as payments
from roundtrip.redirect_session.model import Callbacks
from roundtrip.sites.change import Change
from roundtrip.sites.model import Site
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx

CHECKOUT_ID = "c4ec0000-0000-4000-8000-000000000001"
DELIVERY_ID = "de110000-0000-4000-8000-0000000000e1"
PRODUCT_ID = "90d00000-0000-4000-8000-0000000000e1"
_BUYER = {"email": "ann@example.com", "first_name": "Ann", "last_name": "Example"}
_HOME = {"country": "DE", "line": "Konviktstraße 12", "postal_code": "79098", "city": "Freiburg"}


def prepare(tx: Tx, site: Site, now: int) -> None:
    """A mug, a way to send it, a shop that lets buyers pay later, and a checkout with two of these mugs."""
    change = Change(new_id(now), COMMAND, now)
    fields = {"name": "Mug", "slug": "mug", "price": "12.50"}
    catalogue.create(tx, site.id, fields, product_id=PRODUCT_ID, fresh=lambda: new_id(now), change=change)
    delivery.create(tx, site.id, Terms("Standard", (Step("5.00"),)), Moment(now, DELIVERY_ID))
    payments.set_offline(tx, site, on=True, instructions="Please transfer the amount.", change=Change(new_id(now), COMMAND, now))
    _check_out(tx, site, CHECKOUT_ID, now)


def another(tx: Tx, site: Site, now: int) -> Mapping[str, object]:
    """One more checkout like that."""
    checkout_id = new_id(now)
    _check_out(tx, site, checkout_id, now)
    return {"checkoutId": checkout_id}


def _check_out(tx: Tx, site: Site, checkout_id: str, now: int) -> None:
    lines = (Wanted(derived_id(checkout_id, "line"), Reference(STORES, PRODUCT_ID, {"variantId": NO_VARIANT}), 2),)
    details = Details(lines=lines, language=site.language)
    checkouts.insert(tx, Checkout(checkout_id, site.id, Owner("visitor", checkout_id), None, None, False, details, 1, now, now))


def _message(client_id: str) -> Mapping[str, object]:
    return {"checkoutId": CHECKOUT_ID}


EXAMPLE = Example(
    message=_message,
    callbacks=Callbacks(post_flow_url=HOME, thank_you_page_url=HOME),
    filled_in=(
        FilledIn("contact", _BUYER),
        FilledIn("address", _HOME),
        FilledIn("delivery", {"delivery": DELIVERY_ID}),
        FilledIn("review", {"do": "later"}),
    ),
    returns_to=HOME,
    returns_with=frozenset({"orderId", "wixMemberLoggedIn"}),
    prepare=prepare,
    another=another,
)
