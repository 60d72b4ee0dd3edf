"""Taking times: of many at once exactly as many win as there is room for, and what is given back can be taken again (PAY-07)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from roundtrip.bookings.hours import Interval
from roundtrip.bookings.times import actions, store
from roundtrip.bookings.times.model import HOLD, Seats, StaffTime
from roundtrip.core.clock import HOUR, MINUTE
from roundtrip.sites import actions as sites
from roundtrip.sites.model import Mode
from roundtrip.storage.database import Database

NOW = 1_790_000_000_000
SITE, ALEX, YOGA = "5170e000-0000-4000-8000-000000000001", "57af0001-0000-4000-8000-000000000001", "yoga_20261128T180000"
TEN = NOW + HOUR
TAKERS = 100


@pytest.fixture
def site(db: Database) -> Database:
    db.write_now(
        lambda tx: sites.create_site(tx, site_id=SITE, slug="kiln", name="Kiln", mode=Mode.TEST, language="en", theme="{}", now=NOW)
    )
    return db


def time(holder: str, start: int = TEN, minutes: int = 60) -> StaffTime:
    return StaffTime(SITE, holder, ALEX, Interval(start, start + minutes * MINUTE))


def seats(holder: str, count: int = 1, capacity: int = 12) -> Seats:
    return Seats(SITE, holder, YOGA, Interval(TEN, TEN + HOUR), count, capacity)


def held(db: Database, wanted: StaffTime | Seats, now: int = NOW) -> bool:
    return db.write_now(actions.take, wanted, now, hold_ends_at=now + HOLD)


def at_once(take: Callable[[int], bool], count: int = TAKERS) -> int:
    together = Barrier(count)

    def one(number: int) -> bool:
        together.wait()
        return take(number)

    with ThreadPoolExecutor(count) as pool:
        return sum(pool.map(one, range(count)))


def busy(db: Database, now: int = NOW) -> list[Interval]:
    return db.read_now(store.busy, SITE, [ALEX], Interval(NOW, NOW + 24 * HOUR), now)[ALEX]


def left(db: Database) -> int:
    return db.read_now(store.seats, SITE, [YOGA]).get(YOGA, 0)


def test_of_a_hundred_takers_of_one_time_exactly_one_gets_it(site: Database) -> None:
    """PAY-07. Half of them want it a quarter of an hour later, which is the same time as well."""
    assert at_once(lambda number: held(site, time(f"b{number}", TEN + number % 2 * 15 * MINUTE))) == 1
    assert len(busy(site)) == 1


def test_of_a_hundred_takers_of_twelve_places_twelve_get_one(site: Database) -> None:
    """PAY-07."""
    assert at_once(lambda number: held(site, seats(f"b{number}"))) == 12
    assert left(site) == 12


def test_one_of_two_who_confirm_and_release_the_same_hold_wins(site: Database) -> None:
    """PAY-08: paid in the moment in which the time to pay is over."""
    later = NOW + HOLD
    for number in range(10):
        one = replace(seats(f"b{number}"), event_id=f"{YOGA}{number}")
        assert held(site, one)
        does: list[Callable[[], bool]] = [
            lambda one=one: site.write_now(actions.confirm, SITE, one.holder),  # type: ignore[misc]
            lambda one=one: site.write_now(actions.release_overdue, SITE, one.holder, later),  # type: ignore[misc]
        ]
        assert at_once(lambda way, does=does: does[way](), 2) == 1  # type: ignore[misc]


def test_times_that_touch_do_not_disturb_each_other_and_those_that_overlap_do(site: Database) -> None:
    assert held(site, time("b1"))
    assert held(site, time("b2", TEN + HOUR))
    assert held(site, time("b3", TEN - HOUR))
    for start, minutes in ((TEN - MINUTE, 2), (TEN + 30 * MINUTE, 60), (TEN - 2 * HOUR, 6 * 60), (TEN, 60)):
        assert not held(site, time("late", start, minutes))
    assert held(site, replace(time("b4"), staff_id=ALEX[:-1] + "2")), "another staff member is free"
    assert not held(site, time("b1", TEN + 5 * HOUR)), "one holder has one time"


def test_a_hold_ends_by_itself_and_what_is_confirmed_stays(site: Database) -> None:
    assert held(site, time("gone"))
    assert held(site, time("kept", TEN + HOUR))
    assert held(site, seats("gone too", 12))
    assert site.write_now(actions.confirm, SITE, "kept")
    later = NOW + HOLD
    assert len(busy(site, later - 1)) == 2
    assert len(busy(site, later)) == 1, "what is over is free, whether the worker was there or not"
    assert site.read_now(actions.overdue, later - 1, 10) == []
    assert {holder for _, holder in site.read_now(actions.overdue, later, 10)} == {"gone", "gone too"}
    assert held(site, time("next"), later)
    assert held(site, seats("next one", 12), later)
    assert not site.write_now(actions.confirm, SITE, "gone"), "somebody else has it"
    assert not site.write_now(actions.release_overdue, SITE, "kept", later)
    assert left(site) == 12


def test_what_is_released_can_be_taken_again(site: Database) -> None:
    assert held(site, seats("b1", 11))
    assert not held(site, seats("b2", 2))
    assert site.write_now(actions.release, SITE, "b1")
    assert not site.write_now(actions.release, SITE, "b1")
    assert left(site) == 0
    assert held(site, seats("b2", 12))
    assert site.write_now(actions.take, seats("paid", 1), NOW, hold_ends_at=None, even_if_taken=True)
    assert left(site) == 13


def test_a_holder_does_not_see_its_own_hold_as_taken(site: Database) -> None:
    assert held(site, time("mine"))
    window = Interval(NOW, NOW + 24 * HOUR)
    assert site.read_now(store.busy, SITE, [ALEX], window, NOW, "mine")[ALEX] == []
