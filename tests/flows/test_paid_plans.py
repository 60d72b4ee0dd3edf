"""Plans on the hosted pages: a stranger sees first what it costs, a booking stops for a plan and goes on, credits are spent once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from roundtrip.bookings import seed as services
from roundtrip.bookings.availability import Offer
from roundtrip.bookings.book import store as bookings
from roundtrip.bookings.book.model import Booking, Option, Payment, Status
from roundtrip.core.errors import AppError
from roundtrip.core.identity import Member
from roundtrip.core.ids import new_id
from roundtrip.flows.base import Onward, Stay
from roundtrip.flows.example import HOME
from roundtrip.flows.next import Leave, Next, Pay
from roundtrip.flows.steps import interrupted
from roundtrip.payments.providers.test import Choice
from roundtrip.plans import seed
from roundtrip.plans.credits import store as credit
from roundtrip.plans.orders import store
from roundtrip.plans.orders.model import PlanOrder
from roundtrip.plans.orders.model import Status as OrderStatus
from roundtrip.redirect_session.model import Callbacks
from roundtrip.sites.moment import Moment
from roundtrip.workflows import move_booking
from tests.flows.browser import Tab, sent_to, shown
from tests.flows.shop import SITE_ID, Shop
from tests.flows.test_bookings import free

PLANS = "https://shop.example/plans"
BACK = Callbacks(post_flow_url=HOME, thank_you_page_url=f"{HOME}thanks", plan_list_url=PLANS)
NEW = {"email": "new@example.com", "password": "a blue door in may"}
WHO = {"email": "new@example.com", "first_name": "New", "last_name": "Member"}


@pytest.fixture
def studio(shop: Shop) -> Shop:
    """The site offers the demo services and the demo plans."""
    shop.db.write_now(services.seed, SITE_ID, now=shop.now)
    shop.db.write_now(seed.seed, SITE_ID, now=shop.now)
    return shop


def asked(shop: Shop, plan_id: str = seed.PASS, **more: Any) -> Any:
    callbacks = more.pop("callbacks", BACK)
    caller = more.pop("caller", None)
    return shop.create("paidPlansCheckout", {"planId": plan_id, **more}, callbacks=callbacks, caller=caller)


def order_of(shop: Shop, session_id: str) -> PlanOrder:
    found = shop.db.read_now(store.newest_of_session, session_id)
    assert found is not None
    return found


def bought(shop: Shop, tab: Tab, session_id: str, form: Mapping[str, str] | None = None, choice: Choice = Choice.PAID) -> Next:
    """The plan's form, and what the test provider says."""
    then = tab.submit(session_id, "plan", {"method": "test", **(form or {})})
    assert isinstance(then, Pay)
    tab.pay(then, choice)
    return tab.follow(tab.return_(session_id))


def test_a_stranger_sees_what_it_costs_signs_up_pays_and_comes_back_with_the_order(studio: Shop) -> None:
    """The summary stands beside the login before anybody is asked who they are."""
    tab, created = Tab(studio), asked(studio)
    page = shown(tab.open(created))
    assert (page.step.name, page.number, page.of) == ("login", 1, 3)
    summary: Any = page.view["summary"]
    assert [line["name"] for line in summary["lines"]] == ["10-Class Pass"]
    page = shown(tab.fill_in(created.session.id, "sign_up", NEW))
    assert page.step.name == "plan"
    then = bought(studio, tab, created.session.id)
    order = order_of(studio, created.session.id)
    assert order.status is OrderStatus.ACTIVE
    assert sent_to(then) == ("https://shop.example/thanks", {"planOrderId": order.id, "wixMemberLoggedIn": "true"})


def test_a_refused_card_brings_nothing_and_the_next_try_does(studio: Shop) -> None:
    """PAY-05: and who turns back takes no id along."""
    tab, created = Tab(studio), asked(studio, seed.MONTHLY)
    tab.log_in(studio.ann)
    page = shown(tab.open(created))
    assert page.step.name == "plan"
    with pytest.raises(AppError) as wrong:
        tab.submit(created.session.id, "plan", {"method": "test", "start_date": "2001-01-01"})
    assert [one.field for one in wrong.value.violations] == ["agree"]
    agreed = {"agree": "yes"}
    with pytest.raises(AppError) as wrong:
        tab.submit(created.session.id, "plan", {"method": "test", "start_date": "2001-01-01", **agreed})
    assert [one.field for one in wrong.value.violations] == ["start_date"]
    page = shown(bought(studio, tab, created.session.id, agreed, Choice.DECLINED))
    assert (page.step.name, page.view["state"]) == ("pay_plan", "declined")
    then = tab.submit(created.session.id, "pay_plan", {"method": "test"})
    assert isinstance(then, Pay)
    tab.pay(then, Choice.PAID)
    assert sent_to(tab.follow(tab.return_(created.session.id)))[1]["planOrderId"] == order_of(studio, created.session.id).id


def test_without_a_page_of_the_sites_own_the_member_is_thanked_here(studio: Shop) -> None:
    tab, created = Tab(studio), asked(studio, seed.COMMUNITY, callbacks=Callbacks(post_flow_url=HOME))
    tab.log_in(studio.ann)
    tab.open(created)
    then = tab.fill_in(created.session.id, "plan", {})
    assert isinstance(then, Leave)
    assert isinstance(then.leaving, Stay)
    assert then.leaving.page == "plan_thanks"
    again = asked(studio, seed.COMMUNITY)
    tab.open(again)
    with pytest.raises(AppError) as wrong:
        tab.submit(again.session.id, "plan", {})
    assert "bought again" in wrong.value.violations[0].description


def test_the_member_whose_token_asked_need_not_log_in(studio: Shop) -> None:
    """Who is carried over is logged in here, too, so that the site is told so; somebody else's login is left alone (decision 0016)."""
    caller = Member(SITE_ID, studio.client.id, studio.ann.id, "01990000-0000-7000-8000-000000000009", None)
    tab, created = Tab(studio), asked(studio, caller=caller)
    assert shown(tab.open(created)).step.name == "plan"
    assert sent_to(bought(studio, tab, created.session.id))[1]["wixMemberLoggedIn"] == "true"


def booked(shop: Shop, tab: Tab, session_id: str, offer: Offer, method: str) -> Booking:
    tab.fill_in(session_id, "booking_details", {**WHO, "method": method})
    result = shop.session(session_id).result or {}
    found = shop.db.read_now(bookings.get, SITE_ID, result["bookingId"])
    assert found is not None
    return found


def test_a_booking_stops_for_a_plan_and_goes_on_where_it_stopped(studio: Shop) -> None:
    """PAY-07: by the site's own page of plans, in the first visit's callbacks; the credit is spent once and comes back once."""
    tab, offer = Tab(studio), free(studio, services.service_id(3))[0]
    assert offer.session is not None
    message = {"slotAvailability": {"slot": {"serviceId": services.service_id(3), "eventId": offer.session.event_id}}}
    booking = studio.create("bookingsCheckout", message, callbacks=BACK)
    page = shown(tab.open(booking))
    plans: Any = page.view["plans"]
    assert (plans["usable"], plans["may_log_in"]) == ([], True)
    address, params = sent_params(plans["buy_url"])
    assert (address, params["planIds"]) == (PLANS, f"{seed.PASS},{seed.MONTHLY}")
    buying = asked(studio, checkoutData=params["checkoutData"])
    tab.open(buying)
    tab.fill_in(buying.session.id, "sign_up", NEW)
    then = bought(studio, tab, buying.session.id)
    assert isinstance(then, Leave)
    assert then.leaving == Onward(booking.session.id)
    order = order_of(studio, buying.session.id)
    page = shown(tab.follow(tab.return_(booking.session.id)))
    plans = page.view["plans"]
    assert [(one["left"], one["most"]) for one in plans["usable"]] == [(10, 10)]
    made = booked(studio, tab, booking.session.id, offer, plans["usable"][0]["value"])
    assert (made.status, made.payment, made.option, made.member_id) == (
        Status.CONFIRMED,
        Payment.PAID,
        Option.MEMBERSHIP,
        order.member_id,
    )
    assert used(studio, order) == 1
    cancel = partial(
        move_booking.cancel, site_id=SITE_ID, booking_id=made.id, revision=None, by="member", moment=Moment(studio.now, new_id(studio.now))
    )
    studio.db.write_now(cancel)
    assert used(studio, order) == 0
    with pytest.raises(AppError):
        studio.db.write_now(cancel)
    assert used(studio, order) == 0


def test_without_a_page_of_plans_the_plan_is_bought_in_the_same_visit(studio: Shop) -> None:
    """PAY-11: and what is booked after it is what was chosen before."""
    tab, offer = Tab(studio), free(studio, services.service_id(3))[0]
    tab.log_in(studio.ann)
    assert offer.session is not None
    message = {"slotAvailability": {"slot": {"serviceId": services.service_id(3), "eventId": offer.session.event_id}}}
    visit = studio.create("bookingsCheckout", message, callbacks=Callbacks(post_flow_url=HOME, thank_you_page_url=HOME))
    assert shown(tab.open(visit)).view["plans"]["may_buy_here"]  # type: ignore[index]
    page = shown(tab.fill_in(visit.session.id, "booking_details", {"change": "plan"}))
    assert [one["id"] for one in page.view["plans"]] == [seed.PASS, seed.MONTHLY]  # type: ignore[attr-defined]
    page = shown(tab.fill_in(visit.session.id, "choose_plan", {"plan": seed.PASS}))
    assert page.step.name == "plan"
    page = shown(bought(studio, tab, visit.session.id))
    assert page.step.name == "booking_details"
    made = booked(studio, tab, visit.session.id, offer, page.view["plans"]["usable"][0]["value"])  # type: ignore[index]
    assert (made.option, made.event_id) == (Option.MEMBERSHIP, offer.session.event_id)


def sent_params(url: str) -> tuple[str, dict[str, str]]:
    parts = urlsplit(url)
    return parts._replace(query="").geturl(), dict(parse_qsl(parts.query))


def used(shop: Shop, order: PlanOrder) -> int:
    return shop.db.read_now(credit.used, SITE_ID, order.id, services.service_id(3), 0)


def test_a_credit_that_is_used_up_pays_for_nothing_more(studio: Shop) -> None:
    """And of two bookings that want the last one, one gets it."""
    tab, created = Tab(studio), asked(studio)
    tab.log_in(studio.ann)
    tab.open(created)
    bought(studio, tab, created.session.id)
    order = order_of(studio, created.session.id)
    studio.db.write_now(credit.take, SITE_ID, order.id, services.service_id(3), 0, 8, 10)
    offer = free(studio, services.service_id(3))[0]
    assert offer.session is not None
    message = {"slotAvailability": {"slot": {"serviceId": services.service_id(3), "eventId": offer.session.event_id}}}
    visit = studio.create("bookingsCheckout", message, callbacks=BACK)
    page = shown(tab.open(visit))
    method = page.view["plans"]["usable"][0]["value"]  # type: ignore[index]
    with pytest.raises(AppError) as wrong:
        tab.submit(visit.session.id, "booking_details", {**WHO, "method": method, "participants": "3"})
    assert [one.field for one in wrong.value.violations] == ["method"]
    assert used(studio, order) == 8
    tab.submit(visit.session.id, "booking_details", {**WHO, "method": method, "participants": "2"})
    assert used(studio, order) == 10
    stranger = Tab(studio)
    other = studio.create("bookingsCheckout", message, callbacks=BACK)
    stranger.open(other)
    with pytest.raises(AppError):
        stranger.submit(other.session.id, "booking_details", {**WHO, "method": method, "participants": "9"})


def test_logging_in_to_use_a_plan_is_a_choice(studio: Shop) -> None:
    """Who does not want to after all goes on without."""
    tab, offer = Tab(studio), free(studio, services.service_id(3))[0]
    assert offer.session is not None
    message = {"slotAvailability": {"slot": {"serviceId": services.service_id(3), "eventId": offer.session.event_id}}}
    visit = studio.create("bookingsCheckout", message, callbacks=BACK)
    tab.open(visit)
    page = shown(tab.fill_in(visit.session.id, "booking_details", {"change": "login"}))
    assert (page.step.name, page.view["may_decline"]) == ("login", True)
    page = shown(tab.fill_in(visit.session.id, "login", {"decline": "login"}))
    assert page.step.name == "booking_details"


@pytest.mark.parametrize("data", ["x", "eyJ2IjoxfQ", "{}", "=" * 2048])
def test_what_no_booking_gave_is_refused_when_the_visit_is_made(studio: Shop, data: str) -> None:
    """RED-08: and so is what belongs to another visit, changed by one letter; an empty text counts as absent."""
    with pytest.raises(AppError) as wrong:
        asked(studio, checkoutData=data)
    assert (wrong.value.code, wrong.value.violations[0].field) == ("INVALID_CHECKOUT_DATA", "paidPlansCheckout.checkoutData")
    good = interrupted.carried(asked(studio).session)
    assert asked(studio, checkoutData=good).session.intent == "paidPlansCheckout"
    assert asked(studio, checkoutData="").session.intent == "paidPlansCheckout"
    with pytest.raises(AppError):
        asked(studio, checkoutData=good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB"))
