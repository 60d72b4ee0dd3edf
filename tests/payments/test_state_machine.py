"""Whatever providers, visitors, owners and the clock do, in any order: one payment per thing and per visit, and never more money back
than came in (PAY-04, PAY-06)."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule, run_state_machine_as_test

from roundtrip.core.errors import AppError
from roundtrip.core.money import Money
from roundtrip.payments import actions, providers, settle, store
from roundtrip.payments.model import Attempt, RefundStatus, Report, Settled, Status, Verdict
from roundtrip.payments.refunds import actions as refunds
from roundtrip.payments.refunds import store as refund_store
from roundtrip.storage.connect import connect
from roundtrip.storage.database import Database
from tests.payments.owed import NOW, owed, report
from tests.payments.stored import attempts_of

_TEMPLATES: list[Path] = []
THINGS = 3


def _expects(refused: AppError, *codes: str) -> None:
    if refused.code not in codes:
        raise refused


class Paying(RuleBasedStateMachine):
    """Three things are owed, two of them in the same visit."""

    attempts = Bundle("attempts")
    reports = Bundle("reports")
    refunds_made = Bundle("refunds")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "roundtrip.db"
        shutil.copyfile(_TEMPLATES[0], path)
        self.db: Database = connect(f"sqlite:///{path}")
        self.numbers = itertools.count()
        self.now = NOW
        self.paid: dict[str, int] = {}
        self.news: list[Settled] = []

    @initialize()
    def begin_nothing(self) -> None:
        """What is owed, in the same shape for every run."""
        self.things = [owed(id=f"thing-{n}", session_id=f"visit-{min(n, 1)}", pay_until=None) for n in range(THINGS)]

    @rule(target=attempts, number=st.integers(0, THINGS - 1), provider=st.sampled_from([*providers.known()]))
    def begins(self, number: int, provider: str) -> Attempt | object:
        """A visitor chooses how to pay."""
        try:
            return self.db.write_now(actions.begin, self.things[number], provider, self.now)
        except AppError as refused:
            _expects(refused, "SESSION_ALREADY_PAID")
            return multiple()

    @rule(attempt=attempts)
    def turns_back(self, attempt: Attempt) -> None:
        """They think again."""
        self.db.write_now(actions.cancel, attempt.id, self.now)

    @rule(attempt=attempts)
    def runs_out_of_time(self, attempt: Attempt) -> None:
        """The clock."""
        self.db.write_now(actions.expire, attempt.id, self.now)

    @rule(target=reports, attempt=attempts, verdict=st.sampled_from([*Verdict]), share=st.sampled_from([1, 1, 1, 2]))
    def provider_will_say(self, attempt: Attempt, verdict: Verdict, share: int) -> Report:
        """Reports travel; when each arrives, and how often, is left open."""
        units = {"units": attempt.units // share} if verdict is Verdict.CAPTURED else {}
        return report(attempt, verdict, f"event-{next(self.numbers)}", **units)

    @rule(said=reports)
    def report_arrives(self, said: Report) -> None:
        """First or again, early or late."""
        settled = self.db.write_now(settle.settle, said, self.now)
        if settled.is_paid:
            self.paid[settled.attempt.owed_id] = self.paid.get(settled.attempt.owed_id, 0) + 1
        if settled.is_news:
            self.news.append(settled)

    @rule(said=consumes(reports))
    def report_gets_lost(self, said: Report) -> None:
        """It never comes (again)."""

    @rule(number=st.integers(0, THINGS - 1))
    def owner_takes_cash(self, number: int) -> None:
        """By hand."""
        try:
            settled = self.db.write_now(settle.mark_paid, self.things[number], self.now)
        except AppError as refused:
            _expects(refused, "ALREADY_PAID", "PAYMENT_PENDING", "SESSION_ALREADY_PAID")
            return
        assert settled.is_paid
        self.paid[settled.attempt.owed_id] = self.paid.get(settled.attempt.owed_id, 0) + 1

    @rule(target=refunds_made, attempt=attempts, units=st.integers(1, 5000), key=st.sampled_from("abc"))
    def owner_gives_back(self, attempt: Attempt, units: int, key: str) -> object:
        """A part, or too much."""
        try:
            amount = Money.from_units(units, attempt.currency)
            return self.db.write_now(refunds.request, attempt.id, amount, reason="r", key=key, now=self.now).id
        except AppError as refused:
            _expects(refused, "REFUND_TOO_HIGH")
            return multiple()

    @rule(refund_id=refunds_made, goes_well=st.booleans())
    def refund_ends(self, refund_id: str, goes_well: bool) -> None:
        """The provider's answer, possibly more than once and in both ways."""
        if goes_well:
            self.db.write_now(refunds.moved, refund_id, "re", self.now)
        else:
            self.db.write_now(refunds.failed, refund_id, "no", self.now)

    @invariant()
    def nobody_paid_twice(self) -> None:
        """One payment per thing and per visit."""
        assert all(times == 1 for times in self.paid.values())
        visits = [thing.session_id for thing in getattr(self, "things", []) if thing.id in self.paid]
        assert len(visits) == len(set(visits))

    @invariant()
    def nothing_is_lost_or_made_up(self) -> None:
        """Money that does not count is on its way back; no refund exceeds what came in; at most one attempt runs."""
        for thing in getattr(self, "things", []):
            known = self.db.read_now(attempts_of, thing.site_id, thing.kind, thing.id)
            counts = self.db.read_now(store.captured_by, thing.site_id, thing.kind, thing.id)
            assert (counts is not None) is (thing.id in self.paid)
            running = [one for one in known if one.is_running]
            assert len(running) <= 1
            for one in known:
                back = [r for r in self.db.read_now(refund_store.of_attempt, one.id) if r.status is not RefundStatus.FAILED]
                assert sum(r.units for r in back) == one.refunded_units <= one.captured_units
                assert (one.captured_units > 0) is (one.status is Status.CAPTURED)

    @invariant()
    def overtaken_money_goes_back_whole(self) -> None:
        """By itself, at the moment it came."""
        for settled in self.news:
            assert settled.overtaken is (settled.refund is not None)
            if settled.refund is not None:
                assert settled.refund.units == settled.attempt.captured_units

    def teardown(self) -> None:
        """Close the database."""
        self.db.close()
        self.folder.cleanup()


@pytest.fixture
def migrated_file(request: pytest.FixtureRequest) -> Path:
    """An empty database to copy."""
    path: Path = request.getfixturevalue("_sqlite_template")
    return path


@pytest.mark.parametrize("steps", [12, 40])
def test_in_any_order_nobody_pays_twice(migrated_file: Path, steps: int) -> None:
    _TEMPLATES[:] = [migrated_file]
    run_state_machine_as_test(
        Paying,
        settings=settings(
            max_examples=600 // steps, stateful_step_count=steps, deadline=None, database=None, suppress_health_check=[*HealthCheck]
        ),
    )
