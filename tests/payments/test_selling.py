"""How a room sells something: the recipe, with vases.

1. In one transaction: keep what is bought and hold what is scarce, then `payments.actions.begin` (PAY-03). Send the visitor to the page of
   the attempt, `/pay/{token}`.
2. Bring a `Seller` for the kind of thing. It completes the thing when the money is there, whoever reports it, and whether or not the
   visitor comes back.
3. The page that visitors come back to (`return_path`) looks at the thing, never at what the browser says.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from roundtrip.core.money import Money
from roundtrip.payments import actions, providers
from roundtrip.payments.model import Attempt, Owed, Settled, Status, Verdict
from roundtrip.payments.providers.test import Choice, reports_of
from roundtrip.payments.refunds import actions as refunds
from roundtrip.payments.selling import Sellers
from roundtrip.storage.database import Database, Tx
from roundtrip.workflows import selling
from tests.payments.owed import NOW, SITE, begun, owed, refunds_of, report, stored

PRICE = Money.parse("42.00", "EUR")


@dataclass
class Vases:
    """A room that sells vases, of which there is one of each. A real one keeps this in tables, each move one conditional UPDATE."""

    state: dict[str, str] = field(default_factory=dict)

    def order(self, tx: Tx, vase_id: str, visit: str, provider: str, now: int) -> Attempt:
        """The visitor says "Buy": the order is there before they leave to pay (PAY-03)."""
        self.state.setdefault(vase_id, "held")
        thing = Owed(SITE, "vase", vase_id, PRICE, "A vase", f"/session/{visit}/payment", session_id=visit)
        return actions.begin(tx, thing, provider, now)

    def be_alone(self, tx: Tx, site_id: str, owed_id: str, now: int) -> None:
        """Nothing is locked here."""

    def refund_failed(self, tx: Tx, attempt: Attempt, now: int) -> None:
        """Nothing is given back here."""

    def settled(self, tx: Tx, settled: Settled, now: int) -> None:
        """What the money's news means for a vase."""
        attempt = settled.attempt
        state = self.state[attempt.owed_id]
        if settled.is_paid and settled.is_late and state == "sold to somebody else":
            refunds.undo(tx, attempt, reason="It was sold meanwhile", now=now)
            self.state[attempt.owed_id] = "sold to somebody else"
        elif settled.is_paid:
            self.state[attempt.owed_id] = "sold"
        elif attempt.status is Status.PENDING:
            self.state[attempt.owed_id] = "waits for money"
        elif not settled.overtaken:
            self.state[attempt.owed_id] = "free"


def chooses(db: Database, sellers: Sellers, attempt: Attempt, choice: Choice) -> list[Settled]:
    """What the test provider's page does."""
    return [db.write_now(selling.settle, sellers, said, NOW) for said in reports_of(attempt, choice, NOW)]


def test_a_visitor_who_never_comes_back_has_bought_it(db: Database) -> None:
    """PAY-03: the provider's word is enough."""
    vases = Vases()
    attempt = db.write_now(vases.order, "v1", "visit-a", providers.TEST, NOW)
    assert vases.state == {"v1": "held"}
    chooses(db, {"vase": vases}, attempt, Choice.PAID)
    assert vases.state == {"v1": "sold"}


def test_every_outcome_leaves_the_vase_where_it_belongs(db: Database) -> None:
    """PAY-04, PAY-05."""
    ends = {
        Choice.PAID: "sold",
        Choice.PAID_ONCE: "sold",
        Choice.DECLINED: "free",
        Choice.CANCELLED: "free",
        Choice.PENDING: "sold",
        Choice.LATE: "sold",
        Choice.DUPLICATE: "sold",
        Choice.REORDERED: "sold",
    }
    for number, choice in enumerate(Choice):
        vases = Vases()
        attempt = db.write_now(vases.order, f"of-{choice}", f"visit-{number}", providers.TEST, NOW)
        paid = [one.is_paid for one in chooses(db, {"vase": vases}, attempt, choice)]
        assert paid.count(True) == (ends[choice] == "sold")
        assert vases.state == {f"of-{choice}": ends[choice]}


def test_pending_money_pays_nothing_yet(db: Database) -> None:
    """PAY-05."""
    vases = Vases()
    attempt = db.write_now(vases.order, "v1", "visit-a", providers.TEST, NOW)
    db.write_now(selling.settle, {"vase": vases}, reports_of(attempt, Choice.PENDING, NOW)[0], NOW)
    assert vases.state == {"v1": "waits for money"}


def test_a_late_payment_for_a_vase_that_is_gone_is_given_back(db: Database) -> None:
    """PAY-08."""
    vases = Vases()
    attempt = db.write_now(vases.order, "v1", "visit-a", providers.TEST, NOW)
    db.write_now(actions.expire, attempt.id, NOW)
    vases.state["v1"] = "sold to somebody else"
    db.write_now(selling.settle, {"vase": vases}, report(attempt), NOW)
    assert [refund.units for refund in refunds_of(db, attempt)] == [PRICE.units]
    assert vases.state == {"v1": "sold to somebody else"}


def test_pay_later_hands_out_the_vase_and_the_owner_reports_the_money(db: Database) -> None:
    vases = Vases()
    attempt = db.write_now(vases.order, "v1", "visit-a", providers.OFFLINE, NOW)
    assert providers.known()[attempt.provider].pays_later
    thing = Owed(SITE, "vase", "v1", PRICE, "A vase", "/session/visit-a/payment", session_id="visit-a")
    assert db.write_now(selling.mark_paid, {"vase": vases}, thing, NOW).is_paid
    assert vases.state == {"v1": "sold"}


def test_a_seller_that_fails_leaves_the_money_waiting(db: Database) -> None:
    """PAY-03: both or neither."""

    class Broken(Vases):
        def settled(self, tx: Tx, settled: Settled, now: int) -> None:
            raise RuntimeError("the room is on fire")

    attempt = begun(db, owed())
    said = report(attempt, Verdict.CAPTURED)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            db.write_now(selling.settle, {"vase": Broken()}, said, NOW)
    assert stored(db, attempt.id).status is Status.STARTED
    assert db.write_now(selling.settle, {"vase": Vases({attempt.owed_id: "held"})}, said, NOW).is_paid
