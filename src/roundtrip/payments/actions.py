"""Beginning, starting and giving up attempts to pay. What providers report is in `settle.py`, giving money back in `refunds/`.

Nothing here waits: the provider is asked between two transactions, `begin` before it and `started` after it. A crash in between leaves an
attempt that the next visit, or the worker, goes on with.
"""

from __future__ import annotations

import re
from dataclasses import replace

from roundtrip.core.clock import MINUTE
from roundtrip.core.email import email_key
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import derived_key
from roundtrip.credentials.one_time_code import id_in, link_token
from roundtrip.payments import providers, store
from roundtrip.payments.model import ATTEMPT_LIFE, Attempt, Card, Owed, Purpose, Status
from roundtrip.payments.providers.base import Page
from roundtrip.payments.told import tell
from roundtrip.storage.database import Tx

KEY_PURPOSE = "payment pages"
"""What `core.secrets.derived_key` is asked for."""
LONGEST_DESCRIPTION = 250
MOST_ATTEMPTS = 50
"""To pay one thing: each may be a page that is made at a provider. What the owner has in hand is not counted."""
UNHEARD = 2 * MINUTE
"""After this long without a word of the provider, it is asked."""
_OWN_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+")


def page_key(master_secret: str) -> bytes:
    """What the addresses of payment pages are made with."""
    return derived_key(master_secret, KEY_PURPOSE)


def page_token(key: bytes, attempt_id: str) -> str:
    """The unguessable name of an attempt's page. It is derived, so a copy of the database opens no page (decision 0018)."""
    return link_token(key, attempt_id)


def attempt_of_token(tx: Tx, key: bytes, token: str) -> Attempt | None:
    """The attempt behind the name of a page; None when we did not make the name."""
    attempt_id = id_in(key, token)
    return store.attempt(tx, attempt_id) if attempt_id else None


def begin(tx: Tx, owed: Owed, provider: str, now: int) -> Attempt:
    """The attempt to go on with: the one that runs already, or a new one.

    Answers the captured attempt when the thing is paid, and the pending one when its money is on its way, whichever provider is asked for:
    the caller looks at `status`. An attempt with another provider or amount, or of another visit, is given up, and closed at its provider
    by the worker.
    Raises INVALID `NOTHING_TO_PAY`, CONFLICT `SESSION_ALREADY_PAID` when the redirect session paid for something else, CONFLICT
    `PAYMENT_TRIED_TOO_OFTEN`, and `ValueError` for a provider that is not known or a `return_path` that is none of ours.
    """
    _check(owed, provider)
    if not store.take_turn(tx, owed, now):
        paid = store.captured_by(tx, owed.site_id, owed.kind, owed.id)
        assert paid is not None
        return paid
    if owed.session_id is not None and store.is_session_paid(tx, owed.session_id):
        text = "This visit has paid for something else already. Start again for what is still to be paid."
        raise AppError(Kind.CONFLICT, "SESSION_ALREADY_PAID", text, data={"redirectSessionId": owed.session_id})
    current = store.running(tx, owed.site_id, owed.kind, owed.id)
    if current is not None and _goes_on(current, owed, provider, now):
        return current
    if current is not None and not store.give_up(tx, current.id, Status.CANCELLED, now, reason="another way to pay was chosen"):
        # It moved since it was read: the money is on its way or has just come, or the attempt has ended.
        moved = store.attempt(tx, current.id)
        assert moved is not None
        if moved.is_running or moved.status is Status.CAPTURED:
            return moved
    if provider != providers.OFFLINE and store.number_of_attempts(tx, owed.site_id, owed.kind, owed.id) >= MOST_ATTEMPTS:
        text = f"It was tried to pay this {MOST_ATTEMPTS} times already. Order again, or let its owner take the money another way."
        raise AppError(Kind.CONFLICT, "PAYMENT_TRIED_TOO_OFTEN", text, data={"allowed": MOST_ATTEMPTS})
    attempt = _new(owed, provider, now)
    store.insert_attempt(tx, attempt)
    return attempt


def begin_again(tx: Tx, owed: Owed, card: Card, now: int) -> Attempt:
    """Pay once more with a card that is kept; the worker asks the provider at once. Answers the attempt that runs, or has paid."""
    again = replace(owed, purpose=Purpose.AGAIN, keep_for=None)
    attempt = begin(tx, again, card.provider, now)
    if attempt.status is Status.CREATED and attempt.purpose is Purpose.AGAIN and attempt.card_ref is None:
        store.charge(tx, attempt.id, card.ref, now)
    return attempt


def owed_of(attempt: Attempt) -> Owed:
    """What an attempt was to pay, to be paid another way."""
    return Owed(
        site_id=attempt.site_id,
        kind=attempt.owed_kind,
        id=attempt.owed_id,
        amount=attempt.amount,
        description=attempt.description,
        return_path=attempt.return_path,
        language=attempt.language,
        session_id=attempt.session_id,
        buyer_email=attempt.buyer_email,
        buyer_id=attempt.buyer_id,
        purpose=attempt.purpose,
        keep_for=attempt.keep_for,
    )


def require(tx: Tx, site_id: str, attempt_id: str) -> Attempt:
    """An attempt of a site. Raises NOT_FOUND `PAYMENT_NOT_FOUND`."""
    attempt = store.attempt(tx, attempt_id)
    if attempt is None or attempt.site_id != site_id:
        text = f"The site has no payment {attempt_id!r}. `roundtrip payments list` shows those that there are."
        raise AppError(Kind.NOT_FOUND, "PAYMENT_NOT_FOUND", text, data={"attemptId": attempt_id})
    return attempt


def started(tx: Tx, attempt_id: str, page: Page, now: int) -> bool:
    """The provider has made its page; False when it was not needed any more. Then the worker closes it there."""
    attempt = store.attempt(tx, attempt_id)
    if attempt is None:
        return False
    look_at = None if providers.known()[attempt.provider].pays_later else now + UNHEARD
    if store.start(tx, attempt_id, page_url=page.url, page_ref=page.ref, look_at=look_at, now=now):
        return True
    store.name_page(tx, attempt_id, page_url=page.url, page_ref=page.ref, now=now)
    return False


def cancel(tx: Tx, attempt_id: str, now: int, *, reason: str = "the visitor turned back") -> bool:
    """Give up an attempt whose money is not on its way; False when it is, or when the attempt has ended."""
    return _give_up(tx, attempt_id, Status.CANCELLED, reason, now)


def expire(tx: Tx, attempt_id: str, now: int) -> bool:
    """The time of an attempt is over; False when its money is on its way, or when it has ended."""
    return _give_up(tx, attempt_id, Status.EXPIRED, "the time to pay was over", now)


def cancel_owed(tx: Tx, site_id: str, kind: str, owed_id: str, now: int, *, reason: str) -> bool:
    """The thing is not sold any more: give up its attempt; False when none ran, or when the money is on its way."""
    current = store.running(tx, site_id, kind, owed_id)
    return current is not None and cancel(tx, current.id, now, reason=reason)


def _give_up(tx: Tx, attempt_id: str, status: Status, reason: str, now: int) -> bool:
    if not store.give_up(tx, attempt_id, status, now, reason=reason):
        return False
    attempt = store.attempt(tx, attempt_id)
    assert attempt is not None
    tell(tx, attempt, "declined", {"outcome": status.value}, now)
    return True


def _goes_on(current: Attempt, owed: Owed, provider: str, now: int) -> bool:
    if current.status is Status.PENDING:
        return True
    is_over = current.expires_at is not None and current.expires_at <= now
    if current.purpose is not owed.purpose:
        return False
    # Whoever comes from another visit has to come back to that one.
    is_same_visit = current.return_path == owed.return_path
    return current.provider == provider and current.amount == owed.amount and is_same_visit and not is_over


def _new(owed: Owed, provider: str, now: int) -> Attempt:
    pays_later = providers.known()[provider].pays_later
    waits_for_nobody = pays_later or owed.purpose is Purpose.AGAIN
    expires_at = None if waits_for_nobody else min(now + ATTEMPT_LIFE, owed.pay_until or now + ATTEMPT_LIFE)
    return Attempt(
        id=new_id(now),
        site_id=owed.site_id,
        owed_kind=owed.kind,
        owed_id=owed.id,
        session_id=owed.session_id,
        provider=provider,
        status=Status.CREATED,
        units=owed.amount.units,
        currency=owed.amount.currency,
        description=owed.description[:LONGEST_DESCRIPTION],
        buyer_email=owed.buyer_email,
        language=owed.language,
        return_path=owed.return_path,
        page_ref=None,
        page_url=None,
        payment_ref=None,
        captured_units=0,
        refunded_units=0,
        reason=None,
        created_at=now,
        changed_at=now,
        expires_at=expires_at,
        look_at=expires_at,
        buyer_id=owed.buyer_id,
        buyer_key=email_key(owed.buyer_email or "") or None,
        purpose=owed.purpose,
        keep_for=owed.keep_for,
    )


def _check(owed: Owed, provider: str) -> None:
    if provider not in providers.known():
        raise ValueError(f"There is no payment provider called {provider!r}; there are {', '.join(providers.known())}.")
    if _OWN_PATH.fullmatch(owed.return_path) is None:
        raise ValueError(f"A payment returns to a path of our own host without a query, not to {owed.return_path!r}.")
    if owed.amount.units <= 0:
        raise AppError(
            Kind.INVALID,
            "NOTHING_TO_PAY",
            f"{owed.amount.text} {owed.amount.currency} can't be paid; an amount above zero was expected.",
            data={"amount": owed.amount.text, "currency": owed.amount.currency},
        )
