"""One thing is owed, and a visitor clicks, reloads, changes their mind, or walks away."""

from __future__ import annotations

import pytest

from roundtrip.core.clock import MINUTE
from roundtrip.core.errors import AppError
from roundtrip.core.money import Money
from roundtrip.payments import actions, providers, settle, store
from roundtrip.payments.model import ATTEMPT_LIFE, RefundStatus, Status, Verdict
from roundtrip.payments.providers.base import Page
from roundtrip.payments.refunds import actions as refunds
from roundtrip.storage.database import Database
from tests.payments.owed import NOW, PRICE, begun, events, owed, refunds_of, report, settled, stored


def test_who_clicks_again_goes_on_with_the_same_attempt(db: Database) -> None:
    """PAY-06."""
    thing = owed()
    first = begun(db, thing)
    again = db.write_now(actions.begin, thing, providers.TEST, NOW + 1)
    assert again == first
    assert (again.status, again.amount, again.page_ref) == (Status.STARTED, PRICE, f"page-of-{first.id}")
    assert db.write_now(actions.started, first.id, Page(None, "another"), NOW) is False
    assert stored(db, first.id).page_ref == first.page_ref


def test_another_way_to_pay_gives_the_first_one_up_and_has_it_closed(db: Database) -> None:
    """PAY-06."""
    thing = owed()
    first = begun(db, thing, providers.STRIPE)
    second = db.write_now(actions.begin, thing, providers.TEST, NOW)
    assert second.id != first.id
    assert stored(db, first.id).status is Status.CANCELLED
    assert [one.id for one in db.write_now(store.due_attempts, NOW, 10, MINUTE)] == [first.id]
    assert settled(db, report(first)).is_paid, "it was paid all the same, in the other tab"
    assert stored(db, second.id).status is Status.CANCELLED, "so nobody pays on the second page as well"


def test_nobody_has_pages_made_at_a_provider_without_end(db: Database) -> None:
    """SES-12: who switches to and fro is stopped; the owner may still take the money."""
    thing = owed()
    for turn in range(actions.MOST_ATTEMPTS):
        db.write_now(actions.begin, thing, (providers.STRIPE, providers.TEST)[turn % 2], NOW + turn)
    with pytest.raises(AppError) as refused:
        db.write_now(actions.begin, thing, providers.STRIPE, NOW + actions.MOST_ATTEMPTS)
    assert refused.value.code == "PAYMENT_TRIED_TOO_OFTEN"
    assert db.write_now(settle.mark_paid, thing, NOW).is_paid


def test_a_changed_price_is_a_new_attempt(db: Database) -> None:
    """PAY-09: nobody pays the old price on an old page."""
    thing = owed()
    first = begun(db, thing)
    second = db.write_now(
        actions.begin, owed(id=thing.id, session_id=thing.session_id, amount=Money.parse("43", "EUR")), providers.TEST, NOW
    )
    assert (second.amount.text, stored(db, first.id).status) == ("43.00", Status.CANCELLED)


def test_an_attempt_whose_time_is_over_is_not_gone_on_with(db: Database) -> None:
    thing = owed()
    first = begun(db, thing)
    assert first.expires_at == thing.pay_until
    second = db.write_now(
        actions.begin, owed(id=thing.id, session_id=thing.session_id, pay_until=None), providers.TEST, first.expires_at or 0
    )
    assert second.id != first.id
    assert second.expires_at == (first.expires_at or 0) + ATTEMPT_LIFE


def test_what_is_paid_is_not_begun_again(db: Database) -> None:
    """PAY-06: whichever provider is asked for."""
    thing = owed()
    first = begun(db, thing)
    assert settled(db, report(first)).is_paid
    assert db.write_now(actions.begin, thing, providers.STRIPE, NOW) == stored(db, first.id)
    assert stored(db, first.id).status is Status.CAPTURED


def test_money_on_its_way_is_not_paid_again(db: Database) -> None:
    """PAY-05, PAY-06: pending pays nothing yet, and lets nobody pay twice."""
    thing = owed()
    first = begun(db, thing)
    pending = settled(db, report(first, Verdict.PENDING))
    assert (pending.is_news, pending.is_paid) == (True, False)
    assert db.write_now(actions.begin, thing, providers.STRIPE, NOW).id == first.id
    assert db.write_now(actions.cancel, first.id, NOW) is False
    assert settled(db, report(first)).is_paid
    assert {slug for slug, _ in events(db, first)} == {"pending", "captured"}


def test_a_visit_that_has_paid_for_one_thing_pays_for_no_other(db: Database) -> None:
    """PAY-06: one session, one payment."""
    thing, other = owed(), owed(session_id=None)
    second = begun(db, owed(session_id=thing.session_id))
    assert settled(db, report(begun(db, thing))).is_paid
    with pytest.raises(AppError) as refused:
        db.write_now(actions.begin, owed(session_id=thing.session_id), providers.TEST, NOW)
    assert refused.value.code == "SESSION_ALREADY_PAID"
    overtaken = settled(db, report(second))
    assert (overtaken.is_paid, overtaken.overtaken) == (False, True)
    assert settled(db, report(begun(db, other))).is_paid


def test_a_second_capture_is_given_back_by_itself(db: Database) -> None:
    """PAY-06: two tabs, two providers, both paid."""
    thing = owed()
    first = begun(db, thing, providers.STRIPE)
    second = begun(db, thing, providers.TEST)
    assert settled(db, report(second)).is_paid
    overtaken = settled(db, report(first))
    assert (overtaken.is_paid, overtaken.overtaken, overtaken.is_late) == (False, True, True)
    [refund] = refunds_of(db, first)
    assert overtaken.refund == refund
    assert (refund.amount, refund.status, refund.attempt_id) == (PRICE, RefundStatus.REQUESTED, first.id)
    assert refunds_of(db, second) == []
    assert sorted(slug for slug, _ in events(db, first)) == ["captured", "refund_requested"]


def test_what_is_paid_outside_of_a_visit_is_paid_once_too(db: Database) -> None:
    """PAY-06: without a visit, and after a visit was let go because its money goes back, only the thing itself says that it is paid."""
    thing = owed(session_id=None)
    first, second = begun(db, thing, providers.STRIPE), begun(db, thing, providers.TEST)
    assert settled(db, report(second)).is_paid
    assert settled(db, report(first)).overtaken

    thing = owed()
    first, second = begun(db, thing, providers.STRIPE), begun(db, thing, providers.TEST)
    late = settled(db, report(second))
    db.write_now(refunds.undo, late.attempt, reason="It came too late", now=NOW)
    assert settled(db, report(first)).overtaken
    assert [refund.amount for refund in refunds_of(db, first)] == [PRICE]


def test_the_wrong_amount_pays_nothing_and_is_given_back(db: Database) -> None:
    """PAY-09: too little, and as many of another currency's units."""
    for said, units in (({"units": 1}, 1), ({"currency": "JPY"}, PRICE.units)):
        attempt = begun(db, owed())
        answer = settled(db, report(attempt, **said))
        assert (answer.is_paid, answer.overtaken) == (False, True)
        assert [refund.units for refund in refunds_of(db, attempt)] == [units]


def test_who_pays_late_is_told_apart(db: Database) -> None:
    """PAY-08: given up, expired by the clock, or only overdue."""
    given_up, expired, overdue = begun(db, owed()), begun(db, owed()), begun(db, owed())
    assert db.write_now(actions.cancel, given_up.id, NOW)
    assert db.write_now(actions.expire, expired.id, NOW)
    for attempt, now in ((given_up, NOW), (expired, NOW), (overdue, overdue.expires_at or 0)):
        late = settled(db, report(attempt), now)
        assert (late.is_paid, late.is_late) == (True, True)
        assert dict(events(db, attempt))["captured"]["late"] is True
    assert settled(db, report(begun(db, owed()))).is_late is False


def test_a_page_that_was_made_for_an_attempt_given_up_meanwhile_can_be_closed(db: Database) -> None:
    """A crash, or another tab, between asking the provider and writing down what it said."""
    attempt = db.write_now(actions.begin, owed(), providers.STRIPE, NOW)
    assert db.write_now(actions.cancel, attempt.id, NOW)
    [given_up] = db.write_now(store.due_attempts, NOW, 10, MINUTE)
    assert db.write_now(store.look_again, given_up, None), "the worker knew of no page yet"
    assert db.write_now(actions.started, attempt.id, Page("https://pay.example/x", "cs_1"), NOW) is False
    found = stored(db, attempt.id)
    assert (found.status, found.page_ref, found.look_at) == (Status.CANCELLED, "cs_1", NOW)


def test_pay_later_waits_for_the_owner_and_may_be_paid_online_instead(db: Database) -> None:
    """PAY-03."""
    thing = owed()
    later = begun(db, thing, providers.OFFLINE)
    assert (later.status, later.expires_at, later.look_at) == (Status.STARTED, None, None)
    online = begun(db, thing, providers.TEST)
    assert stored(db, later.id).status is Status.CANCELLED
    assert settled(db, report(online)).is_paid


def test_the_owner_has_the_money_in_hand_once(db: Database) -> None:
    thing = owed()
    later = begun(db, thing, providers.OFFLINE)
    paid = db.write_now(settle.mark_paid, thing, NOW)
    assert (paid.is_paid, paid.attempt.id) == (True, later.id)
    with pytest.raises(AppError) as refused:
        db.write_now(settle.mark_paid, thing, NOW)
    assert refused.value.code == "ALREADY_PAID"


def test_the_owner_cannot_take_cash_while_money_is_on_its_way(db: Database) -> None:
    """PAY-06."""
    thing = owed()
    settled(db, report(begun(db, thing), Verdict.PENDING))
    with pytest.raises(AppError) as refused:
        db.write_now(settle.mark_paid, thing, NOW)
    assert refused.value.code == "PAYMENT_PENDING"


def test_nothing_is_paid_with_nothing(db: Database) -> None:
    for amount in ("0", "-1"):
        with pytest.raises(AppError) as refused:
            db.write_now(actions.begin, owed(amount=Money.parse(amount, "EUR")), providers.TEST, NOW)
        assert refused.value.code == "NOTHING_TO_PAY"


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example", "/a\\b", "/a?b=c", "", "/", "/a/../\n"])
def test_a_payment_returns_to_our_own_host_only(db: Database, path: str) -> None:
    """RED-12."""
    with pytest.raises(ValueError, match="path of our own host"):
        db.write_now(actions.begin, owed(return_path=path), providers.TEST, NOW)


def test_refunds_never_add_up_to_more_than_came_in(db: Database) -> None:
    attempt = begun(db, owed())
    with pytest.raises(AppError, match="is left"):
        db.write_now(refunds.request, attempt.id, None, reason="too early", key="a", now=NOW)
    settled(db, report(attempt))
    part = db.write_now(refunds.request, attempt.id, Money.parse("40", "EUR"), reason="broken", key="a", now=NOW)
    assert db.write_now(refunds.request, attempt.id, Money.parse("40", "EUR"), reason="broken", key="a", now=NOW) == part
    for amount in ("2.01", "0", "-1"):
        with pytest.raises(AppError) as refused:
            db.write_now(refunds.request, attempt.id, Money.parse(amount, "EUR"), reason="more", key="b", now=NOW)
        assert refused.value.code == "REFUND_TOO_HIGH"
    with pytest.raises(AppError):
        db.write_now(refunds.request, attempt.id, Money.parse("1", "USD"), reason="other money", key="b", now=NOW)
    rest = db.write_now(refunds.request, attempt.id, None, reason="all of it", key="c", now=NOW)
    assert rest.amount.text == "2.00"
    assert stored(db, attempt.id).refundable == Money.zero("EUR")


def test_a_refund_that_fails_can_be_asked_for_again(db: Database) -> None:
    attempt = begun(db, owed())
    settled(db, report(attempt))
    refund = db.write_now(refunds.request, attempt.id, None, reason="broken", key="a", now=NOW)
    assert [one.id for one in db.write_now(refunds.unfinished, NOW, 10)] == [refund.id]
    assert db.write_now(refunds.unfinished, NOW, 10) == [], "another worker has it"
    assert db.write_now(refunds.moved, refund.id, "re_1", NOW)
    assert not db.write_now(refunds.moved, refund.id, "re_1", NOW)
    failed = report(attempt, Verdict.REFUND_FAILED, refund_id=refund.id, reason="the account is closed")
    settled(db, failed)
    assert settled(db, failed).is_news is False
    assert stored(db, attempt.id).refundable == PRICE
    assert db.write_now(refunds.request, attempt.id, None, reason="again", key="b", now=NOW).amount == PRICE
    told = sorted(slug for slug, _ in events(db, attempt))
    assert told == ["captured", "refund_failed", "refund_requested", "refund_requested", "refunded"]


def test_cash_is_given_back_by_hand(db: Database) -> None:
    thing = owed()
    paid = db.write_now(settle.mark_paid, thing, NOW)
    refund = db.write_now(refunds.request, paid.attempt.id, None, reason="broken", key="a", now=NOW)
    assert db.write_now(refunds.unfinished, NOW * 2, 10) == []
    assert db.write_now(refunds.moved, refund.id, None, NOW)


def test_the_name_of_a_page_cannot_be_guessed_from_the_attempt(db: Database) -> None:
    attempt = begun(db, owed())
    key, other = actions.page_key("x" * 32), actions.page_key("y" * 32)
    token = actions.page_token(key, attempt.id)
    assert db.read_now(actions.attempt_of_token, key, token) == attempt
    assert db.read_now(actions.attempt_of_token, other, token) is None
    assert db.read_now(actions.attempt_of_token, key, attempt.id) is None
