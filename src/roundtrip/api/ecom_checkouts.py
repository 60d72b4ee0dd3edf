"""Checkouts: made from a cart or directly, changed until their order stands. What is wrong with one is in the answer, not a refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from roundtrip.api.ecom_carts import owner_of
from roundtrip.api.ecom_carts import paths as cart_paths
from roundtrip.api.ecom_carts_wire import LineIds, LineQuantities
from roundtrip.api.ecom_checkout_view import checkout_out
from roundtrip.api.ecom_checkouts_wire import (
    AddToCheckout,
    CheckoutAnswer,
    CheckoutId,
    CheckoutIn,
    CheckoutUrl,
    CreateCheckout,
    FromCart,
    OrderId,
    UpdateCheckout,
)
from roundtrip.api.ecom_parts import (
    Counter,
    Json,
    address_in,
    counter,
    moment,
    recipient_in,
    wanted,
)
from roundtrip.api.operation import KEYS, VISITORS, Call, Operation
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.identity import Member, Visitor
from roundtrip.ecom.address import Recipient
from roundtrip.ecom.checkout import actions
from roundtrip.ecom.checkout.model import Answer, Checkout, Details
from roundtrip.ecom.orders.model import Status
from roundtrip.ecom.quote import Goods
from roundtrip.payments.site_settings import actions as payment_settings
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows.place_order import place


async def create(call: Call) -> CheckoutAnswer:
    """Make a checkout of these things."""
    call.count("checkouts", call.services.limits.settings.purchases_per_minute)
    return CheckoutAnswer(await call.write(_create, call, moment(call)))


def _create(tx: Tx, call: Call, now: Moment) -> Json:
    body: CreateCheckout = call.body
    at = counter(tx, call)
    said = _said(body.checkout_info or CheckoutIn())(Details())
    said = replace(
        said,
        coupon_code=(body.coupon_code or "").strip(),
        channel=body.channel_type or said.channel,
        overriding_url=body.override_checkout_url or "",
    )
    made = actions.create(tx, at.shop, owner_of(call), wanted(body.line_items, body.custom_line_items), said, now)
    return _out(tx, call, made.checkout, at, made.goods, must_be_payable=True)


async def create_from_cart(call: Call) -> CheckoutId:
    """Make the checkout of the current cart, or bring it up to date."""
    return CheckoutId(await call.write(_create_from_cart, call, moment(call)))


def _create_from_cart(tx: Tx, call: Call, now: Moment) -> str:
    body: FromCart = call.body
    at = counter(tx, call)
    chosen = body.selected_shipping_option
    said = Details(
        email=body.email or "",
        shipping=Recipient(address_in(body.shipping_address)) if body.shipping_address else None,
        billing=Recipient(address_in(body.billing_address)) if body.billing_address else None,
        delivery_id=(chosen.code if chosen else None) or "",
        channel=body.channel_type or "WEB",
    )
    made = actions.create_from_cart(tx, at.shop, owner_of(call), said, now)
    _out(tx, call, made, at, must_be_payable=True)
    return made.id


async def get(call: Call) -> CheckoutAnswer:
    """Read a checkout with the prices of this moment: one's own, or for keys any of the site."""
    return CheckoutAnswer(await call.read(_get, call))


def _get(tx: Tx, call: Call) -> Json:
    at = counter(tx, call)
    return _out(tx, call, _own(tx, call, at), at)


async def url(call: Call) -> CheckoutUrl:
    """Read the address of the site's own page for paying, if it has one."""
    return CheckoutUrl(await call.read(_url, call))


def _url(tx: Tx, call: Call) -> str:
    found = _own(tx, call, counter(tx, call))
    if not found.details.overriding_url:
        text = (
            "This checkout has no page of the site's own. Create a redirect session with ecomCheckout, and send the visitor to its fullUrl."
        )
        raise AppError(Kind.NOT_FOUND, "NO_CHECKOUT_URL", text, data={"checkoutId": found.id})
    return found.details.overriding_url.replace("{checkoutId}", found.id)


async def update(call: Call) -> CheckoutAnswer:
    """Change what was said. The answer carries `checkoutId` besides, for clients that look for it there."""
    return CheckoutAnswer(await call.write(_update, call, moment(call)))


def _update(tx: Tx, call: Call, now: Moment) -> Json:
    body: UpdateCheckout = call.body
    at = counter(tx, call)
    known = _own(tx, call, at)
    lines = wanted(body.line_items, body.custom_line_items)
    goods = actions.add_lines(tx, at.shop, known.id, lines, now).goods if lines else None
    say = _said(body.checkout or CheckoutIn())

    def changed(details: Details) -> Details:
        said = say(details)
        return replace(
            said,
            coupon_code=body.coupon_code.strip() if body.coupon_code is not None else said.coupon_code,
            overriding_url=said.overriding_url if body.override_checkout_url is None else body.override_checkout_url,
        )

    return _out(tx, call, actions.change(tx, at.shop.site_id, known.id, changed, now), at, goods) | {"checkoutId": known.id}


def _said(sent: CheckoutIn) -> Callable[[Details], Details]:
    """What was sent, as a change. Null takes something back."""
    changes: dict[str, Any] = {}
    if sent.buyer_note is not UNSET:
        changes["buyer_note"] = sent.buyer_note or ""
    if sent.gift_note is not UNSET:
        changes["gift_note"] = sent.gift_note or ""
    if sent.buyer_info is not UNSET and sent.buyer_info is not None and sent.buyer_info.email is not None:
        changes["email"] = sent.buyer_info.email
    if sent.billing_info is not UNSET:
        changes["billing"] = recipient_in(sent.billing_info)
    if sent.custom_fields is not UNSET:
        changes["answers"] = tuple(Answer(one.title, str(one.value)) for one in sent.custom_fields or ())
    if sent.shipping_info is not UNSET and sent.shipping_info is not None:
        if sent.shipping_info.shipping_destination is not None:
            changes["shipping"] = recipient_in(sent.shipping_info.shipping_destination)
        if sent.shipping_info.selected_carrier_service_option is not None:
            changes["delivery_id"] = sent.shipping_info.selected_carrier_service_option.code or ""
    return lambda details: replace(details, **changes)


async def add(call: Call) -> CheckoutAnswer:
    """Add things."""
    return CheckoutAnswer(await call.write(_add, call, moment(call)))


def _add(tx: Tx, call: Call, now: Moment) -> Json:
    body: AddToCheckout = call.body
    at = counter(tx, call)
    added = actions.add_lines(tx, at.shop, _own(tx, call, at).id, wanted(body.line_items, body.custom_line_items), now)
    return _out(tx, call, added.checkout, at, added.goods)


async def set_quantities(call: Call) -> CheckoutAnswer:
    """Set how many there are of lines."""
    return CheckoutAnswer(await call.write(_changed, call, _set_quantities, moment(call)))


def _set_quantities(tx: Tx, call: Call, at: Counter, known: Checkout, now: Moment) -> Checkout:
    body: LineQuantities = call.body
    return actions.set_quantities(tx, at.shop.site_id, known.id, {line.id: line.quantity for line in body.line_items}, now)


async def remove_lines(call: Call) -> CheckoutAnswer:
    """Take lines out."""
    return CheckoutAnswer(await call.write(_changed, call, _remove_lines, moment(call)))


def _remove_lines(tx: Tx, call: Call, at: Counter, known: Checkout, now: Moment) -> Checkout:
    body: LineIds = call.body
    return actions.remove_lines(tx, at.shop.site_id, known.id, body.line_item_ids, now)


async def remove_coupon(call: Call) -> CheckoutAnswer:
    """Take the coupon out."""
    return CheckoutAnswer(await call.write(_changed, call, _remove_coupon, moment(call)))


def _remove_coupon(tx: Tx, call: Call, at: Counter, known: Checkout, now: Moment) -> Checkout:
    return actions.set_coupon(tx, at.shop.site_id, known.id, "", now)


def _changed(tx: Tx, call: Call, change: Callable[[Tx, Call, Counter, Checkout, Moment], Checkout], now: Moment) -> Json:
    at = counter(tx, call)
    return _out(tx, call, change(tx, call, at, _own(tx, call, at), now), at)


async def create_order(call: Call) -> OrderId:
    """Place the checkout without a page: for what costs nothing, and for shops that are paid later. Repeating it answers the same order."""
    call.count("orders", call.services.limits.settings.purchases_per_minute)
    return OrderId(await call.write(_create_order, call, moment(call)))


def _create_order(tx: Tx, call: Call, now: Moment) -> str:
    at = counter(tx, call)
    pays_later = _ways(tx, at, pays_later=True)
    placed = place(tx, at.shop, _own(tx, call, at).id, pays_later=pays_later, moment=now)
    # Asked of the order, which was made under the checkout's lock: what was free a moment ago may have been filled from another tab.
    if placed.waits_for_money and not (pays_later and placed.order.status is Status.PENDING):
        text = "This has to be paid first. Create a redirect session with ecomCheckout, and send the visitor to its fullUrl."
        raise AppError(Kind.CONFLICT, "SITE_NOT_ACCEPTING_PAYMENTS", text, data={"checkoutId": placed.order.checkout_id})
    return placed.order.id


def _ways(tx: Tx, at: Counter, *, pays_later: bool = False) -> bool:
    ways = payment_settings.of_site(tx, at.site.id).ways_to_pay(at.site)
    return any(way.pays_later for way in ways) if pays_later else bool(ways)


def _own(tx: Tx, call: Call, at: Counter) -> Checkout:
    owner = owner_of(call) if isinstance(call.caller, Visitor | Member) else None
    return actions.get(tx, at.shop.site_id, call.path_params["id"], owner)


def _out(tx: Tx, call: Call, checkout: Checkout, at: Counter, goods: Goods | None = None, *, must_be_payable: bool = False) -> Json:
    found = actions.quoted(tx, at.shop, checkout, call.now, goods)
    if must_be_payable and found.total and not _ways(tx, at):
        text = "This site can't be paid yet. Its owner has to switch on a way to pay: `roundtrip payments`."
        raise AppError(Kind.CONFLICT, "SITE_MUST_ACCEPT_PAYMENTS_TO_CREATE_CHECKOUT", text)
    return checkout_out(checkout, found, at)


PREFIX = "/ecom/v1/checkouts"
_ID = "01990000-0000-7000-8000-000000000001"
_LINE = {
    "catalogReference": {"appId": "215238eb-22a5-4c36-9e7b-e7c08025e04e", "catalogItemId": "7a1c2f10-0000-4000-8000-000000000001"},
    "quantity": 1,
}
_UNKNOWN = ("CHECKOUT_NOT_FOUND",)
_CHANGE = ("CHECKOUT_NOT_FOUND", "CHECKOUT_ALREADY_PAID")
_COUPON = ("ERROR_COUPON_DOES_NOT_EXIST", "ERROR_COUPON_HAS_EXPIRED", "ERROR_COUPON_IS_NOT_ACTIVE_YET", "ERROR_COUPON_USAGE_EXCEEDED")


def _operation(name: str, method: str, rest: str, summary: str, run: Any, **more: Any) -> Operation:
    kept = {"permission": "checkout.change", "callers": VISITORS, "response": CheckoutAnswer, "errors": _CHANGE, **more}
    return Operation(name=name, method=method, paths=(PREFIX + rest,), summary=summary, run=run, **kept)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="CreateCheckoutFromCurrentCart",
        method="POST",
        paths=cart_paths("/current/create-checkout"),
        summary="Make the checkout of the current cart, or bring it up to date; the same cart has the same checkout.",
        run=create_from_cart,
        permission="cart.read",
        callers=VISITORS,
        request=FromCart,
        response=CheckoutId,
        example={"channelType": "WEB"},
        errors=("OWNED_CART_NOT_FOUND", "EMPTY_CHECKOUT", "SITE_MUST_ACCEPT_PAYMENTS_TO_CREATE_CHECKOUT"),
    ),
    _operation(
        "CreateCheckout",
        "POST",
        "",
        "Make a checkout without a cart.",
        create,
        request=CreateCheckout,
        example={"lineItems": [_LINE], "channelType": "WEB", "checkoutInfo": {"buyerInfo": {"email": "ann@example.com"}}},
        errors=(
            "ITEM_NOT_FOUND_IN_CATALOG",
            "EMPTY_CHECKOUT",
            "SITE_MUST_ACCEPT_PAYMENTS_TO_CREATE_CHECKOUT",
            "RESOURCE_EXHAUSTED",
            *_COUPON,
        ),
    ),
    _operation(
        "GetCheckout",
        "GET",
        "/{id}",
        "Read a checkout with the prices of this moment.",
        get,
        callers=VISITORS | KEYS,
        permission="order.read",
        errors=_UNKNOWN,
    ),
    _operation(
        "GetCheckoutURL",
        "GET",
        "/{id}/checkout-url",
        "Read the address of the site's own page for paying, if it has one.",
        url,
        callers=VISITORS | KEYS,
        permission="order.read",
        response=CheckoutUrl,
        errors=(*_UNKNOWN, "NO_CHECKOUT_URL"),
    ),
    _operation(
        "UpdateCheckout",
        "PATCH",
        "/{id}",
        "Change what was said about a checkout; fields that are not sent stay as they are.",
        update,
        request=UpdateCheckout,
        example={"checkout": {"id": _ID, "buyerNote": "Ring twice"}, "couponCode": "WELCOME10"},
        errors=(*_CHANGE, "ITEM_NOT_FOUND_IN_CATALOG", *_COUPON),
    ),
    _operation(
        "AddToCheckout",
        "POST",
        "/{id}/add-to-checkout",
        "Add things.",
        add,
        request=AddToCheckout,
        example={"lineItems": [_LINE]},
        errors=(*_CHANGE, "ITEM_NOT_FOUND_IN_CATALOG"),
    ),
    _operation(
        "UpdateCheckoutLineItemsQuantity",
        "POST",
        "/{id}/update-line-items-quantity",
        "Set how many there are of lines.",
        set_quantities,
        request=LineQuantities,
        example={"lineItems": [{"id": _ID, "quantity": 2}]},
    ),
    _operation(
        "RemoveLineItemsFromCheckout",
        "POST",
        "/{id}/remove-line-items",
        "Take lines out.",
        remove_lines,
        request=LineIds,
        example={"lineItemIds": [_ID]},
    ),
    _operation("RemoveCouponFromCheckout", "POST", "/{id}/remove-coupon", "Take the coupon out.", remove_coupon),
    _operation(
        "CreateOrderFromCheckout",
        "POST",
        "/{id}/create-order",
        "Place a checkout that costs nothing or may be paid later; repeating it answers the same order.",
        create_order,
        response=OrderId,
        errors=(
            *_UNKNOWN,
            "EMPTY_CHECKOUT",
            "FULL_OUT_OF_STOCK",
            "PARTIAL_OUT_OF_STOCK",
            "BUYER_EMAIL_MISSING",
            "SHIPPING_ADDRESS_MISSING",
            "BILLING_ADDRESS_MISSING",
            "SHIPPING_OPTION_NOT_CHOSEN",
            "SELECTED_CARRIER_SERVICE_OPTION_NOT_FOUND",
            "NO_SHIPPING_TO_THIS_ADDRESS",
            "CUSTOM_FIELD_MISSING",
            "TOTAL_TOO_HIGH",
            "SITE_NOT_ACCEPTING_PAYMENTS",
            "RESOURCE_EXHAUSTED",
            *_COUPON,
        ),
    ),
)
