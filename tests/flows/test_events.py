"""Buying tickets on the hosted pages: what is paid, what runs out while somebody types, and what the site hears."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import pytest

from roundtrip.core.clock import MINUTE
from roundtrip.core.errors import AppError
from roundtrip.core.identity import COMMAND
from roundtrip.core.ids import new_id
from roundtrip.events import seed
from roundtrip.events.event.actions import require as require_event
from roundtrip.events.event.actions import update as update_event
from roundtrip.events.event.draft import EventDraft
from roundtrip.events.issued import store as issued
from roundtrip.events.orders import store
from roundtrip.events.orders.model import Order, Status
from roundtrip.events.reservations import actions
from roundtrip.events.reservations import store as reservations
from roundtrip.events.reservations.model import Reservation
from roundtrip.events.reservations.wanted import Wanted
from roundtrip.events.tickets import store as tickets
from roundtrip.flows.base import Stay
from roundtrip.flows.events_checkout.details import WHY
from roundtrip.flows.example import HOME
from roundtrip.flows.next import Leave, Next, Pay
from roundtrip.payments.providers.test import Choice
from roundtrip.redirect_session.model import Callbacks
from roundtrip.sites.change import Change
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows import demo_shop, order_tickets
from tests.flows.browser import Tab, sent_to, shown
from tests.flows.shop import SITE_ID, Shop

WHO = {"email": "ann@example.com", "first_name": "Ann", "last_name": "Example", "agreed": "yes"}
BACK = Callbacks(post_flow_url=HOME, thank_you_page_url=HOME)
TWO = (Wanted(seed.GENERAL, 2),)


@dataclass
class Window:
    """A visitor at the ticket window, in one browser, with tickets that are kept for them."""

    shop: Shop
    tab: Tab
    session_id: str
    reservation: Reservation

    def fill(self, page: str, **form: str) -> Next:
        """Send one page's form and follow, but not to a payment page."""
        then = self.tab.submit(self.session_id, page, form)
        return then if isinstance(then, Pay) else self.tab.follow(then)

    def to_pay(self, **form: str) -> Pay:
        """The details and the last look; then the payment page."""
        page = shown(self.fill("tickets_details", **WHO))
        assert page.step.name == "tickets_review"
        then = self.fill("tickets_review", seen=str(page.view["seen"]), method="test", **form)
        assert isinstance(then, Pay)
        return then

    def orders(self) -> list[Order]:
        """Every order of this visit, the oldest first."""
        return self.shop.db.read_now(orders_of, self.session_id)

    def run_out(self) -> None:
        """The time to buy is over, and the worker has been there."""
        self.shop.wait(max(0, self.kept().expires_at - self.shop.now))
        moment = Moment(self.shop.now, new_id(self.shop.now))
        assert self.shop.db.write_now(order_tickets.release, SITE_ID, self.reservation.id, moment)

    def kept(self) -> Reservation:
        found = self.shop.db.read_now(reservations.get, SITE_ID, self.reservation.id)
        assert found is not None
        return found


def orders_of(tx: Tx, session_id: str) -> list[Order]:
    rows = tx.all("SELECT id FROM event_order WHERE session_id = :id ORDER BY id", id=session_id)
    return [found for (order_id,) in rows if (found := store.get(tx, SITE_ID, order_id))]


def at_window(shop: Shop, wanted: Sequence[Wanted] = TWO, callbacks: Callbacks = BACK) -> Window:
    caller = shop.visitor()

    def reserve(tx: Tx) -> Reservation:
        event = require_event(tx, SITE_ID, seed.SUMMER)
        moment = Moment(shop.now, new_id(shop.now))
        return actions.reserve(tx, event, wanted, visitor_id=caller.visitor_id, member_id=None, moment=moment)

    kept = shop.db.write_now(reserve)
    message = {"eventSlug": "summer-night-live", "reservationId": kept.id}
    created = shop.create("eventsCheckout", message, caller=caller, callbacks=callbacks)
    tab = Tab(shop)
    tab.open(created)
    return Window(shop, tab, created.session.id, kept)


def sells_out(shop: Shop, left: int = 0) -> None:
    """Others buy what is left."""
    sql = "UPDATE ticket_definition SET stock = taken + :left WHERE id = :id"
    shop.db.write_now(lambda tx: tx.execute(sql, left=left, id=seed.GENERAL))


def taken(shop: Shop) -> tuple[int, int]:
    found = shop.db.read_now(tickets.get, SITE_ID, seed.GENERAL)
    assert found is not None
    return found.taken, found.sold


def refunds(shop: Shop) -> int:
    row = shop.db.read_now(lambda tx: tx.one("SELECT COUNT(*) FROM payment_refund"))
    assert row is not None
    return int(row[0])


@pytest.fixture
def hall(shop: Shop) -> Shop:
    shop.db.write_now(seed.seed, SITE_ID, now=shop.now)
    shop.db.write_now(lambda tx: demo_shop.open_shop(tx, shop.site, Change(new_id(shop.now), COMMAND, shop.now)))
    return shop


def test_two_tickets_are_paid_and_the_site_gets_order_number_and_event_id(hall: Shop) -> None:
    """PAY-03: with tax, and a coupon of the shop."""
    window = at_window(hall)
    page = shown(window.fill("tickets_details", **WHO))
    assert str(page.view["total"].text) == "54.44"  # type: ignore[attr-defined]
    page = shown(window.fill("tickets_review", do="coupon", coupon="welcome10"))
    assert page.view["seen"] == "48.99"
    paying = window.fill("tickets_review", seen="48.99", method="test")
    assert isinstance(paying, Pay)
    url, params = sent_to(window.tab.follow(paying))
    (order,) = window.orders()
    assert (order.status, order.total.text, order.content.coupon is not None) == (Status.PAID, "48.99", True)
    assert (url, params["orderNumber"], params["eventId"]) == (HOME, order.number, seed.SUMMER)
    made = hall.db.read_now(issued.of_order, SITE_ID, order.id)
    assert [(one.number, one.content.guest.name) for one in made] == [(f"{order.number}-0{place}", "Ann Example") for place in (1, 2)]
    assert taken(hall) == (2, 2)
    assert [mail["kind"] for mail in hall.mails("ann@example.com")] == ["event_tickets"]
    assert [slug for slug, _ in hall.events(order.id, "event_order")] == ["created", "confirmed", "paid"]


def test_a_visit_that_never_comes_back_from_paying_has_its_tickets(hall: Shop) -> None:
    """PAY-03."""
    window = at_window(hall)
    window.tab.pay(window.to_pay())
    assert window.orders()[0].status is Status.PAID
    assert hall.session(window.session_id).outcome == "completed"


def test_who_types_too_long_gets_the_same_tickets_again_and_nothing_is_lost(hall: Shop) -> None:
    """PAY-08: on the page itself, and with what was typed."""
    window = at_window(hall)
    window.run_out()
    assert taken(hall) == (0, 0)
    page = shown(window.tab.show(window.session_id, "tickets_details"))
    assert (page.view["title"], page.view["may_try_again"]) == (WHY["time_over"][0], True)
    page = shown(window.fill("tickets_details", **WHO))
    assert (page.step.name, page.view["again"], page.view["buyer"].name) == ("tickets_review", True, "Ann Example")  # type: ignore[attr-defined]
    assert taken(hall) == (2, 0)
    paying = window.fill("tickets_review", seen=str(page.view["seen"]), method="test")
    assert isinstance(paying, Pay)
    sent_to(window.tab.follow(paying))
    assert [order.status for order in window.orders()] == [Status.PAID]


def test_who_is_too_slow_for_a_house_that_is_full_reads_so(hall: Shop) -> None:
    """PAY-08: nothing is charged, and what was typed is still there when somebody gives tickets back."""
    window = at_window(hall)
    window.run_out()
    sells_out(hall)
    page = shown(window.fill("tickets_details", **WHO))
    assert page.view["title"] == WHY["sold_out"][0]
    assert window.orders() == []
    sells_out(hall, left=2)
    page = shown(window.fill("tickets_details", do="again"))
    assert (page.view["is_over"], page.view["values"]["email"]) == (False, "ann@example.com")  # type: ignore[index]


def test_late_money_gets_tickets_that_are_still_there(hall: Shop) -> None:
    """PAY-08."""
    window = at_window(hall)
    paying = window.to_pay()
    window.run_out()
    assert (window.orders()[0].status, taken(hall)) == (Status.CANCELED, (0, 0))
    window.tab.pay(paying, Choice.PAID)
    assert ([one.status for one in window.orders()], taken(hall), refunds(hall)) == ([Status.PAID], (2, 2), 0)
    assert hall.session(window.session_id).outcome == "completed"


def test_late_money_for_tickets_that_are_gone_goes_back_and_the_visit_may_begin_anew(hall: Shop) -> None:
    """PAY-08: never an order without tickets, never money without an order."""
    window = at_window(hall)
    paying = window.to_pay()
    window.run_out()
    sells_out(hall)
    window.tab.pay(paying, Choice.PAID)
    (order,) = window.orders()
    assert (order.status, order.refunded_units, refunds(hall)) == (Status.CANCELED, order.total_units, 1)
    assert hall.db.read_now(issued.of_order, SITE_ID, order.id) == []
    assert [mail["kind"] for mail in hall.mails("ann@example.com")] == ["event_too_late"]
    page = shown(window.tab.show(window.session_id, "tickets_details"))
    assert page.view["title"] == WHY["refunded"][0]
    sells_out(hall, left=2)
    page = shown(window.fill("tickets_details", do="again"))
    assert page.step.name == "tickets_review", "who they are is known"
    again = window.fill("tickets_review", seen=str(page.view["seen"]), method="test")
    assert isinstance(again, Pay)
    sent_to(window.tab.follow(again))
    assert [one.status for one in window.orders()] == [Status.CANCELED, Status.PAID]


def test_two_reservations_of_one_visit_are_paid_once(hall: Shop) -> None:
    """PAY-04: the first payment is late, and comes while its visitor has begun anew: one of the two stands, and the other is given back."""
    window = at_window(hall)
    first = window.to_pay()
    window.run_out()
    page = shown(window.fill("tickets_details", do="again"))
    second = window.fill("tickets_review", seen=str(page.view["seen"]), method="test")
    assert isinstance(second, Pay)
    window.tab.pay(second, Choice.PAID)
    window.tab.pay(first, Choice.PAID)
    stands = [one for one in window.orders() if one.stands]
    assert (len(stands), refunds(hall), taken(hall)[1]) == (1, 1, 2)


def test_what_was_changed_after_going_to_pay_is_another_order(hall: Shop) -> None:
    """PAY-04: the money of the first comes all the same, and goes back."""
    window = at_window(hall)
    first = window.to_pay()
    hall.wait(1)
    window.fill("pay_tickets", change="review")
    page = shown(window.fill("tickets_review", do="coupon", coupon="WELCOME10"))
    second = window.fill("tickets_review", seen=str(page.view["seen"]), method="test")
    assert isinstance(second, Pay)
    assert [one.status for one in window.orders()] == [Status.CANCELED, Status.INITIATED]
    window.tab.pay(first, Choice.PAID)
    assert refunds(hall) == 1
    window.tab.pay(second, Choice.PAID)
    assert ([one.status for one in window.orders()], taken(hall)) == ([Status.CANCELED, Status.PAID], (2, 2))


def test_tickets_are_kept_while_money_is_on_its_way_and_free_when_it_does_not_come(hall: Shop) -> None:
    """PAY-05."""
    window = at_window(hall)
    paying = window.to_pay()
    window.tab.pay(paying, Choice.PENDING)
    assert window.orders()[0].status is Status.PENDING
    hall.wait(60 * MINUTE)
    moment = Moment(hall.now, new_id(hall.now))
    assert not hall.db.write_now(order_tickets.release, SITE_ID, window.reservation.id, moment)
    page = shown(window.tab.show(window.session_id, "pay_tickets"))
    assert page.view["state"] == "waiting"


def test_guests_are_named_one_by_one_where_the_event_says_so(hall: Shop) -> None:
    sent = msgspec.convert({"registration": {"tickets": {"guestsAssignedSeparately": True}}}, EventDraft)
    change = Change(new_id(hall.now), COMMAND, hall.now)
    hall.db.write_now(update_event, SITE_ID, seed.SUMMER, sent, change)
    window = at_window(hall, (Wanted(seed.FREE, 2),), Callbacks(post_flow_url=HOME))
    page = shown(window.tab.show(window.session_id, "tickets_details"))
    assert [one["prefix"] for one in page.view["guests"]] == ["guest_0_", "guest_1_"]  # type: ignore[attr-defined]
    with pytest.raises(AppError) as caught:
        window.fill("tickets_details", **WHO)
    assert [one.field for one in caught.value.violations] == [f"guest_{n}_{name}" for n in (0, 1) for name in ("first_name", "last_name")]
    names = {"guest_0_first_name": "Ann", "guest_0_last_name": "Example", "guest_1_first_name": "Ben", "guest_1_last_name": "Example"}
    then = window.fill("tickets_details", **WHO, **names)
    assert isinstance(then, Leave)
    assert isinstance(then.leaving, Stay)
    assert then.leaving.page == "tickets_thanks"
    assert [one["guest"] for one in then.leaving.view["tickets"]] == ["Ann Example", "Ben Example"]  # type: ignore[attr-defined]
