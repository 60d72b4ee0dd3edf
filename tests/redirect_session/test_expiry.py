"""The clock ends visits on its own, an owner can end them earlier, and ended ones are forgotten in time."""

from __future__ import annotations

from roundtrip.core.clock import DAY, MINUTE
from roundtrip.redirect_session import actions, store
from roundtrip.redirect_session.model import Lifetimes, Status
from roundtrip.storage.database import Database
from tests.redirect_session.sessions import LIFETIMES, NOW, created, events, opened, stored

END = NOW + LIFETIMES.finish_within
NOT_LONG = Lifetimes(keep_for=10 * DAY)


def test_a_visit_past_its_end_is_expired_whether_or_not_anybody_tidied_up(db: Database) -> None:
    """SES-05: decided on read, to the millisecond."""
    session = stored(db, opened(db).id)
    assert session.status_at(END - 1) is Status.OPENED
    assert session.status_at(END) is Status.EXPIRED
    assert not db.write_now(actions.save_draft, session, "{}", END)
    assert not db.write_now(actions.complete, session, {}, END)
    assert not db.write_now(actions.abandon, session, END)
    assert stored(db, session.id).status is Status.OPENED
    assert db.write_now(actions.complete, session, {}, END - 1)


def test_a_link_past_its_end_binds_nobody(db: Database) -> None:
    """SES-05."""
    session, late = created(db), NOW + LIFETIMES.open_within
    assert db.write_now(actions.open_, session, browser_secret="b", lifetimes=LIFETIMES, now=late) is None
    assert db.write_now(actions.open_, session, browser_secret="b", lifetimes=LIFETIMES, now=late - 1) is not None


def test_an_open_page_cannot_finish_what_its_owner_expired(db: Database) -> None:
    """SES-06."""
    session = opened(db)
    assert db.write_now(actions.expire, session, NOW)
    assert not db.write_now(actions.complete, session, {"orderId": "1"}, NOW)
    assert stored(db, session.id).result is None
    assert [slug for slug, _ in events(db, session.id)].count("expired") == 1


def test_what_has_ended_cannot_be_expired(db: Database) -> None:
    """SES-06: only created and opened ones."""
    for end in (actions.abandon, actions.expire):
        session = opened(db)
        assert db.write_now(end, session, NOW)
        ended = stored(db, session.id)
        assert not db.write_now(actions.expire, ended, NOW)
        assert not db.write_now(actions.expire, session, NOW)
        assert stored(db, session.id) == ended


def test_an_expired_visit_does_not_come_back_by_the_back_button(db: Database) -> None:
    session = opened(db)
    db.write_now(actions.abandon, session, NOW)
    assert not db.write_now(actions.reopen, session, END)
    db.write_now(actions.reopen, session, END - 1)
    db.write_now(actions.expire, stored(db, session.id), END - 1)
    assert not db.write_now(actions.reopen, session, END - 1)


def test_who_read_a_visit_before_it_got_more_time_does_not_end_it(db: Database) -> None:
    """PAY-05: money that takes days is on its way; the worker, or another tab, looked a moment earlier."""
    session, longer = opened(db), END + DAY
    assert db.write_now(actions.wait, session.id, longer, END - 1)
    assert not db.write_now(actions.expire, session, END, only_if_over=True)
    assert not db.write_now(actions.mark_returned, session, END)
    assert stored(db, session.id).status_at(longer - 1) is Status.OPENED
    assert not db.write_now(actions.wait, session.id, longer + DAY, longer), "what is over does not come back to life"
    assert not db.write_now(actions.wait, session.id, longer - 1, END), "waiting for something else makes it no shorter"
    assert db.write_now(actions.expire_due, longer, 10) == 1


def test_tidying_up_expires_what_is_due_and_nothing_else(db: Database) -> None:
    due = [created(db).id for _ in range(3)]
    living = [opened(db).id, created(db, NOW + MINUTE).id]
    ended = opened(db)
    db.write_now(actions.complete, ended, {}, NOW)
    now = NOW + LIFETIMES.open_within
    assert db.write_now(actions.expire_due, now, 2) == 2
    assert db.write_now(actions.expire_due, now, 100) == 1
    assert db.write_now(actions.expire_due, now, 100) == 0
    assert {stored(db, one).status for one in due} == {Status.EXPIRED}
    assert {stored(db, one).status for one in living} == {Status.OPENED, Status.CREATED}
    assert stored(db, ended.id).status is Status.COMPLETED


def test_going_back_just_when_it_was_tidied_up_still_counts_as_returned(db: Database) -> None:
    """Two at once: the worker expires the visit between our reading it and our marking it."""
    session = opened(db)
    assert db.write_now(actions.expire_due, END, 10) == 1
    assert db.write_now(actions.mark_returned, session, END)
    row = stored(db, session.id)
    assert (row.status, row.outcome) == (Status.RETURNED, "expired")
    assert sorted(slug for slug, _ in events(db, session.id)) == ["created", "expired", "opened", "returned"]


def test_ended_sessions_are_forgotten_in_time_and_living_ones_are_kept(db: Database) -> None:
    ended, waiting, under_way = opened(db), created(db), opened(db)
    for session in (ended, opened(db, NOW + DAY)):
        db.write_now(actions.complete, session, {}, session.created_at)
    kept_until = NOW + NOT_LONG.keep_for
    assert db.write_now(actions.purge, lifetimes=NOT_LONG, now=kept_until, limit=10) == 0
    assert db.write_now(actions.purge, lifetimes=NOT_LONG, now=kept_until + 1, limit=10) == 1
    assert db.read_now(store.get, ended.id) is None
    for living in (waiting, under_way):
        assert stored(db, living.id).status in (Status.CREATED, Status.OPENED)
    # Once the clock has ended them too, they go the same way.
    assert db.write_now(actions.expire_due, kept_until + 1, 10) == 2
    assert db.write_now(actions.purge, lifetimes=NOT_LONG, now=kept_until + 1, limit=10) == 2


def test_forgetting_goes_in_small_portions(db: Database) -> None:
    for _ in range(5):
        db.write_now(actions.expire, created(db), NOW)
    later = NOW + NOT_LONG.keep_for + 1
    assert [db.write_now(actions.purge, lifetimes=NOT_LONG, now=later, limit=2) for _ in range(4)] == [2, 2, 1, 0]


def test_an_early_clock_forgets_nothing(db: Database) -> None:
    """A machine whose clock starts at zero must not delete what other machines made."""
    db.write_now(actions.expire, created(db), NOW)
    assert db.write_now(actions.purge, lifetimes=LIFETIMES, now=0, limit=10) == 0
