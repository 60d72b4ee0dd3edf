"""Session tokens: what a site's own login form gets, good for one handover (AUT-16)."""

from __future__ import annotations

import threading

import pytest

from roundtrip.core.clock import DAY, MINUTE
from roundtrip.members import actions
from roundtrip.members.model import Member, SessionToken
from roundtrip.storage.database import Database, Tx
from tests.members.conftest import CLIENT, NOW, SITE

LOGIN = "33333333-3333-4333-8333-333333333333"


def issue(tx: Tx, member_id: str, login_id: str | None = None) -> None:
    if login_id:
        actions.start_login(tx, site_id=SITE, member_id=member_id, login_id=login_id, secret_hash="s", now=NOW)
    actions.issue_session_token(tx, token_hash="token", client_id=CLIENT, member_id=member_id, login_id=login_id, now=NOW)


def spend(db: Database, token: str = "token", client_id: str = CLIENT, now: int = NOW) -> SessionToken | None:
    return db.write_now(actions.spend_session_token, token_hash=token, client_id=client_id, now=now)


def test_a_session_token_stands_for_its_member_once(db: Database, ann: Member) -> None:
    """AUT-16: single use."""
    db.write_now(issue, ann.id, LOGIN)
    assert spend(db) == SessionToken(CLIENT, ann.id, LOGIN)
    assert spend(db) is None


def test_a_session_token_lives_five_minutes(db: Database, ann: Member) -> None:
    """AUT-16."""
    db.write_now(issue, ann.id)
    assert spend(db, now=NOW + 5 * MINUTE) is None
    assert spend(db, now=NOW + 5 * MINUTE - 1) is not None


def test_another_client_cannot_spend_it_and_does_not_spoil_it(db: Database, ann: Member) -> None:
    """AUT-16: bound to the client."""
    db.write_now(issue, ann.id)
    assert spend(db, client_id="another") is None
    assert spend(db, token="guess") is None
    assert spend(db) is not None


def test_of_many_who_spend_it_at_once_exactly_one_gets_it(db: Database, ann: Member) -> None:
    """AUT-16, with real threads."""
    db.write_now(issue, ann.id)
    results: list[SessionToken | None] = []
    start = threading.Barrier(8)

    def run() -> None:
        start.wait()
        results.append(spend(db))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8
    assert [result for result in results if result] == [SessionToken(CLIENT, ann.id, None)]


@pytest.mark.parametrize("sql", ["UPDATE login SET ended_at = 1", "UPDATE member SET status = 'blocked'"])
def test_it_is_worth_nothing_after_a_logout_or_a_block(db: Database, ann: Member, sql: str) -> None:
    def change(tx: Tx) -> None:
        issue(tx, ann.id, LOGIN)
        tx.execute(sql)

    db.write_now(change)
    assert spend(db) is None


def test_spent_and_expired_ones_are_forgotten_a_day_later(db: Database, ann: Member) -> None:
    db.write_now(issue, ann.id)
    assert db.write_now(actions.forget_expired, NOW + DAY, 100) == 0
    assert db.write_now(actions.forget_expired, NOW + DAY + 6 * MINUTE, 100) == 1
