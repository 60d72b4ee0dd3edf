"""What becomes of an attempt when its provider reports something (PAY-03 to PAY-06, PAY-08).

A report is kept by its id first, then applied once, in a transaction with whatever the seller does about it: a crash in between leaves it
waiting, and the worker applies it. Order does not matter, repetition does not matter, and money counts at most once per owed thing and per
redirect session; what came beyond that is given back.
"""

from __future__ import annotations

from msgspec.structs import replace

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.ids import new_id
from roundtrip.core.money import Money
from roundtrip.payments import actions, providers, store
from roundtrip.payments.cards import store as cards
from roundtrip.payments.model import GIVEN_UP, Attempt, Owed, Refund, Report, Settled, Status, Verdict
from roundtrip.payments.refunds import actions as refunds
from roundtrip.payments.refunds import store as refund_store
from roundtrip.payments.site_settings import store as site_settings
from roundtrip.payments.told import tell
from roundtrip.sites import store as sites
from roundtrip.storage.database import Tx

LEASE = 60_000
PRETENDED = "Pretended money does not count at a live site"
_STATUS = {
    Verdict.PENDING: Status.PENDING,
    Verdict.DECLINED: Status.DECLINED,
    Verdict.CANCELLED: Status.CANCELLED,
    Verdict.EXPIRED: Status.EXPIRED,
}
_PENDING_LOOK = 3_600_000


def keep(tx: Tx, report: Report, now: int) -> bool:
    """Keep a report, so that nothing more is needed from the provider; False when it was kept before (PAY-04).

    Raises NOT_FOUND `PAYMENT_NOT_FOUND` when its site and provider have no such attempt.
    """
    _attempt_of(tx, report)
    return store.keep_report(tx, report, now)


def waiting(tx: Tx, now: int, limit: int) -> list[Report]:
    """Reports that were kept and not applied, oldest first, reserved for the caller for a minute."""
    return store.due_reports(tx, now, limit, LEASE)


def settle(tx: Tx, report: Report, now: int) -> Settled:
    """Apply a report; whoever repeats it learns that nothing is new. Pretended money that comes after its site went live is none (OPS-12).

    Raises NOT_FOUND `PAYMENT_NOT_FOUND` when its site and provider have no such attempt.
    """
    attempt = _attempt_of(tx, report)
    store.keep_report(tx, report, now)
    if not store.apply_report(tx, report, now):
        return Settled(attempt, False)
    if report.verdict is Verdict.CAPTURED and _is_pretended_at_a_live_site(tx, attempt):
        report = replace(report, verdict=Verdict.DECLINED, units=None, currency=None, reason=PRETENDED)
    if report.verdict is Verdict.CAPTURED:
        return _captured(tx, attempt, report, now)
    if report.verdict is Verdict.KEPT:
        return _card_kept(tx, attempt, report, now)
    if report.verdict is Verdict.REFUND_FAILED:
        refund = refund_store.refund(tx, report.refund_id or "")
        if refund is not None and refund.attempt_id == attempt.id:
            refunds.failed(tx, refund.id, report.reason or "the provider could not give it back", now)
        return Settled(attempt, False)
    return _moved(tx, attempt, report, now)


def _attempt_of(tx: Tx, report: Report) -> Attempt:
    attempt = store.attempt(tx, report.attempt_id)
    if attempt is None or attempt.site_id != report.site_id or attempt.provider != report.provider:
        raise AppError(
            Kind.NOT_FOUND,
            "PAYMENT_NOT_FOUND",
            f"There is no attempt {report.attempt_id} to pay at this site by {report.provider}.",
            data={"attemptId": report.attempt_id},
        )
    return attempt


def mark_paid(tx: Tx, owed: Owed, now: int) -> Settled:
    """The owner has the money in hand. Raises CONFLICT `ALREADY_PAID`, and `PAYMENT_PENDING` when money is on its way already."""
    attempt = actions.begin(tx, owed, providers.OFFLINE, now)
    if attempt.status is Status.CAPTURED:
        text = f"This was paid already, by {attempt.provider}. Give money back if it came twice."
        raise AppError(Kind.CONFLICT, "ALREADY_PAID", text, data={"attemptId": attempt.id})
    if attempt.provider != providers.OFFLINE:
        text = f"A payment by {attempt.provider} is on its way; wait until it has come or failed."
        raise AppError(Kind.CONFLICT, "PAYMENT_PENDING", text, data={"attemptId": attempt.id})
    return settle(tx, _by_hand(attempt), now)


def _by_hand(attempt: Attempt) -> Report:
    return Report(
        attempt.site_id,
        attempt.provider,
        f"by-hand-{attempt.id}",
        attempt.id,
        Verdict.CAPTURED,
        units=attempt.units,
        currency=attempt.currency,
    )


def _money(report: Report) -> Money:
    if report.units is None or report.units <= 0 or report.currency is None:
        raise ValueError(f"the report {report.event_id} of {report.provider} says that money came, and not how much")
    return Money.from_units(report.units, report.currency)


def _is_pretended_at_a_live_site(tx: Tx, attempt: Attempt) -> bool:
    """True for what was begun while its site was being tried out. A site that is gone says nothing."""
    if attempt.provider == providers.OFFLINE:
        return False
    site = sites.site(tx, attempt.site_id)
    if site is None or site.is_test:
        return False
    is_live = site_settings.of_site(tx, site.id).stripe_is_live if attempt.provider == providers.STRIPE else None
    return is_live is False or providers.known()[attempt.provider].is_pretended


def _moved(tx: Tx, attempt: Attempt, report: Report, now: int) -> Settled:
    """Anything but money. A report that comes after its time moves nothing."""
    new = _STATUS[report.verdict]
    look_at = now + _PENDING_LOOK if new is Status.PENDING else None
    if not store.move(tx, attempt.id, new, now, reason=report.reason, look_at=look_at, payment_ref=report.payment_ref):
        return Settled(attempt, False)
    found = _again(tx, attempt)
    if new is Status.PENDING:
        tell(tx, found, "pending", {}, now)
    else:
        tell(tx, found, "declined", {"outcome": new.value}, now)
    return Settled(found, True)


def _captured(tx: Tx, attempt: Attempt, report: Report, now: int) -> Settled:
    money = _money(report)
    # Two captures of one owed thing come one after the other, and neither waits for the other in a circle.
    store.be_alone(tx, attempt.site_id, attempt.owed_kind, attempt.owed_id)
    before = _capture(tx, attempt, money, report.payment_ref, now)
    if before is None:
        return Settled(_again(tx, attempt), False)
    is_right = money == attempt.amount
    counts = is_right and store.take_payment(tx, attempt, now)
    if counts:
        _end_others(tx, attempt, now)
        cards.keep(tx, attempt, report.card_ref, now)
    is_over = attempt.expires_at is not None and attempt.expires_at <= now and before is not Status.PENDING
    is_late = is_over or before in GIVEN_UP
    found = _again(tx, attempt)
    tell(tx, found, "captured", {"late": is_late, "counts": counts}, now)
    refund = None if counts else _give_back(tx, found, is_right, now)
    return Settled(_again(tx, attempt), True, is_paid=counts, is_late=is_late, overtaken=not counts, refund=refund)


def _card_kept(tx: Tx, attempt: Attempt, report: Report, now: int) -> Settled:
    """Nothing was to be paid yet. A second card for the same thing is not kept: the first one counts."""
    store.be_alone(tx, attempt.site_id, attempt.owed_kind, attempt.owed_id)
    before = _again(tx, attempt)
    if report.card_ref is None or not store.keep_card(tx, attempt.id, before.status, now):
        return Settled(before, False)
    counts = store.take_payment(tx, attempt, now)
    found = _again(tx, attempt)
    if counts:
        _end_others(tx, attempt, now)
        cards.keep(tx, found, report.card_ref, now)
        tell(tx, found, "card_kept", {}, now)
    return Settled(found, True, is_paid=counts, is_late=before.status in GIVEN_UP, overtaken=not counts)


def _capture(tx: Tx, attempt: Attempt, money: Money, payment_ref: str | None, now: int) -> Status | None:
    """What the attempt was before its money came; None when it had come before."""
    known: Attempt = attempt
    while known.status is not Status.CAPTURED:
        if store.capture(tx, attempt.id, known.status, units=money.units, payment_ref=payment_ref, now=now):
            return known.status
        known = _again(tx, attempt)
    return None


def _end_others(tx: Tx, attempt: Attempt, now: int) -> None:
    """What was chosen instead, in another tab or afterwards, must not be paid as well."""
    other = store.running(tx, attempt.site_id, attempt.owed_kind, attempt.owed_id)
    if other is not None and other.id != attempt.id:
        store.give_up(tx, other.id, Status.CANCELLED, now, reason="it was paid another way")


def _give_back(tx: Tx, attempt: Attempt, is_right: bool, now: int) -> Refund:
    reason = "It was paid already" if is_right else f"The amount was not the {attempt.amount.text} {attempt.currency} that is owed"
    return refunds.request(tx, attempt.id, None, reason=reason, key="overtaken", now=now, refund_id=new_id(now))


def _again(tx: Tx, attempt: Attempt) -> Attempt:
    found = store.attempt(tx, attempt.id)
    assert found is not None
    return found
