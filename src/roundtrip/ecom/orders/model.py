"""What an order is, and which moves it can make. Pure; `store.py` keeps orders, `actions.py` moves them.

    INITIALIZED ──money, or none needed──> APPROVED ──cancel──> CANCELED
        │  │  ^                               ^
        │  │  └─────────┐                     │ late money, and everything is still there
        │  └──> PENDING ┴──money──────────────┤
        ├──────────┼──time over, or no money──> REJECTED ──late money, and something is gone──> CANCELED (and given back)
        └──────────┴──its owner cancels it──> CANCELED ──late money──> CANCELED (and given back)

Stock goes with it: *held* until `hold_ends_at`, *kept* once the order stands, *released* when it does not. Of everybody who wants to move
an order, one conditional update lets one through.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from roundtrip.core.clock import MINUTE
from roundtrip.core.money import Money
from roundtrip.core.told import told
from roundtrip.ecom.address import Address, Recipient
from roundtrip.ecom.checkout.model import Answer
from roundtrip.ecom.goods import DescriptionLine, Kind, Picture, Reference

FIRST_NUMBER = 10_001
"""What the first order of a site is called."""
HOLD = 30 * MINUTE
"""How long stock is held for an order that waits for its payment."""
HOLDS_AT_ONCE = 3
"""How many unpaid orders of one visitor or member hold stock. A further one ends the time of the oldest (decision 0136)."""
OWED_KIND = "order"
"""What payments call an order."""
_OF_ORDER = "id number checkoutId total currency memberId?"
EVENTS: Mapping[str, Mapping[str, str]] = {
    "order": {
        "created": told("An order was placed; if it has to be paid first, it waits for that.", _OF_ORDER),
        "approved": told(
            "An order stands: it is paid, costs nothing, or is paid later as the shop allows.",
            f"{_OF_ORDER} paymentStatus",
        ),
        "pending": told("Money for an order is on its way and takes a while.", _OF_ORDER),
        "paid": told(
            "The money for an order is there. `late` says that it came after its time.",
            f"{_OF_ORDER} late:yesno",
        ),
        "rejected": told(
            "An order was not paid in time, or its payment failed; what was held for it is free again.",
            f"{_OF_ORDER} reason",
        ),
        "canceled": told("An order was cancelled; `reason` says by whom or why.", f"{_OF_ORDER} reason"),
        "fulfilled": told("Some or all of an order was sent or handed over.", f"{_OF_ORDER} fulfillmentId lineItems:list"),
        "refund_requested": told("Money for an order is about to be given back.", f"{_OF_ORDER} refundAmount reason refundId?"),
        "refund_failed": told(
            "Money that was to be given back could not be moved; the owner has to do it another way.",
            _OF_ORDER,
        ),
        "updated": told(
            "An owner changed what is known about an order, or its buyer was erased: read it again, and forget your copy.",
            _OF_ORDER,
        ),
    }
}
"""What is told to the world about an order, by slug."""


class Status(StrEnum):
    """How far an order got; the names that clients of the wire know."""

    INITIALIZED = "INITIALIZED"
    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    CANCELED = "CANCELED"


class Payment(StrEnum):
    """How far its payment got."""

    NOT_PAID = "NOT_PAID"
    PENDING = "PENDING"
    PAID = "PAID"
    PARTIALLY_REFUNDED = "PARTIALLY_REFUNDED"
    FULLY_REFUNDED = "FULLY_REFUNDED"


class Fulfilment(StrEnum):
    """How much of it was sent."""

    NOT_FULFILLED = "NOT_FULFILLED"
    PARTIALLY_FULFILLED = "PARTIALLY_FULFILLED"
    FULFILLED = "FULFILLED"


class Stock(StrEnum):
    """What is taken from the shelves for it."""

    HELD = "held"
    KEPT = "kept"
    RELEASED = "released"


WAITING = frozenset({Status.INITIALIZED, Status.PENDING})
"""Orders that wait for money."""


class OrderLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line as it was bought. Amounts are texts in the order's currency; `price` is after the discount, tax inside or on top."""

    id: str
    reference: Reference
    key: str
    stock_key: str
    name: str
    quantity: int
    unit: str
    full_unit: str
    price: str
    discount: str
    tax: str
    before_tax: str
    after_tax: str
    kind: Kind
    tax_name: str = ""
    tax_percent: str = "0"
    description: tuple[DescriptionLine, ...] = ()
    picture: Picture | None = None
    sku: str = ""
    weight_grams: int | None = None
    path: str = ""

    @property
    def ships(self) -> bool:
        """True when it has to be sent somewhere."""
        return self.kind is Kind.PHYSICAL


class OrderDelivery(msgspec.Struct, frozen=True, omit_defaults=True):
    """How it gets to the buyer, and what that cost."""

    option_id: str
    title: str
    price: str
    discount: str
    tax: str
    before_tax: str
    after_tax: str
    delivery_time: str = ""
    tax_percent: str = "0"
    pickup: Address | None = None


class OrderCoupon(msgspec.Struct, frozen=True, omit_defaults=True):
    """What made it cheaper. `customer` is the key of the address for which the use was counted, whatever address was corrected since."""

    id: str
    code: str
    name: str
    amount: str
    takes_off_delivery: bool = False
    line_ids: tuple[str, ...] = ()
    customer: str = ""


class Amounts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What it came to. Texts in the order's currency."""

    subtotal: str
    discount: str
    delivery: str
    tax: str
    taxable: str
    total: str


class Content(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything about an order that never changes after it was placed, except for what an owner corrects (addresses, address of mail).

    `is_erased`: the buyer was erased, and everything that leads to them is gone (`buyers/erasing.py`).
    """

    lines: tuple[OrderLine, ...]
    amounts: Amounts
    email: str = ""
    delivery: OrderDelivery | None = None
    coupon: OrderCoupon | None = None
    shipping: Recipient | None = None
    billing: Recipient | None = None
    buyer_note: str = ""
    gift_note: str = ""
    answers: tuple[Answer, ...] = ()
    tax_included: bool = False
    weight_unit: str = "KG"
    channel: str = "WEB"
    language: str = "en"
    site_language: str = "en"
    is_erased: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it is kept. `pays_later` says that it stands before it is paid. Times are UTC milliseconds.

    `uncounted` are the stock keys of what it took and nobody counted at that moment.
    """

    id: str
    site_id: str
    number: int
    checkout_id: str
    cart_id: str | None
    visitor_id: str | None
    member_id: str | None
    status: Status
    payment: Payment
    fulfilment: Fulfilment
    stock: Stock
    hold_ends_at: int | None
    pays_later: bool
    currency: str
    total_units: int
    refunded_units: int
    is_archived: bool
    content: Content
    revision: int
    created_at: int
    updated_at: int
    approved_at: int | None
    uncounted: frozenset[str] = frozenset()

    @property
    def total(self) -> Money:
        """What it costs."""
        return Money.from_units(self.total_units, self.currency)

    @property
    def refunded(self) -> Money:
        """What was given back, or is on its way back."""
        return Money.from_units(self.refunded_units, self.currency)

    @property
    def is_paid(self) -> bool:
        """True when its money came, whatever was given back later."""
        return self.payment in (Payment.PAID, Payment.PARTIALLY_REFUNDED, Payment.FULLY_REFUNDED)

    @property
    def waits_for_money(self) -> bool:
        """True while it is placed and does not stand yet."""
        return self.status in WAITING

    @property
    def taken(self) -> dict[str, int]:
        """How much of what it takes from the shelves, by stock key, in the order in which everybody takes."""
        amounts: dict[str, int] = {}
        for line in sorted(self.content.lines, key=lambda line: line.stock_key):
            amounts[line.stock_key] = amounts.get(line.stock_key, 0) + line.quantity
        return amounts

    @property
    def counted(self) -> dict[str, int]:
        """What of that made the shelves emptier, and goes back if it is released."""
        return {stock_key: quantity for stock_key, quantity in self.taken.items() if stock_key not in self.uncounted}

    @property
    def shelves(self) -> dict[str, str]:
        """Which app keeps what is taken, by stock key."""
        return {line.stock_key: line.reference.app_id for line in self.content.lines}

    @property
    def is_over(self) -> bool:
        """True when nobody has to do anything for it any more: given up, sent and paid, given back, or put away by its owner."""
        if self.status is not Status.APPROVED:
            return not self.waits_for_money
        is_done = self.fulfilment is Fulfilment.FULFILLED and self.is_paid
        return is_done or self.is_archived or self.payment is Payment.FULLY_REFUNDED

    def is_of(self, visitor_id: str | None, member_id: str | None) -> bool:
        """True for the visitor or the member who bought it."""
        return (member_id is not None and member_id == self.member_id) or (visitor_id is not None and visitor_id == self.visitor_id)


class Sent(msgspec.Struct, frozen=True, omit_defaults=True):
    """So many of one line of an order."""

    line_id: str
    quantity: int


class Tracking(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a parcel is."""

    number: str = ""
    carrier: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One time that something of an order was sent or handed over."""

    id: str
    order_id: str
    lines: tuple[Sent, ...]
    tracking: Tracking
    created_at: int


@dataclass(frozen=True, slots=True)
class Activity:
    """One thing that happened to an order, for its history. `type` is a name of the wire, `note` in an owner's words."""

    id: str
    order_id: str
    type: str
    note: str
    created_at: int


def fulfilment_of(lines: tuple[OrderLine, ...], parcels: list[Parcel]) -> Fulfilment:
    """How much of an order was sent, all parcels together."""
    sent: dict[str, int] = {}
    for parcel in parcels:
        for one in parcel.lines:
            sent[one.line_id] = sent.get(one.line_id, 0) + one.quantity
    if not sent:
        return Fulfilment.NOT_FULFILLED
    is_done = all(sent.get(line.id, 0) >= line.quantity for line in lines)
    return Fulfilment.FULFILLED if is_done else Fulfilment.PARTIALLY_FULFILLED
