"""A code from a mail works once, soon, for what it was asked for, and not by guessing (IDN-04)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from roundtrip.core.clock import DAY, MINUTE
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import derived_key
from roundtrip.credentials import one_time_code as codes
from roundtrip.credentials.model import MAX_TRIES, MAX_TRIES_A_DAY, OneTimeCode, Purpose
from roundtrip.storage.database import Database

NOW = 1_790_000_000_000
KEY = derived_key("a secret for tests, long enough for all", "one-time codes")


def issue(db: Database, purpose: Purpose = Purpose.RECOVER, subject: str = "ann", *, keep_others: bool = False) -> OneTimeCode:
    return db.write_now(
        codes.issue,
        code_id=new_id(NOW),
        purpose=purpose,
        site_id="site",
        subject_id=subject,
        binding={"back": "x"},
        now=NOW,
        keep_others=keep_others,
    )


def spend(db: Database, code: OneTimeCode, typed: str, now: int = NOW, purpose: Purpose = Purpose.RECOVER) -> OneTimeCode | None:
    return db.write_now(codes.spend_digits, KEY, code.id, purpose, typed, now)


def test_six_digits_work_once_however_they_are_typed(db: Database) -> None:
    code = issue(db)
    digits = codes.digits(KEY, code.id)
    assert len(digits) == 6
    spent = spend(db, code, f" {digits[:3]}-{digits[3:]} ")
    assert spent is not None
    assert spent.binding == {"back": "x"}
    assert spend(db, code, digits) is None


def test_after_five_wrong_tries_the_right_one_is_wrong_too(db: Database) -> None:
    """IDN-04: at most five tries."""
    code = issue(db)
    wrong = "000000" if codes.digits(KEY, code.id) != "000000" else "111111"
    for _ in range(MAX_TRIES):
        assert spend(db, code, wrong) is None
    assert spend(db, code, codes.digits(KEY, code.id)) is None
    assert db.write_now(codes.spend_link, KEY, codes.link_token(KEY, code.id), Purpose.RECOVER, NOW) is None


def test_many_tries_at_once_are_five(db: Database) -> None:
    """TST-06, IDN-04: the right digits among many parallel guesses are found at most when they are among the first five."""
    code = issue(db)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: spend(db, code, f"{number:06d}"), range(40)))
    found = db.read_now(codes.find, code.id, Purpose.RECOVER, NOW)
    assert found is None


def test_one_code_is_spent_by_one_of_many(db: Database) -> None:
    """TST-06."""
    code = issue(db)
    token = codes.link_token(KEY, code.id)
    with ThreadPoolExecutor(8) as threads:
        spent = list(threads.map(lambda _: db.write_now(codes.spend_link, KEY, token, Purpose.RECOVER, NOW), range(16)))
    assert len([one for one in spent if one is not None]) == 1


def test_digits_live_ten_minutes_and_a_recovery_link_a_day(db: Database) -> None:
    code = issue(db)
    digits, token = codes.digits(KEY, code.id), codes.link_token(KEY, code.id)
    assert spend(db, code, digits, NOW + 10 * MINUTE) is None
    assert db.write_now(codes.spend_link, KEY, token, Purpose.RECOVER, NOW + DAY - 1) is not None
    late = issue(db, subject="bea")
    assert db.write_now(codes.spend_link, KEY, codes.link_token(KEY, late.id), Purpose.RECOVER, NOW + DAY) is None


def test_a_new_code_ends_the_one_before(db: Database) -> None:
    first, second = issue(db), issue(db)
    assert spend(db, first, codes.digits(KEY, first.id)) is None
    assert spend(db, second, codes.digits(KEY, second.id)) is not None


def test_a_code_asked_for_by_a_stranger_does_not_end_the_one_before(db: Database) -> None:
    """IDN-04: who asks in somebody else's name must not be able to keep them out. Using one ends them all."""
    first, second, third = (issue(db, keep_others=True) for _ in range(3))
    assert spend(db, first, codes.digits(KEY, first.id)) is not None
    db.write_now(codes.retire, "ann", Purpose.RECOVER, NOW)
    assert spend(db, second, codes.digits(KEY, second.id)) is None
    assert db.write_now(codes.spend_link, KEY, codes.link_token(KEY, third.id), Purpose.RECOVER, NOW) is None


def test_many_codes_are_no_more_guesses_and_the_link_still_works(db: Database) -> None:
    """IDN-04: twenty tries a day at all codes of one person; then digits are dead for a day, and what was mailed as a link is not."""
    for _ in range(MAX_TRIES_A_DAY // MAX_TRIES):
        code = issue(db)
        for number in range(MAX_TRIES):
            assert spend(db, code, f"{number:06d}") is None
    right = issue(db)
    assert spend(db, right, codes.digits(KEY, right.id)) is None
    assert db.write_now(codes.spend_link, KEY, codes.link_token(KEY, right.id), Purpose.RECOVER, NOW) is not None
    later = db.write_now(
        codes.issue, code_id=new_id(NOW), purpose=Purpose.RECOVER, site_id="site", subject_id="ann", binding={}, now=NOW + DAY + MINUTE
    )
    assert spend(db, later, codes.digits(KEY, later.id), NOW + DAY + MINUTE) is not None


def test_a_code_for_nobody_opens_nothing(db: Database) -> None:
    """IDN-03: it exists so that an unknown address costs the same."""
    code = issue(db, subject="")
    assert spend(db, code, codes.digits(KEY, code.id)) is None


def test_a_state_token_is_good_for_one_client(db: Database) -> None:
    code = issue(db, Purpose.VERIFY_EMAIL)
    token = codes.state_token(KEY, code.id, "shop")
    assert codes.id_in_state(KEY, token, "shop") == code.id
    assert codes.id_in_state(KEY, token, "other") is None
    assert codes.id_in_state(KEY, codes.link_token(KEY, code.id), "shop") is None
    assert codes.id_in(KEY, token) is None


def test_a_code_opens_only_its_own_door(db: Database) -> None:
    code = issue(db, Purpose.VERIFY_EMAIL)
    assert spend(db, code, codes.digits(KEY, code.id), purpose=Purpose.RECOVER) is None
    assert db.write_now(codes.spend_link, KEY, codes.link_token(KEY, code.id), Purpose.RECOVER, NOW) is None


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: t + "A", lambda t: "0" * 32 + t[32:], lambda t: t[:32] + "A" * 43])
def test_a_made_up_link_is_no_link(change: object) -> None:
    token = codes.link_token(KEY, new_id(NOW))
    assert callable(change)
    assert codes.id_in(KEY, token) is not None
    assert codes.id_in(KEY, change(token)) is None


def test_the_database_knows_no_code(db: Database) -> None:
    """OPS-03: what is stored cannot be typed or clicked."""
    code = issue(db)
    rows = repr(db.read_now(lambda tx: tx.all("SELECT * FROM one_time_code")))
    assert codes.digits(KEY, code.id) not in rows
    assert codes.link_token(KEY, code.id)[32:] not in rows


def test_old_codes_are_deleted(db: Database) -> None:
    issue(db)
    assert db.write_now(codes.forget, NOW + DAY, 10) == 0
    assert db.write_now(codes.forget, NOW + 3 * DAY, 10) == 1
