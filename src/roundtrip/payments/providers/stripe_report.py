"""What Stripe says about a payment, read into a report: from a signed event or from an answer. Pure; asks nobody.

Only what decides is read. Names, addresses and the last digits of cards stand in these messages too, and go no further (PAY-01).
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from roundtrip.payments.model import Report, Verdict
from roundtrip.payments.providers.base import ReportRefused
from roundtrip.payments.providers.stripe_amounts import NotPayable, from_stripe

ATTEMPT = "roundtrip_attempt"
REFUND = "roundtrip_refund"
AGAIN = "roundtrip_again"
"""The names under which our ids travel in Stripe's metadata. `AGAIN` marks money that a kept card was charged."""


class Intent(msgspec.Struct):
    """A PaymentIntent: the money."""

    id: str
    status: str = ""
    amount: int = 0
    amount_received: int | None = None
    currency: str = ""
    metadata: dict[str, str] | None = None


class Session(msgspec.Struct):
    """A Checkout Session: the hosted page. `url` is None once it is over."""

    id: str
    status: str | None = None
    payment_status: str = ""
    amount_total: int | None = None
    currency: str | None = None
    payment_intent: str | Intent | None = None
    mode: str = "payment"
    customer: str | None = None
    client_reference_id: str | None = None
    metadata: dict[str, str] | None = None
    url: str | None = None


class SentBack(msgspec.Struct):
    """A Refund."""

    id: str
    status: str | None = None
    metadata: dict[str, str] | None = None
    failure_reason: str | None = None


class _Holder(msgspec.Struct):
    object: msgspec.Raw


class _Event(msgspec.Struct):
    id: str
    type: str
    data: _Holder
    livemode: bool = False


_decode = msgspec.json.Decoder(_Event).decode
_SESSIONS: Mapping[str, Verdict | None] = {
    "checkout.session.completed": None,  # paid, or on its way: the session says which
    "checkout.session.async_payment_succeeded": Verdict.CAPTURED,
    "checkout.session.async_payment_failed": Verdict.DECLINED,
    "checkout.session.expired": Verdict.EXPIRED,
}
_INTENTS = ("payment_intent.succeeded", "payment_intent.payment_failed")
"""Heard of money that no page asked for: what a kept card was charged, and what was still on its way then."""
_REFUNDS = ("refund.failed", "refund.updated", "charge.refund.updated")


def read_event(body: bytes, site_id: str, provider: str, *, is_live: bool) -> Report | None:
    """What a verified event says; None when it is about nothing of ours. Raises `ReportRefused` when it can't be read."""
    try:
        event = _decode(body)
        if event.livemode is not is_live:
            raise ReportRefused("the event is about " + ("real" if event.livemode else "pretended") + " money, and the site's key is not")
        if event.type in _SESSIONS:
            session = msgspec.json.decode(event.data.object, type=Session)
            return of_session(session, event.id, site_id, provider, _SESSIONS[event.type])
        if event.type in _INTENTS:
            intent = msgspec.json.decode(event.data.object, type=Intent)
            ours = intent.metadata or {}
            return of_intent(intent, event.id, site_id, provider, ours[ATTEMPT]) if AGAIN in ours and ATTEMPT in ours else None
        if event.type in _REFUNDS:
            return _of_refund(msgspec.json.decode(event.data.object, type=SentBack), event.id, site_id, provider)
    except (msgspec.MsgspecError, UnicodeDecodeError, NotPayable) as error:
        raise ReportRefused(f"the event can't be read: {error}") from error
    return None


def of_session(session: Session, event_id: str, site_id: str, provider: str, verdict: Verdict | None = None) -> Report | None:
    """What a hosted page says about its attempt; None while nothing has happened, or when it is none of ours. Raises `NotPayable`.

    Money that is there is not believed without the page saying so itself (PAY-05).
    """
    attempt_id = (session.metadata or {}).get(ATTEMPT)
    if attempt_id is None:
        return None
    intent = session.payment_intent
    intent_id = intent.id if isinstance(intent, Intent) else intent
    found = verdict or _verdict(session)
    if found is None:
        return None
    if found is not Verdict.CAPTURED:
        card = session.customer if found is Verdict.KEPT else None
        return Report(site_id, provider, event_id, attempt_id, found, payment_ref=intent_id, reason=_reason(found), card_ref=card)
    if session.payment_status != "paid" or session.amount_total is None or session.currency is None:
        return None
    money = from_stripe(session.amount_total, session.currency)
    return Report(
        site_id,
        provider,
        event_id,
        attempt_id,
        found,
        units=money.units,
        currency=money.currency,
        payment_ref=intent_id,
        card_ref=session.customer,
    )


def of_intent(intent: Intent, event_id: str, site_id: str, provider: str, attempt_id: str) -> Report | None:
    """What the money of an attempt says that was on its way; None while it still is. Raises `NotPayable`."""
    if intent.status == "succeeded":
        received = intent.amount if intent.amount_received is None else intent.amount_received
        money = from_stripe(received, intent.currency)
        return Report(
            site_id,
            provider,
            event_id,
            attempt_id,
            Verdict.CAPTURED,
            units=money.units,
            currency=money.currency,
            payment_ref=intent.id,
        )
    if intent.status in ("requires_payment_method", "canceled"):
        return Report(site_id, provider, event_id, attempt_id, Verdict.DECLINED, payment_ref=intent.id, reason=_reason(Verdict.DECLINED))
    return None


def _verdict(session: Session) -> Verdict | None:
    if session.status == "expired":
        return Verdict.EXPIRED
    if session.status != "complete":
        return None
    if session.mode == "setup":
        return Verdict.KEPT
    if session.payment_status == "paid":
        return Verdict.CAPTURED
    failed = isinstance(session.payment_intent, Intent) and session.payment_intent.status in ("requires_payment_method", "canceled")
    return Verdict.DECLINED if failed else Verdict.PENDING


def _reason(verdict: Verdict) -> str | None:
    return {Verdict.DECLINED: "Stripe could not collect the money", Verdict.EXPIRED: "the page was closed unpaid"}.get(verdict)


def _of_refund(refund: SentBack, event_id: str, site_id: str, provider: str) -> Report | None:
    metadata = refund.metadata or {}
    if refund.status not in ("failed", "canceled") or REFUND not in metadata or ATTEMPT not in metadata:
        return None
    return Report(
        site_id,
        provider,
        event_id,
        metadata[ATTEMPT],
        Verdict.REFUND_FAILED,
        reason=refund.failure_reason or refund.status,
        refund_id=metadata[REFUND],
    )
