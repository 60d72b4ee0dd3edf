"""Bookings: of many who want one time exactly one gets it, a hold ends by itself, and each move happens once (PAY-07, PAY-08)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from threading import Barrier

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roundtrip.bookings import seed
from roundtrip.bookings.availability import Offer, offers
from roundtrip.bookings.book import actions, store
from roundtrip.bookings.book.model import Booking, Contact, Payment, Status
from roundtrip.bookings.book.wanted import Slot, Wanted
from roundtrip.bookings.hours import Interval
from roundtrip.bookings.services import actions as services
from roundtrip.bookings.services import store as service_store
from roundtrip.bookings.services.draft import ServiceDraft
from roundtrip.bookings.services.model import Service
from roundtrip.bookings.times import actions as times
from roundtrip.bookings.times import store as time_store
from roundtrip.bookings.times.model import HOLD
from roundtrip.core.clock import DAY, HOUR
from roundtrip.core.errors import AppError
from roundtrip.core.identity import COMMAND
from roundtrip.core.ids import new_id
from roundtrip.sites import actions as sites
from roundtrip.sites.change import Change
from roundtrip.sites.model import Mode
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Database, Tx

NOW = 1_790_000_000_000
SITE = "5170e000-0000-4000-8000-000000000001"
CALL, YOGA = seed.service_id(1), seed.service_id(3)
ANN = Contact("Ann", "Example", "ann@example.com")


@pytest.fixture
def desk(db: Database) -> Database:
    """A site that offers the demo services."""
    db.write_now(
        lambda tx: sites.create_site(tx, site_id=SITE, slug="kiln", name="Kiln", mode=Mode.TEST, language="en", theme="{}", now=NOW)
    )
    db.write_now(seed.seed, SITE, now=NOW)
    return db


def moment(now: int = NOW) -> Moment:
    return Moment(now, new_id(now))


def service(db: Database, service_id: str = CALL) -> Service:
    found = db.read_now(service_store.service, SITE, service_id)
    assert found is not None
    return found


def free(db: Database, service_id: str = CALL, now: int = NOW, days: float = 3) -> list[Offer]:
    found = db.read_now(offers, [service(db, service_id)], Interval(now, now + int(days * DAY)), now)
    return [one for one in found if one.is_bookable]


def wish(offer: Offer, participants: int = 1, **more: object) -> Wanted:
    event_id = offer.session.event_id if offer.session else ""
    slot = Slot(offer.start, offer.staff.id if offer.staff else "", event_id)
    return replace(Wanted(slot, participants, contact=ANN), **more)  # type: ignore[arg-type]


def booked(db: Database, wanted: Wanted, service_id: str = CALL, now: int = NOW) -> Booking:
    return db.write_now(lambda tx: actions.book(tx, services.require(tx, SITE, service_id), wanted, moment(now)))


def finished(db: Database, booking: Booking, now: int = NOW) -> Booking:
    def run(tx: Tx) -> Booking:
        return actions.finish(tx, services.require(tx, SITE, booking.service_id), actions.locked(tx, SITE, booking.id), moment(now))

    return db.write_now(run)


def moved(db: Database, move: Callable[..., Booking], booking: Booking, *args: object, now: int = NOW) -> Booking:
    return db.write_now(lambda tx: move(tx, actions.locked(tx, SITE, booking.id), *args, moment(now)))


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(AppError) as refused:
        call()
    return refused.value.code


def at_once(call: Callable[[int], object], count: int) -> list[object]:
    """What each of so many threads got: an answer, or the code of a refusal."""
    together = Barrier(count)

    def one(number: int) -> object:
        together.wait()
        try:
            return call(number)
        except AppError as error:
            return error.code

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_of_a_hundred_who_book_one_time_at_once_exactly_one_has_it(desk: Database) -> None:
    """PAY-07."""
    wanted = wish(free(desk)[0])
    found = at_once(lambda number: booked(desk, replace(wanted, visitor_id=f"v{number}")), 100)
    assert [one for one in found if isinstance(one, Booking)] != []
    assert found.count("SLOT_NOT_AVAILABLE") == 99


def test_a_class_has_as_many_places_as_it_has(desk: Database) -> None:
    """PAY-07: twelve places, five at once who want three each."""
    wanted = wish(free(desk, YOGA)[0], 3)
    found = at_once(lambda number: booked(desk, replace(wanted, visitor_id=f"v{number}"), YOGA), 5)
    assert found.count("SESSION_CAPACITY_EXCEEDED") == 1
    assert code_of(lambda: booked(desk, replace(wanted, participants=5), YOGA)) == "INVALID_ARGUMENT"


def test_a_time_that_nobody_finishes_is_free_again_after_ten_minutes(desk: Database) -> None:
    offer = free(desk)[0]
    first = booked(desk, wish(offer))
    assert offer.start not in [one.start for one in free(desk)]
    later = NOW + HOLD
    second = booked(desk, wish(offer), now=later)
    assert code_of(lambda: finished(desk, first, later)) == "SLOT_NOT_AVAILABLE", "somebody else has it"
    stands = finished(desk, second, later)
    assert (stands.status, stands.payment, stands.hold_ends_at) == (Status.CONFIRMED, Payment.EXEMPT, None)
    assert code_of(lambda: finished(desk, second, later)) == "BOOKING_STATUS", "once"
    assert desk.write_now(store.forget, later + DAY, 10) == 1
    assert desk.read_now(store.get, SITE, first.id) is None


def test_who_comes_back_late_still_has_what_nobody_took(desk: Database) -> None:
    held = booked(desk, wish(free(desk)[9]))
    assert desk.write_now(times.release_overdue, SITE, held.id, NOW + HOLD)
    assert finished(desk, held, NOW + HOUR).status is Status.CONFIRMED


def test_what_is_not_offered_any_more_is_not_booked_although_it_was_held(desk: Database) -> None:
    """The clock, the hours or the length changed between choosing and booking."""
    offer = free(desk)[0]
    held = booked(desk, wish(offer))
    fields = {"schedule": {"availabilityConstraints": {"sessionDurations": [45]}}}
    change = Change(new_id(NOW), COMMAND, NOW)
    desk.write_now(services.update, SITE, CALL, msgspec.convert(fields, ServiceDraft), change)
    assert code_of(lambda: finished(desk, held)) == "SLOT_NOT_AVAILABLE"


def test_one_of_two_who_cancel_and_confirm_wins_and_the_time_is_free_or_not(desk: Database) -> None:
    approved = {"onlineBooking": {"requireManualApproval": True}}
    desk.write_now(services.update, SITE, CALL, msgspec.convert(approved, ServiceDraft), Change(new_id(NOW), COMMAND, NOW))
    offer = free(desk)[0]
    asked = finished(desk, booked(desk, wish(offer)))
    assert asked.status is Status.PENDING
    ways = [lambda: moved(desk, actions.confirm, asked), lambda: moved(desk, actions.decline, asked)]
    found = at_once(lambda number: ways[number](), 2)
    won = [one for one in found if isinstance(one, Booking)]
    assert len(won) == 1
    is_free = offer.start in [one.start for one in free(desk)]
    assert is_free is (won[0].status is Status.DECLINED)


def test_two_who_swap_their_times_never_stand_in_each_others_way(desk: Database) -> None:
    """One lane after the other, in the order of their names."""
    first, second, *_ = free(desk, seed.service_id(2))
    third = free(desk, seed.service_id(2))[4]
    coaching = seed.service_id(2)
    ann = finished(desk, booked(desk, wish(first), coaching))
    bob = finished(desk, booked(desk, wish(second), coaching))

    def move(booking: Booking, offer: Offer) -> Booking:
        slot = wish(offer).slot

        def run(tx: Tx) -> Booking:
            found = actions.locked(tx, SITE, booking.id)
            return actions.reschedule(tx, services.require(tx, SITE, coaching), found, slot, moment(), is_owners=False)

        return desk.write_now(run)

    found = at_once(lambda number: move((ann, bob)[number], third), 2)
    assert len([one for one in found if isinstance(one, Booking)]) == 1
    assert found.count("SLOT_NOT_AVAILABLE") == 1
    starts = {desk.read_now(actions.require, SITE, one.id).starts_at for one in (ann, bob)}
    assert third.start in starts


def test_a_place_that_is_free_again_is_kept_for_the_first_who_waited(desk: Database) -> None:
    desk.write_now(_let_wait, 2)
    offer = free(desk, YOGA)[0]
    full = [finished(desk, booked(desk, wish(offer, 4, visitor_id=f"v{number}"), YOGA)) for number in range(3)]

    def wait(name: str) -> Booking:
        wanted, at = wish(offer, contact=somebody(name)), moment(NOW + len(name) + ord(name[0]))
        return desk.write_now(lambda tx: actions.wait(tx, services.require(tx, SITE, YOGA), wanted, at))

    bob = wait("bob")
    assert code_of(lambda: wait("bob")) == "WAITLIST_NOT_AVAILABLE", "once is enough"
    wait("cid")
    assert code_of(lambda: wait("dan")) == "WAITLIST_NOT_AVAILABLE", "two may wait"
    moved(desk, actions.cancel, full[0], "visitor")
    event_id = full[0].event_id
    kept = desk.write_now(lambda tx: actions.offer_place(tx, services.require(tx, SITE, YOGA), event_id, moment()))
    assert kept is not None
    assert (kept.id, kept.status) == (bob.id, Status.CREATED)
    assert kept.hold_ends_at is not None
    assert finished(desk, kept).status is Status.CONFIRMED


def somebody(name: str) -> Contact:
    return Contact(name.title(), "Example", f"{name}@example.com")


def _let_wait(tx: Tx, many: int) -> None:
    tx.execute(
        "UPDATE booking_part SET content = REPLACE(content, '\"most_participants\":4', :more) WHERE kind = 'policy'",
        more=f'"most_participants":4,"waiting_list":{many}',
    )


_days = count(1)
STEPS = st.lists(
    st.tuples(st.sampled_from(["book", "finish", "cancel", "worker", "confirm", "decline", "time"]), st.integers(0, 3)), max_size=14
)


def _do(desk: Database, name: str, number: int, offer: Offer, made: list[Booking], now: int) -> None:
    if name == "book":
        made.append(booked(desk, wish(offer, number + 1), YOGA, now))
    if name in ("time", "book") or not made:
        return
    one = desk.read_now(actions.require, SITE, made[number % len(made)].id)
    match name:
        case "finish":
            finished(desk, one, now)
        case "cancel":
            moved(desk, actions.cancel, one, "visitor", now=now)
        case "confirm":
            moved(desk, actions.confirm, one, now=now)
        case "decline":
            moved(desk, actions.decline, one, now=now)
        case "worker":
            desk.write_now(times.release_overdue, SITE, one.id, now)


@given(steps=STEPS)
@settings(max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_done_in_whatever_order_no_place_is_lost_and_none_is_given_twice(desk: Database, steps: list[tuple[str, int]]) -> None:
    """TST-03: what is counted as taken is what standing and held bookings have."""
    now = NOW + next(_days) * DAY  # each story on a day of its own
    offer = free(desk, YOGA, now, 2)[0]
    made: list[Booking] = []
    for name, number in steps:
        now += HOLD // 2 if name == "time" else 0
        try:
            _do(desk, name, number, offer, made, now)
        except AppError as error:
            if error.code not in ("SESSION_CAPACITY_EXCEEDED", "BOOKING_STATUS"):
                raise
    event_id = offer.session.event_id if offer.session else ""
    later = now + HOLD
    for site_id, holder in desk.read_now(times.overdue, later, 100):
        desk.write_now(times.release_overdue, site_id, holder, later)
    stand = [one for one in (desk.read_now(actions.require, SITE, each.id) for each in made) if one.stands]
    assert desk.read_now(time_store.seats, SITE, [event_id]).get(event_id, 0) == sum(one.participants for one in stand) <= 12
