"""Joins whoever sells something with whoever takes the money, without either knowing the other.

A room that sells brings a `Seller` for each kind of thing that it lets be owed; `app.py` collects them. What a provider reports is settled
here in one transaction: the attempt moves, and the seller does what follows from it, or neither happens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from roundtrip.ecom.orders.model import OWED_KIND
from roundtrip.payments import actions, store
from roundtrip.payments import settle as payments
from roundtrip.payments.model import Attempt, Owed, Refund, Report, Settled, Verdict
from roundtrip.payments.refunds import actions as refunds
from roundtrip.storage.database import Tx
from roundtrip.workflows.pay_order import OrderSeller


class Seller(Protocol):
    """Whoever sells one kind of thing."""

    def be_alone(self, tx: Tx, site_id: str, owed_id: str, now: int) -> None:
        """Lock whatever of the thing `owed_id` its seller locks before its payment, because something about that is going to change.

        Called before anything of the payment is locked, so that seller and payment are locked in one order by everybody.
        """
        ...

    def settled(self, tx: Tx, settled: Settled, now: int) -> None:
        """Something new is known about paying the thing `settled.attempt.owed_id`. Runs in the transaction that made it true.

        - `is_paid`: complete the thing (one conditional UPDATE). With `is_late` take what is still free, or ask for the money back with
          `payments.refunds.undo(tx, attempt, reason=..., now=now)` and say so (PAY-08).
        - `overtaken`: nothing to do; the money is on its way back.
        - otherwise `settled.attempt.status` tells: `pending` keeps what is held, the others mean that this attempt brings no money, and
          another may follow.

        Raising undoes all of it; the report stays and is applied again later.
        """
        ...

    def refund_failed(self, tx: Tx, attempt: Attempt, now: int) -> None:
        """Money that was to go back for the thing `attempt.owed_id` could not be moved: it is still here, and may be asked for again."""
        ...


Sellers = Mapping[str, Seller]
"""By the `kind` of what they let be owed."""

SELLERS: Sellers = {OWED_KIND: OrderSeller()}
"""Everybody who sells something on this server."""


def settle(tx: Tx, sellers: Sellers, report: Report, now: int) -> Settled:
    """Apply a provider's report, and let the seller act on it. Raises like `payments.settle.settle`."""
    _be_alone(tx, sellers, report.attempt_id, now)
    settled = _tell(tx, sellers, payments.settle(tx, report, now), now)
    if report.verdict is Verdict.REFUND_FAILED:
        _tell_refund_failed(tx, sellers, settled.attempt, now)
    return settled


def refund_failed(tx: Tx, sellers: Sellers, refund: Refund, error: str, now: int) -> bool:
    """A provider will not give money back; True for exactly one caller. Called by the worker."""
    _be_alone(tx, sellers, refund.attempt_id, now)
    if not refunds.failed(tx, refund.id, error, now):
        return False
    attempt = store.attempt(tx, refund.attempt_id)
    assert attempt is not None
    _tell_refund_failed(tx, sellers, attempt, now)
    return True


def mark_paid(tx: Tx, sellers: Sellers, owed: Owed, now: int) -> Settled:
    """The owner has the money in hand. Raises like `payments.settle.mark_paid`."""
    seller = sellers.get(owed.kind)
    if seller is not None:
        seller.be_alone(tx, owed.site_id, owed.id, now)
    return _tell(tx, sellers, payments.mark_paid(tx, owed, now), now)


def expire(tx: Tx, sellers: Sellers, attempt_id: str, now: int) -> Settled | None:
    """The time of an attempt is over: give it up, and let the seller act on that; None when its money is on its way, or it has ended."""
    _be_alone(tx, sellers, attempt_id, now)
    if not actions.expire(tx, attempt_id, now):
        return None
    attempt = store.attempt(tx, attempt_id)
    assert attempt is not None
    return _tell(tx, sellers, Settled(attempt, True), now)


def _be_alone(tx: Tx, sellers: Sellers, attempt_id: str, now: int) -> None:
    attempt = store.attempt(tx, attempt_id)
    seller = sellers.get(attempt.owed_kind) if attempt is not None else None
    if attempt is not None and seller is not None:
        seller.be_alone(tx, attempt.site_id, attempt.owed_id, now)


def _tell(tx: Tx, sellers: Sellers, settled: Settled, now: int) -> Settled:
    seller = sellers.get(settled.attempt.owed_kind)
    if settled.is_news and seller is not None:
        seller.settled(tx, settled, now)
    return settled


def _tell_refund_failed(tx: Tx, sellers: Sellers, attempt: Attempt, now: int) -> None:
    seller = sellers.get(attempt.owed_kind)
    if seller is not None:
        seller.refund_failed(tx, attempt, now)
