"""How often a coupon is used, by everybody and by one customer, on both databases."""

from __future__ import annotations

import dataclasses
from functools import partial

import pytest
from msgspec.structs import replace

from roundtrip.core.errors import AppError
from roundtrip.ecom.checkout import actions as checkouts
from roundtrip.ecom.coupons import actions as coupons
from roundtrip.ecom.coupons import store as coupon_store
from roundtrip.ecom.coupons.model import Problem
from roundtrip.ecom.orders import actions as orders
from roundtrip.ecom.orders.model import HOLD, Status
from roundtrip.storage.database import Database
from tests.ecom.buying import ANN, attempt, checking_out, coupon, in_shop, left, moment, order, release_all, reported, seen
from tests.ecom.shelf import NOW, SITE
from tests.flows.at_once import at_once

LATE = NOW + HOLD
BEA = "bea@shop.example"


def test_the_last_use_of_a_coupon_goes_to_one_buyer(db: Database, standard: str) -> None:
    last = coupon(db, "LAST", usage_limit=1)
    buyers = [checking_out(db, delivery_id=standard, coupon_code="LAST", email=f"b{number}@shop.example") for number in range(3)]
    answers = at_once([partial(order, db, buyer) for buyer in buyers])
    codes = sorted(getattr(answer, "code", "") for answer in answers)
    assert codes == ["", "ERROR_COUPON_USAGE_EXCEEDED", "ERROR_COUPON_USAGE_EXCEEDED"]
    assert left(db) == 2
    assert not db.write_now(coupon_store.use, last.id, NOW), "whoever looked before it was gone is told here"


def test_a_customer_with_two_tabs_uses_a_coupon_once(db: Database, standard: str) -> None:
    """PAY-09: both tabs saw it as usable."""
    once = coupon(db, "ONCE", limit_per_customer=1)
    tabs = [checking_out(db, delivery_id=standard, coupon_code="ONCE") for _ in range(2)]
    codes = sorted(getattr(answer, "code", "") for answer in at_once([partial(order, db, tab) for tab in tabs]))
    assert codes == ["", "ERROR_COUPON_LIMIT_PER_CUSTOMER_EXCEEDED"]
    assert not db.write_now(coupon_store.use_by, once.id, ANN, 1), "whoever looked before is told here"
    assert (db.read_now(coupon_store.used_by, once.id, ANN), left(db)) == (1, 2)


def test_no_customer_uses_a_coupon_more_often_than_they_may(db: Database, standard: str) -> None:
    """PAY-08: not by money that comes late, not when the address is corrected, and not because the limit is younger than the use."""
    once = coupon(db, "ONCE", limit_per_customer=1)

    def uses(email: str) -> int:
        return db.read_now(coupon_store.used_by, once.id, email)

    late = order(db, checking_out(db, delivery_id=standard, coupon_code="ONCE"))
    paying = attempt(db, late)
    release_all(db, LATE)
    assert uses(ANN) == 0
    reported(db, paying, now=LATE + 1)
    assert (seen(db, late).status, uses(ANN)) == (Status.APPROVED, 1), "late money counts its customer"

    waiting = order(db, checking_out(db, delivery_id=standard, coupon_code="ONCE", email=BEA))
    corrected = replace(waiting.content, email="bea@elsewhere.example")
    db.write_now(orders.correct, waiting, corrected, is_archived=False, moment=moment())
    release_all(db, LATE + HOLD)
    assert (uses(BEA), uses("bea@elsewhere.example")) == (0, 0), "given back to whom it was counted"

    free = coupon(db, "FREE")
    order(db, checking_out(db, delivery_id=standard, coupon_code="FREE"), pays_later=True)
    limited = dataclasses.replace(free, used=1, limit_per_customer=1)
    db.write_now(coupons.update, free, limited, moment())
    with pytest.raises(AppError) as error:
        checking_out(db, delivery_id=standard, coupon_code="FREE")
    assert error.value.code == "ERROR_COUPON_LIMIT_PER_CUSTOMER_EXCEEDED"


def test_who_types_another_address_hears_at_once_that_it_used_the_coupon_already(db: Database, standard: str) -> None:
    """PAY-09: what an unpaid order counted for one address is not free for another."""
    coupon(db, "ONCE", limit_per_customer=1)
    order(db, checking_out(db, delivery_id=standard, coupon_code="ONCE", email=BEA), pays_later=True)
    mine = checking_out(db, delivery_id=standard, coupon_code="ONCE")
    order(db, mine)

    def problem() -> Problem | None:
        checkout = db.read_now(checkouts.get, SITE, mine.id)
        return db.read_now(in_shop, checkouts.quoted, checkout, NOW).coupon_problem

    assert problem() is None, "one's own use does not stand in the way"
    db.write_now(checkouts.set_contact, SITE, mine.id, email=BEA, billing=None, moment=moment())
    assert problem() is Problem.USED_BY_CUSTOMER


def test_a_member_finds_the_coupon_limit_of_their_address(db: Database, standard: str) -> None:
    coupon(db, "PER", limit_per_customer=1)
    order(db, checking_out(db, delivery_id=standard, coupon_code="per"), pays_later=True)
    checkout = checking_out(db, delivery_id=standard)
    with pytest.raises(AppError) as over:
        db.write_now(checkouts.set_coupon, SITE, checkout.id, " PER ", moment())
    assert over.value.code == "ERROR_COUPON_LIMIT_PER_CUSTOMER_EXCEEDED"
    other = checking_out(db, delivery_id=standard, email="bea@shop.example")
    assert db.write_now(checkouts.set_coupon, SITE, other.id, "PER", moment()).details.coupon_code == "PER"
