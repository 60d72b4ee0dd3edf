"""A machine whose clock is wrong does not serve (OPS-13)."""

from __future__ import annotations

from contextlib import closing

import pytest

from roundtrip.app import Roundtrip
from roundtrip.core.clock import MINUTE, SECOND, system_clock
from roundtrip.settings import Settings, StartError, read
from roundtrip.storage.connect import connect
from roundtrip.storage.database import Database
from roundtrip.storage.migrate import migrate
from roundtrip.upkeep.clock_difference import clock_difference, clock_problem


def settings(database_url: str) -> Settings:
    return read({"ROUNDTRIP_DATABASE_URL": database_url, "ROUNDTRIP_SECRET": "a secret that is long enough for tests"})


@pytest.mark.parametrize(("off", "words"), [(6 * MINUTE, "ahead of"), (-6 * MINUTE, "behind")])
def test_a_server_whose_clock_is_six_minutes_off_does_not_start(postgres_url: str, off: int, words: str) -> None:
    """OPS-13."""
    migrate(postgres_url)
    with pytest.raises(StartError, match=rf"clock is 3\d\d seconds {words} the database's"):
        Roundtrip(settings(postgres_url), clock=lambda: system_clock() + off)


def test_a_server_whose_clock_is_four_minutes_off_starts(postgres_url: str) -> None:
    """OPS-13: at most five minutes."""
    migrate(postgres_url)
    Roundtrip(settings(postgres_url), clock=lambda: system_clock() + 4 * MINUTE).close()


def test_clocks_that_agree_are_no_problem(db: Database) -> None:
    assert abs(clock_difference(db, system_clock)) < SECOND
    assert clock_problem(db, system_clock) is None


def test_sqlite_has_the_clock_of_this_machine(empty_database_url: str) -> None:
    with closing(connect(empty_database_url)) as db:
        off = clock_difference(db, lambda: system_clock() + 60 * MINUTE)
    assert (off == 0) is empty_database_url.startswith("sqlite")
