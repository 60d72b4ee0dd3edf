"""What carts are asked on the wire, and what they answer."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from roundtrip.api.ecom_parts import ChosenOption, Email, Link, Note, Short, WireAddress, WireLine, WireRecipient
from roundtrip.api.wire import Wire


class CartAnswer(Wire, omit_defaults=False):
    """The wrapper that clients unpack."""

    cart: dict[str, Any]


class AddToCart(Wire):
    """Things to put in."""

    line_items: list[WireLine] | None = None
    custom_line_items: list[dict[str, Any]] | None = None
    coupon_code: Short | None = None


class CartChanges(Wire):
    """What the buyer says besides. Fields that are not sent stay as they are."""

    buyer_note: Note | UnsetType | None = UNSET
    override_checkout_url: Link | UnsetType | None = UNSET
    buyer_info: BuyerIn | UnsetType | None = UNSET
    contact_info: WireRecipient | UnsetType | None = UNSET
    selected_shipping_option: ChosenOption | UnsetType | None = UNSET


class BuyerIn(Wire):
    """Who buys. Who they are is what the token says; only the address is taken from here."""

    email: Email | None = None


class UpdateCart(Wire):
    """A change of the cart; `lineItems` are put in as add-to-cart does."""

    cart_info: CartChanges | None = None
    coupon_code: Short | None = None
    line_items: list[WireLine] | None = None
    custom_line_items: list[dict[str, Any]] | None = None


class LineQuantity(Wire):
    """How many there shall be of a line."""

    id: Annotated[str, Meta(max_length=100)]
    quantity: int


class LineQuantities(Wire):
    """Lines by their ids; those that are gone are passed over."""

    line_items: Annotated[list[LineQuantity], Meta(max_length=300)] = msgspec.field(default_factory=list)


class LineIds(Wire):
    """Lines to take out; those that are gone are passed over."""

    line_item_ids: Annotated[list[Annotated[str, Meta(max_length=100)]], Meta(max_length=300)] = msgspec.field(default_factory=list)


class EstimateTotals(Wire):
    """Where it goes, if the cart does not say."""

    selected_shipping_option: ChosenOption | None = None
    shipping_address: WireAddress | None = None
    billing_address: WireAddress | None = None
    calculate_tax: bool | None = None
    calculate_shipping: bool | None = None


class Estimate(Wire, omit_defaults=False):
    """What the cart comes to, as far as it is known where it goes."""

    cart: dict[str, Any]
    calculated_line_items: list[dict[str, Any]]
    price_summary: dict[str, Any]
    applied_discounts: list[dict[str, Any]]
    calculation_errors: dict[str, Any]
    currency: str
    weight_unit: str
    pay_now: dict[str, Any]
    pay_later: dict[str, Any]
    tax_summary: dict[str, Any]
    shipping_info: dict[str, Any]
    additional_fees: list[dict[str, Any]]
    violations: list[dict[str, Any]]
