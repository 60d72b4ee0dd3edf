"""What an order of tickets is, and which moves it can make. Pure; `store.py` keeps orders, `actions.py` moves them.

    INITIATED ──money──> PAID                       FREE, OFFLINE_PENDING ──money in hand──> PAID
        │  └──on its way──> PENDING ──money──> PAID
        │                      └──did not come──> DECLINED
        └──time over, changed, given up──> CANCELED ──late money, and the tickets are still there──> PAID
    FREE, PAID, OFFLINE_PENDING ──its owner cancels it──> CANCELED

An order waits only while its reservation is kept, and stands only while that is confirmed. Tickets are there once it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from roundtrip.core.money import Money
from roundtrip.core.told import told
from roundtrip.events.pricing import Invoice
from roundtrip.events.reservations.model import Line

OWED_KIND = "event_order"
"""What payments call it."""
ENTITY = "event_order"
_OF_ORDER = "id orderNumber eventId status ticketsQuantity:number totalPrice:map revision memberId?"
_OF_TICKET = "id ticketNumber eventId orderId"
EVENTS: Mapping[str, Mapping[str, str]] = {
    ENTITY: {
        "created": told("Somebody ordered tickets; if they have to be paid first, the order waits for that.", _OF_ORDER),
        "confirmed": told(
            "An order stands, and its tickets are good: it is paid, costs nothing, or is paid later as the site allows.", _OF_ORDER
        ),
        "pending": told("Money for an order is on its way and takes a while.", _OF_ORDER),
        "paid": told("The money for an order is there. `late` says that it came after its time.", f"{_OF_ORDER} late:yesno"),
        "canceled": told("An order does not stand; `reason` says why. Its tickets are not good any more.", f"{_OF_ORDER} reason"),
        "refund_requested": told("Money for an order is about to be given back.", f"{_OF_ORDER} refundAmount reason"),
        "refund_failed": told("Money that was to be given back could not be moved; the owner has to do it another way.", _OF_ORDER),
        "updated": told("What is known about an order changed, or its buyer was erased: read it again, and forget your copy.", _OF_ORDER),
    },
    "event_ticket": {
        "checked_in": told("Somebody came with this ticket.", _OF_TICKET),
        "check_in_undone": told("A check-in was taken back.", _OF_TICKET),
    },
}
"""What is told to the world about orders and tickets, by slug."""


class Status(StrEnum):
    """The names that clients of the wire know."""

    FREE = "FREE"
    PENDING = "PENDING"
    PAID = "PAID"
    OFFLINE_PENDING = "OFFLINE_PENDING"
    INITIATED = "INITIATED"
    CANCELED = "CANCELED"
    DECLINED = "DECLINED"


STANDING = frozenset({Status.FREE, Status.PAID, Status.OFFLINE_PENDING})
WAITING = frozenset({Status.INITIATED, Status.PENDING})
TIME_OVER, CHANGED, BY_OWNER, GIVEN_BACK = "time_over", "changed", "by_owner", "given_back"
"""Why an order was cancelled."""


class Answer(msgspec.Struct, frozen=True):
    """What somebody said to a question of the form."""

    title: str
    value: str


class Guest(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who buys, or who comes with one ticket."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    answers: tuple[Answer, ...] = ()

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


class Amounts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What it came to, as text in the currency of the order."""

    subtotal: str
    total: str
    discount: str = "0"
    tax: str = "0"
    fees: str = "0"
    taxable: str = "0"
    tax_name: str = ""
    tax_rate: str = ""
    adds_tax: bool = False


class Coupon(msgspec.Struct, frozen=True):
    """The coupon that was used, and the address that it was counted for."""

    id: str
    code: str
    customer: str


class Content(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was ordered, by whom, and when it takes place as it was known then."""

    title: str
    starts_at: int
    ends_at: int
    zone: str
    place: str
    lines: tuple[Line, ...]
    amounts: Amounts
    buyer: Guest
    guests: tuple[Guest, ...] = ()
    coupon: Coupon | None = None
    language: str = "en"
    pays_later: bool = False
    is_erased: bool = False


class TicketContent(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a ticket is for, and for whom."""

    name: str
    option: str
    price: str
    line_id: str
    guest: Guest = Guest()


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it is kept; times are UTC milliseconds. `number` is short and for people; `why` tells why it does not stand."""

    site_id: str
    id: str
    number: str
    event_id: str
    reservation_id: str
    session_id: str | None
    status: Status
    why: str
    visitor_id: str | None
    member_id: str | None
    currency: str
    total_units: int
    refunded_units: int
    tickets: int
    archived: bool
    content: Content
    revision: int
    created_at: int
    updated_at: int

    @property
    def total(self) -> Money:
        """What it costs."""
        return Money.from_units(self.total_units, self.currency)

    @property
    def stands(self) -> bool:
        """True when its tickets are good."""
        return self.status in STANDING

    @property
    def waits(self) -> bool:
        """True while its money may come in the usual way."""
        return self.status in WAITING

    def money(self, text: str) -> Money:
        """An amount of its content."""
        return Money.parse(text, self.currency)


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket; `place` counts the tickets of its order from 1."""

    site_id: str
    id: str
    number: str
    order_id: str
    event_id: str
    definition_id: str
    place: int
    is_valid: bool
    checked_in_at: int | None
    content: TicketContent
    created_at: int


def amounts_of(found: Invoice) -> Amounts:
    """An invoice as an order keeps it."""
    return Amounts(
        subtotal=found.subtotal.text,
        total=found.total.text,
        discount=found.discount.text,
        tax=found.tax.text,
        fees=found.fees.text,
        taxable=found.taxable.text,
        tax_name=found.rate.name if found.rate else "",
        tax_rate=found.rate.rate if found.rate else "",
        adds_tax=found.adds_tax,
    )
