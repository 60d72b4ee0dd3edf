"""What can be done with a checkout before it is placed. Placing is `workflows/place_order.py`.

Every change locks the checkout first, so that two tabs change it one after the other and none is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from roundtrip.core.email import email_key
from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.ecom.address import Recipient
from roundtrip.ecom.cart import actions as carts
from roundtrip.ecom.cart import store as cart_store
from roundtrip.ecom.cart.model import MOST_LINES, Cart, Owner
from roundtrip.ecom.checkout import store
from roundtrip.ecom.checkout.model import Answer, Checkout, Details
from roundtrip.ecom.coupons import actions as coupons
from roundtrip.ecom.coupons.model import Problem
from roundtrip.ecom.goods import Reference
from roundtrip.ecom.orders import store as orders
from roundtrip.ecom.orders.model import Stock
from roundtrip.ecom.quote import Asking, Goods, Quote, Wanted, found, quote
from roundtrip.ecom.shop import Shop
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx


@dataclass(frozen=True, slots=True)
class Gathered:
    """A checkout into which something was put, and what its lines were found to mean then."""

    checkout: Checkout
    goods: Goods


def get(tx: Tx, site_id: str, checkout_id: str, owner: Owner | None = None) -> Checkout:
    """A checkout of this site, of this owner if one is given; raises NOT_FOUND `CHECKOUT_NOT_FOUND` otherwise."""
    checkout = store.get(tx, site_id, checkout_id)
    if checkout is None or (owner is not None and not checkout.is_of(owner)):
        raise no_checkout(checkout_id)
    return checkout


def quoted(tx: Tx, shop: Shop, checkout: Checkout, now: int, goods: Goods | None = None) -> Quote:
    """What it costs now and what is wrong with it. What its own unpaid order holds counts as free. `goods`: as `quote` takes them."""
    return quote(tx, shop, asking_of(tx, checkout), now, goods)


def asking_of(tx: Tx, checkout: Checkout) -> Asking:
    """What a checkout is quoted for, with what its own unpaid order holds."""
    order = orders.get(tx, checkout.site_id, checkout.order_id) if checkout.order_id else None
    if order is None or order.stock is not Stock.HELD:
        return checkout.asking
    coupon = order.content.coupon
    return checkout.asking.with_own(order.counted, coupon.id if coupon else None, coupon.customer if coupon else "")


def create(tx: Tx, shop: Shop, owner: Owner, wanted: Sequence[tuple[Reference, int]], details: Details, moment: Moment) -> Gathered:
    """A checkout of these things, without a cart. Raises as putting them into a cart does, and for a coupon that can't be used."""
    lines, goods = _gathered(tx, shop, (), wanted, moment)
    if not lines:
        raise empty()
    return Gathered(_insert(tx, shop, owner, None, replace(details, lines=lines), moment), goods)


def create_from_cart(tx: Tx, shop: Shop, cart_owner: Owner, details: Details, moment: Moment) -> Checkout:
    """The checkout of an owner's cart: made the first time, brought up to date after that, as long as it is not completed.

    `details` are what this call says; what it leaves empty comes from the cart, or stays as it was in the checkout.
    """
    cart, known = _locked_with_checkout(tx, shop.site_id, cart_owner, moment.now)
    if not cart.lines:
        raise empty()
    said = _from_cart(cart, details)
    if known is not None and not known.is_completed and known.is_of(cart_owner):
        kept = {name: value for name in Details.__struct_fields__ if not getattr(said, name) and (value := getattr(known.details, name))}
        kept.pop("coupon_code", None)  # taken out of the cart, it is out of the checkout
        return save(tx, known, replace(said, **kept), moment)
    made = _insert(tx, shop, cart_owner, cart.id, said, moment)
    cart_store.set_checkout(tx, cart.id, made.id)
    return made


def _locked_with_checkout(tx: Tx, site_id: str, cart_owner: Owner, now: int) -> tuple[Cart, Checkout | None]:
    """An owner's cart and the checkout that was made from it, both locked: the checkout first, as everybody does who locks both."""
    seen = carts.current(tx, site_id, cart_owner)
    known = store.lock(tx, site_id, seen.checkout_id, now) if seen.checkout_id else None
    cart_id = cart_store.touch(tx, site_id, cart_owner, now)
    cart = cart_store.get(tx, site_id, cart_id) if cart_id else None
    if cart is None:
        raise carts.no_cart()
    if cart.checkout_id is not None and cart.checkout_id != seen.checkout_id:
        # Another tab has just made it. Locked the wrong way round for once; should that be a circle, the database has one of us try again.
        known = store.lock(tx, site_id, cart.checkout_id, now)
    return cart, known if cart.checkout_id is not None else None


def change(tx: Tx, site_id: str, checkout_id: str, how: Callable[[Details], Details], moment: Moment) -> Checkout:
    """Change what was said by `how`, and keep it. Raises NOT_FOUND, CONFLICT `CHECKOUT_ALREADY_PAID`, and the refusal of a coupon."""
    checkout = _open(tx, site_id, checkout_id, moment.now)
    details = how(checkout.details)
    if details.coupon_code and details.coupon_code != checkout.details.coupon_code:
        check_coupon(tx, site_id, details, moment.now)
    return save(tx, checkout, details, moment)


def set_contact(
    tx: Tx, site_id: str, checkout_id: str, *, email: str, billing: Recipient | None, member_id: str = "", moment: Moment
) -> Checkout:
    """Who buys. `billing` None: as the goods are sent."""
    return change(
        tx,
        site_id,
        checkout_id,
        lambda said: replace(said, email=email, billing=billing, member_id=member_id or said.member_id),
        moment,
    )


def set_delivery(tx: Tx, site_id: str, checkout_id: str, *, shipping: Recipient | None, delivery_id: str, moment: Moment) -> Checkout:
    """Where the goods go, and how. An empty `delivery_id`: nothing is chosen yet."""
    return change(tx, site_id, checkout_id, lambda said: replace(said, shipping=shipping, delivery_id=delivery_id), moment)


def set_coupon(tx: Tx, site_id: str, checkout_id: str, code: str, moment: Moment) -> Checkout:
    """Use this code; an empty one takes the coupon out. Raises the coupon's refusal."""
    return change(tx, site_id, checkout_id, lambda said: replace(said, coupon_code=code.strip()), moment)


def set_notes(
    tx: Tx, site_id: str, checkout_id: str, *, buyer_note: str, gift_note: str, answers: Sequence[Answer], moment: Moment
) -> Checkout:
    """What the buyer wants to say: to the shop, with the gift, and to the shop's own questions."""
    return change(
        tx, site_id, checkout_id, lambda said: replace(said, buyer_note=buyer_note, gift_note=gift_note, answers=tuple(answers)), moment
    )


def add_lines(tx: Tx, shop: Shop, checkout_id: str, wanted: Sequence[tuple[Reference, int]], moment: Moment) -> Gathered:
    """More things. The same thing again adds to its line. Raises as `create` and `change` do."""
    checkout = _open(tx, shop.site_id, checkout_id, moment.now)
    lines, goods = _gathered(tx, shop, checkout.details.lines, wanted, moment)
    return Gathered(save(tx, checkout, replace(checkout.details, lines=lines), moment), goods)


def set_quantities(tx: Tx, site_id: str, checkout_id: str, quantities: Mapping[str, int], moment: Moment) -> Checkout:
    """Set how many there are of lines, by line id; lines that are gone are passed over."""
    for place, quantity in enumerate(quantities.values()):
        carts.check_quantity(quantity, f"lineItems[{place}].quantity")

    def changed(said: Details) -> Details:
        return replace(said, lines=tuple(replace(line, quantity=quantities.get(line.id, line.quantity)) for line in said.lines))

    return change(tx, site_id, checkout_id, changed, moment)


def remove_lines(tx: Tx, site_id: str, checkout_id: str, line_ids: Sequence[str], moment: Moment) -> Checkout:
    """Take lines out; those that are gone are passed over."""
    gone = frozenset(line_ids)
    return change(
        tx, site_id, checkout_id, lambda said: replace(said, lines=tuple(line for line in said.lines if line.id not in gone)), moment
    )


def locked(tx: Tx, site_id: str, checkout_id: str, now: int) -> Checkout:
    """A checkout that nobody else changes until this transaction ends; raises NOT_FOUND."""
    checkout = store.lock(tx, site_id, checkout_id, now)
    if checkout is None:
        raise no_checkout(checkout_id)
    return checkout


def save(tx: Tx, checkout: Checkout, details: Details, moment: Moment) -> Checkout:
    """Keep what was said, in a checkout that this transaction has locked."""
    store.set_details(tx, checkout, details)
    return Checkout(
        checkout.id,
        checkout.site_id,
        checkout.owner,
        checkout.cart_id,
        checkout.order_id,
        checkout.is_completed,
        details,
        checkout.revision + 1,
        checkout.created_at,
        moment.now,
    )


def check_coupon(tx: Tx, site_id: str, details: Details, now: int) -> None:
    """Raises the refusal of a code that can't be used."""
    coupon = coupons.usable(tx, site_id, details.coupon_code, email_key(details.email) or None, now)
    if isinstance(coupon, Problem):
        raise coupons.refusal(coupon, details.coupon_code)


def no_checkout(checkout_id: str) -> AppError:
    """There is none with this id for who asks."""
    text = f"There is no checkout {checkout_id[:40]!r} for this visitor or member."
    return AppError(Kind.NOT_FOUND, "CHECKOUT_NOT_FOUND", text, data={"checkoutId": checkout_id[:40]})


def empty() -> AppError:
    """There is nothing to buy."""
    return AppError(Kind.INVALID, "EMPTY_CHECKOUT", "There is nothing to buy; add at least one line item first.")


def _open(tx: Tx, site_id: str, checkout_id: str, now: int) -> Checkout:
    """Locked, and not completed yet."""
    checkout = locked(tx, site_id, checkout_id, now)
    if checkout.is_completed:
        raise AppError(Kind.CONFLICT, "CHECKOUT_ALREADY_PAID", "An order was made from this checkout; it can't be changed any more.")
    return checkout


def _insert(tx: Tx, shop: Shop, owner: Owner, cart_id: str | None, details: Details, moment: Moment) -> Checkout:
    if details.coupon_code:
        check_coupon(tx, shop.site_id, details, moment.now)
    said = replace(
        details, language=details.language or shop.language, member_id=details.member_id or (owner.id if owner.kind == "member" else "")
    )
    checkout = Checkout(moment.new_id("checkout"), shop.site_id, owner, cart_id, None, False, said, 1, moment.now, moment.now)
    store.insert(tx, checkout)
    return checkout


def _from_cart(cart: Cart, details: Details) -> Details:
    kept = cart.details
    return replace(
        details,
        lines=cart.lines,
        email=details.email or kept.email,
        coupon_code=kept.coupon_code,
        buyer_note=details.buyer_note or kept.buyer_note,
        overriding_url=details.overriding_url or kept.overriding_url,
        delivery_id=details.delivery_id or kept.delivery_id,
        shipping=details.shipping or kept.contact,
    )


def _gathered(
    tx: Tx, shop: Shop, before: Sequence[Wanted], wanted: Sequence[tuple[Reference, int]], moment: Moment
) -> tuple[tuple[Wanted, ...], Goods]:
    """The lines that there were with what is wanted besides, looked up once."""
    more = [Wanted(moment.new_id(f"line {place}"), reference, quantity) for place, (reference, quantity) in enumerate(wanted)]
    goods = found(tx, shop, (*before, *more))
    for place, line in enumerate(more):
        if goods[line.id] is None:
            raise carts.not_sold(line.reference, f"lineItems[{place}].catalogReference")
        carts.check_quantity(line.quantity, f"lineItems[{place}].quantity")
    return _joined((*before, *more), goods), goods


def _joined(lines: Sequence[Wanted], goods: Goods) -> tuple[Wanted, ...]:
    """The same thing twice is one line; what is not sold any more stays as it is."""
    kept: dict[str, Wanted] = {}
    for line in lines:
        good = goods[line.id]
        key = good.key if good is not None else line.id
        before = kept.get(key)
        kept[key] = line if before is None else replace(before, quantity=before.quantity + line.quantity)
    for place, line in enumerate(kept.values()):
        carts.check_quantity(line.quantity, f"lineItems[{place}].quantity")
    if len(kept) > MOST_LINES:
        raise invalid_field("lineItems", f"must be at most {MOST_LINES} different things", "MAX_LENGTH", threshold=MOST_LINES)
    return tuple(kept.values())
