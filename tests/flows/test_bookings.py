"""Booking on the hosted pages: what is paid, what is taken meanwhile, what is left, and what the site hears."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from roundtrip.bookings import seed
from roundtrip.bookings.availability import Offer, offers
from roundtrip.bookings.book import actions, store
from roundtrip.bookings.book.model import Booking, Payment, Status
from roundtrip.bookings.hours import Interval
from roundtrip.bookings.services import store as services
from roundtrip.bookings.times.model import HOLD
from roundtrip.core.clock import DAY, MINUTE, rfc3339
from roundtrip.core.errors import AppError
from roundtrip.core.ids import new_id
from roundtrip.ecom.orders.model import HOLD as ORDER_HOLD
from roundtrip.flows.base import Stay
from roundtrip.flows.example import HOME
from roundtrip.flows.next import Leave, Next, Pay
from roundtrip.payments.providers.test import Choice
from roundtrip.payments.site_settings import store as payments
from roundtrip.payments.site_settings.model import PaymentSettings
from roundtrip.redirect_session.model import Callbacks
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows import move_booking, release_holds
from tests.flows.browser import Tab, sent_to, shown
from tests.flows.shop import SITE_ID, Shop

CALL, COACHING, YOGA = (seed.service_id(number) for number in (1, 2, 3))
WHO = {"email": "ann@example.com", "first_name": "Ann", "last_name": "Example"}
BACK = Callbacks(post_flow_url=HOME, thank_you_page_url=HOME)


@dataclass
class Desk:
    """A visitor who is about to book a time, in one browser."""

    shop: Shop
    tab: Tab
    session_id: str
    offer: Offer

    def fill(self, page: str, **form: str) -> Next:
        """Send one page's form and follow, but not to a payment page."""
        then = self.tab.submit(self.session_id, page, form)
        return then if isinstance(then, Pay) else self.tab.follow(then)

    def to_pay(self) -> Pay:
        """The form, the address and the last look; then the payment page."""
        page = shown(self.fill("booking_details", **WHO))
        assert page.step.name == "address"
        page = shown(self.fill("address", country="DE"))
        assert page.step.name == "review"
        then = self.fill("review", method="test", seen=str(page.view["seen"]))
        assert isinstance(then, Pay)
        return then

    def booking(self) -> Booking:
        """The only booking at this time."""
        found = self.shop.db.read_now(bookings_at, self.offer.start)
        assert len(found) == 1
        return found[0]


def bookings_at(tx: Tx, start: int) -> list[Booking]:
    rows = tx.all("SELECT id FROM booking WHERE starts_at = :start ORDER BY id", start=start)
    return store.several(tx, SITE_ID, [row[0] for row in rows])


def free(shop: Shop, service_id: str, days: float = 3) -> list[Offer]:
    def find(tx: Tx) -> list[Offer]:
        found = services.service(tx, SITE_ID, service_id)
        assert found is not None
        return offers(tx, [found], Interval(shop.now + DAY, shop.now + int(days * DAY)), shop.now)

    return [one for one in shop.db.read_now(find) if one.is_bookable]


def slot(offer: Offer) -> Mapping[str, Any]:
    named = {"eventId": offer.session.event_id} if offer.session else {"resource": {"id": offer.staff.id if offer.staff else ""}}
    return {"slotAvailability": {"slot": {"serviceId": offer.service.id, "startDate": rfc3339(offer.start), **named}}}


def at_desk(shop: Shop, service_id: str, callbacks: Callbacks = BACK, place: int = 0) -> Desk:
    offer = free(shop, service_id)[place]
    created = shop.create("bookingsCheckout", slot(offer), callbacks=callbacks)
    tab = Tab(shop)
    tab.open(created)
    return Desk(shop, tab, created.session.id, offer)


@pytest.fixture
def studio(shop: Shop) -> Shop:
    shop.db.write_now(seed.seed, SITE_ID, now=shop.now)
    return shop


def test_a_session_of_coaching_is_booked_and_paid_and_the_site_gets_both_ids(studio: Shop) -> None:
    """PAY-03."""
    desk = at_desk(studio, COACHING)
    paying = desk.to_pay()
    held = desk.booking()
    assert (held.status, held.hold_ends_at) == (Status.CREATED, None), "the order decides how long"
    url, params = sent_to(desk.tab.follow(paying))
    booking = desk.booking()
    assert (booking.status, booking.payment) == (Status.CONFIRMED, Payment.PAID)
    assert (url, params["bookingId"], params["orderId"]) == (HOME, booking.id, booking.order_id)
    kinds = [mail["kind"] for mail in studio.mails("ann@example.com")]
    assert sorted(kinds) == ["booking_confirmed", "order_confirmed"]
    told = dict(studio.events(booking.id, "booking"))
    assert (set(told), told["confirmed"]["paymentStatus"]) == ({"created", "confirmed"}, "PAID")


def test_what_is_only_sold_online_is_not_had_for_a_promise_where_the_shop_lets_others_pay_later(studio: Shop) -> None:
    """PAY-03. Neither the page offers it, nor does a form that somebody made up get it. The steps are announced as they come."""
    studio.db.write_now(payments.replace, PaymentSettings(SITE_ID, offline=True, offline_instructions="By transfer"), 0, studio.now)
    desk = at_desk(studio, COACHING)
    form = shown(desk.tab.show(desk.session_id, "booking_details"))
    address = shown(desk.fill("booking_details", **WHO))
    assert [(page.number, page.of) for page in (form, address)] == [(1, 4), (2, 4)]
    review = shown(desk.fill("address", country="DE"))
    assert (review.view["later"], [one["name"] for one in review.view["methods"]]) == ([], ["test"])  # type: ignore[attr-defined]
    assert isinstance(desk.fill("review", do="later", seen=str(review.view["seen"])), Pay)
    assert desk.booking().status is Status.CREATED


def test_a_visit_that_never_comes_back_from_paying_is_booked_all_the_same(studio: Shop) -> None:
    """PAY-03."""
    desk = at_desk(studio, COACHING)
    desk.tab.pay(desk.to_pay())
    assert desk.booking().status is Status.CONFIRMED
    assert studio.session(desk.session_id).outcome == "completed"


def test_who_does_not_pay_in_time_gives_the_time_back_and_late_money_takes_it_if_it_is_free(studio: Shop) -> None:
    """PAY-08."""
    desk = at_desk(studio, COACHING)
    paying = desk.to_pay()
    studio.wait(HOLD + MINUTE)
    assert desk.offer.start not in [one.start for one in free(studio, COACHING) if one.staff == desk.offer.staff], "paying takes longer"
    studio.wait(ORDER_HOLD)
    order_id = desk.booking().order_id
    assert order_id is not None
    assert studio.db.write_now(release_holds.release, SITE_ID, order_id, Moment(studio.now, new_id(studio.now)))
    assert desk.offer.start in [one.start for one in free(studio, COACHING) if one.staff == desk.offer.staff]
    desk.tab.pay(paying, Choice.PAID)
    assert desk.booking().status is Status.CONFIRMED


def test_late_money_for_a_time_that_somebody_else_has_goes_back(studio: Shop) -> None:
    """PAY-08."""
    desk = at_desk(studio, COACHING)
    paying = desk.to_pay()
    late = desk.booking()
    studio.wait(ORDER_HOLD)
    assert late.order_id is not None
    studio.db.write_now(release_holds.release, SITE_ID, late.order_id, Moment(studio.now, new_id(studio.now)))
    other = at_desk(studio, COACHING)
    assert (other.offer.start, other.offer.staff) == (desk.offer.start, desk.offer.staff)
    other.tab.follow(other.to_pay())
    desk.tab.pay(paying, Choice.PAID)
    found = {one.id: one.status for one in studio.db.read_now(bookings_at, desk.offer.start)}
    assert found.pop(late.id) is Status.CREATED
    assert list(found.values()) == [Status.CONFIRMED]
    assert "order_too_late" in [mail["kind"] for mail in studio.mails("ann@example.com")]


def test_a_time_that_is_taken_meanwhile_is_said_so_and_another_one_can_be_chosen(studio: Shop) -> None:
    desk, quicker = at_desk(studio, CALL), at_desk(studio, CALL)
    assert sent_to(quicker.fill("booking_details", **WHO))[1]["bookingId"]
    page = shown(desk.fill("booking_details", **WHO))
    assert page.step.name == "time"
    assert "has just taken" in str(page.view["notice"])
    other = free(studio, CALL)[0]
    page = shown(desk.fill("time", time=str(other.start)))
    assert page.step.name == "booking_details"
    params = sent_to(desk.fill("booking_details", **WHO))[1]
    assert studio.db.read_now(actions.require, SITE_ID, params["bookingId"]).starts_at == other.start


def test_an_abandoned_form_holds_nothing_and_an_abandoned_payment_page_ten_minutes(studio: Shop) -> None:
    desk = at_desk(studio, COACHING)
    assert desk.offer.start in [one.start for one in free(studio, COACHING)]
    desk.fill("booking_details", **WHO)
    assert desk.offer.staff not in [one.staff for one in free(studio, COACHING) if one.start == desk.offer.start]
    url, params = sent_to(desk.tab.leave(desk.session_id))
    assert (url, "bookingId" in params) == (HOME, False)
    studio.wait(HOLD)
    assert desk.offer.staff in [one.staff for one in free(studio, COACHING) if one.start == desk.offer.start]


def test_a_full_class_has_a_waiting_list_and_who_waits_is_told_when_a_place_is_free(studio: Shop) -> None:
    was = '"most_participants":4'
    sql = "UPDATE booking_part SET content = REPLACE(content, :was, :more) WHERE kind = 'policy'"
    studio.db.write_now(lambda tx: tx.execute(sql, was=was, more=f'{was},"waiting_list":1'))
    first = free(studio, YOGA)[0]
    desks = []
    for _ in range(3):
        created = studio.create("bookingsCheckout", slot(first), callbacks=BACK)
        desk = Desk(studio, Tab(studio), created.session.id, first)
        desk.tab.open(created)
        sent_to(desk.fill("booking_details", **WHO, participants="4", method="place"))
        desks.append(desk)
    created = studio.create("bookingsCheckout", slot(first), callbacks=Callbacks(post_flow_url=HOME))
    bob = Desk(studio, Tab(studio), created.session.id, first)
    page = shown(bob.tab.open(created))
    assert page.view["waits"] is True
    then = bob.fill("booking_details", **{**WHO, "email": "bob@example.com"}, participants="4", method="place")
    assert isinstance(then, Leave)
    assert isinstance(then.leaving, Stay)
    assert then.leaving.view["waits"] is True
    studio.wait(MINUTE)
    standing = next(one for one in studio.db.read_now(bookings_at, first.start) if one.stands)
    studio.db.write_now(move_booking.cancel, SITE_ID, standing.id, None, "owner", Moment(studio.now, new_id(studio.now)))
    # Both were asked for in one millisecond.
    assert sorted(mail["kind"] for mail in studio.mails("bob@example.com")) == ["booking_place_free", "booking_waiting"]
    offered = next(one for one in studio.db.read_now(bookings_at, first.start) if one.status is Status.CREATED)
    taken = studio.db.write_now(move_booking.finish, SITE_ID, offered.id, Moment(studio.now, new_id(studio.now)))
    assert (taken.status, taken.payment) == (Status.CONFIRMED, Payment.NOT_PAID)

    created = studio.create("bookingsCheckout", slot(first), callbacks=Callbacks(post_flow_url=HOME))
    carl = Desk(studio, Tab(studio), created.session.id, first)
    carl.tab.open(created)
    carl.fill("booking_details", **{**WHO, "email": "carl@example.com"}, method="place")
    studio.wait(first.start - studio.now)
    for site_id, booking_id in studio.db.read_now(store.due_reminders, studio.now, 50):
        assert studio.db.write_now(move_booking.remind, site_id, booking_id, Moment(studio.now, new_id(studio.now)))
    waited = next(one for one in studio.db.read_now(bookings_at, first.start) if one.content.contact.email == "carl@example.com")
    assert waited.status is Status.DECLINED, "nobody waits for what has begun"
    assert [mail["kind"] for mail in studio.mails("carl@example.com")] == ["booking_waiting"]


def test_every_field_says_what_is_wrong_with_it(studio: Shop) -> None:
    desk = at_desk(studio, YOGA)
    for field, value in (("email", "nobody"), ("first_name", ""), ("last_name", "x" * 101), ("phone", "call me"), ("participants", "5")):
        with pytest.raises(AppError) as refused:
            desk.tab.submit(desk.session_id, "booking_details", {**WHO, "method": "place", field: value})
        assert [one.field for one in refused.value.violations] == [field]
    assert studio.db.read_now(bookings_at, desk.offer.start) == []


def test_what_is_no_booking_is_refused_before_anything_is_kept(studio: Shop) -> None:
    for message, code in (
        ({"slotAvailability": {"slot": {"startDate": "2026-10-01T09:00:00Z"}}}, "INVALID_ARGUMENT"),
        ({"slotAvailability": {"slot": {"serviceId": CALL}}}, "INVALID_ARGUMENT"),
        ({"slotAvailability": {"slot": {"serviceId": CALL, "startDate": "soon"}}}, "INVALID_ARGUMENT"),
        ({"slotAvailability": {"slot": {"serviceId": SITE_ID, "startDate": "2026-10-01T09:00:00Z"}}}, "SERVICE_NOT_FOUND"),
    ):
        with pytest.raises(AppError) as refused:
            studio.create("bookingsCheckout", message, callbacks=BACK)
        assert refused.value.code == code
    assert studio.session_count() == 0


def test_days_zones_and_staff_are_chosen_without_scripts(studio: Shop) -> None:
    created = studio.create("bookingsBook", {}, callbacks=BACK)
    tab = Tab(studio)
    tab.open(created)
    desk = Desk(studio, tab, created.session.id, free(studio, COACHING)[0])
    page = shown(desk.fill("service", service=COACHING))
    assert page.step.name == "time"
    assert [one["name"] for one in page.view["staff"]] == ["Alex Kim", "Sam Lee"]  # type: ignore[attr-defined]
    later = shown(desk.fill("time", since=str(page.view["later"])))
    assert later.view["days"] != page.view["days"]
    berlin = shown(desk.fill("time", zone="Europe/Berlin"))
    assert berlin.view["there"], "the clock of the business is said as well"
    with pytest.raises(AppError):
        desk.tab.submit(desk.session_id, "time", {"zone": "Mars/Olympus"})
    sam = shown(desk.fill("time", staff=seed.SAM))
    chosen = sam.view["times"][0]["value"]  # type: ignore[index]
    page = shown(desk.fill("time", time=chosen))
    assert page.step.name == "booking_details"
    desk.fill("booking_details", **WHO)
    found = studio.db.read_now(bookings_at, int(chosen.split()[0]))
    assert [one.staff_id for one in found] == [seed.SAM]
    assert found[0].content.zone == "Europe/Berlin"


def test_who_comes_too_late_to_pay_starts_again_with_the_time_and_not_with_what_is_gone(studio: Shop) -> None:
    """SES-11: the same request, nothing filled in; also when the visit had gone on as a checkout."""
    desk = at_desk(studio, COACHING)
    desk.to_pay()
    studio.wait(DAY + MINUTE)
    page = shown(desk.tab.follow(desk.tab.start_again(desk.session_id)))
    assert page.visit.session.intent == "bookingsCheckout"
    assert page.step.name in ("time", "booking_details")
