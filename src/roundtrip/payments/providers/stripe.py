"""Stripe, through its official library: its hosted payment page, its signed events, its refunds. Card numbers never come near us (PAY-01).

Calls that change something carry an idempotency key made from our own id, so a call that is repeated after a crash does the same thing
once. The key itself is in no log and no error.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
import stripe

from roundtrip.core.clock import HOUR, SECOND
from roundtrip.payments.model import Attempt, Purpose, Refund, Report, Status, Verdict
from roundtrip.payments.providers.base import Page, ProviderRefused, ProviderUnreachable, ReportRefused, Returned, Till
from roundtrip.payments.providers.stripe_amounts import NotPayable, to_stripe
from roundtrip.payments.providers.stripe_report import AGAIN, ATTEMPT, REFUND, Intent, SentBack, Session, of_intent, of_session, read_event
from roundtrip.payments.site_settings.model import is_test_key

NAME = "stripe"
TIMEOUT_SECONDS = 20
CONFLICT = 409
"""The status for a request that is being answered on another connection: a second tab."""
PAGE_LIFE = 2 * HOUR
"""Stripe wants at least half an hour. The worker closes a page earlier when its attempt's time is over."""
KEYS_LAST = 23 * HOUR
"""For so long a repeated call surely does the same thing once."""
SIGNED_WITHIN = 300
"""Seconds between signing and receiving an event: one that was recorded on its way can't be sent again later."""
LANGUAGES = frozenset({"de", "en", "es", "fr", "ja"})
"""Those of ours that its page speaks; for the others it asks the browser."""
T = TypeVar("T")

# It logs what is posted, buyers' addresses included, at the level of debugging.
logging.getLogger("stripe").setLevel(logging.WARNING)


@lru_cache(maxsize=64)
def _client(secret_key: str, service_url: str) -> stripe.StripeClient:
    """One per account: connections are kept for the next call."""
    addresses: stripe._base_address.BaseAddresses = {"api": service_url} if service_url else {}
    http = stripe.RequestsClient(timeout=TIMEOUT_SECONDS)
    return stripe.StripeClient(secret_key, base_addresses=addresses, max_network_retries=1, http_client=http)


class Stripe:
    """One site's account."""

    def __init__(self, till: Till) -> None:
        self._till = till
        self._v1 = _client(till.secret_key, till.service_url).v1

    def start(self, attempt: Attempt, back_url: str) -> Page:
        """Make the hosted page, or find the one that was made: both calls send the same, under the attempt's id."""
        try:
            units = to_stripe(attempt.amount)
        except NotPayable as error:
            raise ProviderRefused(str(error)) from error
        params: Any = {
            **_bought(attempt, units),
            "client_reference_id": attempt.id,
            "metadata": {ATTEMPT: attempt.id},
            "success_url": back_url,
            "cancel_url": back_url,
            "expires_at": (attempt.created_at + PAGE_LIFE) // SECOND,
            "locale": attempt.language if attempt.language in LANGUAGES else "auto",
        }
        if attempt.buyer_email:
            params["customer_email"] = attempt.buyer_email
        made = _session(_asked(lambda: self._v1.checkout.sessions.create(params, {"idempotency_key": f"attempt-{attempt.id}"})))
        if made.url is None:
            raise ProviderRefused("Stripe's page for this payment is closed.")
        return Page(made.url, made.id)

    def charge(self, attempt: Attempt, now: int) -> Report:
        """Charge the one card of the customer that was made when it was kept. What a card wants its owner for is not asked again."""
        customer = attempt.card_ref or ""
        if now - attempt.created_at > KEYS_LAST:
            # Stripe forgets idempotency keys after a day; what was charged before a long outage is found by our id.
            found = self._charged_before(attempt)
            if found is not None:
                return found
        try:
            units = to_stripe(attempt.amount)
            cards = _asked(lambda: self._v1.customers.payment_methods.list(customer, {"limit": 1}))
            if not cards.data:
                raise ProviderRefused("Stripe keeps no card of this customer any more.")
            params: Any = {
                "amount": units,
                "currency": attempt.currency.lower(),
                "customer": customer,
                "payment_method": cards.data[0].id,
                "off_session": True,
                "confirm": True,
                "description": attempt.description or "-",
                "metadata": {ATTEMPT: attempt.id, AGAIN: "1"},
            }
            made = _asked(lambda: self._v1.payment_intents.create(params, {"idempotency_key": f"attempt-{attempt.id}"}))
            return self._of_charge(_read(made, Intent), attempt)
        except NotPayable as error:
            raise ProviderRefused(str(error)) from error

    def _of_charge(self, intent: Intent, attempt: Attempt) -> Report:
        """What a charge answered at once. Money that is on its way is asked after by its name, as that of a page."""
        found = self._of_intent(intent, attempt)
        if found is not None:
            return found
        verdict = Verdict.PENDING if intent.status == "processing" else Verdict.DECLINED
        reason = None if verdict is Verdict.PENDING else f"the card wants its owner to be there ({intent.status})"
        event_id = f"seen-{intent.id}-{intent.status}"
        return Report(self._till.site_id, NAME, event_id, attempt.id, verdict, payment_ref=intent.id, reason=reason)

    def _charged_before(self, attempt: Attempt) -> Report | None:
        customer = attempt.card_ref or ""
        listed = _asked(lambda: self._v1.payment_intents.list({"customer": customer, "limit": 100}))
        seen = [_read(one, Intent) for one in listed.data]
        mine = next((one for one in seen if (one.metadata or {}).get(ATTEMPT) == attempt.id), None)
        return self._of_charge(mine, attempt) if mine is not None else None

    def look(self, attempt: Attempt, now: int) -> Report | None:
        """Ask for the page, or for the money itself once it is on its way."""
        try:
            if attempt.status is Status.PENDING and attempt.payment_ref is not None:
                reference = attempt.payment_ref
                answer = _asked(lambda: self._v1.payment_intents.retrieve(reference))
                return self._of_intent(_read(answer, Intent), attempt)
            if attempt.page_ref is None:
                return None
            page = attempt.page_ref
            session = _session(_asked(lambda: self._v1.checkout.sessions.retrieve(page, {"expand": ["payment_intent"]})))
            return of_session(session, f"seen-{session.id}-{session.status}-{session.payment_status}", self._till.site_id, NAME)
        except NotPayable as error:
            raise ProviderRefused(str(error)) from error

    def cancel(self, attempt: Attempt, now: int) -> Report | None:
        """Close the page. A page that was never named to us was never shown to anybody either, and ends by itself."""
        if attempt.card_ref is not None:
            return self._charged_before(attempt)  # nothing can be called back; money that came after all is heard of, and goes back
        if attempt.page_ref is None:
            return None
        page = attempt.page_ref
        try:
            _asked(lambda: self._v1.checkout.sessions.expire(page))
        except ProviderRefused:
            return self.look(attempt, now)  # too late: it is paid, or closed already
        return None

    def refund(self, attempt: Attempt, refund: Refund) -> Returned:
        """Send money back, in whole or in part."""
        if attempt.payment_ref is None:
            raise ProviderRefused("It is not known which payment of Stripe this was.")
        try:
            units = to_stripe(refund.amount)
        except NotPayable as error:
            raise ProviderRefused(str(error)) from error
        ours = {ATTEMPT: attempt.id, REFUND: refund.id}
        params: Any = {"payment_intent": attempt.payment_ref, "amount": units, "metadata": ours}
        try:
            made = _asked(lambda: self._v1.refunds.create(params, {"idempotency_key": f"refund-{refund.id}"}))
        except ProviderRefused:
            # Stripe forgets idempotency keys after a day; what was done before a long outage is found by our id.
            found = self._made_before(attempt.payment_ref, refund.id)
            if found is None:
                raise
            return Returned(found)
        if made.status in ("failed", "canceled"):
            raise ProviderRefused(f"Stripe could not give it back ({made.status}).")
        return Returned(made.id)

    def read_report(self, body: bytes, headers: Mapping[str, str], now: int) -> Report | None:
        """An event, signed with the secret of the site's own webhook endpoint (PAY-04)."""
        header = headers.get("stripe-signature", "")
        try:
            text = body.decode()
            stripe.WebhookSignature.verify_header(text, header, self._till.webhook_secret)
            signed_at = int(next(part[2:] for part in header.split(",") if part.startswith("t=")))
        except (stripe.SignatureVerificationError, UnicodeDecodeError, ValueError, StopIteration) as error:
            raise ReportRefused("the signature does not fit; is the signing secret that of this endpoint?") from error
        if abs(now // SECOND - signed_at) > SIGNED_WITHIN:
            raise ReportRefused(f"it was signed {abs(now // SECOND - signed_at)} seconds from now; is the clock right?")
        return read_event(body, self._till.site_id, NAME, is_live=not is_test_key(self._till.secret_key))

    def _of_intent(self, intent: Intent, attempt: Attempt) -> Report | None:
        return of_intent(intent, f"seen-{intent.id}-{intent.status}", self._till.site_id, NAME, attempt.id)

    def _made_before(self, payment_intent: str, refund_id: str) -> str | None:
        listed = _asked(lambda: self._v1.refunds.list({"payment_intent": payment_intent, "limit": 100}))
        seen = [_read(one, SentBack) for one in listed.data]
        return next((one.id for one in seen if (one.metadata or {}).get(REFUND) == refund_id and one.status != "failed"), None)


def _bought(attempt: Attempt, units: int) -> dict[str, Any]:
    """What the page is for. The customer that a card is kept with is made for this one thing: nobody is put together from several."""
    ours = {ATTEMPT: attempt.id}
    if attempt.purpose is Purpose.KEEP:
        return {
            "mode": "setup",
            "currency": attempt.currency.lower(),
            "customer_creation": "always",
            "setup_intent_data": {"metadata": ours},
        }
    item = {"currency": attempt.currency.lower(), "unit_amount": units, "product_data": {"name": attempt.description or "-"}}
    data: dict[str, Any] = {"metadata": ours, "description": attempt.description or "-"}
    bought: dict[str, Any] = {"mode": "payment", "line_items": [{"quantity": 1, "price_data": item}], "payment_intent_data": data}
    if attempt.purpose is Purpose.FIRST:
        data["setup_future_usage"] = "off_session"
        bought["customer_creation"] = "always"
    return bought


def connect(till: Till) -> Stripe:
    """The account of one site."""
    return Stripe(till)


def _asked(call: Callable[[], T]) -> T:
    """Ask Stripe, and tell what may be tried again from what may not. Texts of Stripe's can be shown to owners; keys are never in them."""
    try:
        return call()
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise ProviderUnreachable("Stripe can't be reached.") from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        # The owner can put that right, so nothing is given up for it. The text would show a part of the key.
        raise ProviderUnreachable("Stripe refuses the site's key.") from error
    except (stripe.InvalidRequestError, stripe.IdempotencyError, stripe.CardError) as error:
        if error.http_status == CONFLICT:
            raise ProviderUnreachable("Stripe is busy with the same request.") from error
        raise ProviderRefused(f"Stripe: {error.user_message or error.code or 'refused'}"[:300]) from error
    except stripe.StripeError as error:
        raise ProviderUnreachable(f"Stripe answered with a fault ({error.http_status}).") from error


def _session(answer: stripe.checkout.Session) -> Session:
    return _read(answer, Session)


def _read(answer: stripe.StripeObject, kind: type[T]) -> T:
    """The fields that we look at, checked."""
    try:
        return msgspec.json.decode(json.dumps(answer.to_dict(), default=str), type=kind)
    except msgspec.MsgspecError as error:
        raise ProviderRefused(f"Stripe's answer can't be read: {error}") from error
