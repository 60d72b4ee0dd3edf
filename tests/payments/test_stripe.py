"""Stripe, against an imitation on a real socket: its page, its signed events, its refunds, and everything that goes wrong in between."""

from __future__ import annotations

import logging
import subprocess
import sys
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roundtrip.core.clock import HOUR, MINUTE, SECOND
from roundtrip.core.money import Money, decimals
from roundtrip.payments import actions, providers
from roundtrip.payments.model import Attempt, RefundStatus, Status
from roundtrip.payments.providers.base import ProviderUnreachable, Till
from roundtrip.payments.providers.stripe_amounts import NotPayable, from_stripe, to_stripe
from roundtrip.payments.refunds import actions as refunds
from roundtrip.payments.refunds import store as refund_store
from tests.app_fixture import Browser
from tests.payments.conftest import Selling
from tests.payments.owed import owed, refunds_of, stored
from tests.payments.stripe_imitation import SECRET_KEY, WEBHOOK_SECRET, signed


def begun(at: Selling, **changes: Any) -> tuple[Attempt, str]:
    """An attempt at the test site, and the path of its page."""
    thing = owed(site_id=at.app.world.site.id, pay_until=None, **changes)
    attempt = at.app.application.db.write_now(actions.begin, thing, providers.STRIPE, at.app.clock())
    return attempt, at.app.application.cashier.page_path(attempt)


def posted(at: Selling, event: dict[str, Any], secret: str = WEBHOOK_SECRET, at_ms: int | None = None) -> httpx.Response:
    """The provider reports."""
    body, signature = signed(event, secret, (at.app.clock() if at_ms is None else at_ms) // SECOND)
    path = f"/payments/{at.app.world.site.id}/stripe/events"
    return at.app.post(path, body, stripe_signature=signature)


def round_(at: Selling) -> int:
    """The worker looks once."""
    return at.app.runner.run(at.app.application.payments.round())


def now_(at: Selling, attempt: Attempt) -> Attempt:
    """The attempt as it is."""
    return stored(at.app.application.db, attempt.id)


def away(at: Selling, path: str) -> tuple[httpx.Response, dict[str, Any]]:
    """The visitor goes to pay: the page that leads there, and the provider's page."""
    answer = Browser(at.app).open(path)
    assert answer.status_code == 200, answer.text
    return answer, list(at.imitation.sessions.values())[-1]


def test_a_visitor_is_led_to_the_hosted_page_and_pays(selling: Selling) -> None:
    """PAY-01, PAY-03."""
    attempt, path = begun(selling, buyer_email="ann@example.com")
    answer, session = away(selling, path)
    assert session["url"] in answer.text
    assert answer.headers["refresh"] == f"0; url={session['url']}"
    assert (session["amount_total"], session["currency"], session["customer_email"]) == (4200, "eur", "ann@example.com")
    assert session["success_url"] == session["cancel_url"] == f"{selling.app.base}{path}/back"
    selling.imitation.pay(session["id"])
    assert posted(selling, selling.imitation.event("checkout.session.completed", session)).json() == {"received": True}
    assert selling.shop.sold == [attempt.owed_id]
    assert now_(selling, attempt).payment_ref == session["payment_intent"]
    assert Browser(selling.app).open(f"{path}/back").headers["location"] == attempt.return_path


def test_reloading_and_a_crash_after_asking_make_no_second_page(selling: Selling) -> None:
    """PAY-06: the attempt's id makes both calls one."""
    attempt, path = begun(selling)
    till = selling.app.application.db.read_now(selling.app.application.cashier.till, attempt.site_id, providers.STRIPE)
    provider = selling.app.application.cashier.provider(providers.STRIPE, till)
    lost = provider.start(attempt, f"{selling.app.base}{path}/back")
    for _ in range(3):
        answer, _session = away(selling, path)
        assert (lost.url or "-") in answer.text
    assert list(selling.imitation.sessions) == [lost.ref]


def test_coming_back_before_the_event_completes_it(selling: Selling) -> None:
    """PAY-03: and the event that comes afterwards changes nothing (PAY-04)."""
    attempt, path = begun(selling)
    _, session = away(selling, path)
    selling.imitation.pay(session["id"])
    Browser(selling.app).open(f"{path}/back")
    assert selling.shop.sold == [attempt.owed_id]
    assert posted(selling, selling.imitation.event("checkout.session.completed", session)).status_code == 200
    assert selling.shop.sold == [attempt.owed_id]
    assert refunds_of(selling.app.application.db, attempt) == []


def test_turning_back_on_the_hosted_page_keeps_the_attempt(selling: Selling) -> None:
    attempt, path = begun(selling)
    away(selling, path)
    assert Browser(selling.app).open(f"{path}/back").headers["location"] == attempt.return_path
    assert now_(selling, attempt).status is Status.STARTED
    assert selling.shop.told == []


def test_a_visitor_and_an_event_that_never_come_are_found_by_asking(selling: Selling) -> None:
    """PAY-03."""
    attempt, path = begun(selling)
    _, session = away(selling, path)
    selling.imitation.pay(session["id"])
    assert round_(selling) == 0, "it is early yet"
    selling.app.clock.move(3 * MINUTE)
    assert round_(selling) == 1
    assert selling.shop.sold == [attempt.owed_id]


def test_an_attempt_nobody_pays_ends_and_its_page_is_closed(selling: Selling) -> None:
    attempt, path = begun(selling)
    away(selling, path)
    selling.app.clock.move(61 * MINUTE)
    while round_(selling):
        pass
    assert now_(selling, attempt).status is Status.EXPIRED
    assert [one.attempt.status for one in selling.shop.told] == [Status.EXPIRED]
    assert selling.imitation.open_pages() == []
    assert now_(selling, attempt).look_at is None


def test_another_choice_closes_the_hosted_page(selling: Selling) -> None:
    """PAY-06."""
    attempt, path = begun(selling)
    away(selling, path)
    again = owed(site_id=attempt.site_id, id=attempt.owed_id, session_id=attempt.session_id)
    selling.app.application.db.write_now(actions.begin, again, providers.TEST, selling.app.clock())
    round_(selling)
    assert selling.imitation.open_pages() == []


def test_a_page_that_was_paid_before_it_could_be_closed_is_given_back(selling: Selling) -> None:
    """PAY-06: two tabs, two providers, both paid."""
    attempt, path = begun(selling)
    _, session = away(selling, path)
    again = owed(site_id=attempt.site_id, id=attempt.owed_id, session_id=attempt.session_id)
    db = selling.app.application.db
    other = db.write_now(actions.begin, again, providers.TEST, selling.app.clock())
    selling.imitation.pay(session["id"])
    chosen = _pay_by_test(selling, other)
    assert chosen.status_code == 303
    while round_(selling):
        pass
    assert selling.shop.sold == [attempt.owed_id]
    [refund] = refunds_of(db, attempt)
    assert refund.status is RefundStatus.MOVED
    assert [one["amount"] for one in selling.imitation.refunds.values()] == [4200]


def _pay_by_test(at: Selling, attempt: Attempt) -> httpx.Response:
    browser = Browser(at.app)
    path = at.app.application.cashier.page_path(attempt)
    token = browser.open(path).text.split('name="csrf" value="')[1].split('"')[0]
    return browser.submit(path, {"csrf": token, "choice": "paid"})


def test_money_that_takes_days(selling: Selling) -> None:
    """PAY-05: on its way is not paid; the events come in the wrong order, too."""
    attempt, path = begun(selling)
    _, session = away(selling, path)
    selling.imitation.pay(session["id"], slowly=True)
    posted(selling, selling.imitation.event("checkout.session.completed", session))
    assert (now_(selling, attempt).status, selling.shop.sold) == (Status.PENDING, [])
    selling.app.clock.move(2 * HOUR)
    round_(selling)
    assert now_(selling, attempt).status is Status.PENDING
    selling.imitation.intents[session["payment_intent"]] |= {"status": "succeeded", "amount_received": 4200}
    selling.app.clock.move(2 * HOUR)
    round_(selling)
    assert selling.shop.sold == [attempt.owed_id]
    unpaid = {**session, "payment_status": "unpaid"}
    posted(selling, selling.imitation.event("checkout.session.async_payment_failed", unpaid))
    assert now_(selling, attempt).status is Status.CAPTURED


@pytest.mark.parametrize("kind", ["checkout.session.async_payment_failed", "checkout.session.expired"])
def test_money_that_does_not_come(selling: Selling, kind: str) -> None:
    attempt, path = begun(selling)
    _, session = away(selling, path)
    posted(selling, selling.imitation.event(kind, session))
    assert now_(selling, attempt).status in (Status.DECLINED, Status.EXPIRED)
    assert selling.shop.sold == []


def test_an_event_that_says_paid_of_a_page_that_is_not_is_not_believed(selling: Selling) -> None:
    """PAY-05."""
    attempt, path = begun(selling)
    _, session = away(selling, path)
    posted(selling, selling.imitation.event("checkout.session.async_payment_succeeded", session))
    assert now_(selling, attempt).status is Status.STARTED


def test_the_same_event_again_changes_nothing(selling: Selling) -> None:
    """PAY-04."""
    attempt, path = begun(selling)
    _, session = away(selling, path)
    selling.imitation.pay(session["id"])
    event = selling.imitation.event("checkout.session.completed", session)
    assert [posted(selling, event).status_code for _ in range(3)] == [200, 200, 200]
    assert selling.shop.sold == [attempt.owed_id]


def test_an_event_that_nobody_signed_is_refused(selling: Selling) -> None:
    """PAY-04: a wrong secret, another body, no header, an old recording, another site's address, real money at a test key."""
    attempt, path = begun(selling)
    _, session = away(selling, path)
    selling.imitation.pay(session["id"])
    event = selling.imitation.event("checkout.session.completed", session)
    now = selling.app.clock()
    answers = [
        posted(selling, event, "whsec_wrong0123456789"),
        posted(selling, event, at_ms=now - 6 * MINUTE),
        posted(selling, event, at_ms=now + 6 * MINUTE),
        posted(selling, {**event, "livemode": True}),
        selling.app.post(f"/payments/{attempt.site_id}/stripe/events", event),
        selling.app.post(f"/payments/{attempt.site_id}/stripe/events", event, stripe_signature="t=x,v1=y"),
    ]
    body, signature = signed(event, at=now // SECOND)
    answers.append(selling.app.post(f"/payments/{attempt.site_id}/stripe/events", body + b" ", stripe_signature=signature))
    assert [answer.status_code for answer in answers] == [400] * len(answers)
    codes = {answer.json()["details"]["applicationError"]["code"] for answer in answers}
    assert codes == {"PAYMENT_EVENT_REFUSED"}
    for place in (selling.app.world.live_site.id, "nothing", "00000000-0000-4000-8000-0000000000ff"):
        assert selling.app.post(f"/payments/{place}/stripe/events", body, stripe_signature=signature).status_code == 404
    for name in ("test", "cash"):
        assert selling.app.post(f"/payments/{attempt.site_id}/{name}/events", body, stripe_signature=signature).status_code == 404
    assert selling.app.post(f"/payments/{attempt.site_id}/offline/events", body, stripe_signature=signature).status_code == 400
    assert selling.app.post(f"/payments/{attempt.site_id}/stripe/events", b"\xff\xfe", stripe_signature=signature).status_code == 400
    assert selling.shop.told == []


def test_events_about_other_business_of_the_account_are_taken_and_dropped(selling: Selling) -> None:
    foreign = {"id": "cs_x", "object": "checkout.session", "status": "complete", "payment_status": "paid", "metadata": {}}
    lost = {**foreign, "metadata": {"roundtrip_attempt": "01990000-0000-7000-8000-000000000000"}, "amount_total": 1, "currency": "eur"}
    for thing in (foreign, lost):
        assert posted(selling, selling.imitation.event("checkout.session.completed", thing)).status_code == 200
    assert posted(selling, selling.imitation.event("invoice.paid", {"id": "in_1"})).status_code == 200
    assert posted(selling, selling.imitation.event("checkout.session.completed", {"id": 7})).status_code == 400
    assert selling.shop.told == []


def test_refunds_are_made_once_whatever_happens_in_between(selling: Selling) -> None:
    attempt, path = begun(selling)
    _, session = away(selling, path)
    selling.imitation.pay(session["id"])
    posted(selling, selling.imitation.event("checkout.session.completed", session))
    db, now = selling.app.application.db, selling.app.clock()
    refund = db.write_now(refunds.request, attempt.id, Money.parse("10", "EUR"), reason="broken", key="a", now=now)
    selling.imitation.down = True
    round_(selling)
    waiting = db.read_now(refund_store.refund, refund.id)
    assert waiting is not None
    assert (waiting.status, waiting.error) == (RefundStatus.REQUESTED, "Stripe answered with a fault (500).")
    selling.imitation.down = False
    till = db.read_now(selling.app.application.cashier.till, attempt.site_id, providers.STRIPE)
    provider = selling.app.application.cashier.provider(providers.STRIPE, till)
    provider.refund(now_(selling, attempt), refund)  # and the process dies before writing it down
    selling.app.clock.move(MINUTE)
    round_(selling)
    assert [one["amount"] for one in selling.imitation.refunds.values()] == [1000]
    [moved] = refunds_of(db, attempt)
    assert (moved.status, moved.provider_ref) == (RefundStatus.MOVED, next(iter(selling.imitation.refunds)))


def test_a_refund_that_was_made_before_a_long_outage_is_found(selling: Selling) -> None:
    attempt, path = begun(selling)
    _, session = away(selling, path)
    selling.imitation.pay(session["id"])
    posted(selling, selling.imitation.event("checkout.session.completed", session))
    db = selling.app.application.db
    refund = db.write_now(refunds.request, attempt.id, None, reason="broken", key="a", now=selling.app.clock())
    till = db.read_now(selling.app.application.cashier.till, attempt.site_id, providers.STRIPE)
    provider = selling.app.application.cashier.provider(providers.STRIPE, till)
    first = provider.refund(now_(selling, attempt), refund)
    selling.imitation.forget_keys = True
    assert provider.refund(now_(selling, attempt), refund) == first
    assert len(selling.imitation.refunds) == 1


def test_a_refund_that_stripe_refuses_is_the_owners(selling: Selling) -> None:
    attempt, path = begun(selling)
    _, session = away(selling, path)
    selling.imitation.pay(session["id"])
    posted(selling, selling.imitation.event("checkout.session.completed", session))
    db = selling.app.application.db
    db.write_now(refunds.request, attempt.id, None, reason="broken", key="a", now=selling.app.clock())
    selling.imitation.refuse_refunds = True
    round_(selling)
    [refund] = refunds_of(db, attempt)
    assert refund.status is RefundStatus.FAILED
    assert now_(selling, attempt).refundable == attempt.amount


def test_a_refund_that_bounces_days_later_is_reported(selling: Selling) -> None:
    attempt, path = begun(selling)
    _, session = away(selling, path)
    selling.imitation.pay(session["id"])
    posted(selling, selling.imitation.event("checkout.session.completed", session))
    db = selling.app.application.db
    db.write_now(refunds.request, attempt.id, None, reason="broken", key="a", now=selling.app.clock())
    round_(selling)
    [made] = selling.imitation.refunds.values()
    bounced = {**made, "status": "failed", "failure_reason": "expired_or_canceled_card"}
    posted(selling, selling.imitation.event("refund.failed", bounced))
    [refund] = refunds_of(db, attempt)
    assert (refund.status, refund.error) == (RefundStatus.FAILED, "expired_or_canceled_card")


def test_when_stripe_is_away_the_visitor_is_told_that_nothing_was_charged(selling: Selling) -> None:
    attempt, path = begun(selling)
    selling.imitation.down = True
    answer = Browser(selling.app).open(path)
    assert answer.status_code == 503
    assert "Nothing was charged." in answer.text
    assert path in answer.text
    assert now_(selling, attempt).status is Status.CREATED
    selling.imitation.down = False
    away(selling, path)


def test_no_key_is_in_any_log_or_page_or_row(selling: Selling, caplog: pytest.LogCaptureFixture) -> None:
    """OPS-03, OPS-07: even when everything is logged. The imitation repeats a wrong key in its answer, as the real one does in part."""
    caplog.set_level(logging.DEBUG)
    attempt, path = begun(selling)
    answer, session = away(selling, path)
    till = Till(attempt.site_id, "https://pages.example", "sk_test_wrongwrongwrong9", WEBHOOK_SECRET, selling.imitation.url)
    with pytest.raises(ProviderUnreachable) as refused:
        providers.load(providers.STRIPE, till).start(attempt, "https://pages.example/back")
    posted(selling, selling.imitation.event("checkout.session.completed", session), "whsec_wrong0123456789")
    said = caplog.text + answer.text + str(refused.value) + selling.app.db_text() + repr(till)
    for secret in (SECRET_KEY, WEBHOOK_SECRET, "sk_test_wrong"):
        assert secret not in said


def test_a_fresh_server_has_not_loaded_stripe() -> None:
    """Decision 0121."""
    code = "import sys, roundtrip.app, roundtrip.cli; sys.exit('stripe' in sys.modules or 'requests' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


@pytest.mark.parametrize(
    ("text", "currency", "counted"),
    [
        ("19.90", "EUR", 1990),
        ("1990", "JPY", 1990),
        ("5", "ISK", 500),
        ("5", "UGX", 500),
        ("1.230", "KWD", 1230),
        ("10", "RSD", 1000),
        ("10.50", "HUF", 1050),
        ("100", "MGA", 100),
    ],
)
def test_amounts_are_counted_as_stripe_counts_them(text: str, currency: str, counted: int) -> None:
    """PAY-10."""
    money = Money.parse(text, currency)
    assert to_stripe(money) == counted
    assert from_stripe(counted, currency.lower()) == money


@pytest.mark.parametrize(("text", "currency"), [("1.234", "KWD"), ("0.001", "LYD")])
def test_an_amount_that_stripe_would_round_is_refused(selling: Selling, text: str, currency: str) -> None:
    """PAY-10: rather nothing than another amount."""
    with pytest.raises(NotPayable):
        to_stripe(Money.parse(text, currency))
    _, path = begun(selling, amount=Money.parse(text, currency))
    answer = Browser(selling.app).open(path)
    assert (answer.status_code, selling.imitation.sessions) == (503, {})
    assert "another way to pay" in answer.text


@given(st.integers(1, 10**9), st.sampled_from(["EUR", "JPY", "KWD", "ISK", "UGX", "RSD", "CLP", "HUF", "TND", "XOF", "COP"]))
def test_no_amount_changes_on_its_way_to_stripe_and_back(units: int, currency: str) -> None:
    """PAY-10."""
    money = Money.from_units(units, currency)
    try:
        counted = to_stripe(money)
    except NotPayable:
        assert decimals(currency) == 3
        assert units % 10
        return
    assert from_stripe(counted, currency) == money
    assert Decimal(counted) > 0
