"""Whatever happens to orders, in whatever order: every piece is on the shelf or with one order, and money is kept only for what stands."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from roundtrip.core.clock import MINUTE
from roundtrip.core.errors import AppError
from roundtrip.ecom.catalogue import store as catalogue
from roundtrip.ecom.orders.model import HOLD, Order, Payment, Status, Stock
from roundtrip.ecom.product_shelf import ProductShelf
from roundtrip.payments.model import Status as AttemptStatus
from roundtrip.payments.model import Verdict
from roundtrip.storage.database import Database
from roundtrip.workflows import release_holds
from roundtrip.workflows.cancel_order import cancel
from roundtrip.workflows.mark_order_paid import mark_order_paid
from roundtrip.workflows.place_order import place
from roundtrip.workflows.refund_order import refund
from tests.ecom.buying import attempt, checking_out, delivered, in_shop, left, moment, reference, reported, seen, selling
from tests.ecom.shelf import NOW, SITE, mug
from tests.payments.stored import attempts_of

STOCK_OF = {
    Status.INITIALIZED: {Stock.HELD},
    Status.PENDING: {Stock.HELD},
    Status.APPROVED: {Stock.KEPT},
    Status.REJECTED: {Stock.RELEASED},
    Status.CANCELED: {Stock.KEPT, Stock.RELEASED},
}
TOLD = {Status.APPROVED: "stands", Status.REJECTED: "fell", Status.CANCELED: "fell"}
PIECES = 2
_numbers = itertools.count(100)


@dataclass
class Story:
    """One product, the orders of it, and a clock that only goes forward."""

    db: Database
    delivery_id: str
    item_id: str
    told: Mapping[str, str]
    now: int = NOW
    orders: list[Order] = field(default_factory=list)
    cancelled: set[str] = field(default_factory=set)

    def places(self, quantity: int, *, later: bool) -> None:
        """Somebody orders so many."""
        checkout = checking_out(self.db, quantity, item=reference(self.item_id), delivery_id=self.delivery_id)
        made = self.db.write_now(in_shop, place, checkout.id, pays_later=later, moment=moment(self.now))
        self.orders.append(made.order)
        if made.waits_for_money:
            attempt(self.db, made.order, now=self.now)  # they are on their way to pay, and may pay at any time from now on

    def hears(self, order: Order, verdict: Verdict) -> None:
        """The provider says something about the attempt that runs, or about the last one."""
        known = self.db.read_now(attempts_of, SITE, "order", order.id)
        paying = known[-1] if known else attempt(self.db, order, now=self.now)
        reported(self.db, paying, verdict, self.now)

    def checks(self) -> None:
        """What must be true at any moment."""
        orders = [seen(self.db, one) for one in self.orders]
        taken = sum(sum(one.taken.values()) for one in orders if one.stock is not Stock.RELEASED)
        assert left(self.db, self.item_id) == PIECES - taken
        for one in orders:
            assert one.stock in STOCK_OF[one.status], one
            assert self.told.get(one.id) == TOLD.get(one.status, self.told.get(one.id)), "who sells the goods knows whether it stands"
            assert one.status is Status.CANCELED or one.id not in self.cancelled, "a cancelled order came back"
            if one.status is Status.CANCELED:
                self.cancelled.add(one.id)
            attempts = self.db.read_now(attempts_of, SITE, "order", one.id)
            money = sum(each.captured_units - each.refunded_units for each in attempts if each.status is AttemptStatus.CAPTURED)
            if one.status in (Status.INITIALIZED, Status.PENDING, Status.REJECTED):
                assert money == 0, "money is here for an order that does not stand"
            if one.payment is Payment.PAID:
                assert money == one.total_units
            assert money in (0, one.total_units - one.refunded_units)


def _steps() -> st.SearchStrategy[list[tuple[str, int]]]:
    rare = ["place later", "pending", "declined", "expired", "cancel", "mark paid", "refund"]
    names = [*["place", "captured", "time", "release"] * 3, *rare]
    return st.lists(st.tuples(st.sampled_from(names), st.integers(0, 3)), min_size=4, max_size=16)


def _do(story: Story, name: str, number: int) -> None:
    if name in ("place", "place later"):
        story.places(number % PIECES + 1, later=name == "place later")
        return
    if name == "time":
        story.now += HOLD if number > 1 else MINUTE
        return
    if not story.orders:
        return
    order, db, now = story.orders[number % len(story.orders)], story.db, moment(story.now)
    done: dict[str, Callable[[], object]] = {
        "release": lambda: db.write_now(release_holds.release, SITE, order.id, now),
        "cancel": lambda: db.write_now(in_shop, cancel, order.id, restocks=number > 1, moment=now),
        "mark paid": lambda: db.write_now(in_shop, mark_order_paid, order.id, now),
        "refund": lambda: db.write_now(in_shop, refund, order.id, None, reason="", key=now.id, moment=now),
    }
    if name in done:
        done[name]()
    else:
        story.hears(order, Verdict(name))


@pytest.fixture
def way(db: Database) -> str:
    """A shop with a way of delivery; the goods come with each story."""
    selling(db)
    return delivered(db).id


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """What the shelf was told last about each order, as a room that sells bookings or tickets is."""
    last: dict[str, str] = {}

    def tells(what: str) -> Callable[..., None]:
        return lambda shelf, tx, site_id, order_id, moment: last.update({order_id: what})

    monkeypatch.setattr(ProductShelf, "order_stands", tells("stands"))
    monkeypatch.setattr(ProductShelf, "order_fell", tells("fell"))
    return last


@given(steps=_steps())
@example(steps=[("place", 1), ("time", 3), ("release", 0), ("place", 1), ("captured", 0), ("captured", 1)])
@example(steps=[("place", 1), ("pending", 0), ("time", 3), ("release", 0), ("declined", 0), ("captured", 0)])
@example(steps=[("place later", 1), ("captured", 0), ("refund", 0), ("cancel", 2), ("refund", 0)])
@example(steps=[("place", 1), ("cancel", 0), ("captured", 0)])
@settings(max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_piece_is_lost_or_sold_twice_and_no_money_is_kept_for_nothing(
    db: Database, way: str, told: Mapping[str, str], steps: list[tuple[str, int]]
) -> None:
    """PAY-03 to PAY-08, TST-03."""
    number = next(_numbers)
    item_id = f"90d00000-0000-4000-8000-{number:012x}"
    goods = replace(mug(quantity=PIECES), id=item_id, slug=f"mug-{number}", number=number + 100)
    assert db.write_now(catalogue.insert_product, goods)
    story = Story(db, way, item_id, told)
    for name, chosen in steps:
        try:
            _do(story, name, chosen)
        except AppError:
            story.now += 1  # refused, which must have changed nothing
        story.checks()
