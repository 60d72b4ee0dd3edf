"""What an owed thing, an attempt to pay it, a provider's report and a refund are. Pure values; `store.py` keeps them.

An attempt moves like this (`MOVES`); only money ends it for good:

    created ──> started ──> pending ──> captured, or kept when only a card was to be kept
       │           │           │            ^
       └───────────┴───────────┴──> declined, cancelled, expired

The last step is drawn both ways because a provider may report money for an attempt that was given up here: money is a fact, whatever we
thought before (PAY-08). What is paid again later is charged without its buyer (`Purpose.AGAIN`), with the card that the provider keeps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from roundtrip.core.clock import MINUTE
from roundtrip.core.money import Money
from roundtrip.core.told import told

ATTEMPT_LIFE = 60 * MINUTE
"""How long a visitor may stay on a provider's page, unless what is bought is held for less."""

_OF_PAYMENT = "owedKind owedId amount currency provider redirectSessionId?"
EVENTS: Mapping[str, Mapping[str, str]] = {
    "payment_settings": {
        "updated": told("An owner changed how a site is paid. Carries the names of what changed, never a key.", "id changed:texts")
    },
    "payment": {
        "pending": told(
            "The visitor has paid in a way that takes days; whether the money comes is not known yet.",
            _OF_PAYMENT,
        ),
        "card_kept": told("Nothing was paid: the provider keeps a card for what is paid later.", _OF_PAYMENT),
        "captured": told(
            "The money is there. `late` says that the attempt had been given up, `counts` that it pays what was owed.",
            f"{_OF_PAYMENT} late:yesno counts:yesno",
        ),
        "declined": told(
            "The provider refused, the visitor turned back or the time was over. Carries which of these as `outcome`.",
            f"{_OF_PAYMENT} outcome",
        ),
        "refund_requested": told(
            "Money is about to be given back. Carries amount and reason.",
            f"{_OF_PAYMENT} refundId refundAmount reason",
        ),
        "refunded": told("It was given back.", f"{_OF_PAYMENT} refundId refundAmount reason"),
        "refund_failed": told(
            "It could not be given back; the owner has to do it another way.",
            f"{_OF_PAYMENT} refundId refundAmount reason error",
        ),
    },
}
"""What is told to the world about payments, by slug. The entity's id is the attempt's."""


class Status(StrEnum):
    """How far an attempt got."""

    CREATED = "created"
    STARTED = "started"
    PENDING = "pending"
    CAPTURED = "captured"
    KEPT = "kept"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Purpose(StrEnum):
    """What an attempt is for: to pay once; to pay, and let the provider keep the card for later; only to keep the card; to pay again with
    the card that is kept, while nobody is there."""

    PAY = "pay"
    FIRST = "first"
    KEEP = "keep"
    AGAIN = "again"


_ENDS = frozenset({Status.CAPTURED, Status.KEPT, Status.DECLINED, Status.CANCELLED, Status.EXPIRED})
MOVES: Mapping[Status, frozenset[Status]] = {
    Status.CREATED: frozenset({Status.STARTED, Status.PENDING}) | _ENDS,
    Status.STARTED: frozenset({Status.PENDING}) | _ENDS,
    Status.PENDING: _ENDS,
    Status.CAPTURED: frozenset(),
    Status.KEPT: frozenset(),
    Status.DECLINED: frozenset({Status.CAPTURED, Status.KEPT}),
    Status.CANCELLED: frozenset({Status.CAPTURED, Status.KEPT}),
    Status.EXPIRED: frozenset({Status.CAPTURED, Status.KEPT}),
}
RUNNING = frozenset({Status.CREATED, Status.STARTED, Status.PENDING})
GIVEN_UP = frozenset({Status.DECLINED, Status.CANCELLED, Status.EXPIRED})


@dataclass(frozen=True, slots=True)
class Owed:
    """Something that a visitor has to pay, in the words of whoever sells it.

    `kind` and `id` name it among all of its site's (`order`, its id): it is paid at most once. `session_id` is the redirect session in
    which it is paid, which pays at most once altogether; None outside of one. `return_path` is the page of our own host that the visitor
    comes back to, however it went. `buyer_id` is the member who buys, if it is one. `pay_until` (UTC milliseconds) is when what is bought
    is not held any more. With a `purpose` that keeps a card, `keep_for` names what it is kept for.
    """

    site_id: str
    kind: str
    id: str
    amount: Money
    description: str
    return_path: str
    language: str = "en"
    session_id: str | None = None
    buyer_email: str | None = None
    buyer_id: str | None = None
    pay_until: int | None = None
    purpose: Purpose = Purpose.PAY
    keep_for: str | None = None


class Attempt(msgspec.Struct, frozen=True):
    """One try to pay one owed thing with one provider. Times are UTC milliseconds, `..._units` count the currency's smallest unit.

    `buyer_id` (a member's) and `buyer_key` (of `buyer_email`) say whose it is (OPS-08). `card_ref` is the provider's name of the card that
    is charged again.
    """

    id: str
    site_id: str
    owed_kind: str
    owed_id: str
    session_id: str | None
    provider: str
    status: Status
    units: int
    currency: str
    description: str
    buyer_email: str | None
    language: str
    return_path: str
    page_ref: str | None
    page_url: str | None
    payment_ref: str | None
    captured_units: int
    refunded_units: int
    reason: str | None
    created_at: int
    changed_at: int
    expires_at: int | None
    look_at: int | None
    buyer_id: str | None = None
    buyer_key: str | None = None
    purpose: Purpose = Purpose.PAY
    keep_for: str | None = None
    card_ref: str | None = None

    @property
    def amount(self) -> Money:
        """What is to be paid."""
        return Money.from_units(self.units, self.currency)

    @property
    def refundable(self) -> Money:
        """What has come in and is not on its way back."""
        return Money.from_units(self.captured_units - self.refunded_units, self.currency)

    @property
    def is_running(self) -> bool:
        """True while it may still become money in the usual way."""
        return self.status in RUNNING


class Verdict(StrEnum):
    """What a provider says about an attempt, or about the refund of one."""

    PENDING = "pending"
    CAPTURED = "captured"
    KEPT = "kept"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REFUND_FAILED = "refund_failed"


class Report(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that a provider said, verified. Nothing about the buyer or a card is in it (PAY-01).

    `event_id` is the provider's own and makes a repeated report one. `units` and `currency` say what was captured; both are absent when
    nothing was. `due_at` (UTC milliseconds) lets the worker apply it at a later time; 0: now. `card_ref` is the provider's name of a card
    that it keeps, which is of no use to anybody without the site's keys.
    """

    site_id: str
    provider: str
    event_id: str
    attempt_id: str
    verdict: Verdict
    units: int | None = None
    currency: str | None = None
    payment_ref: str | None = None
    reason: str | None = None
    refund_id: str | None = None
    due_at: int = 0
    card_ref: str | None = None


class Card(msgspec.Struct, frozen=True):
    """A card that a provider keeps for one thing which is paid again (`held_for`). Nothing about the card itself is known here."""

    site_id: str
    held_for: str
    provider: str
    ref: str
    buyer_id: str | None
    buyer_key: str | None
    kept_at: int


class RefundStatus(StrEnum):
    """How far a refund got."""

    REQUESTED = "requested"
    MOVED = "moved"
    FAILED = "failed"


class Refund(msgspec.Struct, frozen=True):
    """Money on its way back. `try_at` None: it has ended, or a person has to move the money."""

    id: str
    attempt_id: str
    site_id: str
    key: str
    units: int
    currency: str
    reason: str
    status: RefundStatus
    provider_ref: str | None
    error: str | None
    tries: int
    requested_at: int
    changed_at: int
    try_at: int | None

    @property
    def amount(self) -> Money:
        """What is given back."""
        return Money.from_units(self.units, self.currency)


@dataclass(frozen=True, slots=True)
class Settled:
    """What a report changed. Nobody acts on one that `is_news` says nothing happened in.

    `is_paid` is True for exactly one report of an owed thing: the money is there and counts, or the card is kept that was to be kept.
    `is_late`: the attempt had been given up, so
    what was held for it may be gone; whoever sells takes what is still free, or asks for the money back. `overtaken`: the money came
    although the thing (or its session) was paid already, or it was not the amount that was owed; then `refund` is on its way.
    """

    attempt: Attempt
    is_news: bool
    is_paid: bool = False
    is_late: bool = False
    overtaken: bool = False
    refund: Refund | None = None
