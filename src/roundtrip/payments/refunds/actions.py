"""Giving money back: asked for in a transaction, moved by the worker, never more than has come in.

What is asked for is set aside at once, so that two refunds at the same moment cannot add up to more than was captured. A refund that fails
gives its share free again.
"""

from __future__ import annotations

from roundtrip.core.clock import HOUR, MINUTE
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.ids import new_id
from roundtrip.core.money import Money
from roundtrip.payments import providers, store
from roundtrip.payments.model import Attempt, Refund, RefundStatus
from roundtrip.payments.refunds import store as refund_store
from roundtrip.payments.told import tell
from roundtrip.storage.database import Tx

LEASE = 5 * MINUTE
DELAYS = (MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR)
"""Before the second try, the third, and so on; the last one from then on, because the money is owed until it is moved."""
LONGEST_REASON = 300


def request(tx: Tx, attempt_id: str, amount: Money | None, *, reason: str, key: str, now: int, refund_id: str | None = None) -> Refund:
    """Give back `amount`, or all that is left for None. Who asks again with the same `key` gets the same refund.

    Raises NOT_FOUND `PAYMENT_NOT_FOUND`, and CONFLICT `REFUND_TOO_HIGH` when less than that is left.
    """
    attempt = store.attempt(tx, attempt_id)
    if attempt is None:
        raise AppError(Kind.NOT_FOUND, "PAYMENT_NOT_FOUND", f"There is no payment {attempt_id}.", data={"attemptId": attempt_id})
    known = refund_store.by_key(tx, attempt_id, key)
    if known is not None:
        return known
    units = (attempt.refundable if amount is None else amount).units
    is_payable = units > 0 and (amount is None or amount.currency == attempt.currency)
    if not is_payable or not refund_store.reserve(tx, attempt_id, units):
        known = refund_store.by_key(tx, attempt_id, key)  # the same request at the same moment has just taken it
        if known is not None:
            return known
        raise _too_high(attempt, amount)
    by_hand = providers.known()[attempt.provider].refunds_by_hand
    made = Refund(
        id=refund_id or new_id(now),
        attempt_id=attempt_id,
        site_id=attempt.site_id,
        key=key,
        units=units,
        currency=attempt.currency,
        reason=reason[:LONGEST_REASON],
        status=RefundStatus.REQUESTED,
        provider_ref=None,
        error=None,
        tries=0,
        requested_at=now,
        changed_at=now,
        try_at=None if by_hand else now,
    )
    refund_store.insert(tx, made)
    tell(tx, attempt, "refund_requested", _body(made), now)
    return made


def undo(tx: Tx, attempt: Attempt, *, reason: str, now: int, refund_id: str | None = None) -> Refund:
    """Give back all of a payment that came too late for what it was to pay. The visit that made it may pay for something else (PAY-08)."""
    store.free_session(tx, attempt)
    return request(tx, attempt.id, None, reason=reason, key="late", now=now, refund_id=refund_id)


def moved(tx: Tx, refund_id: str, provider_ref: str | None, now: int) -> bool:
    """The money is on its way back; True for exactly one caller."""
    return _end(tx, refund_id, RefundStatus.MOVED, (RefundStatus.REQUESTED,), provider_ref, None, now)


def failed(tx: Tx, refund_id: str, error: str, now: int) -> bool:
    """It could not be given back, or came back to us; True for exactly one caller. The amount can be asked for again, with another key."""
    if not _end(tx, refund_id, RefundStatus.FAILED, (RefundStatus.REQUESTED, RefundStatus.MOVED), None, error[:LONGEST_REASON], now):
        return False
    refund = refund_store.refund(tx, refund_id)
    assert refund is not None
    refund_store.release(tx, refund.attempt_id, refund.units)
    return True


def try_again(tx: Tx, refund: Refund, error: str, now: int) -> bool:
    """The provider could not be asked; the worker tries again later."""
    delay = DELAYS[min(refund.tries, len(DELAYS)) - 1]
    return refund_store.try_again(tx, refund.id, now + delay, error[:LONGEST_REASON])


def unfinished(tx: Tx, now: int, limit: int) -> list[Refund]:
    """Refunds that are to be made at their provider now, reserved for the caller for some minutes."""
    return refund_store.due(tx, now, limit, LEASE)


def _end(
    tx: Tx,
    refund_id: str,
    status: RefundStatus,
    old: tuple[RefundStatus, ...],
    provider_ref: str | None,
    error: str | None,
    now: int,
) -> bool:
    if not refund_store.end(tx, refund_id, status, old, provider_ref=provider_ref, error=error, now=now):
        return False
    refund = refund_store.refund(tx, refund_id)
    assert refund is not None
    attempt = store.attempt(tx, refund.attempt_id)
    assert attempt is not None
    slug = "refunded" if status is RefundStatus.MOVED else "refund_failed"
    tell(tx, attempt, slug, _body(refund) | ({"error": error} if error else {}), now)
    return True


def _body(refund: Refund) -> dict[str, object]:
    return {"refundId": refund.id, "refundAmount": refund.amount.text, "reason": refund.reason}


def _too_high(attempt: Attempt, amount: Money | None) -> AppError:
    wanted = "nothing" if amount is None else f"{amount.text} {amount.currency}"
    left = attempt.refundable
    return AppError(
        Kind.CONFLICT,
        "REFUND_TOO_HIGH",
        f"{wanted} can't be given back: {left.text} {left.currency} of this payment is left. Ask for an amount above zero and up to that.",
        data={"left": left.text, "currency": left.currency},
    )
