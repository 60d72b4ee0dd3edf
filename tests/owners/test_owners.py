"""Who may use the dashboard, on both databases: links work once, second factors cannot be replayed, somebody always stays."""

from __future__ import annotations

from functools import partial

import pyotp
import pytest

from roundtrip.core.clock import DAY, SECOND
from roundtrip.core.errors import AppError, Refused
from roundtrip.core.identity import COMMAND
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import derived_key
from roundtrip.credentials.one_time_code import link_token
from roundtrip.credentials.throttle import PAIR, Guess
from roundtrip.owners import actions as owners
from roundtrip.owners import second_factor, store
from roundtrip.owners.model import LOGIN_HARD_END, LOGIN_IDLE, Owner, OwnerLogin
from roundtrip.storage import audit
from roundtrip.storage.database import Database
from tests.flows.at_once import at_once

NOW = 1_790_000_000_000
KEY = derived_key("a secret for tests, long enough for all", "owner invitations")
TOTP_KEY = "a key that seals"
SECRET = second_factor.new_totp_secret(bytes(range(20)))
GUESS = Guess("owner second factor", "ann", "192.0.2.1")


def first_link(db: Database, now: int = NOW) -> str:
    code = db.write_now(owners.first_invitation, code_id=new_id(now), now=now)
    assert code is not None
    return link_token(KEY, code.id)


def join(db: Database, token: str, email: str = "ann@example.com", now: int = NOW) -> Owner:
    return db.write_now(owners.join, key=KEY, token=token, email=email, name=email[:3], password_hash="x", owner_id=new_id(now), now=now)


def invited(db: Database, email: str) -> Owner:
    code = db.write_now(owners.invite, code_id=new_id(NOW), actor=COMMAND, now=NOW)
    return join(db, link_token(KEY, code.id), email)


def log_in(db: Database, owner: Owner, *, passed: bool = True, now: int = NOW) -> OwnerLogin | Refused:
    return db.write_now(
        owners.start_login,
        owner=owner,
        passed=passed,
        guess=Guess("owner login", owner.email_key, "192.0.2.1"),
        login_id=new_id(now),
        secret_hash=new_id(now),
        browser="A browser",
        now=now,
    )


def with_second_factor(db: Database) -> tuple[Owner, list[str]]:
    owner = join(db, first_link(db))
    db.write_now(owners.offer_second_factor, owner, second_factor.sealed(SECRET, TOTP_KEY))
    codes = [second_factor.recovery_code(bytes(range(number, number + 12))) for number in range(3)]
    typed = pyotp.TOTP(SECRET).at(NOW // SECOND)
    assert db.write_now(owners.confirm_second_factor, fresh(db, owner), typed, TOTP_KEY, codes, NOW)
    return fresh(db, owner), codes


def fresh(db: Database, owner: Owner) -> Owner:
    found = db.read_now(store.owner, owner.id)
    assert found is not None
    return found


def prove(db: Database, owner: Owner, typed: str, now: int) -> OwnerLogin | Refused:
    login = log_in(db, owner, now=now)
    assert isinstance(login, OwnerLogin)
    assert login.proved_at is None
    return db.write_now(owners.prove, owner=owner, login=login, typed=typed, key=TOTP_KEY, guess=GUESS, secret_hash=new_id(now), now=now)


def test_the_first_link_is_the_same_at_every_start_until_somebody_joined(db: Database) -> None:
    """OPS-01: no default password; a restart does not make the printed link worthless."""
    link = first_link(db)
    assert first_link(db, NOW + DAY) == link
    assert first_link(db, NOW + 4 * DAY) != link
    join(db, first_link(db, NOW + 4 * DAY), now=NOW + 4 * DAY)
    assert db.write_now(owners.first_invitation, code_id=new_id(NOW), now=NOW + 4 * DAY) is None


def test_a_link_makes_one_owner_however_many_use_it_at_once(db: Database) -> None:
    """OPS-01, TST-06."""
    link = first_link(db)
    answers = at_once([partial(join, db, link, f"ann{number}@example.com") for number in range(6)])
    assert len([answer for answer in answers if isinstance(answer, Owner)]) == 1
    assert {answer.code for answer in answers if isinstance(answer, AppError)} == {"INVITATION_ENDED"}
    assert len(db.read_now(store.owners)) == 1


def test_a_first_link_is_dead_once_there_is_an_owner(db: Database) -> None:
    """OPS-01: an old print-out opens nothing."""
    link = first_link(db)
    invited(db, "bea@example.com")
    with pytest.raises(AppError, match="This link was used"):
        join(db, link)


def test_nobody_joins_twice_with_one_address(db: Database) -> None:
    invited(db, "ann@example.com")
    with pytest.raises(AppError) as refused:
        invited(db, "ANN@example.com ")
    assert refused.value.code == "OWNER_EXISTS"


def test_a_password_link_changes_the_password_and_ends_the_logins(db: Database) -> None:
    ann = invited(db, "ann@example.com")
    login = log_in(db, ann)
    assert isinstance(login, OwnerLogin)
    code = db.write_now(owners.password_link, owner=ann, code_id=new_id(NOW), actor=COMMAND, now=NOW)
    assert join(db, link_token(KEY, code.id), "somebody@else.example").email == "ann@example.com"
    assert db.read_now(owners.find_login, login.secret_hash, NOW) is None


def test_two_owners_who_remove_each_other_at_once_leave_one(db: Database) -> None:
    """TST-06: a server is never without an owner."""
    for _ in range(5):
        ann, bea = invited(db, f"ann{new_id(NOW)}@example.com"), invited(db, f"bea{new_id(NOW)}@example.com")
        for other in db.read_now(store.owners):
            if other.id not in (ann.id, bea.id):
                db.write_now(owners.remove, other, COMMAND, NOW)
        at_once([partial(db.write_now, owners.remove, one, COMMAND, NOW) for one in (ann, bea)])
        assert len(db.read_now(store.owners)) == 1


def test_a_removed_owner_is_logged_out_and_the_address_is_free(db: Database) -> None:
    ann, _bea = invited(db, "ann@example.com"), invited(db, "bea@example.com")
    login = log_in(db, ann)
    assert isinstance(login, OwnerLogin)
    db.write_now(owners.remove, ann, COMMAND, NOW)
    assert db.read_now(owners.find_login, login.secret_hash, NOW) is None
    assert invited(db, "ann@example.com").id != ann.id


def test_a_login_ends_after_half_a_day_without_use_and_after_a_week_with(db: Database) -> None:
    """IDN-07: idle and absolute end."""
    login = log_in(db, invited(db, "ann@example.com"))
    assert isinstance(login, OwnerLogin)
    assert db.read_now(owners.find_login, login.secret_hash, NOW + LOGIN_IDLE) is None
    at = NOW
    while at < NOW + LOGIN_HARD_END - LOGIN_IDLE:
        at += LOGIN_IDLE - 1
        found = db.read_now(owners.find_login, login.secret_hash, at)
        assert found is not None
        db.write_now(owners.touch, found[0], at)
    assert db.read_now(owners.find_login, login.secret_hash, NOW + LOGIN_HARD_END) is None
    assert db.write_now(owners.forget_expired, NOW + 37 * DAY, 100) == 0
    assert db.write_now(owners.forget_expired, NOW + 38 * DAY, 100) >= 1


def test_wrong_passwords_slow_down_and_the_right_one_waits_too(db: Database) -> None:
    """IDN-02."""
    ann = invited(db, "ann@example.com")
    for _ in range(PAIR.free + 1):
        refused = log_in(db, ann, passed=False)
        assert isinstance(refused, Refused)
    late = log_in(db, ann)
    assert isinstance(late, Refused)
    assert late.error.code == "TOO_MANY_ATTEMPTS"
    assert isinstance(log_in(db, ann, now=NOW + SECOND), OwnerLogin)


def test_a_code_of_the_app_works_once_and_half_a_minute_early_or_late(db: Database) -> None:
    """RFC 6238 5.2: a code that was read over a shoulder is worth nothing."""
    owner, _ = with_second_factor(db)
    later = NOW + 120 * SECOND
    typed = pyotp.TOTP(SECRET).at(later // SECOND)
    assert isinstance(prove(db, owner, f"{typed[:3]} {typed[3:]}", later + 30 * SECOND), OwnerLogin)
    again = prove(db, owner, typed, later + 31 * SECOND)
    assert isinstance(again, Refused)
    assert again.error.code == "WRONG_CODE"
    stale = pyotp.TOTP(SECRET).at((later + 300 * SECOND) // SECOND)
    assert isinstance(prove(db, owner, stale, later + 400 * SECOND), Refused)


def test_one_code_proves_one_of_many_browsers_at_once(db: Database) -> None:
    """TST-06."""
    owner, _ = with_second_factor(db)
    later = NOW + 120 * SECOND
    typed = pyotp.TOTP(SECRET).at(later // SECOND)
    answers = at_once([partial(prove, db, owner, typed, later) for _ in range(4)])
    assert len([answer for answer in answers if isinstance(answer, OwnerLogin)]) == 1


def test_a_recovery_code_works_once_however_it_is_typed(db: Database) -> None:
    owner, codes = with_second_factor(db)
    assert isinstance(prove(db, owner, codes[1].upper().replace("-", " "), NOW), OwnerLogin)
    assert isinstance(prove(db, owner, codes[1], NOW), Refused)
    assert db.read_now(store.unused_recovery_codes, owner.id) == 2


def test_the_database_knows_no_second_factor(db: Database) -> None:
    """OPS-03."""
    _, codes = with_second_factor(db)
    kept = repr(db.read_now(lambda tx: tx.all("SELECT * FROM owner") + tx.all("SELECT * FROM owner_recovery_code")))
    assert SECRET not in kept
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)


def test_everything_owners_do_is_in_the_audit_log(db: Database) -> None:
    """OPS-02."""
    owner, _ = with_second_factor(db)
    db.write_now(owners.drop_second_factor, owner, owner.actor, NOW)
    entries = db.read_now(audit.page, site_id=None, before_id=None, limit=50)
    assert {entry.action for entry in entries} == {
        "owner.invited", "owner.joined", "owner.second_factor_switched_on", "owner.second_factor_switched_off",
    }  # fmt: skip
    assert {entry.actor.name for entry in entries} == {"First start", "ann"}
