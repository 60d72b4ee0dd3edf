"""What checkouts are asked on the wire, and what they answer."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from roundtrip.api.ecom_carts_wire import BuyerIn
from roundtrip.api.ecom_parts import ChosenOption, Email, Link, Note, Short, WireAddress, WireLine, WireRecipient
from roundtrip.api.wire import Wire
from roundtrip.ecom.checkout.model import LONGEST_ANSWER, MOST_ANSWERS

AnswerValue = Annotated[str, Meta(max_length=LONGEST_ANSWER)]


class CheckoutAnswer(Wire, omit_defaults=False):
    """The wrapper that clients unpack."""

    checkout: dict[str, Any]


class CheckoutId(Wire, omit_defaults=False):
    """The id of the checkout; the same one as long as it is not completed."""

    checkout_id: str


class OrderId(Wire, omit_defaults=False):
    """The id of the order."""

    order_id: str


class CheckoutUrl(Wire, omit_defaults=False):
    """The site's own page for paying."""

    checkout_url: str


class WireField(Wire):
    """One answer to a question of the shop, or something that the site tells about itself."""

    title: Short
    value: AnswerValue | int | float | bool


class WireShipping(Wire):
    """Where it goes, and how."""

    shipping_destination: WireRecipient | None = None
    selected_carrier_service_option: ChosenOption | None = None


class CheckoutIn(Wire):
    """What may be said about a checkout. Fields that are not sent stay as they are, what else is sent is ignored."""

    buyer_note: Note | UnsetType | None = UNSET
    gift_note: Note | UnsetType | None = UNSET
    buyer_info: BuyerIn | UnsetType | None = UNSET
    billing_info: WireRecipient | UnsetType | None = UNSET
    shipping_info: WireShipping | UnsetType | None = UNSET
    custom_fields: Annotated[list[WireField], Meta(max_length=MOST_ANSWERS)] | UnsetType | None = UNSET


class CreateCheckout(Wire):
    """A checkout without a cart."""

    line_items: list[WireLine] | None = None
    custom_line_items: list[dict[str, Any]] | None = None
    checkout_info: CheckoutIn | None = None
    coupon_code: Short | None = None
    channel_type: Annotated[str, Meta(max_length=40)] | None = None
    override_checkout_url: Link | None = None


class UpdateCheckout(Wire):
    """A change of a checkout; `lineItems` are added."""

    checkout: CheckoutIn | None = None
    coupon_code: Short | None = None
    line_items: list[WireLine] | None = None
    custom_line_items: list[dict[str, Any]] | None = None
    override_checkout_url: Link | None = None


class FromCart(Wire):
    """What is known besides the cart."""

    channel_type: Annotated[str, Meta(max_length=40)] | None = None
    email: Email | None = None
    shipping_address: WireAddress | None = None
    billing_address: WireAddress | None = None
    selected_shipping_option: ChosenOption | None = None


class AddToCheckout(Wire):
    """Things to add."""

    line_items: list[WireLine] | None = None
    custom_line_items: list[dict[str, Any]] | None = None
