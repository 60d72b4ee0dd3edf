"""What a buyer reads whose order, or whose payment request, ended while its page was open: the truth, and a way on."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from roundtrip.core.clock import DAY, HOUR
from roundtrip.core.ids import new_id
from roundtrip.ecom.catalogue.draft import StockDraft
from roundtrip.ecom.orders import actions as orders
from roundtrip.ecom.orders.model import Order, Payment, Status
from roundtrip.ecom.payment_requests import actions
from roundtrip.flows.ecom_order_payment_request import example
from roundtrip.flows.example import HOME
from roundtrip.flows.next import Pay
from roundtrip.flows.paid import complete, sellers
from roundtrip.payments import actions as begun
from roundtrip.payments import settle as payments
from roundtrip.payments.providers.test import Choice, reports_of
from roundtrip.redirect_session import actions as sessions
from roundtrip.redirect_session.model import Callbacks, RedirectSession
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows import release_holds, selling
from roundtrip.workflows.cancel_order import cancel
from roundtrip.workflows.cashier import PAGE_PREFIX
from roundtrip.workflows.mark_order_paid import mark_order_paid
from roundtrip.workflows.shop import open_shop
from tests.flows.browser import Tab, sent_to, shown
from tests.flows.shop import PAYMENT_KEY, Shop
from tests.flows.test_ecom_checkout import Till, buyer

__all__ = ["buyer"]
PAGE = "pay_request"


def moment(shop: Shop) -> Moment:
    return Moment(shop.now, new_id(shop.now))


def owner_cancels(shop: Shop, order_id: str) -> Order:
    return shop.db.write_now(lambda tx: cancel(tx, open_shop(tx, shop.site), order_id, restocks=True, moment=moment(shop)))


@pytest.fixture
def asked(shop: Shop) -> Shop:
    """A shop whose goods are paid later."""
    shop.db.write_now(example.prepare, shop.site, shop.now)
    return shop


def opened(shop: Shop) -> tuple[Tab, str, str]:
    """Somebody with a payment request before them: the browser, the visit, and the request."""
    request_id = str(shop.db.write_now(example.another, shop.site, shop.now)["paymentRequestId"])
    created = shop.create(
        "ecomOrderPaymentRequest", {"paymentRequestId": request_id}, callbacks=Callbacks(post_flow_url=HOME, thank_you_page_url=HOME)
    )
    tab = Tab(shop)
    assert shown(tab.open(created)).view["state"] == "open"
    return tab, created.session.id, request_id


def test_a_request_that_is_not_asked_for_any_more_says_so_and_leads_back(asked: Shop) -> None:
    """PAY-11: cancelled, given up with its order, or paid elsewhere, while its page is open."""
    tab, visit, request_id = opened(asked)
    asked.db.write_now(actions.cancel, asked.site.id, request_id, moment(asked))
    for then in (tab.show(visit, PAGE), tab.fill_in(visit, PAGE, {"method": "test"})):
        view = shown(then).view
        assert (view["state"], "any more" in str(view["why"])) == ("ended", True)
    assert sent_to(tab.leave(visit)) == (HOME, {"wixMemberLoggedIn": "false"})

    tab, visit, request_id = opened(asked)
    order_id = asked.db.read_now(actions.require, asked.site.id, request_id).order_id
    owner_cancels(asked, order_id)
    assert "order was cancelled" in str(shown(tab.fill_in(visit, PAGE, {"method": "test"})).view["why"])

    tab, visit, request_id = opened(asked)
    order_id = asked.db.read_now(actions.require, asked.site.id, request_id).order_id
    asked.db.write_now(lambda tx: mark_order_paid(tx, open_shop(tx, asked.site), order_id, moment(asked), sellers()))
    assert sent_to(tab.follow(tab.show(visit, PAGE)))[1]["orderId"] == order_id


def test_who_has_paid_waits_for_the_word_though_the_request_was_cancelled(asked: Shop) -> None:
    """PAY-05."""
    tab, visit, request_id = opened(asked)
    then = tab.submit(visit, PAGE, {"method": "test"})
    assert isinstance(then, Pay)
    tab.pay(then, Choice.PENDING)
    asked.db.write_now(actions.cancel, asked.site.id, request_id, moment(asked))
    assert shown(tab.show(visit, PAGE)).view["state"] == "waiting"


def test_an_order_that_ended_while_its_buyer_paid_says_how_and_can_be_ordered_again(buyer: Till) -> None:
    """PAY-08: cancelled by the shop, and paid too late for what somebody else has bought meanwhile."""
    buyer.to_pay()
    owner_cancels(buyer.shop, buyer.order().id)
    page = shown(buyer.tab.follow(buyer.tab.fill_in(buyer.session_id, "pay", {"method": "test"})))
    assert (page.step.name, "cancelled" in str(page.view["notice"])) == ("review", True)
    paying = buyer.fill("review", method="test")
    assert isinstance(paying, Pay)
    late = buyer.order()
    buyer.shop.wait(HOUR)
    assert buyer.shop.db.write_now(release_holds.release, buyer.shop.site.id, late.id, moment(buyer.shop))
    buyer.owner_sets(stock=StockDraft(quantity=0))
    buyer.tab.pay(paying)
    assert (buyer.order().status, buyer.order().payment) == (Status.CANCELED, Payment.FULLY_REFUNDED)
    page = shown(buyer.tab.follow(buyer.tab.show(buyer.session_id, "pay")))
    assert "goes back" in str(page.view["notice"])


def test_who_leaves_in_one_tab_and_pays_in_the_other_has_bought_and_brings_the_order_home(buyer: Till) -> None:
    """PAY-03, SES-04: the site is told what is true, not what the first tab said."""
    paying = buyer.to_pay()
    assert sent_to(buyer.tab.leave(buyer.session_id)) == (HOME, {"wixMemberLoggedIn": "false"})
    _, params = sent_to(buyer.tab.follow(buyer.tab.pay(paying)))
    session = buyer.shop.session(buyer.session_id)
    assert params["orderId"] == buyer.order().id
    assert (session.outcome, session.result) == ("completed", {"orderId": buyer.order().id})


@pytest.mark.parametrize("left", [False, True], ids=["stayed", "left in another tab"])
def test_a_visit_waits_as_long_as_its_money_is_on_its_way(buyer: Till, left: bool) -> None:
    """PAY-05: direct debits take days, and a visit usually ends after one."""
    paying = buyer.to_pay()
    if left:
        buyer.tab.leave(buyer.session_id)
    buyer.tab.pay(paying, Choice.PENDING)
    buyer.shop.wait(4 * DAY)
    buyer.shop.db.write_now(sessions.expire_due, buyer.shop.now, 10)
    assert shown(buyer.tab.show(buyer.session_id, "pay")).view["state"] == "waiting"
    for report in buyer.shop.db.write_now(payments.waiting, buyer.shop.now, 10):
        buyer.shop.db.write_now(selling.settle, sellers(), report, buyer.shop.now)
    session = buyer.shop.session(buyer.session_id)
    assert (session.outcome, session.result) == ("completed", {"orderId": buyer.order().id})


def test_cash_in_the_owners_hand_ends_the_visit_in_which_it_was_ordered(buyer: Till) -> None:
    """PAY-03"""
    buyer.to_pay()
    order_id, shop = buyer.order().id, buyer.shop
    shop.db.write_now(lambda tx: mark_order_paid(tx, open_shop(tx, shop.site), order_id, moment(shop), sellers()))
    session = shop.session(buyer.session_id)
    assert (session.outcome, session.result) == ("completed", {"orderId": order_id})


def test_money_that_came_for_a_cancelled_order_and_went_back_is_no_payment(asked: Shop) -> None:
    """PAY-08, PAY-11: the visitor is not thanked for it, and neither is the site told of an order."""
    tab, visit, request_id = opened(asked)
    then = tab.submit(visit, PAGE, {"method": "test"})
    assert isinstance(then, Pay)
    order_id = asked.db.read_now(actions.require, asked.site.id, request_id).order_id
    tab.pay(then, Choice.PENDING)
    owner_cancels(asked, order_id)
    asked.wait(HOUR)
    for report in asked.db.write_now(payments.waiting, asked.now, 10):
        asked.db.write_now(selling.settle, sellers(), report, asked.now)
    assert asked.db.read_now(orders.require, asked.site.id, order_id).payment is Payment.FULLY_REFUNDED
    assert shown(tab.show(visit, PAGE)).view["state"] == "ended"
    assert sent_to(tab.leave(visit)) == (HOME, {"wixMemberLoggedIn": "false"})


def test_of_two_visits_to_one_payment_request_the_one_that_paid_is_through(asked: Shop) -> None:
    """PAY-03: each comes back to its own pages, and the one that paid ends though another one had gone to pay before it."""
    tab, first, request_id = opened(asked)
    gone_to_pay = tab.submit(first, PAGE, {"method": "test"})
    created = asked.create("ecomOrderPaymentRequest", {"paymentRequestId": request_id}, callbacks=Callbacks(post_flow_url=HOME))
    laptop = Tab(asked)
    laptop.open(created)
    paying = laptop.submit(created.session.id, PAGE, {"method": "test"})
    assert isinstance(gone_to_pay, Pay)
    assert isinstance(paying, Pay)
    attempt = asked.db.read_now(begun.attempt_of_token, PAYMENT_KEY, paying.path.removeprefix(PAGE_PREFIX))
    assert attempt is not None
    assert attempt.return_path == f"/session/{created.session.id}/{PAGE}"
    laptop.pay(paying)
    for visit in (created.session.id, first):
        session = asked.session(visit)
        assert (session.outcome, (session.result or {}).get("paymentRequestId")) == ("completed", request_id)


def test_money_ends_no_visit_in_which_something_is_left_to_do(asked: Shop) -> None:
    """PAY-03: whoever asks too early (a report about something else) completes nothing, and the visitor goes on where they are."""
    tab, visit, _ = opened(asked)
    assert not asked.db.write_now(complete, visit, asked.now)
    assert shown(tab.show(visit, PAGE)).view["state"] == "open"
    assert asked.session(visit).outcome is None


def test_who_goes_back_just_when_the_money_comes_brings_the_order_home(buyer: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """PAY-03, SES-02: between reading the visit and marking it as returned, its payment completes it."""
    paying, mark = buyer.to_pay(), sessions.mark_returned
    buyer.tab.leave(buyer.session_id)
    attempt = buyer.shop.db.read_now(begun.attempt_of_token, PAYMENT_KEY, paying.path.removeprefix(PAGE_PREFIX))
    assert attempt is not None
    (report,) = reports_of(attempt, Choice.PAID, buyer.shop.now)

    def too_late(tx: Tx, session: RedirectSession, now: int, way: Mapping[str, object] | None = None) -> bool:
        selling.settle(tx, sellers(), report, now)
        return mark(tx, session, now, way)

    monkeypatch.setattr(sessions, "mark_returned", too_late)
    assert sent_to(buyer.tab.return_(buyer.session_id))[1]["orderId"] == buyer.order().id
