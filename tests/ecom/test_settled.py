"""What settling a payment does to an order when something around it goes wrong."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from roundtrip.core.money import Money
from roundtrip.ecom.cart import actions as carts
from roundtrip.ecom.checkout import actions as checkouts
from roundtrip.ecom.checkout.model import Details
from roundtrip.ecom.orders.model import HOLD, Status
from roundtrip.payments.model import Verdict
from roundtrip.storage.database import Database
from roundtrip.workflows.selling import SELLERS, settle
from tests.ecom.buying import (
    ANN,
    HOME,
    SHOP,
    VISITOR,
    attempt,
    checking_out,
    in_shop,
    left,
    mails,
    moment,
    order,
    put,
    report,
    reported,
    seen,
)
from tests.ecom.shelf import NOW, SITE

LATE = NOW + HOLD


def test_a_mail_that_cannot_be_put_into_words_takes_no_money_without_an_order(
    db: Database, standard: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PAY-03: words are made when a mail is sent, not while a payment is settled."""

    def broken(amount: Money, language: str) -> str:
        raise ValueError("no words for that")

    placed = order(db, checking_out(db, delivery_id=standard))
    paying = attempt(db, placed)
    monkeypatch.setattr(Money, "words", broken)
    assert reported(db, paying).is_paid
    assert seen(db, placed).status is Status.APPROVED
    assert mails(db) == [("order_confirmed", ANN), ("order_received", SHOP)]


def test_money_on_its_way_that_is_not_what_was_owed_goes_back_and_frees_what_waited_for_it(db: Database, standard: str) -> None:
    """PAY-05, PAY-08."""
    placed = order(db, checking_out(db, 3, delivery_id=standard))
    paying = attempt(db, placed)
    reported(db, paying, Verdict.PENDING)
    settled = db.write_now(settle, SELLERS, replace(report(paying), units=paying.units - 1), LATE)
    assert settled.overtaken
    assert settled.refund is not None
    assert (seen(db, placed).status, left(db)) == (Status.REJECTED, 3)


def test_who_waits_for_a_debit_buys_something_else_meanwhile(db: Database, standard: str) -> None:
    """PAY-05: what was ordered leaves the cart when its money is on its way, and nothing leaves it a second time when that arrives."""
    said = Details(email=ANN, shipping=HOME, delivery_id=standard)
    put(db, 1)
    first = db.write_now(in_shop, checkouts.create_from_cart, VISITOR, said, moment())
    paying = attempt(db, order(db, first))
    reported(db, paying, Verdict.PENDING)
    put(db, 2, now=NOW + 1)
    second = db.write_now(in_shop, checkouts.create_from_cart, VISITOR, said, moment(NOW + 1))
    assert (second.id == first.id, [line.quantity for line in second.details.lines]) == (False, [2])
    reported(db, paying)
    placed = order(db, second, NOW + 2)
    assert (placed.status, placed.content.lines[0].quantity) == (Status.INITIALIZED, 2)
    cart = db.read_now(carts.current, SITE, VISITOR)
    assert [line.quantity for line in cart.lines] == [2]
    reported(db, attempt(db, placed, now=NOW + 2), now=NOW + 3)
    assert (seen(db, placed).status, left(db)) == (Status.APPROVED, 0)
