"""What a coupon is and when it holds. Pure; `store.py` keeps coupons, `actions.py` changes them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import msgspec

from roundtrip.core.money import Money, rounded
from roundtrip.core.told import told
from roundtrip.ecom.goods import Good
from roundtrip.ecom.pricing.model import Discount, Fixed, FreeShipping, Percent, Reduction

LONGEST_CODE = 20
_OF_COUPON = "id code name kind value?"
EVENTS: Mapping[str, Mapping[str, str]] = {
    "coupon": {
        "created": told("An owner made a coupon.", _OF_COUPON),
        "updated": told("An owner changed a coupon.", _OF_COUPON),
        "deleted": told("An owner deleted a coupon.", _OF_COUPON),
    }
}
"""What is told to the world about a coupon, by slug."""


class Problem(StrEnum):
    """Why a code takes nothing off; the names that clients of the wire know."""

    UNKNOWN = "ERROR_COUPON_DOES_NOT_EXIST"
    EXPIRED = "ERROR_COUPON_HAS_EXPIRED"
    NOT_YET = "ERROR_COUPON_IS_NOT_ACTIVE_YET"
    DISABLED = "ERROR_COUPON_IS_DISABLED"
    USED_UP = "ERROR_COUPON_USAGE_EXCEEDED"
    USED_BY_CUSTOMER = "ERROR_COUPON_LIMIT_PER_CUSTOMER_EXCEEDED"
    TOO_LITTLE = "ERROR_COUPON_MINIMUM_SUBTOTAL"
    OTHER_GOODS = "ERROR_COUPON_DOES_NOT_APPLY"


class CouponKind(StrEnum):
    """What a coupon takes off."""

    PERCENT = "percent"
    FIXED = "fixed"
    FREE_SHIPPING = "free_shipping"


class Terms(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an owner says about a coupon. `value` is a percentage or an amount in the shop's currency, as a decimal number.

    `item_id` and `collection_id` narrow it to one product or one collection; `minimum_subtotal` is an amount too.
    """

    name: str
    code: str
    kind: CouponKind
    value: str = "0"
    minimum_subtotal: str | None = None
    item_id: str | None = None
    collection_id: str | None = None


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon as it is kept. `starts_at` and `ends_at` are UTC milliseconds; limits are None where there are none."""

    id: str
    site_id: str
    terms: Terms
    is_active: bool
    starts_at: int
    ends_at: int | None
    usage_limit: int | None
    limit_per_customer: int | None
    used: int
    revision: int
    created_at: int
    updated_at: int

    @property
    def code(self) -> str:
        """The code as its owner writes it."""
        return self.terms.code

    def closed_because(self, now: int) -> Problem | None:
        """Why nobody can use it now; None when it is open."""
        if not self.is_active:
            return Problem.DISABLED
        if now < self.starts_at:
            return Problem.NOT_YET
        if self.ends_at is not None and now >= self.ends_at:
            return Problem.EXPIRED
        if self.usage_limit is not None and self.used >= self.usage_limit:
            return Problem.USED_UP
        return None

    def reduction(self, currency: str) -> Reduction:
        """What it takes off, in the shop's currency."""
        if self.terms.kind is CouponKind.FREE_SHIPPING:
            return FreeShipping()
        value = Decimal(self.terms.value)
        return Percent(value) if self.terms.kind is CouponKind.PERCENT else Fixed(Money(rounded(value, currency), currency))

    def covers(self, good: Good) -> bool:
        """True for goods that it takes something off."""
        if self.terms.item_id is not None:
            return good.item_id == self.terms.item_id
        return self.terms.collection_id is None or self.terms.collection_id in good.collection_ids

    def discount(self, lines: Sequence[tuple[str, Good, int]], currency: str) -> Discount | Problem:
        """What it takes off these lines (id, good, quantity), or why it takes nothing off."""
        covered = frozenset(line_id for line_id, good, _ in lines if self.covers(good))
        if not covered:
            return Problem.OTHER_GOODS
        if self.terms.minimum_subtotal is not None:
            subtotal = sum((good.unit.amount * quantity for _, good, quantity in lines), Decimal(0))
            if subtotal < Decimal(self.terms.minimum_subtotal):
                return Problem.TOO_LITTLE
        return Discount(self.reduction(currency), covered)


def code_key(code: str) -> str:
    """Two codes with the same key are the same code: people type them in either case and with blanks around."""
    return unicodedata.normalize("NFKC", code).strip().casefold()
