"""What a checkout is. Pure. Like a cart it keeps no prices: every look at it asks the catalogue again (PAY-09)."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from roundtrip.core.clock import DAY
from roundtrip.core.email import email_key
from roundtrip.ecom.address import NOWHERE, Place, Recipient
from roundtrip.ecom.cart.model import Owner
from roundtrip.ecom.quote import Asking, Wanted

KEPT_FOR = 90 * DAY
"""How long a checkout that nobody touches is kept. Orders that were made from it are kept for good."""
LONGEST_NOTE = 1000
LONGEST_ANSWER = 500
MOST_ANSWERS = 20


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a buyer said to one of the shop's own questions, or what a site told about itself."""

    title: str
    value: str


class Details(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything about a checkout that somebody said. `member_id` is set once the buyer is logged in, whoever began."""

    lines: tuple[Wanted, ...] = ()
    email: str = ""
    member_id: str = ""
    shipping: Recipient | None = None
    billing: Recipient | None = None
    delivery_id: str = ""
    coupon_code: str = ""
    buyer_note: str = ""
    gift_note: str = ""
    answers: tuple[Answer, ...] = ()
    channel: str = "WEB"
    overriding_url: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A checkout as it is kept. `order_id` is the latest order that was placed from it; `is_completed`: that order stands."""

    id: str
    site_id: str
    owner: Owner
    cart_id: str | None
    order_id: str | None
    is_completed: bool
    details: Details
    revision: int
    created_at: int
    updated_at: int

    @property
    def customer(self) -> str | None:
        """The buyer's address as customers are told apart by it."""
        return email_key(self.details.email) or None

    @property
    def place(self) -> Place:
        """Where the goods go, or where the buyer is when nothing is sent."""
        for recipient in (self.details.shipping, self.details.billing):
            if recipient is not None and recipient.address.country:
                return recipient.address.place
        return NOWHERE

    @property
    def asking(self) -> Asking:
        """What it is quoted for."""
        details = self.details
        return Asking(details.lines, details.coupon_code or None, self.customer, self.place, details.delivery_id or None)

    def is_of(self, owner: Owner) -> bool:
        """True for the visitor or member who made it, and for the member who took it over."""
        return owner == self.owner or (owner.kind == "member" and owner.id == self.details.member_id)
