"""What buyers do in tests: a shop with goods, ways of delivery, taxes and coupons, and what a browser asks of it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Concatenate, ParamSpec, TypeVar

from roundtrip.core.ids import new_id
from roundtrip.ecom.address import Address, Contact, Place, Recipient
from roundtrip.ecom.cart import actions as carts
from roundtrip.ecom.cart.model import Cart, Owner
from roundtrip.ecom.catalogue import store as catalogue
from roundtrip.ecom.catalogue.model import NO_VARIANT, Product
from roundtrip.ecom.checkout import actions as checkouts
from roundtrip.ecom.checkout.model import Checkout, Details
from roundtrip.ecom.coupons import actions as coupons
from roundtrip.ecom.coupons.model import Coupon, CouponKind
from roundtrip.ecom.coupons.model import Terms as CouponTerms
from roundtrip.ecom.delivery import actions as delivery
from roundtrip.ecom.delivery.model import DeliveryOption, Region, Step
from roundtrip.ecom.delivery.model import Terms as DeliveryTerms
from roundtrip.ecom.goods import Reference
from roundtrip.ecom.orders import actions as orders
from roundtrip.ecom.orders.model import Order
from roundtrip.ecom.product_shelf import STORES
from roundtrip.ecom.settings import store as settings
from roundtrip.ecom.shop import Shop, ShopTerms
from roundtrip.ecom.tax import actions as tax
from roundtrip.ecom.tax.model import TaxRate
from roundtrip.payments import actions as payments
from roundtrip.payments.model import Attempt, Report, Settled, Verdict
from roundtrip.sites import store as sites
from roundtrip.sites.moment import Moment
from roundtrip.storage import mail_queue, outbox
from roundtrip.storage.database import Database, Tx
from roundtrip.workflows import release_holds
from roundtrip.workflows.order_seller import owed
from roundtrip.workflows.place_order import place
from roundtrip.workflows.selling import SELLERS, settle
from roundtrip.workflows.shop import open_shop as opened
from tests.ecom.shelf import MUG, NOW, SITE, mug, open_shop

P = ParamSpec("P")
T = TypeVar("T")
VISITOR = Owner("visitor", "71500000-0000-4000-8000-000000000001")
SHOP = "orders@shop.example"
"""Where the shop wants to hear of orders."""
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


HOME = Recipient(Address("US", "US-NY", "New York", "10001", "12 Main Street"), Contact("Ann", "Lee", "+12125550100"))
ANN = "ann@shop.example"


def checking_out(db: Database, quantity: int = 1, *, owner: Owner = VISITOR, item: Reference | None = None, **said: object) -> Checkout:
    """A checkout without a cart that lacks nothing; `said` changes its details by their names."""
    details = Details(**{"email": ANN, "shipping": HOME, **said})  # type: ignore[arg-type]
    return db.write_now(in_shop, checkouts.create, owner, [(item or reference(), quantity)], details, moment()).checkout


def order(db: Database, checkout: Checkout, now: int = NOW, **how: object) -> Order:
    """Place it."""
    return db.write_now(in_shop, place, checkout.id, moment=moment(now), **how).order  # type: ignore[arg-type]


def seen(db: Database, placed: Order) -> Order:
    """An order as it is now."""
    return db.read_now(orders.require, SITE, placed.id)


def left(db: Database, item_id: str = MUG, variant_id: str = NO_VARIANT) -> int:
    """How many are on the shelf."""
    product = db.read_now(catalogue.product, SITE, item_id)
    assert product is not None
    return next(variant.quantity for variant in product.variants if variant.id == variant_id)


def attempt(db: Database, placed: Order, *, now: int = NOW, session_id: str | None = None, provider: str = "test") -> Attempt:
    """Begin to pay for it."""
    return db.write_now(payments.begin, owed(placed, return_path="/back", session_id=session_id), provider, now)


def report(paying: Attempt, verdict: Verdict = Verdict.CAPTURED) -> Report:
    """What the provider says about it."""
    is_money = verdict is Verdict.CAPTURED
    units, currency = (paying.units, paying.currency) if is_money else (None, None)
    return Report(SITE, paying.provider, f"{paying.id} {verdict.value}", paying.id, verdict, units=units, currency=currency)


def reported(db: Database, paying: Attempt, verdict: Verdict = Verdict.CAPTURED, now: int = NOW + 1) -> Settled:
    """The provider says so."""
    return db.write_now(settle, SELLERS, report(paying, verdict), now)


def release_all(db: Database, now: int) -> list[bool]:
    """Give up every order whose time is over, as the worker does."""
    return [db.write_now(release_holds.release, *one, moment(now)) for one in db.read_now(release_holds.overdue, now, 100)]


def events(db: Database, entity: str = "order") -> list[str]:
    """The slugs of what the world was told."""
    told = db.read_now(outbox.untold, 1000)
    return [one.event.slug for one in told if one.event.entity == entity]


def mails(db: Database) -> list[tuple[str, str]]:
    """Kind and address of every mail that was asked for."""
    claimed = db.write_now(mail_queue.claim, 1000, NOW + 10**12, 0)
    return sorted((one.mail.kind.value, one.mail.to) for one in claimed)
