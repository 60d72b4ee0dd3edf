"""Moves that happen at the same moment, on real threads and both databases: of many callers exactly one makes each move."""

from __future__ import annotations

from functools import partial

from roundtrip.redirect_session import actions, store
from roundtrip.redirect_session.model import RedirectSession, Status
from roundtrip.storage.database import Database, Tx
from tests.flows.at_once import at_once
from tests.redirect_session.sessions import LIFETIMES, NOW, created, events, opened, stored

ROUNDS = 10


def opens(tx: Tx, session: RedirectSession) -> bool:
    return actions.open_(tx, session, browser_secret="b", lifetimes=LIFETIMES, now=NOW) is not None


def sweeps(tx: Tx, now: int) -> bool:
    return actions.purge(tx, lifetimes=LIFETIMES, now=now, limit=10) > 0


def test_of_a_hundred_browsers_exactly_one_opens_the_session(db: Database) -> None:
    """SES-03."""
    session = created(db)
    answers = at_once(
        [partial(db.write_now, actions.open_, session, browser_secret=f"browser {n}", lifetimes=LIFETIMES, now=NOW) for n in range(100)]
    )
    [winner] = [number for number, answer in enumerate(answers) if answer is not None]
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert actions.is_bound_to(stored(db, session.id), f"browser {winner}")
    assert [slug for slug, _ in events(db, session.id)].count("opened") == 1


def test_two_tabs_that_send_the_same_page_are_kept_once(db: Database) -> None:
    """SES-04."""
    for _ in range(ROUNDS):
        session = opened(db)
        answers = at_once([partial(db.write_now, actions.save_draft, session, f'{{"tab":{n}}}', NOW) for n in range(4)])
        assert sorted(answers) == [False, False, False, True]  # type: ignore[type-var]
        row = stored(db, session.id)
        assert (row.draft, row.draft_revision) == (f'{{"tab":{answers.index(True)}}}', 1)


def test_every_end_at_once_leaves_one_end(db: Database) -> None:
    """SES-02, SES-06: complete, leave, expire now and the clock's tidying, all in one moment."""
    for _ in range(ROUNDS):
        session = opened(db)
        end = session.expires_at - 1
        completed, left, expired = at_once(
            [
                partial(db.write_now, actions.complete, session, {"orderId": "1"}, end),
                partial(db.write_now, actions.abandon, session, end),
                partial(db.write_now, actions.expire, session, end),
            ]
        )
        assert sorted([completed, left, expired]) == [False, False, True]  # type: ignore[type-var]
        row = stored(db, session.id)
        said = {Status.COMPLETED: completed, Status.ABANDONED: left, Status.EXPIRED: expired}
        assert said[row.status] is True
        assert (row.result is not None) is (completed is True)
        assert len(events(db, session.id)) == 3


def test_opening_and_expiring_at_once(db: Database) -> None:
    for _ in range(ROUNDS):
        session = created(db)
        bound, expired = at_once(
            [
                partial(db.write_now, opens, session),
                partial(db.write_now, actions.expire, session, NOW),
            ]
        )
        assert {bound, expired} == {True, False}
        assert stored(db, session.id).status is (Status.OPENED if bound else Status.EXPIRED)


def test_going_back_many_times_is_one_return(db: Database) -> None:
    session = opened(db)
    db.write_now(actions.complete, session, {}, NOW)
    done = stored(db, session.id)
    answers = at_once([partial(db.write_now, actions.mark_returned, done, NOW) for _ in range(8)])
    assert sorted(answers) == [False] * 7 + [True]  # type: ignore[type-var]
    assert [slug for slug, _ in events(db, session.id)].count("returned") == 1


def test_two_workers_expire_each_session_once(db: Database) -> None:
    ids = [created(db).id for _ in range(20)]
    late = NOW + LIFETIMES.open_within
    counts = at_once([partial(db.write_now, actions.expire_due, late, 100) for _ in range(4)])
    assert sum(count for count in counts if isinstance(count, int)) == len(ids)
    for one in ids:
        assert [slug for slug, _ in events(db, one)].count("expired") == 1


def test_back_and_purge_at_once_never_lose_a_living_visit(db: Database) -> None:
    """The Back button just when retention sweeps: either it is open again and kept, or it was too late."""
    for _ in range(ROUNDS):
        session = opened(db)
        db.write_now(actions.abandon, session, NOW)
        again, _ = at_once(
            [
                partial(db.write_now, actions.reopen, session, NOW),
                partial(db.write_now, sweeps, NOW + LIFETIMES.keep_for + 1),
            ]
        )
        row = db.read_now(store.get, session.id)
        assert (row is not None and row.status is Status.OPENED) is (again is True), (row, again)
