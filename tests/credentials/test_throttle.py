"""Guessing gets slower and slower, for everybody who guesses and for nobody else (IDN-02)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from roundtrip.core.clock import DAY, MINUTE, SECOND
from roundtrip.credentials import throttle
from roundtrip.credentials.throttle import ACCOUNT, ADDRESS, PAIR, Guess, Pace
from roundtrip.storage.database import Database

NOW = 1_790_000_000_000
ANN = Guess("login site", "ann@example.com", "192.0.2.1")


def fail(db: Database, times: int, guess: Guess = ANN, now: int = NOW) -> None:
    for _ in range(times):
        db.write_now(throttle.failed, guess, now)


def test_a_few_slips_cost_nothing_and_the_next_ones_cost_more_and_more(db: Database) -> None:
    """IDN-02: growing delay, with an end."""
    fail(db, PAIR.free)
    assert db.read_now(throttle.wait, ANN, NOW) == 0
    waits = []
    for _ in range(14):
        fail(db, 1)
        waits.append(db.read_now(throttle.wait, ANN, NOW))
    assert waits[:4] == [1 * SECOND, 2 * SECOND, 4 * SECOND, 8 * SECOND]
    assert waits[-1] == PAIR.longest == 15 * MINUTE


def test_a_right_guess_clears_the_slips_of_its_own_address_only(db: Database) -> None:
    fail(db, PAIR.free + 3)
    db.write_now(throttle.succeeded, ANN)
    assert db.read_now(throttle.wait, ANN, NOW) == 0
    fail(db, ADDRESS.free)
    assert db.read_now(throttle.wait, Guess(ANN.scope, "somebody@example.com", ANN.address), NOW) > 0


def test_nobody_is_locked_out_for_long_by_somebody_elses_guesses(db: Database) -> None:
    """IDN-02: an attack on one account from many addresses slows its owner by half a minute at most."""
    for number in range(ACCOUNT.free + 40):
        fail(db, 1, Guess(ANN.scope, ANN.account, f"198.51.100.{number}"))
    assert 0 < db.read_now(throttle.wait, ANN, NOW) <= 30 * SECOND


def test_a_day_without_guesses_forgets(db: Database) -> None:
    fail(db, PAIR.free + 1)
    fail(db, 1, now=NOW + DAY + 1)
    assert db.read_now(throttle.wait, ANN, NOW + DAY + 1) == 0
    assert db.write_now(throttle.forget, NOW + 3 * DAY, 100) == 3


def test_doors_and_sites_do_not_slow_each_other(db: Database) -> None:
    fail(db, PAIR.free + 5)
    assert db.read_now(throttle.wait, Guess("login other site", ANN.account, ANN.address), NOW) == 0


def test_guesses_at_once_are_all_counted(db: Database) -> None:
    """TST-06: no guess is lost in a race."""
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: db.write_now(throttle.failed, ANN, NOW), range(PAIR.free + 4)))
    assert db.read_now(throttle.wait, ANN, NOW) == 8 * SECOND


@given(st.integers(0, 5000), st.integers(0, 100), st.integers(1000, 10**7))
def test_a_pause_never_shrinks_and_never_passes_its_end(failures: int, free: int, longest: int) -> None:
    pace = Pace(free, longest)
    assert 0 <= pace.pause(failures) <= pace.pause(failures + 1) <= longest
