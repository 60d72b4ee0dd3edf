"""What a cart is. Pure. A cart keeps no prices: they are read from the catalogue whenever somebody looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from roundtrip.core.clock import DAY
from roundtrip.core.email import email_key
from roundtrip.core.identity import Caller, Member, Visitor
from roundtrip.core.told import told
from roundtrip.ecom.address import Recipient
from roundtrip.ecom.quote import Asking, Wanted

MOST_LINES = 300
MOST_OF_ONE = 100_000
KEPT_FOR = 90 * DAY
"""How long a cart that nobody touches is kept."""
EVENTS: Mapping[str, Mapping[str, str]] = {
    "cart": {
        "merged": told(
            "A visitor logged in, and what they had put into a cart is in the member's now.", "id memberId visitorId lines:number"
        ),
    }
}
"""What is told to the world about a cart, by slug. Everything else about carts changes too often to tell."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose cart it is."""

    kind: Literal["visitor", "member"]
    id: str

    @classmethod
    def of(cls, caller: Caller | None) -> Owner:
        """The visitor or member behind a token."""
        match caller:
            case Member():
                return cls("member", caller.member_id)
            case Visitor():
                return cls("visitor", caller.visitor_id)
            case _:
                raise ValueError("carts belong to visitors and members")


class CartDetails(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the buyer said besides the goods. `overriding_url` is a page of the site's own for paying, as sent."""

    coupon_code: str = ""
    buyer_note: str = ""
    email: str = ""
    overriding_url: str = ""
    delivery_id: str = ""
    contact: Recipient | None = None


@dataclass(frozen=True, slots=True)
class Cart:
    """A cart with its lines in the order in which they were added."""

    id: str
    site_id: str
    owner: Owner
    checkout_id: str | None
    details: CartDetails
    lines: tuple[Wanted, ...]
    created_at: int
    updated_at: int

    @property
    def asking(self) -> Asking:
        """What it is quoted for."""
        place = self.details.contact.address.place if self.details.contact else Asking(()).place
        return Asking(
            self.lines, self.details.coupon_code or None, email_key(self.details.email) or None, place, self.details.delivery_id or None
        )
