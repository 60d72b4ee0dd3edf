"""Stock: of many buyers at once nobody gets what is not there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

from roundtrip.core.clock import DAY, MINUTE
from roundtrip.ecom.catalogue import store
from roundtrip.ecom.catalogue.model import NO_VARIANT
from roundtrip.ecom.orders.model import HOLD, HOLDS_AT_ONCE, Payment, Status
from roundtrip.payments.model import Verdict
from roundtrip.storage.database import Database
from roundtrip.workflows import release_holds
from roundtrip.workflows.cancel_order import cancel
from tests.ecom.buying import MEMBER, attempt, checking_out, delivered, in_shop, moment, order, release_all, reported, seen, selling
from tests.ecom.shelf import MUG, NOW, SITE, mug, open_shop

BUYERS = 8
LATE = NOW + HOLD


def left(db: Database) -> int:
    found = db.read_now(store.product, SITE, MUG)
    assert found is not None
    return found.variants[0].quantity


def test_the_last_pieces_go_to_as_many_buyers_as_there_are_pieces(db: Database) -> None:
    db.write_now(open_shop, mug(quantity=3))
    together = Barrier(BUYERS)

    def buy(_: int) -> bool:
        together.wait()
        return db.write_now(store.change_stock, SITE, MUG, NO_VARIANT, -1)

    with ThreadPoolExecutor(BUYERS) as pool:
        got = list(pool.map(buy, range(BUYERS)))
    assert sum(got) == 3
    assert left(db) == 0


def test_nobody_takes_more_than_there_is_and_what_comes_back_can_be_taken_again(db: Database) -> None:
    db.write_now(open_shop, mug(quantity=3))
    assert not db.write_now(store.change_stock, SITE, MUG, NO_VARIANT, -4)
    assert db.write_now(store.change_stock, SITE, MUG, NO_VARIANT, -3)
    assert not db.write_now(store.change_stock, SITE, MUG, NO_VARIANT, -1)
    assert db.write_now(store.change_stock, SITE, MUG, NO_VARIANT, 2)
    assert left(db) == 2


def test_stock_that_nobody_counts_is_there_or_not(db: Database) -> None:
    uncounted = replace(mug().variants[0], tracked=False, quantity=0)
    db.write_now(open_shop, replace(mug(), variants=(uncounted,)))
    assert db.write_now(store.change_stock, SITE, MUG, NO_VARIANT, -100)
    assert left(db) == 0
    sold_out = replace(mug(), id=MUG[:-1] + "9", slug="gone", variants=(replace(uncounted, in_stock=False),))
    db.write_now(lambda tx: store.insert_product(tx, sold_out))
    assert not db.write_now(store.change_stock, SITE, sold_out.id, NO_VARIANT, -1)
    assert db.write_now(store.change_stock, SITE, sold_out.id, NO_VARIANT, 1), "what comes back is taken, though nobody counts it"


def test_stock_of_another_site_or_of_nothing_is_not_touched(db: Database) -> None:
    db.write_now(open_shop, mug(quantity=3))
    assert not db.write_now(store.change_stock, SITE[:-1] + "7", MUG, NO_VARIANT, -1)
    assert not db.write_now(store.change_stock, SITE, MUG, "va000001", -1)
    assert left(db) == 3


def test_a_product_is_read_as_it_was_kept(db: Database) -> None:
    db.write_now(open_shop, mug())
    assert db.read_now(store.product_by_slug, SITE, "mug") == replace(mug(), number=1001)
    assert db.read_now(store.products, SITE, [MUG, "nothing"]) == {MUG: replace(mug(), number=1001)}
    assert db.read_now(store.product, SITE[:-1] + "7", MUG) is None


def test_only_what_was_counted_goes_back_on_the_shelf(db: Database, standard: str) -> None:
    """PAY-07: the owner begins, and stops, to count pieces while an order holds some."""

    def count(quantity: int | None) -> None:
        stock = replace(mug().variants[0], tracked=quantity is not None, quantity=quantity or 0)
        assert db.write_now(store.set_stock, SITE, MUG, stock)

    count(None)
    placed = order(db, checking_out(db, 2, delivery_id=standard))
    paying = attempt(db, placed)
    count(5)
    release_all(db, LATE)
    assert left(db) == 5, "nobody had counted what it held"
    reported(db, paying, now=LATE + 1)
    assert (seen(db, placed).status, left(db)) == (Status.APPROVED, 3), "late money takes what is counted now"
    db.write_now(in_shop, cancel, placed.id, restocks=True, moment=moment())
    assert left(db) == 5
    other = order(db, checking_out(db, 2, delivery_id=standard))
    paying = attempt(db, other)
    count(None)
    release_all(db, LATE)
    reported(db, paying, now=LATE + 1)
    count(4)
    db.write_now(in_shop, cancel, other.id, restocks=True, moment=moment())
    assert left(db) == 4, "what late money took while nobody counted does not come back either"


def test_one_visitor_holds_so_many_unpaid_orders_and_no_more(db: Database) -> None:
    """PAY-07: who orders and never pays can't empty the shelf with one order after the other; nobody else is touched by it."""
    selling(db, mug(quantity=10))
    way = delivered(db).id
    theirs = order(db, checking_out(db, owner=MEMBER, delivery_id=way))
    placed = [order(db, checking_out(db, delivery_id=way), NOW + number) for number in range(HOLDS_AT_ONCE + 2)]
    assert release_all(db, NOW + HOLDS_AT_ONCE + 2) == [True, True]
    assert [seen(db, one).status for one in placed] == [Status.REJECTED] * 2 + [Status.INITIALIZED] * HOLDS_AT_ONCE
    assert (seen(db, theirs).status, left(db)) == (Status.INITIALIZED, 10 - 1 - HOLDS_AT_ONCE)


def test_a_hold_that_was_ended_is_not_lengthened_by_a_reload(db: Database) -> None:
    """PAY-07: who reloads all their pages holds no more than who does not, before the worker comes by and after."""
    selling(db, mug(quantity=10))
    way = delivered(db).id
    checkouts = [checking_out(db, delivery_id=way) for _ in range(HOLDS_AT_ONCE + 1)]
    for number, checkout in enumerate(checkouts):
        order(db, checkout, NOW + number)
    for number, checkout in enumerate(checkouts):
        order(db, checkout, NOW + MINUTE + number)
    release_all(db, NOW + 2 * MINUTE)
    assert left(db) == 10 - HOLDS_AT_ONCE


def test_money_that_is_on_its_way_just_when_the_time_is_over_keeps_the_stock(db: Database) -> None:
    """PAY-05, PAY-07: the worker saw that the hold is over, and comes a moment after the provider's word."""
    selling(db)
    placed = order(db, checking_out(db, 3, delivery_id=delivered(db).id))
    paying = attempt(db, placed)
    [due] = db.read_now(release_holds.overdue, LATE, 10)
    reported(db, paying, Verdict.PENDING, LATE)
    assert not db.write_now(release_holds.release, *due, moment(LATE))
    assert (seen(db, placed).status, left(db)) == (Status.PENDING, 0)
    reported(db, paying, now=LATE + 9 * DAY)
    assert (seen(db, placed).status, seen(db, placed).payment) == (Status.APPROVED, Payment.PAID)
