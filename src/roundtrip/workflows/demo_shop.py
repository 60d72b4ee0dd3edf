"""What a site needs beside products before anything can be bought there: for demo stores. Making it twice changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import count

from roundtrip.core.clock import DAY
from roundtrip.core.ids import derived_id
from roundtrip.ecom.address import Address, Place
from roundtrip.ecom.coupons import actions as coupons
from roundtrip.ecom.coupons import store as coupon_store
from roundtrip.ecom.coupons.model import Coupon, CouponKind
from roundtrip.ecom.coupons.model import Terms as CouponTerms
from roundtrip.ecom.delivery import actions as delivery
from roundtrip.ecom.delivery import store as delivery_store
from roundtrip.ecom.delivery.model import Step, Terms
from roundtrip.ecom.tax import actions as taxes
from roundtrip.ecom.tax import store as tax_store
from roundtrip.ecom.tax.model import TaxRate
from roundtrip.payments.site_settings import actions as payments
from roundtrip.sites.change import Change
from roundtrip.sites.model import Site
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx

DELIVERY = (
    Terms("Standard", (Step("5.00"),), "3–5 days"),
    Terms("Express", (Step("15.00"),), "1–2 days"),
    Terms("Pick up", (Step("0.00"),), "Tomorrow from 10:00", pickup=Address("US", "US-NY", "New York", "10001", "12 Main Street")),
)
COUPONS = (
    CouponTerms("Welcome", "WELCOME10", CouponKind.PERCENT, "10"),
    CouponTerms("Free shipping", "SHIPFREE", CouponKind.FREE_SHIPPING),
    CouponTerms("Last season", "EXPIRED5", CouponKind.FIXED, "5"),
)
EXPIRED = "EXPIRED5"
NEW_YORK = Place("US", "US-NY")
INSTRUCTIONS = "Please transfer the amount within a week.\nKiln & Co., account 4711, with the number of your order."


def open_shop(tx: Tx, site: Site, change: Change) -> None:
    """Let a site deliver, take coupons, add a tax in New York, and be paid later. What it has of these already stays as it is."""
    moments = _moments(change)
    if not delivery_store.of_site(tx, site.id):
        for terms in DELIVERY:
            delivery.create(tx, site.id, terms, next(moments))
    for wanted in COUPONS:
        if coupon_store.by_code(tx, site.id, wanted.code) is None:
            moment = next(moments)
            coupons.create(tx, _coupon(site.id, wanted, moment), moment)
    if not tax_store.at(tx, site.id, NEW_YORK):
        moment = next(moments)
        rate = TaxRate(moment.id, site.id, NEW_YORK, "", "Sales tax", Decimal("8.875"), True, 1, moment.now, moment.now)
        taxes.create(tx, rate, moment)
    if payments.of_site(tx, site.id).revision == 0:
        payments.set_offline(tx, site, on=True, instructions=INSTRUCTIONS, change=change)


def _moments(change: Change) -> Iterator[Moment]:
    """Their ids are in order, and so is what the shop lists by age; the same again when the transaction is repeated."""
    for place in count():
        yield Moment(change.now, derived_id(change.id, "demo shop", place))


def _coupon(site_id: str, terms: CouponTerms, moment: Moment) -> Coupon:
    ends_at = moment.now - DAY if terms.code == EXPIRED else None
    return Coupon(moment.id, site_id, terms, True, moment.now - 2 * DAY, ends_at, None, None, 0, 1, moment.now, moment.now)
