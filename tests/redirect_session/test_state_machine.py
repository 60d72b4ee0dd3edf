"""The life of a redirect session, walked at random against the real store: only the drawn moves exist (SES-02)."""

from __future__ import annotations

from collections import Counter

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from roundtrip.redirect_session import actions
from roundtrip.redirect_session.model import LIVING, MOVES, RedirectSession, Status
from roundtrip.storage.database import Database
from tests.redirect_session.sessions import LIFETIMES, NOW, created, events, stored

BROWSERS = st.sampled_from(["first", "second"])
RECORDED = {
    Status.OPENED: "opened",
    Status.COMPLETED: "completed",
    Status.ABANDONED: "abandoned",
    Status.EXPIRED: "expired",
    Status.RETURNED: "returned",
}


class Life(RuleBasedStateMachine):
    """One session, and beside it what the diagram in `model.py` says about it. Every rule tries a move, allowed or not."""

    db: Database

    @initialize()
    def begin(self) -> None:
        self.now = NOW
        self.id = created(self.db, self.now).id
        self.status, self.outcome, self.expires_at = Status.CREATED, "", NOW + LIFETIMES.open_within
        self.browser, self.draft, self.revision = "", "", 0
        self.recorded = Counter({"created": 1})

    def read(self) -> RedirectSession:
        return stored(self.db, self.id)

    @property
    def lives(self) -> bool:
        return self.now < self.expires_at

    def moved(self, new: Status, outcome: str = "") -> None:
        # The one move against the arrows is the Back button of a visitor who walked away.
        assert new in MOVES[self.status] or (new is Status.OPENED and self.outcome == "abandoned")
        self.status = new
        self.outcome = outcome or self.outcome
        self.recorded[RECORDED[new]] += 1

    @rule(milliseconds=st.sampled_from([1, 1000, LIFETIMES.open_within - 1, LIFETIMES.open_within, LIFETIMES.finish_within]))
    def wait(self, milliseconds: int) -> None:
        self.now += milliseconds

    @rule(browser=BROWSERS)
    def open(self, browser: str) -> None:
        bound = self.db.write_now(actions.open_, self.read(), browser_secret=browser, lifetimes=LIFETIMES, now=self.now)
        assert (bound is not None) is (self.status is Status.CREATED and self.lives)
        if bound is not None:
            self.moved(Status.OPENED)
            self.browser, self.expires_at = browser, self.now + LIFETIMES.finish_within

    @rule(draft=st.sampled_from(['{"a":1}', '{"b":2}']))
    def fill_in(self, draft: str) -> None:
        kept = self.db.write_now(actions.save_draft, self.read(), draft, self.now)
        assert kept is (self.status is Status.OPENED and self.lives)
        if kept:
            self.draft, self.revision = draft, self.revision + 1

    @rule(draft=st.just('{"old":1}'))
    def send_an_old_page(self, draft: str) -> None:
        old = msgspec.structs.replace(self.read(), draft_revision=self.revision - 1)
        assert not self.db.write_now(actions.save_draft, old, draft, self.now)

    @rule(outcome=st.sampled_from(["completed", "login_required"]))
    def complete(self, outcome: str) -> None:
        done = self.db.write_now(actions.complete, self.read(), {"orderId": "1"}, self.now, outcome=outcome)
        assert done is (self.status is Status.OPENED and self.lives)
        if done:
            self.moved(Status.COMPLETED, outcome)

    @rule()
    def abandon(self) -> None:
        left = self.db.write_now(actions.abandon, self.read(), self.now)
        assert left is (self.status is Status.OPENED and self.lives)
        if left:
            self.moved(Status.ABANDONED, "abandoned")

    @rule()
    def expire_now(self) -> None:
        ended = self.db.write_now(actions.expire, self.read(), self.now)
        assert ended is (self.status in LIVING)
        if ended:
            self.moved(Status.EXPIRED, "expired")

    @rule()
    def go_back_to_the_site(self) -> None:
        gone = self.db.write_now(actions.mark_returned, self.read(), self.now)
        if self.status in LIVING and not self.lives:
            self.moved(Status.EXPIRED, "expired")
        assert gone is (self.status in (Status.COMPLETED, Status.ABANDONED, Status.EXPIRED))
        if gone:
            self.moved(Status.RETURNED)

    @rule()
    def press_back(self) -> None:
        again = self.db.write_now(actions.reopen, self.read(), self.now)
        assert again is (self.outcome == "abandoned" and self.status in (Status.ABANDONED, Status.RETURNED) and self.lives)
        if again:
            self.moved(Status.OPENED)
            self.outcome = ""

    @rule()
    def tidy_up(self) -> None:
        self.db.write_now(actions.expire_due, self.now, 100)
        if self.status in LIVING and not self.lives:
            self.moved(Status.EXPIRED, "expired")

    @precondition(lambda self: hasattr(self, "id"))
    @invariant()
    def is_as_drawn(self) -> None:
        """Exactly one domain event per move, and the row says what the diagram says."""
        row = self.read()
        assert (row.status, row.outcome or "", row.expires_at) == (self.status, self.outcome, self.expires_at)
        assert (row.draft or "", row.draft_revision) == (self.draft, self.revision)
        assert row.status_at(self.now) is (Status.EXPIRED if self.status in LIVING and not self.lives else self.status)
        assert actions.is_bound_to(row, self.browser or None) is bool(self.browser)
        assert Counter(slug for slug, _ in events(self.db, self.id)) == self.recorded


def test_only_the_drawn_moves_exist_and_each_is_recorded_once(db: Database) -> None:
    """SES-02, SES-05, SES-06."""
    machine = type("LifeHere", (Life,), {"db": db})
    checks = settings(max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine, settings=checks)


def test_the_drawing_has_no_way_out_of_the_end_and_no_way_back_to_the_start() -> None:
    """SES-02."""
    assert MOVES[Status.RETURNED] == frozenset()
    assert Status.CREATED not in frozenset().union(*MOVES.values())
    assert set(MOVES) == set(Status)
