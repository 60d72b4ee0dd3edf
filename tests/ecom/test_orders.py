"""From a checkout to an order that is paid, on both databases. Every way it can go, in the order of a buyer's day."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from functools import partial

import pytest
from msgspec.structs import replace

from roundtrip.core.clock import DAY, MINUTE
from roundtrip.core.errors import AppError
from roundtrip.core.money import Money
from roundtrip.ecom.cart import actions as carts
from roundtrip.ecom.cart import store as cart_store
from roundtrip.ecom.catalogue.model import ProductKind
from roundtrip.ecom.checkout import actions as checkouts
from roundtrip.ecom.checkout.model import Answer, Details
from roundtrip.ecom.checkout.shown import changes, read
from roundtrip.ecom.checkout.shown import seen as seen_text
from roundtrip.ecom.coupons import store as coupon_store
from roundtrip.ecom.orders.model import HOLD, Payment, Status, Stock
from roundtrip.ecom.shop import Question, ShopTerms
from roundtrip.payments.model import Verdict
from roundtrip.payments.refunds import actions as refunds
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Database, Tx
from roundtrip.worker import holds
from roundtrip.worker.holds import HoldReleaser
from roundtrip.workflows import release_holds
from roundtrip.workflows.cancel_order import cancel
from roundtrip.workflows.keep_cart import take_over
from roundtrip.workflows.mark_order_paid import mark_order_paid
from roundtrip.workflows.place_order import place
from tests.ecom.buying import (
    ANN,
    HOME,
    MEMBER,
    SHOP,
    VISITOR,
    attempt,
    checking_out,
    coupon,
    delivered,
    events,
    in_shop,
    left,
    mails,
    moment,
    order,
    put,
    reference,
    release_all,
    reported,
    seen,
    selling,
    taxed,
    terms,
)
from tests.ecom.shelf import MUG, NOW, SITE, mug, open_shop
from tests.flows.at_once import at_once

LATE = NOW + HOLD


def refused(db: Database, checkout_id: str, **how: object) -> AppError:
    with pytest.raises(AppError) as error:
        db.write_now(in_shop, place, checkout_id, moment=moment(), **how)  # type: ignore[arg-type]
    return error.value


def test_an_order_is_there_before_anybody_pays_and_holds_what_it_needs(db: Database, standard: str) -> None:
    """PAY-03, PAY-07."""
    placed = order(db, checking_out(db, 2, delivery_id=standard))
    assert (placed.number, placed.status, placed.payment, placed.stock) == (10_001, Status.INITIALIZED, Payment.NOT_PAID, Stock.HELD)
    assert (placed.total.text, placed.content.amounts.delivery, placed.hold_ends_at) == ("30.00", "5.00", NOW + HOLD)
    assert left(db) == 1
    assert order(db, checking_out(db, delivery_id=standard)).number == 10_002
    assert left(db) == 0
    assert (events(db), mails(db)) == (["created", "created"], [])


def test_paying_lets_it_stand_empties_the_cart_and_tells_both_sides(db: Database, standard: str) -> None:
    """PAY-03: the provider's report is enough; no visitor has to come back."""
    cart = put(db, 2)
    checkout = db.write_now(in_shop, checkouts.create_from_cart, VISITOR, Details(email=ANN, shipping=HOME, delivery_id=standard), moment())
    placed = order(db, checkout)
    put(db, 1)
    reported(db, attempt(db, placed))
    paid = seen(db, placed)
    assert (paid.status, paid.payment, paid.stock, paid.hold_ends_at) == (Status.APPROVED, Payment.PAID, Stock.KEPT, None)
    kept = db.read_now(cart_store.get, SITE, cart.id)
    assert kept is not None
    assert [line.quantity for line in kept.lines] == [1], "what was added after the checkout stays"
    assert events(db) == ["created", "approved", "paid"]
    assert mails(db) == [("order_confirmed", ANN), ("order_received", SHOP)]
    assert release_all(db, LATE + DAY) == []
    assert left(db) == 1
    with pytest.raises(AppError) as too_late:
        db.write_now(checkouts.set_coupon, SITE, checkout.id, "TEN", moment())
    assert too_late.value.code == "CHECKOUT_ALREADY_PAID"
    assert order(db, checkout) == seen(db, placed), "placing it again answers the order that is there"


def test_what_a_visitor_bought_leaves_the_cart_of_the_member_they_became(db: Database, standard: str) -> None:
    """PAY-03: between going to pay and paying they log in, and had a cart and a checkout of their own there already."""
    said = Details(email=ANN, shipping=HOME, delivery_id=standard)
    put(db, 1, owner=MEMBER)
    db.write_now(in_shop, checkouts.create_from_cart, MEMBER, said, moment())
    put(db, 2)
    placed = order(db, db.write_now(in_shop, checkouts.create_from_cart, VISITOR, said, moment()))
    paying = attempt(db, placed)
    assert db.write_now(carts.merge, SITE, VISITOR.id, MEMBER.id, moment())
    reported(db, paying)
    kept = db.read_now(cart_store.of_owner, SITE, MEMBER)
    assert kept is not None
    assert [line.quantity for line in kept.lines] == [1], "what the member had put there before is not bought"


def test_what_a_visitor_bought_leaves_the_cart_though_the_member_began_another_checkout_of_it(db: Database, standard: str) -> None:
    """PAY-03: the cart knows its latest checkout only, and the order that is paid is of the one before."""
    said = Details(email=ANN, shipping=HOME, delivery_id=standard)
    put(db, 2)
    paying = attempt(db, order(db, db.write_now(in_shop, checkouts.create_from_cart, VISITOR, said, moment())))
    assert db.write_now(take_over, SITE, VISITOR.id, MEMBER.id, moment())
    put(db, 1, owner=MEMBER)
    db.write_now(in_shop, checkouts.create_from_cart, MEMBER, said, moment())
    reported(db, paying)
    kept = db.read_now(cart_store.of_owner, SITE, MEMBER)
    assert kept is not None
    assert [line.quantity for line in kept.lines] == [1], "what was added since is not bought"


def test_a_report_that_comes_twice_or_in_the_wrong_order_changes_nothing_more(db: Database, standard: str) -> None:
    """PAY-04, PAY-05."""
    placed = order(db, checking_out(db, delivery_id=standard))
    paying = attempt(db, placed)
    for verdict in (Verdict.CAPTURED, Verdict.CAPTURED, Verdict.PENDING, Verdict.EXPIRED):
        reported(db, paying, verdict)
    assert (seen(db, placed).status, seen(db, placed).payment) == (Status.APPROVED, Payment.PAID)
    assert events(db) == ["created", "approved", "paid"]
    assert len(mails(db)) == 2


def test_what_costs_nothing_stands_at_once(db: Database) -> None:
    selling(db, mug(price="0.00"))
    terms(db, ShopTerms(orders_email=SHOP))
    option = delivered(db, "Gift", "0")
    placed = order(db, checking_out(db, delivery_id=option.id))
    assert (placed.status, placed.payment, placed.stock) == (Status.APPROVED, Payment.PAID, Stock.KEPT)
    assert (events(db), len(mails(db))) == (["created", "approved"], 2)


def test_what_is_paid_later_stands_at_once_and_is_marked_as_paid_once(db: Database, standard: str) -> None:
    placed = order(db, checking_out(db, delivery_id=standard), pays_later=True)
    assert (placed.status, placed.payment, placed.stock) == (Status.APPROVED, Payment.NOT_PAID, Stock.KEPT)
    marks = [partial(db.write_now, in_shop, mark_order_paid, placed.id, moment(NOW + 1)) for _ in range(4)]
    codes = sorted(getattr(answer, "code", "") for answer in at_once(marks))
    assert codes == ["", "ALREADY_PAID", "ALREADY_PAID", "ALREADY_PAID"]
    assert seen(db, placed).payment is Payment.PAID
    assert events(db) == ["created", "approved", "paid"]


def test_a_hold_that_is_over_goes_back_on_the_shelf_once(db: Database, standard: str) -> None:
    """PAY-07: two workers and the same hold."""
    coupon(db, "ONCE", usage_limit=1, limit_per_customer=1)
    placed = order(db, checking_out(db, 3, delivery_id=standard, coupon_code="ONCE"))
    paying = attempt(db, placed)
    assert release_all(db, LATE - 1) == []
    due = db.read_now(release_holds.overdue, LATE, 100)
    answers = at_once([partial(db.write_now, release_holds.release, *due[0], moment(LATE)) for _ in range(4)])
    assert sorted(answers) == [False, False, False, True]  # type: ignore[type-var]
    assert (seen(db, placed).status, seen(db, placed).stock, left(db)) == (Status.REJECTED, Stock.RELEASED, 3)
    assert events(db) == ["created", "rejected"]
    assert reported(db, paying, Verdict.EXPIRED, LATE).is_news is False, "the attempt was given up with it"
    again = checking_out(db, 1, delivery_id=standard, coupon_code="ONCE")
    assert order(db, again).content.coupon is not None, "the coupon's use came back too"


def test_late_money_takes_what_is_still_free(db: Database, standard: str) -> None:
    """PAY-08."""
    once = coupon(db, "ONCE", usage_limit=1)
    placed = order(db, checking_out(db, 2, delivery_id=standard, coupon_code="ONCE"))
    paying = attempt(db, placed)
    release_all(db, LATE)
    assert reported(db, paying, now=LATE + DAY).is_late
    late = seen(db, placed)
    assert (late.status, late.payment, late.stock, left(db)) == (Status.APPROVED, Payment.PAID, Stock.KEPT, 1)
    assert events(db) == ["created", "rejected", "approved", "paid"]
    assert mails(db) == [("order_confirmed", ANN), ("order_received", SHOP)]
    used = db.read_now(coupon_store.get, SITE, once.id)
    assert used is not None
    assert used.used == 1


def test_late_money_for_what_is_gone_goes_back_and_both_sides_are_told(db: Database, standard: str) -> None:
    """PAY-08: never two owners."""
    placed = order(db, checking_out(db, 2, delivery_id=standard))
    paying = attempt(db, placed)
    release_all(db, LATE)
    bea = checking_out(db, 2, delivery_id=standard, email="bea@shop.example")
    other = order(db, bea, LATE + 1)
    reported(db, paying, now=LATE + MINUTE)
    late = seen(db, placed)
    assert (late.status, late.payment, late.stock) == (Status.CANCELED, Payment.FULLY_REFUNDED, Stock.RELEASED)
    assert late.refunded == late.total
    [back] = db.write_now(refunds.unfinished, LATE + MINUTE, 10)
    assert (back.attempt_id, back.amount) == (paying.id, placed.total)
    assert left(db) == 1, "one is free, which is not enough and was not taken"
    assert seen(db, other).status is Status.INITIALIZED
    assert mails(db) == [("order_too_late", ANN), ("order_too_late_shop", SHOP)]
    assert events(db) == ["created", "rejected", "created", "canceled", "refund_requested"]


def test_late_money_for_an_order_that_another_one_replaced_goes_back(db: Database, standard: str) -> None:
    """PAY-06, PAY-08: one checkout becomes one order that stands."""
    checkout = checking_out(db, 1, delivery_id=standard)
    first = order(db, checkout)
    paying = attempt(db, first)
    line = checkout.details.lines[0].id
    db.write_now(checkouts.set_quantities, SITE, checkout.id, {line: 2}, moment())
    second = order(db, checkout)
    assert second.id != first.id
    assert (seen(db, first).status, left(db)) == (Status.REJECTED, 1)
    reported(db, attempt(db, second))
    reported(db, paying)
    assert (seen(db, second).status, seen(db, first).status, left(db)) == (Status.APPROVED, Status.CANCELED, 1)
    assert [one.attempt_id for one in db.write_now(refunds.unfinished, LATE, 10)] == [paying.id]


def test_money_that_takes_days_keeps_the_stock_until_it_is_known(db: Database, standard: str) -> None:
    """PAY-05."""
    placed = order(db, checking_out(db, 3, delivery_id=standard))
    paying = attempt(db, placed)
    reported(db, paying, Verdict.PENDING)
    assert (seen(db, placed).status, seen(db, placed).payment) == (Status.PENDING, Payment.PENDING)
    assert release_all(db, LATE + 9 * DAY) == []
    reported(db, paying, Verdict.DECLINED, LATE + 9 * DAY)
    assert (seen(db, placed).status, left(db)) == (Status.REJECTED, 3)
    assert mails(db) == [("order_unpaid", ANN)]
    assert events(db) == ["created", "pending", "rejected"]


def test_a_declined_card_leaves_the_order_waiting_for_another_one(db: Database, standard: str) -> None:
    placed = order(db, checking_out(db, delivery_id=standard))
    reported(db, attempt(db, placed), Verdict.DECLINED)
    assert (seen(db, placed).status, seen(db, placed).stock) == (Status.INITIALIZED, Stock.HELD)
    reported(db, attempt(db, placed))
    assert seen(db, placed).status is Status.APPROVED


def test_reload_and_back_find_the_same_order_and_hold_it_longer(db: Database, standard: str) -> None:
    checkout = checking_out(db, 3, delivery_id=standard)
    first = order(db, checkout)
    again = order(db, checkout, NOW + MINUTE)
    assert (again.id, again.number, again.hold_ends_at) == (first.id, first.number, NOW + MINUTE + HOLD)
    assert left(db) == 0
    asked_again = db.read_now(checkouts.get, SITE, checkout.id)
    assert db.read_now(in_shop, checkouts.quoted, asked_again, NOW).is_available, "what its own order holds is free for it"


def test_a_price_that_changed_since_it_was_shown_is_shown_before_paying(db: Database, standard: str) -> None:
    """PAY-09."""
    checkout = checking_out(db, 2, delivery_id=standard)
    quote = db.read_now(in_shop, checkouts.quoted, checkout, NOW)
    page = read(seen_text(quote))
    assert page is not None
    assert changes(page, quote) == ()
    taxed(db, "10", "US")
    error = refused(db, checkout.id, seen=page)
    assert error.code == "CHECKOUT_CHANGED"
    assert error.data["changes"] == [
        {"what": "tax", "name": "", "before": "0.00", "after": "2.50"},
        {"what": "total", "name": "", "before": "30.00", "after": "32.50"},
    ]
    now = db.read_now(in_shop, checkouts.quoted, checkout, NOW)
    assert db.write_now(in_shop, place, checkout.id, seen=read(seen_text(now)), moment=moment()).order.total.text == "32.50"


@pytest.mark.parametrize("text", ["", "x", "e30=", "é", "e" * 70_000, "W10=", "bnVsbA=="])
def test_a_page_that_was_tampered_with_shows_nothing(text: str) -> None:
    assert read(text) is None


def test_a_checkout_says_all_that_it_lacks(db: Database) -> None:
    selling(db)
    terms(db, ShopTerms(questions=(Question("Floor", is_required=True), Question("Door"))))
    delivered(db, "Standard", "5.00", "DE")
    bare = checking_out(db, 4, email="", shipping=None)
    error = refused(db, bare.id)
    assert error.code == "PARTIAL_OUT_OF_STOCK"
    problems = error.data["problems"]
    assert isinstance(problems, list)
    assert [one["code"] for one in problems] == [
        "PARTIAL_OUT_OF_STOCK",
        "BUYER_EMAIL_MISSING",
        "SHIPPING_ADDRESS_MISSING",
        "BILLING_ADDRESS_MISSING",
        "SHIPPING_OPTION_NOT_CHOSEN",
        "CUSTOM_FIELD_MISSING",
    ]
    assert refused(db, checking_out(db, answers=(Answer("Floor", "2"),)).id).code == "NO_SHIPPING_TO_THIS_ADDRESS"
    assert left(db) == 3


def test_a_deleted_product_is_named_and_nothing_is_placed(db: Database, standard: str) -> None:
    selling_shirt = checking_out(db, delivery_id=standard)
    assert db.read_now(in_shop, checkouts.quoted, selling_shirt, NOW).is_available
    from_elsewhere = replace(selling_shirt.details, lines=(replace(selling_shirt.details.lines[0], reference=reference("gone")),))
    db.write_now(checkouts.save, selling_shirt, from_elsewhere, moment())
    assert refused(db, selling_shirt.id).code == "FULL_OUT_OF_STOCK"


def test_of_a_hundred_buyers_of_the_last_one_exactly_one_gets_it(db: Database, standard: str) -> None:
    """PAY-07, TST-06: real threads, each with a checkout of their own."""
    db.write_now(lambda tx: tx.execute("UPDATE product_variant SET quantity = 1 WHERE product_id = :id", id=MUG))
    buyers = [checking_out(db, delivery_id=standard, email=f"buyer{number}@shop.example") for number in range(100)]
    answers = at_once([partial(db.write_now, in_shop, place, buyer.id, moment=moment()) for buyer in buyers])
    winners = [answer for answer in answers if not isinstance(answer, Exception)]
    losers = [answer for answer in answers if isinstance(answer, Exception)]
    assert len(winners) == 1
    assert {getattr(loser, "code", repr(loser)) for loser in losers} == {"FULL_OUT_OF_STOCK"}
    assert left(db) == 0
    assert events(db) == ["created"]


def test_two_tabs_that_place_the_same_checkout_make_one_order(db: Database, standard: str) -> None:
    """PAY-06."""
    checkout = checking_out(db, 1, delivery_id=standard)
    answers = at_once([partial(order, db, checkout) for _ in range(8)])
    assert len({placed.id for placed in answers if not isinstance(placed, Exception)}) == 1
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert left(db) == 2
    assert events(db) == ["created"]


def test_paying_and_running_out_of_time_at_once_has_one_end(db: Database, standard: str) -> None:
    """PAY-08, TST-06: whichever comes first, the goods have one owner and the money is kept or given back, never both."""
    for _ in range(6):
        placed = order(db, checking_out(db, 1, delivery_id=standard))
        paying = attempt(db, placed)
        pays: Callable[[], object] = partial(reported, db, paying, Verdict.CAPTURED, LATE)
        runs_out: Callable[[], object] = partial(db.write_now, release_holds.release, SITE, placed.id, moment(LATE))
        answers = at_once([pays, runs_out])
        assert not [answer for answer in answers if isinstance(answer, Exception)], answers
        assert (seen(db, placed).status, seen(db, placed).payment, left(db)) == (Status.APPROVED, Payment.PAID, 2)
        db.write_now(in_shop, cancel, placed.id, restocks=True, moment=moment())


def test_goods_that_are_not_sent_need_no_delivery(db: Database) -> None:
    selling(db, dataclasses.replace(mug(), kind=ProductKind.DIGITAL))
    placed = order(db, checking_out(db, shipping=None, billing=HOME))
    assert placed.content.delivery is None
    assert placed.content.shipping is None


@pytest.mark.parametrize(
    ("currency", "price", "delivery", "total", "tax"), [("JPY", "1990", "500", "4928", "448"), ("KWD", "1.005", "0.250", "2.486", "0.226")]
)
def test_other_currencies_have_other_decimals(db: Database, currency: str, price: str, delivery: str, total: str, tax: str) -> None:
    """PAY-10."""
    goods = dataclasses.replace(mug(), price=Money.parse(price, currency))
    db.write_now(open_shop, goods, currency=currency)
    taxed(db, "10", "US", covers_delivery=True)
    placed = order(db, checking_out(db, 2, delivery_id=delivered(db, "Post", delivery).id))
    assert (placed.currency, placed.total.text, placed.content.amounts.tax) == (currency, total, tax)
    paying = attempt(db, placed)
    assert paying.amount == placed.total
    reported(db, paying)
    assert seen(db, placed).is_paid


def test_the_worker_releases_what_is_over_and_one_that_fails_does_not_stop_the_others(
    db: Database, standard: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PAY-07: though the worker does no more at once than fails."""
    first, second = (order(db, checking_out(db, delivery_id=standard)) for _ in range(2))
    real, now = release_holds.release, [LATE]

    def failing(tx: Tx, site_id: str, order_id: str, now: Moment) -> bool:
        if order_id == first.id:
            raise RuntimeError("the disk is full")
        return real(tx, site_id, order_id, now)

    releaser = HoldReleaser(db, lambda: now[0])
    monkeypatch.setattr(release_holds, "release", failing)
    monkeypatch.setattr(holds, "BATCH", 1)
    assert [asyncio.run(releaser.round()) for _ in range(2)] == [0, 1]
    assert [seen(db, one).stock for one in (first, second)] == [Stock.HELD, Stock.RELEASED]
    monkeypatch.undo()
    now[0] += MINUTE
    assert asyncio.run(releaser.round()) == 1
    assert left(db) == 3
    assert asyncio.run(releaser.round()) == 0
