"""An order stands unpaid, its owner asks for the money, and the buyer pays it."""

from __future__ import annotations

from collections.abc import Mapping

from roundtrip.core.ids import new_id
from roundtrip.ecom.address import Address, Contact, Recipient
from roundtrip.ecom.checkout import actions as checkouts
from roundtrip.ecom.payment_requests import actions, store
from roundtrip.ecom.payment_requests.model import PaymentRequest
from roundtrip.flows.ecom_checkout import example as checkout
from roundtrip.flows.example import HOME, Example, FilledIn
from roundtrip.redirect_session.model import Callbacks
from roundtrip.sites.model import Site
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows.place_order import place
from roundtrip.workflows.shop import open_shop

REQUEST_ID = "9e700000-0000-4000-8000-0000000000e1"
_HOME = Recipient(Address("DE", "", "Freiburg", "79098", "Konviktstraße 12"), Contact("Ann", "Example"))


def prepare(tx: Tx, site: Site, now: int) -> None:
    """The shop of the checkout's example, and an order there that is to be paid later."""
    checkout.prepare(tx, site, now)
    order_id = _order(tx, site, checkout.CHECKOUT_ID, now)
    store.insert(tx, PaymentRequest(REQUEST_ID, site.id, order_id, "", None, None, now))


def another(tx: Tx, site: Site, now: int) -> Mapping[str, object]:
    """One more order like that."""
    order_id = _order(tx, site, str(checkout.another(tx, site, now)["checkoutId"]), now)
    made = actions.create(tx, site.id, order_id, title="", expires_at=None, moment=Moment(now, new_id(now)))
    return {"paymentRequestId": made.id}


def _order(tx: Tx, site: Site, checkout_id: str, now: int) -> str:
    moment = Moment(now, new_id(now))
    checkouts.set_contact(tx, site.id, checkout_id, email="ann@example.com", billing=_HOME, moment=moment)
    checkouts.set_delivery(tx, site.id, checkout_id, shipping=_HOME, delivery_id=checkout.DELIVERY_ID, moment=moment)
    return place(tx, open_shop(tx, site), checkout_id, pays_later=True, moment=moment).order.id


def _message(client_id: str) -> Mapping[str, object]:
    return {"paymentRequestId": REQUEST_ID}


EXAMPLE = Example(
    message=_message,
    callbacks=Callbacks(post_flow_url=HOME, thank_you_page_url=HOME),
    filled_in=(FilledIn("pay_request", {"method": "test"}),),
    returns_to=HOME,
    returns_with=frozenset({"orderId", "paymentRequestId", "wixMemberLoggedIn"}),
    prepare=prepare,
    another=another,
    is_paid=True,
)
