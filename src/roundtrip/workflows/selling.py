"""Joins whoever sells something with whoever takes the money, without either knowing the other.

A room that sells brings a `Seller` for each kind of thing that it lets be owed, in a module `seller.py` of its own, or in one beside this
when it needs two rooms. What a provider reports is settled here in one transaction: the attempt moves, and the seller does what follows
from it, or neither happens.
"""

from __future__ import annotations

from roundtrip.core.rooms import said_in
from roundtrip.payments import actions, store
from roundtrip.payments import settle as payments
from roundtrip.payments.model import Attempt, Owed, Refund, Report, Settled, Verdict
from roundtrip.payments.refunds import actions as refunds
from roundtrip.payments.selling import Sellers
from roundtrip.storage.database import Tx

SELLERS: Sellers = {kind: seller for module in said_in("*seller") for kind, seller in module.SELLERS.items()}
"""Everybody who sells something on this server, by the kind of what they let be owed: what every `seller.py` says."""


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
