"""What buyers do in tests: a shop with goods, ways of delivery, taxes and coupons, and what a browser asks of it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Concatenate, ParamSpec, TypeVar

from roundtrip.core.ids import new_id
from roundtrip.ecom.address import Place
from roundtrip.ecom.cart import actions as carts
from roundtrip.ecom.cart.model import Cart, Owner
from roundtrip.ecom.catalogue.model import Product
from roundtrip.ecom.coupons import actions as coupons
from roundtrip.ecom.coupons.model import Coupon, CouponKind
from roundtrip.ecom.coupons.model import Terms as CouponTerms
from roundtrip.ecom.delivery import actions as delivery
from roundtrip.ecom.delivery.model import DeliveryOption, Region, Step
from roundtrip.ecom.delivery.model import Terms as DeliveryTerms
from roundtrip.ecom.goods import Reference
from roundtrip.ecom.moment import Moment
from roundtrip.ecom.product_shelf import STORES
from roundtrip.ecom.settings import store as settings
from roundtrip.ecom.shop import Shop, ShopTerms
from roundtrip.ecom.tax import actions as tax
from roundtrip.ecom.tax.model import TaxRate
from roundtrip.sites import store as sites
from roundtrip.storage.database import Database, Tx
from roundtrip.workflows.shop import open_shop as opened
from tests.ecom.shelf import MUG, NOW, SITE, mug, open_shop

P = ParamSpec("P")
T = TypeVar("T")
VISITOR = Owner("visitor", "71500000-0000-4000-8000-000000000001")
MEMBER = Owner("member", "3e3be000-0000-4000-8000-000000000001")


def moment(now: int = NOW) -> Moment:
    """One request at this time."""
    return Moment(now, new_id(now))


def shop(tx: Tx) -> Shop:
    """The shop as it is now."""
    site = sites.site(tx, SITE)
    assert site is not None
    return opened(tx, site)


def in_shop(tx: Tx, fn: Callable[Concatenate[Tx, Shop, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do something that needs the shop."""
    return fn(tx, shop(tx), *args, **kwargs)


def selling(db: Database, *products: Product) -> None:
    """Open a shop that sells these; a mug of which there are three, if nothing is said."""
    db.write_now(open_shop, *(products or (mug(),)))


def reference(item_id: str = MUG, **options: object) -> Reference:
    """What a site sends to name a product."""
    return Reference(STORES, item_id, dict(options))


def put(db: Database, quantity: int = 1, *, owner: Owner = VISITOR, item: Reference | None = None, now: int = NOW) -> Cart:
    """Put something into a cart."""
    return db.write_now(in_shop, carts.add, owner, [(item or reference(), quantity)], moment(now))


def coupon(db: Database, code: str, kind: CouponKind = CouponKind.PERCENT, value: str = "10", **more: object) -> Coupon:
    """A coupon that is valid since yesterday. Terms and limits by their names in `more`."""
    limits = {name: more.pop(name, None) for name in ("ends_at", "usage_limit", "limit_per_customer")}
    active, starts_at = bool(more.pop("is_active", True)), more.pop("starts_at", NOW - 86_400_000)
    terms = CouponTerms(code, code, kind, value, **more)  # type: ignore[arg-type]
    made = Coupon(new_id(NOW), SITE, terms, active, starts_at, **limits, used=0, revision=1, created_at=NOW, updated_at=NOW)  # type: ignore[arg-type]
    return db.write_now(coupons.create, made, moment())


def delivered(db: Database, title: str = "Standard", amount: str = "5.00", *countries: str, **more: object) -> DeliveryOption:
    """A way of delivery with one price, in these countries or everywhere."""
    regions = tuple(Region(country) for country in countries)
    return db.write_now(delivery.create, SITE, DeliveryTerms(title, (Step(amount),), regions=regions, **more), moment())  # type: ignore[arg-type]


def taxed(db: Database, percent: str, country: str = "", subdivision: str = "", **more: object) -> TaxRate:
    """A tax rate."""
    return db.write_now(tax.create, tax_rate(percent, country, subdivision, **more), moment())  # type: ignore[arg-type]


def tax_rate(percent: str, country: str = "", subdivision: str = "", *, tax_group: str = "", covers_delivery: bool = False) -> TaxRate:
    """A tax rate that is kept nowhere."""
    return TaxRate(
        new_id(NOW), SITE, Place(country, subdivision), tax_group, f"Tax {percent}", Decimal(percent), covers_delivery, 1, NOW, NOW
    )


def terms(db: Database, said: ShopTerms) -> None:
    """Set how the shop sells, as its owner does first."""
    assert db.write_now(settings.keep, SITE, said, 0, NOW)
