"""The cart of the visitor or member behind the token. Two calls at once never lose or double anything (`ecom/cart/actions.py`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import UNSET

from roundtrip.api.ecom_carts_wire import (
    AddToCart,
    CartAnswer,
    CartChanges,
    Estimate,
    EstimateTotals,
    LineIds,
    LineQuantities,
    UpdateCart,
)
from roundtrip.api.ecom_parts import (
    Counter,
    Json,
    address_in,
    buyer_out,
    counter,
    moment,
    prices,
    recipient_in,
    recipient_out,
    wanted,
)
from roundtrip.api.ecom_quote_view import (
    calculated_line_out,
    delivery_out,
    discounts_out,
    errors_out,
    line_out,
    nothing_out,
    summary_out,
    tax_summary_out,
)
from roundtrip.api.operation import KEYS, VISITORS, Call, Operation
from roundtrip.api.wire import Empty
from roundtrip.core.clock import rfc3339
from roundtrip.core.identity import Member, Visitor
from roundtrip.ecom.address import NOWHERE
from roundtrip.ecom.cart import actions, store
from roundtrip.ecom.cart.model import Cart, CartDetails, Owner
from roundtrip.ecom.quote import Asking, Quote, quote
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx


def owner_of(call: Call) -> Owner:
    """Whose cart or checkout the call is about."""
    assert isinstance(call.caller, Visitor | Member)  # the operation lists its callers
    return Owner.of(call.caller)


async def get_current(call: Call) -> CartAnswer:
    """Read the cart. Prices and availability are those of this moment."""
    return CartAnswer(await call.read(_get_current, call))


def _get_current(tx: Tx, call: Call) -> Json:
    at = counter(tx, call)
    return _quoted(tx, call, actions.current(tx, at.shop.site_id, owner_of(call)), at)


async def get(call: Call) -> CartAnswer:
    """Read a cart by its id: one's own, or for keys any cart of the site."""
    return CartAnswer(await call.read(_get, call))


def _get(tx: Tx, call: Call) -> Json:
    at = counter(tx, call)
    cart = store.get(tx, at.shop.site_id, call.path_params["id"])
    if cart is None or (isinstance(call.caller, Visitor | Member) and cart.owner != owner_of(call)):
        raise actions.no_cart()
    return _quoted(tx, call, cart, at)


async def add(call: Call) -> CartAnswer:
    """Put things in; the first one makes the cart."""
    return CartAnswer(await call.write(_add, call, moment(call)))


def _add(tx: Tx, call: Call, now: Moment) -> Json:
    body: AddToCart = call.body
    at = counter(tx, call)
    cart = actions.add(tx, at.shop, owner_of(call), wanted(body.line_items, body.custom_line_items), now)
    if body.coupon_code:
        cart = actions.set_details(tx, at.shop.site_id, owner_of(call), {"coupon_code": body.coupon_code}, now)
    return _quoted(tx, call, cart, at)


async def update(call: Call) -> CartAnswer:
    """Say something about the cart, or use a coupon."""
    return CartAnswer(await call.write(_update, call, moment(call)))


def _update(tx: Tx, call: Call, now: Moment) -> Json:
    body: UpdateCart = call.body
    at = counter(tx, call)
    lines = wanted(body.line_items, body.custom_line_items)
    if lines:
        actions.add(tx, at.shop, owner_of(call), lines, now)
    changes = _said(body.cart_info) if body.cart_info else {}
    if body.coupon_code:
        changes["coupon_code"] = body.coupon_code
    return _quoted(tx, call, actions.set_details(tx, at.shop.site_id, owner_of(call), changes, now), at)


def _said(sent: CartChanges) -> dict[str, object]:
    """What was sent, by the names of `CartDetails`. Null takes something back."""
    empty = CartDetails()
    said: dict[str, object] = {}
    if sent.buyer_note is not UNSET:
        said["buyer_note"] = sent.buyer_note or empty.buyer_note
    if sent.override_checkout_url is not UNSET:
        said["overriding_url"] = sent.override_checkout_url or empty.overriding_url
    if sent.buyer_info is not UNSET and sent.buyer_info is not None and sent.buyer_info.email is not None:
        said["email"] = sent.buyer_info.email
    if sent.contact_info is not UNSET:
        said["contact"] = recipient_in(sent.contact_info)
    if sent.selected_shipping_option is not UNSET:
        chosen = sent.selected_shipping_option
        said["delivery_id"] = (chosen.code if chosen else None) or empty.delivery_id
    return said


async def set_quantities(call: Call) -> CartAnswer:
    """Set how many there are of lines."""
    return CartAnswer(await call.write(_changed, call, _set_quantities, moment(call)))


def _set_quantities(tx: Tx, call: Call, at: Counter, now: Moment) -> Cart:
    body: LineQuantities = call.body
    return actions.set_quantities(tx, at.shop.site_id, owner_of(call), {line.id: line.quantity for line in body.line_items}, now)


async def remove_lines(call: Call) -> CartAnswer:
    """Take lines out."""
    return CartAnswer(await call.write(_changed, call, _remove_lines, moment(call)))


def _remove_lines(tx: Tx, call: Call, at: Counter, now: Moment) -> Cart:
    body: LineIds = call.body
    return actions.remove_lines(tx, at.shop.site_id, owner_of(call), body.line_item_ids, now)


async def remove_coupon(call: Call) -> CartAnswer:
    """Take the coupon out."""
    return CartAnswer(await call.write(_changed, call, _remove_coupon, moment(call)))


def _remove_coupon(tx: Tx, call: Call, at: Counter, now: Moment) -> Cart:
    return actions.set_details(tx, at.shop.site_id, owner_of(call), {"coupon_code": ""}, now)


def _changed(tx: Tx, call: Call, change: Callable[[Tx, Call, Counter, Moment], Cart], now: Moment) -> Json:
    at = counter(tx, call)
    return _quoted(tx, call, change(tx, call, at, now), at)


async def delete(call: Call) -> Empty:
    """Delete the cart."""
    await call.write(actions.delete, call.site_id, owner_of(call), moment(call))
    return Empty()


async def estimate(call: Call) -> Estimate:
    """Add the cart up, with delivery and tax as far as it is known where it goes."""
    return await call.read(_estimate, call)


def _estimate(tx: Tx, call: Call) -> Estimate:
    body: EstimateTotals = call.body
    at = counter(tx, call)
    cart = actions.current(tx, at.shop.site_id, owner_of(call))
    found = quote(tx, at.shop, _asking(cart, body), call.now)
    summary = summary_out(found, at)
    return Estimate(
        cart=cart_out(cart, found, at),
        calculated_line_items=[calculated_line_out(line, found, at) for line in found.lines],
        price_summary=summary,
        applied_discounts=discounts_out(found, at),
        calculation_errors=errors_out(found, cart.details.coupon_code),
        currency=at.shop.currency,
        weight_unit=at.shop.terms.weight_unit,
        pay_now=summary,
        pay_later=nothing_out(at),
        tax_summary=tax_summary_out(found, at),
        shipping_info=delivery_out(found, at),
        additional_fees=[],
        violations=[],
    )


def _asking(cart: Cart, body: EstimateTotals) -> Asking:
    kept = cart.asking
    sent = [address_in(one).place for one in (body.shipping_address, body.billing_address) if one is not None]
    place = next((one for one in sent if one != NOWHERE), kept.place)
    code = body.selected_shipping_option.code if body.selected_shipping_option else None
    return Asking(cart.lines, kept.coupon_code, kept.customer, place, code or kept.delivery_id, takes_first_offer=place != NOWHERE)


def _quoted(tx: Tx, call: Call, cart: Cart, at: Counter) -> Json:
    return cart_out(cart, quote(tx, at.shop, cart.asking, call.now), at)


def cart_out(cart: Cart, found: Quote, at: Counter) -> Json:
    """A cart as clients read it: `subtotal` is there in old ones and read without looking."""
    details = cart.details
    said: Json = {
        "buyerNote": details.buyer_note,
        "overrideCheckoutUrl": details.overriding_url,
        "checkoutId": cart.checkout_id,
        "contactInfo": recipient_out(details.contact) if details.contact else None,
        "selectedShippingOption": {"code": details.delivery_id} if details.delivery_id else None,
    }
    return {
        "id": cart.id,
        "createdDate": rfc3339(cart.created_at),
        "updatedDate": rfc3339(cart.updated_at),
        "currency": at.shop.currency,
        "conversionCurrency": at.shop.currency,
        "buyerLanguage": at.shown.language,
        "siteLanguage": at.shown.language,
        "taxIncludedInPrices": at.shop.terms.tax_included,
        "weightUnit": at.shop.terms.weight_unit,
        "buyerInfo": buyer_out(cart.owner.kind, cart.owner.id, details.email),
        "appliedDiscounts": _coupon_out(cart, found, at),
        "purchaseFlowId": cart.id,
        "lineItems": [line_out(line, at) for line in found.lines],
        "subtotal": prices(found.totals.subtotal, at.shown.language),
        "subtotalAfterDiscounts": prices(found.totals.subtotal - found.totals.discount, at.shown.language),
        **{name: value for name, value in said.items() if value},
    }


def _coupon_out(cart: Cart, found: Quote, at: Counter) -> list[Json]:
    """The coupon in the cart, even when it takes nothing off at the moment."""
    if not cart.details.coupon_code:
        return []
    known = discounts_out(found, at)
    return known or [{"coupon": {"id": found.coupon.id if found.coupon else "", "code": cart.details.coupon_code}}]


PREFIXES = ("/ecom/v1/carts", "/_api/ecom-cart/v1/carts", "/_api/cart/v1/carts")
_NO_CART = ("OWNED_CART_NOT_FOUND",)
_LINE = {
    "catalogReference": {
        "appId": "215238eb-22a5-4c36-9e7b-e7c08025e04e",
        "catalogItemId": "7a1c2f10-0000-4000-8000-000000000001",
        "options": {"options": {"Size": "S"}},
    },
    "quantity": 1,
}


def paths(rest: str) -> tuple[str, ...]:
    """All addresses of one call."""
    return tuple(prefix + rest for prefix in PREFIXES)


def _operation(name: str, method: str, rest: str, summary: str, run: Any, **more: Any) -> Operation:
    kept = {"permission": "cart.read", "callers": VISITORS, "response": CartAnswer, "errors": _NO_CART, **more}
    return Operation(name=name, method=method, paths=paths(rest), summary=summary, run=run, **kept)


_COUPON_ERRORS = (
    "ERROR_COUPON_DOES_NOT_EXIST",
    "ERROR_COUPON_HAS_EXPIRED",
    "ERROR_COUPON_IS_NOT_ACTIVE_YET",
    "ERROR_COUPON_IS_DISABLED",
    "ERROR_COUPON_USAGE_EXCEEDED",
    "ERROR_COUPON_LIMIT_PER_CUSTOMER_EXCEEDED",
)
OPERATIONS: tuple[Operation, ...] = (
    _operation("GetCurrentCart", "GET", "/current", "Read the cart of the visitor or member behind the token.", get_current),
    _operation(
        "AddToCurrentCart",
        "POST",
        "/current/add-to-cart",
        "Put things into the cart; the first one makes it.",
        add,
        request=AddToCart,
        example={"lineItems": [_LINE]},
        errors=("ITEM_NOT_FOUND_IN_CATALOG", *_COUPON_ERRORS),
    ),
    _operation(
        "UpdateCurrentCart",
        "PATCH",
        "/current",
        "Use a coupon, leave a note, say where it goes. Fields that are not sent stay as they are.",
        update,
        request=UpdateCart,
        example={"couponCode": "WELCOME10", "cartInfo": {"buyerNote": "Ring twice"}},
        errors=(*_NO_CART, "ITEM_NOT_FOUND_IN_CATALOG", *_COUPON_ERRORS),
    ),
    _operation(
        "UpdateCurrentCartLineItemQuantity",
        "POST",
        "/current/update-line-items-quantity",
        "Set how many there are of lines.",
        set_quantities,
        request=LineQuantities,
        example={"lineItems": [{"id": "01990000-0000-7000-8000-000000000001", "quantity": 2}]},
    ),
    _operation(
        "RemoveLineItemsFromCurrentCart",
        "POST",
        "/current/remove-line-items",
        "Take lines out of the cart.",
        remove_lines,
        request=LineIds,
        example={"lineItemIds": ["01990000-0000-7000-8000-000000000001"]},
    ),
    _operation("RemoveCouponFromCurrentCart", "POST", "/current/remove-coupon", "Take the coupon out.", remove_coupon),
    _operation(
        "EstimateCurrentCartTotals",
        "POST",
        "/current/estimate-totals",
        "Add the cart up, with delivery and tax as far as it is known where it goes.",
        estimate,
        request=EstimateTotals,
        response=Estimate,
        example={"shippingAddress": {"country": "US", "subdivision": "US-NY"}},
    ),
    _operation("DeleteCurrentCart", "DELETE", "/current", "Delete the cart.", delete, response=Empty),
    _operation(
        "GetCart",
        "GET",
        "/{id}",
        "Read a cart by its id: one's own; for keys, any of the site.",
        get,
        callers=VISITORS | KEYS,
        permission="order.read",
    ),
)
