"""Buying on the hosted checkout: what the visitor sees, what the site hears, and what is taken and paid exactly once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from msgspec.structs import replace

from roundtrip.core.clock import HOUR, MINUTE
from roundtrip.core.errors import AppError
from roundtrip.core.identity import COMMAND, Member, Visitor
from roundtrip.core.ids import new_id
from roundtrip.core.money import Money
from roundtrip.ecom.catalogue import actions as catalogue
from roundtrip.ecom.catalogue.draft import StockDraft
from roundtrip.ecom.checkout import actions
from roundtrip.ecom.checkout import store as checkouts
from roundtrip.ecom.coupons import actions as coupons
from roundtrip.ecom.coupons.model import Coupon, CouponKind, Terms
from roundtrip.ecom.orders import store as orders
from roundtrip.ecom.orders.model import Order, Payment, Status
from roundtrip.flows.base import Redirect, Stay
from roundtrip.flows.ecom_checkout import example
from roundtrip.flows.example import HOME
from roundtrip.flows.next import Leave, Next, Pay, Show
from roundtrip.flows.paid import sellers
from roundtrip.payments import settle as payments
from roundtrip.payments.providers.test import Choice
from roundtrip.redirect_session.model import Callbacks
from roundtrip.redirect_session.model import Status as Visit
from roundtrip.sites.change import Change
from roundtrip.sites.moment import Moment
from roundtrip.workflows import release_holds, selling
from tests.flows.browser import Tab, sent_to, shown
from tests.flows.shop import Shop

BUYER = {"email": "ann@example.com", "first_name": "Ann", "last_name": "Example"}
ADDRESS = {"country": "DE", "line": "Konviktstraße 12", "postal_code": "79098", "city": "Freiburg"}
BACK = Callbacks(post_flow_url=HOME, thank_you_page_url=HOME)


@dataclass
class Till:
    """A buyer with a checkout of two mugs at 12.50 and delivery for 5.00, in one browser."""

    shop: Shop
    tab: Tab
    session_id: str
    checkout_id: str

    def fill(self, page: str, **form: str) -> Next:
        """Send one page's form and follow, but not to a payment page."""
        then = self.tab.submit(self.session_id, page, form)
        return then if isinstance(then, Pay) else self.tab.follow(then)

    def to_review(self) -> dict[str, Any]:
        """Everything up to the last look; what stands there."""
        self.fill("contact", **BUYER)
        self.fill("address", **ADDRESS)
        page = shown(self.fill("delivery", delivery=example.DELIVERY_ID))
        assert page.step.name == "review"
        return dict(page.view)

    def to_pay(self) -> Pay:
        """Fill in everything and agree to what was shown."""
        return self.to_pay_now(seen=str(self.to_review()["seen"]))

    def to_pay_now(self, **form: str) -> Pay:
        """Agree on the last page, and be sent to the payment page."""
        then = self.fill("review", method="test", **form)
        assert isinstance(then, Pay)
        return then

    def owner_sets(self, **fields: object) -> None:
        """Meanwhile the owner changes the mug."""
        now = self.shop.now
        change = Change(new_id(now), COMMAND, now)
        self.shop.db.write_now(
            catalogue.update, self.shop.site.id, example.PRODUCT_ID, fields, revision=None, fresh=lambda: new_id(now), change=change
        )

    def order(self) -> Order:
        """The latest order of the checkout."""
        site_id = self.shop.site.id
        checkout = self.shop.db.read_now(checkouts.get, site_id, self.checkout_id)
        assert checkout is not None
        assert checkout.order_id is not None
        found = self.shop.db.read_now(orders.get, site_id, checkout.order_id)
        assert found is not None
        return found


def till(
    shop: Shop, callbacks: Callbacks = BACK, *, caller: Visitor | Member | None = None, tab: Tab | None = None, **changes: object
) -> Till:
    message = shop.db.write_now(example.another, shop.site, shop.now)
    created = shop.create("ecomCheckout", message, callbacks=callbacks, caller=caller, **changes)
    tab = tab or Tab(shop)
    tab.open(created)
    return Till(shop, tab, created.session.id, str(message["checkoutId"]))


@pytest.fixture
def buyer(shop: Shop) -> Till:
    shop.db.write_now(example.prepare, shop.site, shop.now)
    return till(shop)


def test_a_paid_order_comes_back_with_its_id(buyer: Till) -> None:
    """PAY-03, PAY-11: and the order was there before the visitor left to pay."""
    then = buyer.to_pay()
    assert buyer.order().status is Status.INITIALIZED
    target, params = sent_to(buyer.tab.follow(then))
    assert target == HOME
    assert params == {"orderId": buyer.order().id, "wixMemberLoggedIn": "false"}
    assert (buyer.order().status, buyer.order().payment, buyer.order().total) == (Status.APPROVED, Payment.PAID, Money.of(30, "USD"))


@pytest.mark.parametrize("language", ["en-US", "de-AT", "pt-BR", "zz"])
def test_whatever_language_a_site_names_what_is_paid_for_is_bought(shop: Shop, language: str) -> None:
    """PAY-03: the order speaks a language that there is, so that its mails can be written when its money comes."""
    shop.db.write_now(example.prepare, shop.site, shop.now)
    buyer = till(shop, language=language)
    _, params = sent_to(buyer.tab.follow(buyer.to_pay()))
    assert params["orderId"] == buyer.order().id
    assert (buyer.order().status, buyer.order().content.language) == (Status.APPROVED, "de" if language == "de-AT" else "en")


def test_who_never_comes_back_has_bought_all_the_same(buyer: Till) -> None:
    """PAY-03: the provider's word completes order and visit."""
    buyer.tab.pay(buyer.to_pay())
    session = buyer.shop.session(buyer.session_id)
    assert (session.status, session.outcome, session.result) == (Visit.COMPLETED, "completed", {"orderId": buyer.order().id})


def test_a_refused_payment_can_be_tried_again_and_is_taken_once(buyer: Till) -> None:
    """PAY-06"""
    page = shown(buyer.tab.follow(buyer.tab.pay(buyer.to_pay(), Choice.DECLINED)))
    assert (page.step.name, page.view["state"]) == ("pay", "declined")
    assert (page.number, page.of) == (5, 5), "as many steps as the first page announced"
    again = buyer.fill("pay", method="test")
    assert isinstance(again, Pay)
    _, params = sent_to(buyer.tab.follow(again))
    assert params["orderId"] == buyer.order().id


def test_money_on_its_way_is_waited_for_and_nothing_is_called_a_success_before(buyer: Till) -> None:
    """PAY-05: nor is it called a refusal, when an earlier card was refused; nobody is asked to pay a second time."""
    buyer.tab.pay(buyer.to_pay(), Choice.DECLINED)
    buyer.shop.wait(MINUTE)
    again = buyer.fill("pay", method="test")
    assert isinstance(again, Pay)
    assert shown(buyer.tab.show(buyer.session_id, "pay")).view["state"] == "open", "the refusal is of the payment before"
    page = shown(buyer.tab.follow(buyer.tab.pay(again, Choice.PENDING)))
    assert (page.step.name, page.view["state"]) == ("pay", "waiting")
    assert buyer.shop.session(buyer.session_id).status is Visit.OPENED
    buyer.shop.wait(HOUR)
    for report in buyer.shop.db.write_now(payments.waiting, buyer.shop.now, 10):
        buyer.shop.db.write_now(selling.settle, sellers(), report, buyer.shop.now)
    assert buyer.shop.session(buyer.session_id).status is Visit.COMPLETED


def test_money_on_its_way_stays_on_its_way_whatever_becomes_of_the_checkout(buyer: Till) -> None:
    """PAY-06, PAG-09: who changes an order that is being paid until it costs nothing is led back to waiting, not to a fault of ours."""
    buyer.tab.pay(buyer.to_pay(), Choice.PENDING)
    assert shown(buyer.fill("pay", change="review")).step.name == "review"
    moment = Moment(buyer.shop.now, new_id(buyer.shop.now))
    site_id, line_ids = buyer.shop.site.id, [line.id for line in buyer.order().content.lines]
    buyer.shop.db.write_now(actions.remove_lines, site_id, buyer.checkout_id, line_ids, moment)
    then = buyer.fill("review")
    page = shown(buyer.tab.follow(then) if isinstance(then, Pay) else then)
    assert (page.step.name, page.view["state"]) == ("pay", "waiting")


def test_two_tabs_pay_one_order_once(buyer: Till) -> None:
    """PAY-06: both tabs are sent to the same payment page."""
    first = buyer.to_pay()
    second = buyer.fill("pay", method="test")
    assert isinstance(second, Pay)
    assert first.path == second.path


def test_a_price_that_rose_is_shown_before_anybody_pays(buyer: Till) -> None:
    """PAY-09"""
    view = buyer.to_review()
    buyer.owner_sets(price="14.00")
    with pytest.raises(AppError) as refused:
        buyer.fill("review", seen=str(view["seen"]), method="test")
    assert "changed" in refused.value.violations[0].description
    now: Any = shown(buyer.tab.show(buyer.session_id, "review")).view
    assert [(one["what"], one["before"].text, one["after"].text) for one in now["changes"]] == [
        ("price", "12.50", "14.00"),
        ("total", "30.00", "33.00"),
    ]
    buyer.fill("review", seen=str(now["seen"]), method="test")
    assert buyer.order().total == Money.of(33, "USD")


def test_what_is_not_there_any_more_is_said_and_the_rest_can_be_bought(buyer: Till) -> None:
    """PAY-07"""
    buyer.to_review()
    buyer.owner_sets(stock=StockDraft(quantity=1))
    view: Any = shown(buyer.tab.show(buyer.session_id, "review")).view
    assert (view["is_available"], view["summary"]["lines"][0]["left"]) == (False, 1)
    with pytest.raises(AppError, match="Somebody else"):
        buyer.fill("review", method="test")
    fixed: Any = shown(buyer.fill("review", do="fix")).view
    assert (fixed["is_available"], fixed["summary"]["total"].text) == (True, "17.50")


def test_an_order_whose_time_is_over_is_free_again_and_can_be_ordered_again(buyer: Till) -> None:
    """PAY-07, PAY-08"""
    buyer.to_pay()
    first = buyer.order().id
    buyer.shop.wait(HOUR)
    moment = Moment(buyer.shop.now, new_id(buyer.shop.now))
    assert buyer.shop.db.write_now(release_holds.release, buyer.shop.site.id, first, moment)
    page = shown(buyer.tab.follow(buyer.tab.show(buyer.session_id, "pay")))
    assert (page.step.name, "over" in str(page.view["notice"])) == ("review", True)
    assert isinstance(buyer.fill("review", method="test"), Pay)
    assert buyer.order().id != first


def test_late_money_that_went_back_lets_the_same_visit_order_and_pay_again(buyer: Till) -> None:
    """PAY-08: the page says that one can order again, and so it is; what went back is not what this visit pays."""
    late = buyer.to_pay()
    first = buyer.order().id
    buyer.shop.wait(HOUR)
    moment = Moment(buyer.shop.now, new_id(buyer.shop.now))
    assert buyer.shop.db.write_now(release_holds.release, buyer.shop.site.id, first, moment)
    buyer.owner_sets(stock=StockDraft(quantity=0))
    buyer.tab.pay(late)
    page = shown(buyer.tab.follow(buyer.tab.show(buyer.session_id, "pay")))
    assert (page.step.name, "goes back" in str(page.view["notice"])) == ("review", True)
    buyer.owner_sets(stock=StockDraft(quantity=2))
    again = buyer.fill("review", method="test")
    assert isinstance(again, Pay)
    _, params = sent_to(buyer.tab.follow(again))
    assert params["orderId"] == buyer.order().id != first
    assert (buyer.order().status, buyer.order().payment) == (Status.APPROVED, Payment.PAID)


def test_the_total_is_that_of_the_way_of_delivery_that_is_marked(buyer: Till) -> None:
    buyer.fill("contact", **BUYER)
    page = shown(buyer.fill("address", **ADDRESS))
    view: Any = page.view
    assert (page.step.name, page.number, page.of) == ("delivery", 3, 5)
    assert view["values"]["delivery"] == example.DELIVERY_ID
    assert (view["summary"]["delivery"]["price"].text, view["summary"]["total"].text) == ("5.00", "30.00")


def test_a_coupon_is_used_or_refused_at_its_field(buyer: Till) -> None:
    coupon = Coupon(
        new_id(buyer.shop.now), buyer.shop.site.id, Terms("Welcome", "WELCOME10", CouponKind.PERCENT, "10"), True, buyer.shop.now - 1,
        None, None, None, 0, 1, buyer.shop.now, buyer.shop.now,
    )  # fmt: skip
    buyer.shop.db.write_now(coupons.create, coupon, Moment(buyer.shop.now, new_id(buyer.shop.now)))
    buyer.to_review()
    with pytest.raises(AppError) as refused:
        buyer.fill("review", do="coupon", coupon="NOPE")
    assert refused.value.violations[0].field == "coupon"
    view: Any = shown(buyer.fill("review", do="coupon", coupon="WELCOME10")).view
    assert (view["summary"]["discount"].text, view["summary"]["total"].text) == ("-2.50", "27.50")
    without: Any = shown(buyer.fill("review", do="no_coupon")).view
    assert without["summary"]["discount"] is None


@pytest.mark.parametrize(
    ("page", "form", "fields"),
    [
        ("contact", {}, {"email", "first_name", "last_name"}),
        ("contact", {**BUYER, "email": "ann@", "phone": "call me"}, {"email", "phone"}),
        ("address", {}, {"country", "line", "postal_code", "city"}),
        ("address", {**ADDRESS, "country": "US", "subdivision": "Bavaria"}, {"subdivision"}),
        ("delivery", {}, {"delivery"}),
        ("delivery", {"delivery": "by pigeon"}, {"delivery"}),
    ],
)
def test_each_field_says_what_is_wrong_with_it(buyer: Till, page: str, form: Mapping[str, str], fields: set[str]) -> None:
    for before, known in (("contact", BUYER), ("address", ADDRESS)):
        if before == page:
            break
        buyer.fill(before, **known)
    with pytest.raises(AppError) as refused:
        buyer.fill(page, **form)
    assert {violation.field for violation in refused.value.violations} == fields


def test_a_state_is_understood_by_its_name_and_by_its_letters(buyer: Till) -> None:
    buyer.fill("contact", **BUYER)
    buyer.fill("address", **{**ADDRESS, "country": "US", "subdivision": "new york"})
    checkout = buyer.shop.db.read_now(checkouts.get, buyer.shop.site.id, buyer.checkout_id)
    assert checkout is not None
    assert (checkout.place.country, checkout.place.subdivision) == ("US", "US-NY")


def test_every_part_can_be_changed_on_the_last_page(buyer: Till) -> None:
    buyer.to_review()
    for part, form in (("contact", BUYER), ("address", ADDRESS), ("delivery", {"delivery": example.DELIVERY_ID})):
        assert shown(buyer.fill("review", change=part)).step.name == part
        assert shown(buyer.fill(part, **form)).step.name == "review"


def members_till(shop: Shop, tab: Tab) -> tuple[Till, Show]:
    """A checkout of Ann's own, asked for with her own token."""
    message = shop.db.write_now(example.another, shop.site, shop.now)
    checkout_id = str(message["checkoutId"])
    moment = Moment(shop.now, new_id(shop.now))
    shop.db.write_now(actions.change, shop.site.id, checkout_id, lambda said: replace(said, member_id=shop.ann.id), moment)
    caller = shop.member_of(shop.redeem(sent_to(tab.enter(shop.auth()))[1]["code"]))
    created = shop.create("ecomCheckout", message, callbacks=BACK, caller=caller)
    return Till(shop, tab, created.session.id, checkout_id), shown(tab.open(created))


def test_a_member_who_bought_here_before_begins_at_the_last_look(buyer: Till) -> None:
    """The express way."""
    shop = buyer.shop
    buyer.tab.log_in(shop.ann)
    first, page = members_till(shop, buyer.tab)
    assert page.step.name == "contact"
    first.tab.follow(first.to_pay())
    _, page = members_till(shop, buyer.tab)
    assert page.step.name == "review"
    view: Any = page.view
    assert (view["contact"]["email"], view["delivery"]["title"]) == (BUYER["email"], "Standard")


def test_nothing_about_a_member_gets_into_a_checkout_that_somebody_else_can_read(buyer: Till) -> None:
    """SES-03: a stranger sends the link of their own checkout to somebody who is logged in and has bought here before."""
    shop = buyer.shop
    buyer.tab.log_in(shop.ann)
    first, _ = members_till(shop, buyer.tab)
    first.tab.follow(first.to_pay())
    strangers = till(shop, tab=buyer.tab)
    page = shown(buyer.tab.show(strangers.session_id, "contact"))
    assert not any(page.view["values"].values())  # type: ignore[attr-defined]
    kept = shop.db.read_now(checkouts.get, shop.site.id, strangers.checkout_id)
    assert kept is not None
    assert (kept.details.email, kept.details.member_id, kept.details.billing, kept.details.shipping) == ("", "", None, None)


def test_another_members_checkout_is_not_there(buyer: Till) -> None:
    """A member's checkout is opened by that member only; a visitor's by whoever knows its id."""
    shop = buyer.shop
    message = shop.db.write_now(example.another, shop.site, shop.now)
    moment = Moment(shop.now, new_id(shop.now))
    checkout_id = str(message["checkoutId"])
    shop.db.write_now(actions.change, shop.site.id, checkout_id, lambda said: replace(said, member_id=shop.ann.id), moment)
    with pytest.raises(AppError) as refused:
        shop.create("ecomCheckout", message, callbacks=BACK)
    assert refused.value.code == "CHECKOUT_NOT_FOUND"


def test_a_checkout_that_became_an_order_is_not_opened_again(buyer: Till) -> None:
    buyer.tab.follow(buyer.to_pay())
    with pytest.raises(AppError) as refused:
        buyer.shop.create("ecomCheckout", {"checkoutId": buyer.checkout_id}, callbacks=BACK)
    assert refused.value.code == "CHECKOUT_ALREADY_PAID"


def test_without_a_page_of_the_sites_own_the_visitor_is_thanked_here_and_led_on(shop: Shop) -> None:
    shop.db.write_now(example.prepare, shop.site, shop.now)
    buyer = till(shop, Callbacks(post_flow_url=HOME))
    then = buyer.tab.follow(buyer.to_pay())
    assert isinstance(then, Leave)
    assert isinstance(then.leaving, Stay)
    assert (then.leaving.page, then.leaving.view["number"]) == ("thank_you", buyer.order().number)
    assert isinstance(then.leaving.onward, Redirect)
    assert f"orderId={buyer.order().id}" in then.leaving.onward.url


def test_a_visitor_who_turns_back_brings_no_ids(buyer: Till) -> None:
    """PAY-11"""
    buyer.to_review()
    _, params = sent_to(buyer.tab.leave(buyer.session_id))
    assert params == {"wixMemberLoggedIn": "false"}
