"""How long a browser stays logged in, and what ends it."""

from __future__ import annotations

import threading

from roundtrip.core.clock import DAY, HOUR
from roundtrip.members import actions
from roundtrip.members.model import Login, Member
from roundtrip.storage.database import Database, Tx
from tests.members.conftest import NOW, SITE, sign_up


def log_in(
    db: Database, member: Member, *, secret_hash: str = "secret", login_id: str = "login-1", now: int = NOW, previous: Login | None = None
) -> Login:
    return db.write_now(
        actions.start_login, site_id=SITE, member_id=member.id, login_id=login_id, secret_hash=secret_hash, now=now, previous=previous
    )


def block(tx: Tx, member_id: str) -> None:
    tx.execute("UPDATE member SET status = 'blocked' WHERE id = :id", id=member_id)


def test_a_browser_is_recognised_by_its_secret_at_its_site_only(db: Database, ann: Member) -> None:
    made = log_in(db, ann)
    assert db.read_now(actions.find_login, SITE, "secret", NOW) == made
    assert db.read_now(actions.find_login, SITE, "another", NOW) is None
    assert db.read_now(actions.find_login, "another-site", "secret", NOW) is None


def test_a_login_that_is_not_used_ends_after_14_days(db: Database, ann: Member) -> None:
    """IDN-07: the idle limit, asked on every read."""
    log_in(db, ann)
    assert db.read_now(actions.find_login, SITE, "secret", NOW + 14 * DAY - 1) is not None
    assert db.read_now(actions.find_login, SITE, "secret", NOW + 14 * DAY) is None


def test_use_keeps_a_login_alive_until_its_hard_end(db: Database, ann: Member) -> None:
    """IDN-07: the absolute limit, 90 days."""
    log_in(db, ann)
    for day in range(0, 90, 10):
        now = NOW + day * DAY
        found = db.read_now(actions.find_login, SITE, "secret", now)
        assert found is not None
        assert db.write_now(actions.touch, found, now) is (day > 0)
    last = db.read_now(actions.find_login, SITE, "secret", NOW + 90 * DAY - 1)
    assert last is not None
    assert last.expires_at == NOW + 90 * DAY
    assert db.read_now(actions.find_login, SITE, "secret", NOW + 90 * DAY) is None


def test_use_is_written_down_at_most_once_an_hour(db: Database, ann: Member) -> None:
    login = log_in(db, ann)
    assert not db.write_now(actions.touch, login, NOW + HOUR - 1)
    assert db.write_now(actions.touch, login, NOW + HOUR)
    assert not db.write_now(actions.touch, login, NOW + HOUR)


def test_a_logout_ends_a_login_once_and_for_good(db: Database, ann: Member) -> None:
    login = log_in(db, ann)
    results: list[bool] = []
    threads = [threading.Thread(target=lambda: results.append(db.write_now(actions.end_login, login.id, NOW))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False] * 5 + [True]
    assert db.read_now(actions.find_login, SITE, "secret", NOW) is None
    assert not db.write_now(actions.touch, login, NOW + DAY)
    ended = db.read_now(actions.login, login.id)
    assert ended is not None
    assert ended.is_ended


def test_a_blocked_member_is_logged_in_nowhere(db: Database, ann: Member) -> None:
    log_in(db, ann)
    db.write_now(block, ann.id)
    assert db.read_now(actions.find_login, SITE, "secret", NOW) is None


def test_logging_in_again_changes_the_secret_and_keeps_what_was_made_from_the_login(db: Database, ann: Member) -> None:
    """AUT-15: the old secret is worth nothing; the login's id stays, so tokens at other clients stay good."""
    first = log_in(db, ann)
    again = log_in(db, ann, secret_hash="fresh", login_id="login-2", now=NOW + DAY, previous=first)
    assert again.id == first.id
    assert db.read_now(actions.find_login, SITE, "secret", NOW + DAY) is None
    assert db.read_now(actions.find_login, SITE, "fresh", NOW + DAY) == again
    assert again.created_at == NOW + DAY


def test_logging_in_as_somebody_else_is_a_new_login(db: Database, ann: Member) -> None:
    first = log_in(db, ann)
    bob = sign_up(db, "bob@example.com")
    second = log_in(db, bob, secret_hash="fresh", login_id="login-2", previous=first)
    assert (second.id, second.member_id) == ("login-2", bob.id)


def test_a_login_that_ended_meanwhile_is_not_brought_back(db: Database, ann: Member) -> None:
    first = log_in(db, ann)
    db.write_now(actions.end_login, first.id, NOW)
    assert log_in(db, ann, secret_hash="fresh", login_id="login-2", previous=first).id == "login-2"


def test_old_logins_are_forgotten_only_when_no_token_can_ask_for_them(db: Database, ann: Member) -> None:
    log_in(db, ann)
    assert db.write_now(actions.forget_expired, NOW + 399 * DAY, 100) == 0
    assert db.write_now(actions.forget_expired, NOW + 401 * DAY, 100) == 1
    assert db.read_now(actions.login, "login-1") is None
