"""What owners do with orders, on both databases: send, cancel, give back; two at once, and never more than there is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pytest

from roundtrip.core.errors import AppError
from roundtrip.core.money import Money
from roundtrip.ecom.orders import actions as orders
from roundtrip.ecom.orders import store
from roundtrip.ecom.orders.model import Fulfilment, Order, Parcel, Payment, Sent, Status, Tracking
from roundtrip.storage.database import Database, Tx
from roundtrip.workflows.cancel_order import cancel
from roundtrip.workflows.refund_order import refund
from roundtrip.workflows.selling import SELLERS, refund_failed
from tests.ecom.buying import ANN, attempt, checking_out, in_shop, left, mails, moment, order, reported, seen
from tests.ecom.shelf import NOW, SITE
from tests.flows.at_once import at_once


def send(db: Database, placed: Order, lines: Sequence[Sent] | None) -> Parcel:
    def sends(tx: Tx) -> Parcel:
        return orders.fulfil(tx, orders.require(tx, SITE, placed.id), lines, Tracking("1Z"), moment())

    return db.write_now(sends)


def test_an_owner_sends_it_in_two_parcels(db: Database, standard: str) -> None:
    placed = order(db, checking_out(db, 3, delivery_id=standard), pays_later=True)
    line = placed.content.lines[0].id
    send(db, placed, [Sent(line, 1)])
    assert seen(db, placed).fulfilment is Fulfilment.PARTIALLY_FULFILLED
    for bad in ([Sent(line, 3)], [Sent(line, 0)], [Sent("other", 1)], [Sent(line, 1), Sent(line, 2)]):
        with pytest.raises(AppError):
            send(db, placed, bad)
    rest = [partial(send, db, placed, None) for _ in range(3)]
    codes = sorted(getattr(answer, "code", "") for answer in at_once(rest))
    assert codes[0] == ""
    assert set(codes[1:]) <= {"ORDER_ALREADY_FULFILLED", "REVISION_CHANGED"}
    assert seen(db, placed).fulfilment is Fulfilment.FULFILLED


def test_an_owner_gives_money_back_in_parts_and_never_more_than_came(db: Database, standard: str) -> None:
    placed = order(db, checking_out(db, 2, delivery_id=standard))
    with pytest.raises(AppError) as nothing:
        db.write_now(in_shop, refund, placed.id, None, reason="", key="0", moment=moment())
    assert nothing.value.code == "ORDER_STATUS"
    reported(db, attempt(db, placed))
    ten = Money.parse("10.00", "USD")
    asked = [partial(db.write_now, in_shop, refund, placed.id, ten, reason="Broken", key=f"key {n % 2}", moment=moment()) for n in range(4)]
    assert not [answer for answer in at_once(asked) if isinstance(answer, Exception)]
    assert (seen(db, placed).payment, seen(db, placed).refunded.text) == (Payment.PARTIALLY_REFUNDED, "20.00")
    with pytest.raises(AppError) as too_much:
        db.write_now(in_shop, refund, placed.id, ten + ten, reason="", key="3", moment=moment())
    assert too_much.value.code == "REFUND_TOO_HIGH"
    # Payments count money once; the order's own state holds out as well, whoever asks.
    assert not db.write_now(store.mark_paid, placed.id, NOW), "what gave money back does not become paid in full again"
    _, rest = db.write_now(in_shop, refund, placed.id, None, reason="", key="4", moment=moment())
    assert (rest.amount.text, seen(db, placed).payment) == ("10.00", Payment.FULLY_REFUNDED)

    assert db.write_now(refund_failed, SELLERS, rest, "account closed", NOW)
    assert not db.write_now(refund_failed, SELLERS, rest, "account closed", NOW)
    assert (seen(db, placed).payment, seen(db, placed).refunded.text) == (Payment.PARTIALLY_REFUNDED, "20.00")
    assert mails(db).count(("order_refunded", ANN)) == 3


def test_cancelling_puts_goods_back_if_asked_and_stops_what_waits_for_money(db: Database, standard: str) -> None:
    waiting = order(db, checking_out(db, 1, delivery_id=standard))
    paying = attempt(db, waiting)
    db.write_now(in_shop, cancel, waiting.id, restocks=True, moment=moment())
    assert (seen(db, waiting).status, left(db)) == (Status.CANCELED, 3)
    reported(db, paying)
    late = seen(db, waiting)
    assert (late.status, late.payment, left(db)) == (Status.CANCELED, Payment.FULLY_REFUNDED, 3), "an owner's word outlives late money"
    for restocks, rest in ((False, 2), (True, 2)):
        standing = order(db, checking_out(db, 1, delivery_id=standard), pays_later=True)
        db.write_now(in_shop, cancel, standing.id, restocks=restocks, moment=moment())
        assert seen(db, standing).status is Status.CANCELED
        with pytest.raises(AppError) as again:
            db.write_now(in_shop, cancel, standing.id, restocks=True, moment=moment())
        assert again.value.code == "ORDER_STATUS"
        assert left(db) == rest


def test_money_for_an_order_that_was_cancelled_meanwhile_goes_back(db: Database, standard: str) -> None:
    placed = order(db, checking_out(db, 1, delivery_id=standard), pays_later=True)
    paying = attempt(db, placed)
    db.write_now(in_shop, cancel, placed.id, restocks=False, moment=moment())
    reported(db, paying)
    assert (seen(db, placed).status, seen(db, placed).payment) == (Status.CANCELED, Payment.FULLY_REFUNDED)
