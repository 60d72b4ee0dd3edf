"""Cards that Stripe keeps, against the imitation: kept with a payment or instead of one, charged again once, or refused."""

from __future__ import annotations

import pytest

from roundtrip.core.clock import HOUR, MINUTE
from roundtrip.payments import actions, providers
from roundtrip.payments.cards import store as cards
from roundtrip.payments.model import Purpose, Status
from tests.payments.conftest import Selling
from tests.payments.owed import owed
from tests.payments.test_stripe import away, begun, now_, posted, round_


@pytest.mark.parametrize("purpose", [Purpose.FIRST, Purpose.KEEP])
def test_a_kept_card_is_charged_again_once_for_each_attempt(selling: Selling, purpose: Purpose) -> None:
    """PAY-04: with the first payment or without one; a call that is repeated charges nothing more, not even when Stripe forgot its key."""
    at, db = selling, selling.app.application.db
    attempt, path = begun(at, purpose=purpose, keep_for="subscription-1")
    _, session = away(at, path)
    posted(at, at.imitation.event("checkout.session.completed", at.imitation.pay(session["id"])))
    assert now_(at, attempt).status is (Status.CAPTURED if purpose is Purpose.FIRST else Status.KEPT)
    card = db.read_now(cards.card, attempt.site_id, "subscription-1")
    assert card is not None
    assert card.ref.startswith("cus_")
    again = db.write_now(actions.begin_again, owed(site_id=attempt.site_id, session_id=None), card, at.app.clock())
    stripe = at.app.application.cashier.provider(providers.STRIPE, db.read_now(at.app.application.cashier.till, attempt.site_id, "stripe"))
    first, second = stripe.charge(now_(at, again), at.app.clock()), stripe.charge(now_(at, again), at.app.clock())
    at.imitation.forget_keys = True
    third = stripe.charge(now_(at, again), at.app.clock() + 25 * HOUR)
    assert (first, second, third) == (first, first, first)
    at.imitation.forget_keys = False
    round_(at)
    paid = now_(at, again)
    assert (paid.status, paid.captured_units, paid.payment_ref) == (Status.CAPTURED, 4200, first.payment_ref)


def test_a_kept_card_that_is_refused_is_declined_and_nothing_is_charged(selling: Selling) -> None:
    """PAY-05."""
    at, db = selling, selling.app.application.db
    attempt, path = begun(at, purpose=Purpose.KEEP, keep_for="subscription-2")
    _, session = away(at, path)
    posted(at, at.imitation.event("checkout.session.completed", at.imitation.pay(session["id"])))
    card = db.read_now(cards.card, attempt.site_id, "subscription-2")
    assert card is not None
    at.imitation.refuse_cards = True
    again = db.write_now(actions.begin_again, owed(site_id=attempt.site_id, session_id=None), card, at.app.clock())
    at.imitation.down = True
    round_(at)
    assert now_(at, again).status is Status.CREATED
    at.imitation.down = False
    at.app.clock.move(10 * MINUTE)
    round_(at)
    assert now_(at, again).status is Status.DECLINED
