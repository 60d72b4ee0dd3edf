"""The worker's rounds: several at once, cut off anywhere, and equally cheap however much is stored."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from roundtrip.core.clock import DAY, MINUTE
from roundtrip.payments import actions, providers, settle, store
from roundtrip.payments.model import Attempt, RefundStatus, Settled, Status
from roundtrip.payments.refunds import actions as refunds
from roundtrip.payments.refunds import store as refund_store
from roundtrip.storage.connect import connect
from roundtrip.storage.database import Database, Tx
from roundtrip.worker.payments import PaymentRounds
from roundtrip.workflows.cashier import Cashier
from tests.app_fixture import MovableClock
from tests.payments.owed import NOW, begun, owed, refunds_of, report, settled, stored

SECRET = "a secret for tests, long enough for all"


@dataclass
class Shop:
    """A seller that remembers, and fails for what is in `failing`. A transaction may run twice, so what it was told is a set of ids."""

    told: set[str] = field(default_factory=set)
    failing: set[str] = field(default_factory=set)

    def be_alone(self, tx: Tx, site_id: str, owed_id: str, now: int) -> None:
        """Nothing is locked here."""

    def settled(self, tx: Tx, settled: Settled, now: int) -> None:
        """Hear what happened."""
        if settled.attempt.id in self.failing:
            raise RuntimeError("the room is on fire")
        self.told.add(settled.attempt.id)

    def refund_failed(self, tx: Tx, attempt: Attempt, now: int) -> None:
        """Nothing is given back here."""


@dataclass
class Working:
    """Rounds on one database."""

    db: Database
    clock: MovableClock
    shop: Shop
    rounds: PaymentRounds

    def look(self, times: int = 1) -> None:
        """So many workers look at the same moment."""

        async def all_of_them() -> None:
            await asyncio.gather(*(self.rounds.round() for _ in range(times)))

        asyncio.run(all_of_them())


@pytest.fixture
def working(db: Database) -> Working:
    """A worker for a shop that sells vases."""
    clock, shop = MovableClock(NOW), Shop()
    return Working(db, clock, shop, PaymentRounds(db, clock, Cashier.of(SECRET, "https://pages.example", sellers={"vase": shop})))


def test_many_workers_at_once_do_everything_once(working: Working) -> None:
    """PAY-03, PAY-04: twelve reports and four refunds, five workers."""
    db = working.db
    waiting = [begun(db, owed()) for _ in range(12)]
    for attempt in waiting:
        db.write_now(settle.keep, report(attempt), NOW)
    paid = [begun(db, owed()) for _ in range(4)]
    for attempt in paid:
        settled(db, report(attempt))
        db.write_now(refunds.request, attempt.id, None, reason="r", key="k", now=NOW)
    working.look(5)
    working.look(5)
    assert working.shop.told == {one.id for one in waiting}
    assert [refund.status for attempt in paid for refund in refunds_of(db, attempt)] == [RefundStatus.MOVED] * 4
    assert [refund.tries for attempt in paid for refund in refunds_of(db, attempt)] == [1] * 4


def test_a_seller_that_fails_is_asked_again_and_stops_nobody_else(working: Working) -> None:
    """PAY-03."""
    db = working.db
    first, second = begun(db, owed()), begun(db, owed())
    working.shop.failing = {first.id}
    for attempt in (first, second):
        db.write_now(settle.keep, report(attempt), NOW)
    working.look()
    assert working.shop.told == {second.id}
    working.shop.failing = set()
    working.clock.move(2 * MINUTE)
    working.look()
    assert working.shop.told == {first.id, second.id}
    assert [stored(db, one.id).status for one in (first, second)] == [Status.CAPTURED] * 2


def test_what_a_dead_worker_had_in_hand_comes_back(working: Working) -> None:
    """OPS-09: reports after a minute, refunds and attempts after five."""
    db = working.db
    attempt = begun(db, owed())
    db.write_now(settle.keep, report(attempt), NOW)
    db.write_now(settle.waiting, NOW, 10)
    working.look()
    assert working.shop.told == set()
    working.clock.move(MINUTE)
    working.look()
    assert working.shop.told == {attempt.id}
    refund = db.write_now(refunds.request, attempt.id, None, reason="r", key="k", now=working.clock())
    db.write_now(refunds.unfinished, working.clock(), 10)
    working.look()
    assert refunds_of(db, attempt)[0].status is RefundStatus.REQUESTED
    working.clock.move(5 * MINUTE)
    working.look()
    assert [(one.id, one.status) for one in refunds_of(db, attempt)] == [(refund.id, RefundStatus.MOVED)]


def test_an_attempt_that_nobody_finishes_ends_by_itself_and_is_left_alone(working: Working) -> None:
    """Begun and never opened, opened and never paid; paying later waits for ever."""
    db = working.db
    untouched = db.write_now(actions.begin, owed(), providers.TEST, NOW)
    opened, later = begun(db, owed()), begun(db, owed(), providers.OFFLINE)
    working.clock.move(DAY)
    for _ in range(4):
        working.look()
    assert [stored(db, one.id).status for one in (untouched, opened, later)] == [Status.EXPIRED, Status.EXPIRED, Status.STARTED]
    assert working.shop.told == {untouched.id, opened.id}
    assert db.read_now(store.is_waiting, working.clock() + DAY) is False


def test_a_site_that_lost_its_keys_keeps_its_refunds(working: Working) -> None:
    """What is owed to a buyer is not given up because a key is missing."""
    db = working.db
    attempt = begun(db, owed(), providers.STRIPE)
    settled(db, report(attempt))
    db.write_now(refunds.request, attempt.id, None, reason="r", key="k", now=NOW)
    for _ in range(3):
        working.look()
        working.clock.move(DAY)
    [refund] = refunds_of(db, attempt)
    assert (refund.status, refund.tries) == (RefundStatus.REQUESTED, 3)
    assert "no Stripe keys" in (refund.error or "")


class Planning:
    """A transaction that writes down how SQLite would find the rows of each statement."""

    dialect = "sqlite"

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self.plans: list[str] = []

    def __getattr__(self, name: str) -> Any:
        def run(sql: str, **params: Any) -> Any:
            self.plans += [f"{row[3]}  <-  {sql}" for row in self._tx.all(f"EXPLAIN QUERY PLAN {sql}", **params)]
            return getattr(self._tx, name)(sql, **params)

        return run


def _everything(tx: Tx) -> list[str]:
    planning = Planning(tx)
    watched: Any = planning
    thing = owed()
    attempt: Attempt = actions.begin(watched, thing, providers.TEST, NOW)
    settle.settle(watched, report(attempt), NOW)
    refund = refunds.request(watched, attempt.id, None, reason="r", key="k", now=NOW)
    refunds.failed(watched, refund.id, "no", NOW)
    settle.waiting(watched, NOW, 10)
    store.due_attempts(watched, NOW, 10, MINUTE)
    refunds.unfinished(watched, NOW, 10)
    store.is_waiting(watched, NOW)
    store.attempts_of_site(watched, thing.site_id, before_id=None, limit=10)
    store.latest_attempt(watched, thing.site_id, thing.kind, thing.id)
    refund_store.of_attempt(watched, attempt.id)
    store.purge_reports(watched, NOW, 10)
    return planning.plans


def test_no_statement_reads_more_the_more_is_stored(migrated: Path) -> None:
    """Every look goes through an index; only lists that an index has cut short are walked."""
    db = connect(f"sqlite:///{migrated}")
    plans = db.write_now(_everything)
    db.close()
    assert len(plans) > 20
    assert [
        plan for plan in plans if plan.startswith("SCAN") and "picked" not in plan.partition("  <-  ")[0] and "CONSTANT" not in plan
    ] == []


@pytest.fixture
def migrated(request: pytest.FixtureRequest) -> Path:
    """A database file of this test's own."""
    request.getfixturevalue("_sqlite_template")
    tmp_path: Path = request.getfixturevalue("tmp_path")
    target = tmp_path / "plans.db"
    target.write_bytes(request.getfixturevalue("_sqlite_template").read_bytes())
    return target
