"""What an order of a plan is, and which moves it can make (decision 0169). Pure; `store.py` keeps orders, `actions.py` moves them.

    DRAFT ──paid, kept or free──> ACTIVE, or PENDING when it starts later ──its start──> ACTIVE
    ACTIVE <──the owner──> PAUSED
    ACTIVE ──its time is over──> ENDED
    PENDING, ACTIVE, PAUSED ──cancelled, or the card fails for good──> CANCELED

Times are those of the site's plans (`plans/clock`), in UTC milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from roundtrip.core.clock import DAY
from roundtrip.core.money import Money
from roundtrip.core.told import told
from roundtrip.plans.plan.model import Terms

OWED_KIND = "plan_order"
"""What payments call the charges of orders."""
RETRIES = (DAY, 3 * DAY, 5 * DAY)
"""How long after a refused charge the card is tried again: the second time, the third, the fourth. Then the order is cancelled."""
LOOKED_AFTER = DAY
"""How long a charge may be on its way before somebody looks whether it is forgotten."""
DRAFTS_KEPT_FOR = 30 * DAY
"""How long a draft that nobody paid is kept: longer than money can be on its way."""


class Status(StrEnum):
    """How far an order got; the names that clients of the wire know."""

    DRAFT = "DRAFT"
    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    ENDED = "ENDED"
    CANCELED = "CANCELED"


class Paid(StrEnum):
    """How the last payment went; the names that clients of the wire know. `NOT_APPLICABLE`: nothing is to be paid (yet)."""

    PAID = "PAID"
    REFUNDED = "REFUNDED"
    FAILED = "FAILED"
    UNPAID = "UNPAID"
    PENDING = "PENDING"
    NOT_APPLICABLE = "NOT_APPLICABLE"


class Kind(StrEnum):
    """Bought on our pages, or given by the owner, who takes the money."""

    ONLINE = "ONLINE"
    OFFLINE = "OFFLINE"


class Cause(StrEnum):
    """Who or what ended it."""

    OWNER_ACTION = "OWNER_ACTION"
    MEMBER_ACTION = "MEMBER_ACTION"
    PAYMENT_FAILURE = "PAYMENT_FAILURE"


class Effect(StrEnum):
    """When a cancellation takes effect."""

    IMMEDIATELY = "IMMEDIATELY"
    NEXT_PAYMENT_DATE = "NEXT_PAYMENT_DATE"


RUNNING = (Status.PENDING, Status.ACTIVE, Status.PAUSED)
"""Orders that somebody has."""


class Pause(msgspec.Struct, frozen=True, omit_defaults=True):
    """A time in which an order stood still. `ends_at` None: it still does."""

    starts_at: int
    ends_at: int | None = None


class Content(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an order keeps of its moment: the plan as it was agreed. `email` and `language` are those of mails."""

    name: str
    terms: Terms
    description: str = ""
    buyer_can_cancel: bool = True
    email: str = ""
    buyer: str = ""
    language: str = "en"
    pauses: tuple[Pause, ...] = ()
    is_erased: bool = False


@dataclass(frozen=True, slots=True)
class PlanOrder:
    """An order as it is kept. `cycle` 0 is the trial; what is paid once has one cycle. `due_at` is when something happens by itself."""

    site_id: str
    id: str
    plan_id: str
    member_id: str | None
    kind: Kind
    status: Status
    paid: Paid
    starts_at: int
    first_cycle_at: int
    ends_at: int | None
    cycle: int
    cycle_starts_at: int
    cycle_ends_at: int | None
    renews: bool
    cancel_cause: Cause | None
    cancel_effect: Effect | None
    canceled_at: int | None
    paused_at: int | None
    failures: int
    due_at: int | None
    session_id: str | None
    content: Content
    revision: int
    created_at: int
    updated_at: int

    @property
    def terms(self) -> Terms:
        """What was agreed."""
        return self.content.terms

    @property
    def price(self) -> Money:
        """What one cycle costs."""
        return self.terms.amount

    @property
    def is_running(self) -> bool:
        """True when somebody has it."""
        return self.status in RUNNING

    @property
    def is_in_trial(self) -> bool:
        """True while nothing was paid and nothing has to be."""
        return self.cycle == 0

    @property
    def next_payment_at(self) -> int | None:
        """When the card is charged next, if everything stays as it is."""
        going_on = self.terms.recurs and self.renews and not self.terms.is_free and self.status in (Status.ACTIVE, Status.PENDING)
        is_last = bool(self.terms.cycles) and self.cycle >= self.terms.cycles
        return self.cycle_ends_at if going_on and not is_last else None


class Charge(msgspec.Struct, frozen=True):
    """What is owed for one cycle. `attempt_id` is the payment that counts."""

    site_id: str
    id: str
    order_id: str
    cycle: int
    units: int
    currency: str
    attempt_id: str | None
    paid_at: int | None
    made_at: int

    @property
    def amount(self) -> Money:
        """How much."""
        return Money.from_units(self.units, self.currency)


ENTITY = "plan_order"
_OF_ORDER = "id planId planName status lastPaymentStatus cycle:number startDate:time endDate?:time memberId? revision"
EVENTS: Mapping[str, Mapping[str, str]] = {
    ENTITY: {
        "created": told("Somebody has a plan from now on, or from its start on.", _OF_ORDER),
        "started": told("An order that was to start later has started.", _OF_ORDER),
        "renewed": told("A cycle is over and the next one has begun; the trial, too, ends like this.", _OF_ORDER),
        "payment_failed": told(
            "The card was refused for the next cycle. `nextTry` says when it is tried again.", f"{_OF_ORDER} nextTry:time"
        ),
        "paused": told("The owner lets an order stand still.", _OF_ORDER),
        "resumed": told("An order goes on that stood still; all its times moved by as much.", _OF_ORDER),
        "auto_renew_canceled": told("An order ends with its cycle. Until then it is what it was.", _OF_ORDER),
        "canceled": told("An order was cancelled. `cause` says by what.", f"{_OF_ORDER} cause"),
        "ended": told("The time of an order is over.", _OF_ORDER),
        "refunded": told("Money of an order goes back.", f"{_OF_ORDER} refundAmount"),
        "updated": told("It was marked as paid, or who bought was erased: read it again.", _OF_ORDER),
    }
}
"""What is told to the world about orders of plans, by entity and slug."""
