"""Payments that move no money, for test sites: a page of ours on which the outcome is chosen (OPS-12).

The page asks for no card. What is chosen becomes the reports that a real provider would send, at the times at which it would send them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from roundtrip.core.clock import SECOND
from roundtrip.payments.model import Attempt, Purpose, Refund, Report, Verdict
from roundtrip.payments.providers.base import Page, ReportRefused, Returned, Till

SOON = 5 * SECOND
"""How long the second report of a slow outcome takes."""
WORKS, FAILS = "test-card-that-works", "test-card-that-fails"
"""What the two kept cards are called."""


class Choice(StrEnum):
    """How a test payment goes. `duplicate` is reported twice, `reordered` has its reports the wrong way round. `paid_once` keeps a card
    that is refused whenever it is charged again."""

    PAID = "paid"
    PAID_ONCE = "paid_once"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    PENDING = "pending"
    LATE = "late"
    DUPLICATE = "duplicate"
    REORDERED = "reordered"


_P, _C, _D, _X, _E = Verdict.PENDING, Verdict.CAPTURED, Verdict.DECLINED, Verdict.CANCELLED, Verdict.EXPIRED
_STORIES: Mapping[Choice, tuple[tuple[Verdict, str, int], ...]] = {
    Choice.PAID: ((_C, "captured", 0),),
    Choice.PAID_ONCE: ((_C, "captured", 0),),
    Choice.DECLINED: ((_D, "declined", 0),),
    Choice.CANCELLED: ((_X, "cancelled", 0),),
    Choice.PENDING: ((_P, "pending", 0), (_C, "captured", SOON)),
    Choice.LATE: ((_E, "expired", 0), (_C, "captured", SOON)),
    Choice.DUPLICATE: ((_C, "captured", 0), (_C, "captured", 0), (_C, "captured-again", 0)),
    Choice.REORDERED: ((_C, "captured", 0), (_P, "pending", 0), (_E, "expired", SOON)),
}


def reports_of(attempt: Attempt, choice: Choice, now: int) -> list[Report]:
    """What this outcome makes the provider say, in the order in which it arrives. Ids follow from attempt and outcome: who chooses twice
    is reported once."""
    card = FAILS if choice is Choice.PAID_ONCE else WORKS
    return [_report(attempt, verdict, name, now + wait if wait else 0, card) for verdict, name, wait in _STORIES[choice]]


def _report(attempt: Attempt, verdict: Verdict, name: str, due_at: int = 0, card: str | None = None) -> Report:
    is_done = verdict is Verdict.CAPTURED
    pays = is_done and attempt.purpose is not Purpose.KEEP
    keeps = is_done and attempt.purpose in (Purpose.FIRST, Purpose.KEEP)
    return Report(
        site_id=attempt.site_id,
        provider=attempt.provider,
        event_id=f"test-{attempt.id}-{name}",
        attempt_id=attempt.id,
        verdict=Verdict.KEPT if is_done and not pays else verdict,
        units=attempt.units if pays else None,
        currency=attempt.currency if pays else None,
        payment_ref=f"test-{attempt.id}" if pays else None,
        reason="the test card is refused" if verdict is Verdict.DECLINED else None,
        due_at=due_at,
        card_ref=card if keeps else None,
    )


class Pretended:
    """A provider that believes whatever is chosen."""

    def start(self, attempt: Attempt, back_url: str) -> Page:
        """The page is ours (`web/payments.py`)."""
        return Page(None, f"test-{attempt.id}")

    def look(self, attempt: Attempt, now: int) -> Report | None:
        """All that was chosen is among the reports already."""
        return None

    def charge(self, attempt: Attempt, now: int) -> Report:
        """As the card was said to be when it was kept."""
        if attempt.card_ref == WORKS:
            return _report(attempt, Verdict.CAPTURED, "captured")
        return _report(attempt, Verdict.DECLINED, "declined")

    def cancel(self, attempt: Attempt, now: int) -> Report | None:
        """A page of ours looks at the attempt itself."""
        return None

    def refund(self, attempt: Attempt, refund: Refund) -> Returned:
        """Nothing has to move."""
        return Returned(f"test-{refund.id}")

    def read_report(self, body: bytes, headers: Mapping[str, str], now: int) -> Report | None:
        """Reports are made by the page, never taken from outside."""
        raise ReportRefused("Test payments are reported by their own page only.")


def connect(till: Till) -> Pretended:
    """The same for every site."""
    return Pretended()
