"""Everybody who moves an order locks in one order, so nobody waits in a circle (decision 0135). Real threads, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from psycopg import errors

from roundtrip.core.errors import AppError
from roundtrip.ecom.checkout import actions as checkouts
from roundtrip.ecom.checkout.model import Details
from roundtrip.ecom.orders.model import HOLD
from roundtrip.payments.model import Verdict
from roundtrip.storage.database import Database
from roundtrip.storage.postgres import PostgresDatabase
from roundtrip.workflows import release_holds
from roundtrip.workflows.cancel_order import cancel
from roundtrip.workflows.mark_order_paid import mark_order_paid
from roundtrip.workflows.place_order import place
from roundtrip.workflows.refund_order import refund
from tests.ecom.buying import ANN, HOME, VISITOR, attempt, in_shop, left, moment, order, put, reported
from tests.ecom.shelf import NOW, SITE
from tests.flows.at_once import at_once

LATE = NOW + HOLD
ROUNDS = 8


@pytest.fixture
def circles(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every transaction that PostgreSQL undid because it waited in a circle."""
    found: list[str] = []
    real = PostgresDatabase._attempt

    def counting(self: PostgresDatabase, begin: str, work: Callable[..., object]) -> object:
        try:
            return real(self, begin, work)
        except errors.DeadlockDetected as error:
            found.append(str(error))
            raise

    monkeypatch.setattr(PostgresDatabase, "_attempt", counting)
    return found


def test_everything_that_can_happen_to_an_order_at_once_waits_in_line(db: Database, standard: str, circles: list[str]) -> None:
    """PAY-06 to PAY-08, TST-06: paid, out of time, cancelled, placed again, marked as paid, refunded and changed in the cart, together."""
    said = Details(email=ANN, shipping=HOME, delivery_id=standard)
    for turn in range(ROUNDS):
        put(db, 1)
        checkout = db.write_now(in_shop, checkouts.create_from_cart, VISITOR, said, moment())
        placed = order(db, checkout)
        paying = attempt(db, placed)
        line = checkout.details.lines[0].id
        db.write_now(checkouts.set_quantities, SITE, checkout.id, {line: 2}, moment())
        all_of_it: list[Callable[[], object]] = [
            partial(reported, db, paying, Verdict.CAPTURED, LATE),
            partial(db.write_now, release_holds.release, SITE, placed.id, moment(LATE)),
            partial(db.write_now, in_shop, cancel, placed.id, restocks=True, moment=moment(LATE)),
            partial(db.write_now, in_shop, place, checkout.id, moment=moment(NOW + 1)),
            partial(db.write_now, in_shop, mark_order_paid, placed.id, moment(LATE)),
            partial(db.write_now, in_shop, refund, placed.id, None, reason="", key=f"{turn}", moment=moment(LATE)),
            partial(db.write_now, in_shop, checkouts.create_from_cart, VISITOR, said, moment(LATE)),
            partial(put, db),
        ]
        answers = at_once(all_of_it)
        assert not [one for one in answers if isinstance(one, Exception) and not isinstance(one, AppError)], answers
        _tidy(db)
        assert left(db) == 3
    assert circles == []


def _tidy(db: Database) -> None:
    """Cancel what stands, give up what waits, and forget the cart."""
    rows = db.read_now(lambda tx: tx.all("SELECT id FROM shop_order WHERE stock <> 'released'"))
    for (order_id,) in rows:
        db.write_now(in_shop, cancel, order_id, restocks=True, moment=moment(LATE + 1))
    db.write_now(lambda tx: tx.execute("DELETE FROM cart"))
