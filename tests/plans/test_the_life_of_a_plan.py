"""Orders of plans: what is paid when, what a card that fails leads to, and how they end; each move happens once."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roundtrip.bookings import seed as services
from roundtrip.bookings.book import store as bookings
from roundtrip.bookings.book.model import Option
from roundtrip.core.clock import DAY
from roundtrip.core.errors import AppError
from roundtrip.core.identity import COMMAND
from roundtrip.core.ids import new_id
from roundtrip.members import actions as members
from roundtrip.payments import store as payments
from roundtrip.payments.cards import store as cards
from roundtrip.payments.providers.test import Choice
from roundtrip.plans import seed
from roundtrip.plans.clock import actions as clocks
from roundtrip.plans.credits import actions as credit
from roundtrip.plans.duration import Duration, Unit
from roundtrip.plans.orders import actions, store
from roundtrip.plans.orders.model import RETRIES, Cause, Effect, Paid, PlanOrder, Status
from roundtrip.sites.change import Change
from roundtrip.sites.model import Mode
from roundtrip.storage.database import Database
from roundtrip.workflows import demo_member, plan_ends, plan_life
from tests.plans.studio import NOW, Studio, code_of, open_studio


@pytest.fixture
def studio(db: Database) -> Studio:
    """A site with the demo plans."""
    return open_studio(db)


def charged(studio: Studio, order: PlanOrder) -> list[int]:
    """The cycles that were paid, the first first."""
    return sorted(one.cycle for one in studio.db.read_now(store.charges, studio.site.id, order.id, 100))


def day(at: int | None) -> str:
    return datetime.fromtimestamp((at or 0) / 1000, UTC).date().isoformat()


def test_a_year_of_a_subscription_in_a_second(studio: Studio) -> None:
    """PAY-04: the trial costs nothing, then each month is charged once, and the months begin where they should."""
    order = studio.buy(studio.plan(seed.MONTHLY))
    assert (order.status, order.paid, order.cycle) == (Status.ACTIVE, Paid.NOT_APPLICABLE, 0)
    assert charged(studio, order) == [0]
    attempts = studio.db.read_now(lambda tx: payments.attempts_of_site(tx, studio.site.id, before_id=None, limit=50))
    assert [one.captured_units for one in attempts] == [0]
    studio.passes(7 + 360)
    after = studio.order(order.id)
    assert (after.status, after.paid, after.cycle) == (Status.ACTIVE, Paid.PAID, 12)
    first = after.first_cycle_at
    assert first == order.starts_at + 7 * DAY
    assert after.cycle_starts_at == Duration(11, Unit.MONTH).after(first)
    attempts = studio.db.read_now(lambda tx: payments.attempts_of_site(tx, studio.site.id, before_id=None, limit=50))
    assert sorted(one.captured_units for one in attempts) == [0, *[7900] * 12]
    assert studio.told(order.id) == ["created", *["renewed"] * 12]
    assert studio.mails() == [*["plan_renewed"] * 12, "plan_started"]


def test_a_card_that_is_refused_is_tried_again_and_then_the_plan_ends(studio: Studio) -> None:
    """PAY-05: three more times, with a mail each; nothing was charged in between."""
    order = studio.buy(studio.plan(), Choice.PAID_ONCE)
    assert (order.status, order.paid, order.cycle) == (Status.ACTIVE, Paid.PAID, 1)
    studio.passes(30.5)
    failing = studio.order(order.id)
    assert (failing.status, failing.paid, failing.failures) == (Status.ACTIVE, Paid.FAILED, 1)
    assert failing.due_at is not None
    assert failing.due_at >= (failing.cycle_ends_at or 0) + RETRIES[0]
    studio.passes(sum(RETRIES) / DAY + 1)
    over = studio.order(order.id)
    assert (over.status, over.cancel_cause, over.paid) == (Status.CANCELED, Cause.PAYMENT_FAILURE, Paid.FAILED)
    assert charged(studio, order) == [1]
    assert studio.mails() == ["plan_canceled", *["plan_payment_failed"] * 3, "plan_started"]
    assert studio.db.read_now(cards.card, studio.site.id, order.id) is None


def test_what_was_cancelled_for_the_next_payment_stays_until_then(studio: Studio) -> None:
    """And no card is charged again."""
    order = studio.buy(studio.plan())
    cancel = (studio.site.id, order.id, Cause.MEMBER_ACTION, Effect.NEXT_PAYMENT_DATE)
    waiting = studio.write(plan_ends.cancel, *cancel, studio.moment)
    assert (waiting.status, waiting.renews) == (Status.ACTIVE, False)
    studio.passes(40)
    over = studio.order(order.id)
    assert (over.status, over.ends_at, over.cancel_cause) == (Status.CANCELED, order.cycle_ends_at, Cause.MEMBER_ACTION)
    assert charged(studio, order) == [1]
    assert code_of(lambda: studio.write(plan_ends.cancel, *cancel, studio.moment)) == "PLAN_ORDER_STATUS"


def test_a_trial_that_is_cancelled_at_once_is_kept_to_its_end(studio: Studio) -> None:
    """It was given, and nothing is ever paid; a second trial of the same plan there is not."""
    order = studio.buy(studio.plan(seed.MONTHLY))
    studio.write(plan_ends.cancel, studio.site.id, order.id, Cause.MEMBER_ACTION, Effect.IMMEDIATELY, studio.moment)
    assert studio.order(order.id).status is Status.ACTIVE
    studio.passes(8)
    assert studio.order(order.id).status is Status.CANCELED
    again = studio.buy(studio.plan(seed.MONTHLY))
    assert (again.cycle, again.paid) == (1, Paid.PAID)


def test_a_pass_ends_and_what_starts_later_starts(studio: Studio) -> None:
    later = studio.buy(studio.plan(allowFutureStartDate=True), starts_at=NOW + 10 * DAY)
    class_pass = studio.buy(studio.plan(seed.PASS))
    assert (later.status, later.paid, day(later.starts_at)) == (Status.PENDING, Paid.PAID, day(NOW + 10 * DAY))
    studio.passes(11)
    assert studio.order(later.id).status is Status.ACTIVE
    studio.passes(85)
    ended = studio.order(class_pass.id)
    assert (ended.status, ended.ends_at) == (Status.ENDED, Duration(3, Unit.MONTH).after(class_pass.starts_at))
    assert studio.order(later.id).cycle == 3
    assert code_of(lambda: studio.draft(studio.plan(), starts_at=NOW + 200 * DAY)) == "buyer_can_not_pick_future_start_date"


def test_a_pause_moves_everything_that_was_to_come(studio: Studio) -> None:
    order = studio.buy(studio.plan(pricing=_pricing(cycles=3)))
    studio.write(lambda tx: actions.pause(tx, actions.locked(tx, studio.site.id, order.id), studio.moment))
    studio.passes(50)
    assert (studio.order(order.id).status, charged(studio, order)) == (Status.PAUSED, [1])
    studio.write(lambda tx: actions.resume(tx, actions.locked(tx, studio.site.id, order.id), studio.moment))
    resumed = studio.order(order.id)
    assert resumed.cycle_ends_at == (order.cycle_ends_at or 0) + 50 * DAY
    assert resumed.ends_at == (order.ends_at or 0) + 50 * DAY
    studio.passes(100)
    ended = studio.order(order.id)
    assert (ended.status, charged(studio, order)) == (Status.ENDED, [1, 2, 3])


def _pricing(cycles: int) -> dict[str, object]:
    return {"subscription": {"cycleDuration": {"count": 1, "unit": "MONTH"}, "cycleCount": cycles}, "price": {"value": "10.00"}}


def test_two_workers_charge_a_month_once(studio: Studio) -> None:
    """PAY-04, with real threads: whoever comes second finds nothing to do."""
    order = studio.buy(studio.plan())
    studio.write(clocks.advance, studio.site, 32 * DAY)
    together = Barrier(4)

    def go_on(number: int) -> bool:
        together.wait()
        try:
            return studio.write(plan_life.go_on, studio.site.id, order.id, studio.moment)
        except AppError:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(go_on, range(4))) == 1
    studio.passes(1)
    assert (studio.order(order.id).cycle, charged(studio, order)) == (2, [1, 2])


def test_of_two_who_buy_what_can_be_had_once_the_second_gets_the_money_back(studio: Studio) -> None:
    """PAY-08: both were at the payment page already."""
    once = studio.plan(maxPurchasesPerBuyer=1)
    first, second = studio.draft(once), studio.draft(once)
    attempts = studio.attempt(first), studio.attempt(second)
    studio.settle(attempts[0])
    studio.settle(attempts[1])
    assert (studio.order(first.id).status, studio.order(second.id).status) == (Status.ACTIVE, Status.DRAFT)
    given_back = studio.db.read_now(payments.attempt, attempts[1].id)
    assert given_back is not None
    assert given_back.refunded_units == given_back.captured_units == 1000
    assert code_of(lambda: studio.draft(once)) == "purchases_limit_reached"
    assert code_of(lambda: [studio.draft(studio.plan(seed.COMMUNITY)) for _ in range(2)]) == "purchases_limit_reached"


def test_money_for_what_was_cancelled_meanwhile_goes_back(studio: Studio) -> None:
    """PAY-08: the charge was on its way when the owner cancelled."""
    order = studio.buy(studio.plan())
    studio.write(clocks.advance, studio.site, 32 * DAY)
    studio.write(plan_life.go_on, studio.site.id, order.id, studio.moment)
    charge = studio.db.read_now(store.charge_of_cycle, studio.site.id, order.id, 2)
    assert charge is not None
    attempt = studio.db.read_now(payments.running, studio.site.id, "plan_order", charge.id)
    assert attempt is not None
    studio.write(plan_ends.cancel, studio.site.id, order.id, Cause.OWNER_ACTION, Effect.IMMEDIATELY, studio.moment)
    studio.settle(attempt)
    late = studio.db.read_now(payments.attempt, attempt.id)
    assert late is not None
    assert (late.captured_units, late.refunded_units) == (1000, 1000)
    assert studio.order(order.id).status is Status.CANCELED


def test_the_clock_of_a_live_site_stands_firm(studio: Studio) -> None:
    """OPS-12: and of a test site it does not go back."""
    assert code_of(lambda: studio.write(clocks.advance, studio.site, -DAY)) == "INVALID_ARGUMENT"
    studio.write(clocks.advance, studio.site, DAY)
    studio.write(lambda tx: tx.execute("UPDATE site SET mode = 'live' WHERE id = :id", id=studio.site.id))
    assert studio.db.read_now(clocks.plan_time, studio.site.id, NOW) == NOW
    studio.site = dataclasses.replace(studio.site, mode=Mode.LIVE)
    assert code_of(lambda: studio.write(clocks.advance, studio.site, DAY)) == "TEST_MODE_ONLY"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 4_000_000_000_000), st.sampled_from(Unit), st.integers(1, 36), st.integers(1, 60))
def test_cycles_follow_each_other_without_gaps(start: int, unit: Unit, count: int, number: int) -> None:
    """Each is later than the one before, and months end on the day they began on, or on the last one there is."""
    one = Duration(count, unit)
    before, after = one.after(start, number - 1), one.after(start, number)
    assert before < after
    if unit is Unit.MONTH:
        begin, end = (datetime.fromtimestamp(at // 1000, UTC) for at in (start, after))
        assert end.day == begin.day or (end.day < begin.day and end.day >= 28)


def test_the_demo_site_has_somebody_with_a_plan_and_a_class(studio: Studio) -> None:
    """So that an account shows something; asked twice, nothing is made twice."""
    studio.write(lambda tx: services.seed(tx, studio.site.id, now=NOW))
    change = Change(new_id(NOW), COMMAND, NOW)
    assert [studio.write(demo_member.settle_in, studio.site, change) for _ in range(2)] == [True, False]
    dana = studio.db.read_now(members.by_email, studio.site.id, demo_member.EMAIL)
    assert dana is not None
    booked = studio.db.read_now(bookings.of_member, studio.site.id, dana.id, NOW, 10)
    assert [(one.option, one.status.value) for one in booked] == [(Option.MEMBERSHIP, "CONFIRMED")]
    ways = studio.db.read_now(credit.usable, studio.site.id, dana.id, (seed.PASS,), seed.YOGA, NOW)
    assert [(way.left, way.order.paid) for way in ways] == [(9, Paid.PAID)]
