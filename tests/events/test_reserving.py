"""Reserving tickets: of many at once exactly as many get one as there are, and what is over can be had again (PAY-07, PAY-08)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from roundtrip.core.clock import MINUTE
from roundtrip.core.errors import AppError
from roundtrip.core.ids import new_id
from roundtrip.events import seed
from roundtrip.events.event.actions import require as require_event
from roundtrip.events.issued import store as issued
from roundtrip.events.orders.model import Guest, Status
from roundtrip.events.reservations import actions
from roundtrip.events.reservations.model import Reservation
from roundtrip.events.reservations.wanted import Wanted
from roundtrip.events.tickets import store as tickets
from roundtrip.sites import actions as sites
from roundtrip.sites.model import Mode
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Database, Tx
from roundtrip.workflows import order_tickets

NOW = 1_790_000_000_000
SITE = "5170e000-0000-4000-8000-000000000001"
BUYER = Guest("Ann", "Example", "ann@example.com")


@pytest.fixture
def hall(db: Database) -> Database:
    """A site with the demo events."""
    db.write_now(
        lambda tx: sites.create_site(tx, site_id=SITE, slug="kiln", name="Kiln", mode=Mode.TEST, language="en", theme="{}", now=NOW)
    )
    db.write_now(seed.seed, SITE, now=NOW)
    return db


def moment(now: int = NOW) -> Moment:
    return Moment(now, new_id(now))


def reserve(tx: Tx, visitor: str, wanted: list[Wanted], at: Moment) -> Reservation:
    event = require_event(tx, SITE, seed.SUMMER)
    return actions.reserve(tx, event, wanted, visitor_id=visitor, member_id=None, moment=at)


def extended(tx: Tx, reservation_id: str, now: int) -> int | None:
    return actions.extend(tx, actions.require(tx, SITE, reservation_id), now)


def got(db: Database, visitor: str, *wanted: Wanted, now: int = NOW) -> Reservation | None:
    """What somebody gets who asks; None when there is not so much."""
    try:
        return db.write_now(reserve, visitor, list(wanted), moment(now))
    except AppError as error:
        if error.code != "TICKETS_SOLD_OUT":
            raise
        return None


def at_once(do: Callable[[int], bool], count: int) -> int:
    together = Barrier(count)

    def one(number: int) -> bool:
        together.wait()
        return do(number)

    with ThreadPoolExecutor(count) as pool:
        return sum(pool.map(one, range(count)))


def taken(db: Database, definition_id: str) -> tuple[int, int]:
    found = db.read_now(tickets.get, SITE, definition_id)
    assert found is not None
    return found.taken, found.sold


def stock(db: Database, definition_id: str, count: int) -> None:
    sql = "UPDATE ticket_definition SET stock = :count WHERE id = :id"
    db.write_now(lambda tx: tx.execute(sql, count=count, id=definition_id))


def test_of_two_hundred_who_want_one_of_fifty_tickets_fifty_get_one(hall: Database) -> None:
    """PAY-07."""
    stock(hall, seed.GENERAL, 50)
    assert at_once(lambda number: got(hall, f"v{number}", Wanted(seed.GENERAL, 1)) is not None, 200) == 50
    assert taken(hall, seed.GENERAL) == (50, 0)


def test_who_wants_two_kinds_gets_both_or_nothing(hall: Database) -> None:
    """PAY-07: two who want the same two in another order wait in line, and neither is left with half."""
    stock(hall, seed.GENERAL, 10)
    pair = [Wanted(seed.VIP, 1, seed.ADULT), Wanted(seed.GENERAL, 1)]
    assert at_once(lambda number: got(hall, f"v{number}", *(pair if number % 2 else pair[::-1])) is not None, 30) == 10
    assert (taken(hall, seed.VIP), taken(hall, seed.GENERAL)) == ((10, 0), (10, 0))


def test_one_of_buying_and_running_out_wins(hall: Database) -> None:
    """PAY-08: ordered in the moment in which the time is over: sold, or free again, never both."""
    for number in range(8):
        before = taken(hall, seed.FREE)
        mine = got(hall, f"v{number}", Wanted(seed.FREE, 2), now=NOW - number)
        assert mine is not None
        at = mine.expires_at

        def buy(mine: Reservation = mine, at: int = at) -> bool:
            try:
                order = hall.write_now(order_tickets.place, SITE, mine.id, order_tickets.Wanted(BUYER), moment(at - 1))
            except AppError:
                return False
            return order.status is Status.FREE

        def let_go(mine: Reservation = mine, at: int = at) -> bool:
            return hall.write_now(order_tickets.release, SITE, mine.id, moment(at))

        does = [buy, let_go]
        assert at_once(lambda way, does=does: does[way](), 2) == 1  # type: ignore[misc]
        after = taken(hall, seed.FREE)
        assert (after[0] - before[0], after[1] - before[1]) in ((2, 2), (0, 0))


def test_a_ticket_lets_in_the_first_of_thirty_who_show_it(hall: Database) -> None:
    mine = got(hall, "ann", Wanted(seed.FREE, 1))
    assert mine is not None
    order = hall.write_now(order_tickets.place, SITE, mine.id, order_tickets.Wanted(BUYER), moment())
    (ticket,) = hall.read_now(issued.of_order, SITE, order.id)
    assert at_once(lambda number: hall.write_now(issued.check_in, ticket, NOW), 30) == 1


def test_what_is_over_is_free_whether_the_worker_was_there_or_not(hall: Database) -> None:
    stock(hall, seed.GENERAL, 3)
    first = got(hall, "ann", Wanted(seed.GENERAL, 3))
    assert first is not None
    assert got(hall, "ben", Wanted(seed.GENERAL, 1)) is None
    later = first.expires_at
    assert got(hall, "ben", Wanted(seed.GENERAL, 2), now=later) is not None
    assert taken(hall, seed.GENERAL) == (2, 0)
    assert not hall.write_now(order_tickets.release, SITE, first.id, moment(later)), "it was given back already"
    assert taken(hall, seed.GENERAL) == (2, 0)


def test_nobody_keeps_more_than_three_reservations_of_an_event(hall: Database) -> None:
    """A further one ends the oldest, so that one browser cannot keep the whole house."""
    for number in range(6):
        assert got(hall, "ann", Wanted(seed.GENERAL, 10), now=NOW + number) is not None
    assert taken(hall, seed.GENERAL) == (30, 0)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (Wanted(seed.GENERAL, 11), "TICKET_LIMIT_EXCEEDED"),
        (Wanted(seed.VIP, 1), "UNSUPPORTED_PRICING_OPTION"),
        (Wanted(seed.GENERAL, 1, seed.ADULT), "UNSUPPORTED_PRICING_OPTION"),
        (Wanted(seed.SUPPORTER, 1, given="4.99"), "INVALID_TICKET_PRICE"),
        (Wanted("no-such-ticket", 1), "TICKET_DEFINITION_NOT_FOUND"),
        (Wanted(seed.GENERAL, 0), "NO_TICKETS"),
    ],
)
def test_what_can_not_be_had_is_refused_with_its_reason(hall: Database, wanted: Wanted, code: str) -> None:
    with pytest.raises(AppError) as caught:
        hall.write_now(reserve, "ann", [wanted], moment())
    assert caught.value.code == code
    assert taken(hall, seed.GENERAL) == (0, 0)


def test_going_to_pay_again_and_again_keeps_tickets_for_two_hours_at_most(hall: Database) -> None:
    mine = got(hall, "ann", Wanted(seed.GENERAL, 1))
    assert mine is not None
    now = NOW
    for _ in range(20):
        now += 15 * MINUTE
        if hall.write_now(extended, mine.id, now) is None:
            break
    assert now - NOW == 120 * MINUTE
