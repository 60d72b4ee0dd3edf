"""What can be done with a cart. Two at once, on two tabs or in a burst of calls, never lose or double a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from roundtrip.core.email import email_key
from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.ecom.cart import store
from roundtrip.ecom.cart.model import MOST_LINES, MOST_OF_ONE, Cart, CartDetails, Owner
from roundtrip.ecom.coupons import actions as coupons
from roundtrip.ecom.coupons.model import Problem
from roundtrip.ecom.goods import Reference
from roundtrip.ecom.quote import Wanted
from roundtrip.ecom.shop import Shop
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx


def current(tx: Tx, site_id: str, owner: Owner) -> Cart:
    """The cart of a visitor or member; raises NOT_FOUND `OWNED_CART_NOT_FOUND` when there is none."""
    cart = store.of_owner(tx, site_id, owner)
    if cart is None:
        raise no_cart()
    return cart


def add(tx: Tx, shop: Shop, owner: Owner, wanted: Sequence[tuple[Reference, int]], moment: Moment) -> Cart:
    """Put things into the owner's cart, which is made if need be. The same thing again adds to its line.

    More than is in stock, or than anybody can pay, may lie in a cart: whether it can be bought is said whenever somebody looks. Raises
    NOT_FOUND for what is not sold here, INVALID for strange numbers.
    """
    goods = shop.find(tx, [reference for reference, _ in wanted])
    cart_id = store.open_(tx, shop.site_id, owner, moment.new_id("cart"), moment.now)
    for place, ((reference, quantity), good) in enumerate(zip(wanted, goods, strict=True)):
        if good is None:
            raise not_sold(reference, f"lineItems[{place}].catalogReference")
        check_quantity(quantity, f"lineItems[{place}].quantity")
        line = Wanted(moment.new_id(f"line {place}"), reference, quantity)
        if not store.add_line(tx, cart_id, line, good.key, MOST_OF_ONE):
            raise too_many(f"lineItems[{place}].quantity")
    return _with_few_lines(_there(tx, shop.site_id, cart_id))


def set_quantities(tx: Tx, site_id: str, owner: Owner, quantities: Mapping[str, int], moment: Moment) -> Cart:
    """Set how many there are of lines, by line id. Lines that are gone meanwhile are passed over: another tab took them out."""
    for place, quantity in enumerate(quantities.values()):
        check_quantity(quantity, f"lineItems[{place}].quantity")
    cart_id = _locked(tx, site_id, owner, moment.now)
    for line_id, quantity in sorted(quantities.items()):
        store.set_quantity(tx, cart_id, line_id, quantity)
    return _there(tx, site_id, cart_id)


def remove_lines(tx: Tx, site_id: str, owner: Owner, line_ids: Sequence[str], moment: Moment) -> Cart:
    """Take lines out; those that are gone already are passed over. A cart without lines stays a cart."""
    cart_id = _locked(tx, site_id, owner, moment.now)
    store.remove_lines(tx, cart_id, list(line_ids))
    return _there(tx, site_id, cart_id)


def set_details(tx: Tx, site_id: str, owner: Owner, changes: Mapping[str, object], moment: Moment) -> Cart:
    """Set fields of `CartDetails` by their names. A coupon that is set must be usable now: raises its refusal otherwise."""
    cart_id = _locked(tx, site_id, owner, moment.now)
    cart = _there(tx, site_id, cart_id)
    details: CartDetails = replace(cart.details, **changes)
    if details.coupon_code and details.coupon_code != cart.details.coupon_code:
        found = coupons.usable(tx, site_id, details.coupon_code, email_key(details.email) or None, moment.now)
        if isinstance(found, Problem):
            raise coupons.refusal(found, details.coupon_code)
    store.set_details(tx, cart_id, details)
    return _there(tx, site_id, cart_id)


def delete(tx: Tx, site_id: str, owner: Owner, moment: Moment) -> None:
    """Delete the owner's cart; raises NOT_FOUND for who comes second."""
    if not store.delete(tx, _locked(tx, site_id, owner, moment.now)):
        raise no_cart()


def merge(tx: Tx, site_id: str, visitor_id: str, member_id: str, moment: Moment) -> bool:
    """Put what a visitor had in their cart into the member's; True when there was something. Of many who try exactly one does it.

    Quantities of the same thing add up. What the member had said before (coupon, note, address) stays; what they had not, is taken over.
    The checkout that was made from the visitor's cart belongs to the member's now, so that what is bought by it is taken out there.
    """
    old_id = store.claim_of_visitor(tx, site_id, visitor_id)
    if old_id is None:
        return False
    old = _there(tx, site_id, old_id)
    lines = store.keyed_lines(tx, old_id)
    new_id = store.open_(tx, site_id, Owner("member", member_id), moment.new_id("cart"), moment.now)
    had = _there(tx, site_id, new_id)
    store.delete(tx, old_id)
    for key, line in lines:
        if not store.add_line(tx, new_id, line, key, MOST_OF_ONE):
            store.set_quantity(tx, new_id, _line_with(tx, new_id, key), MOST_OF_ONE)
    taken_over = {name: value for name, value in _said(old.details).items() if name not in _said(had.details)}
    store.set_details(tx, new_id, replace(had.details, **taken_over))
    if old.checkout_id is not None:
        store.set_checkout(tx, new_id, old.checkout_id)
    body = {"id": new_id, "memberId": member_id, "visitorId": visitor_id, "lines": len(lines)}
    moment.tell(tx, site_id, "cart", "merged", new_id, body, person=member_id)
    return True


def take_out_bought(tx: Tx, cart_id: str, bought: Sequence[tuple[str, int]]) -> None:
    """Take what was bought (keys and quantities) out of a cart that this transaction has locked.

    What was added since stays; a cart that is empty then is gone.
    """
    for key, quantity in bought:
        store.take_out(tx, cart_id, key, quantity)
    if not store.delete_if_empty(tx, cart_id):
        store.set_checkout(tx, cart_id, None)


def locked_after_checkout(tx: Tx, site_id: str, cart_id: str, checkout_id: str, member_id: str | None, now: int) -> str | None:
    """The id of the cart in which what a checkout was made of lies now, locked until this transaction ends; None when it is gone.

    Its own cart; when that was merged since, the one that has taken the checkout over, or that of the member who buys.
    """
    if store.lock(tx, cart_id, now):
        return cart_id
    heir = store.touch_of_checkout(tx, site_id, checkout_id, now)
    if heir is None and member_id is not None:
        heir = store.touch(tx, site_id, Owner("member", member_id), now)
    return heir


def check_quantity(quantity: int, field: str) -> None:
    """Raises INVALID for a number that nobody can buy."""
    if not 1 <= quantity <= MOST_OF_ONE:
        raise invalid_field(field, f"must be from 1 to {MOST_OF_ONE} (received {quantity})", "OTHER", received=quantity)


def too_many(field: str) -> AppError:
    """More of one thing than a cart holds."""
    return invalid_field(field, f"would make more than {MOST_OF_ONE} of one thing", "OTHER")


def not_sold(reference: Reference, field: str) -> AppError:
    """A reference that means nothing here."""
    return AppError(
        Kind.NOT_FOUND,
        "ITEM_NOT_FOUND_IN_CATALOG",
        f"Nothing that is sold here is meant by {field}: app {reference.app_id[:40]!r}, item {reference.item_id[:40]!r}, "
        f"options {reference.options_text[:120]}. Check the id, and that every option is chosen.",
        data={"field": field, "appId": reference.app_id[:40], "catalogItemId": reference.item_id[:40]},
    )


def no_cart() -> AppError:
    """This visitor or member has no cart."""
    return AppError(Kind.NOT_FOUND, "OWNED_CART_NOT_FOUND", "This visitor or member has no cart; adding something makes one.")


def _locked(tx: Tx, site_id: str, owner: Owner, now: int) -> str:
    cart_id = store.touch(tx, site_id, owner, now)
    if cart_id is None:
        raise no_cart()
    return cart_id


def _there(tx: Tx, site_id: str, cart_id: str) -> Cart:
    cart = store.get(tx, site_id, cart_id)
    assert cart is not None  # locked by this transaction
    return cart


def _with_few_lines(cart: Cart) -> Cart:
    if len(cart.lines) > MOST_LINES:
        raise invalid_field(
            "lineItems", f"would make more than {MOST_LINES} different things in one cart", "MAX_LENGTH", threshold=MOST_LINES
        )
    return cart


def _line_with(tx: Tx, cart_id: str, key: str) -> str:
    return next(line.id for other, line in store.keyed_lines(tx, cart_id) if other == key)


def _said(details: CartDetails) -> dict[str, object]:
    return {name: value for name in CartDetails.__struct_fields__ if (value := getattr(details, name))}
