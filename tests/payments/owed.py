"""Things that are owed, for the tests of this room, and what is kept about them."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec

from roundtrip.core.clock import MINUTE
from roundtrip.core.money import Money
from roundtrip.payments import actions, providers, settle, store
from roundtrip.payments.model import Attempt, Owed, Refund, Report, Settled, Verdict
from roundtrip.payments.providers.base import Page
from roundtrip.payments.refunds import store as refund_store
from roundtrip.storage.database import Database, Tx

NOW = 1_790_000_000_000
SITE = "11111111-1111-4111-8111-111111111111"
PRICE = Money.parse("42.00", "EUR")
_numbers = itertools.count(1)


def owed(**changes: Any) -> Owed:
    """A fresh thing that costs 42 euros."""
    number = next(_numbers)
    known = {
        "site_id": SITE,
        "kind": "vase",
        "id": f"vase-{number}",
        "amount": PRICE,
        "description": "A vase",
        "return_path": f"/session/visit-{number}/payment",
        "session_id": f"visit-{number}",
        "pay_until": NOW + 20 * MINUTE,
    }
    return Owed(**{**known, **changes})


def begun(db: Database, thing: Owed, provider: str = providers.TEST, now: int = NOW) -> Attempt:
    """An attempt whose visitor is on the provider's page."""
    attempt = db.write_now(actions.begin, thing, provider, now)
    db.write_now(actions.started, attempt.id, Page(None, f"page-of-{attempt.id}"), now)
    return stored(db, attempt.id)


def report(attempt: Attempt, verdict: Verdict = Verdict.CAPTURED, event_id: str | None = None, **changes: Any) -> Report:
    """What the provider of an attempt says about it."""
    made = Report(attempt.site_id, attempt.provider, event_id or f"event-{next(_numbers)}", attempt.id, verdict)
    if verdict is Verdict.CAPTURED:
        made = msgspec.structs.replace(made, units=attempt.units, currency=attempt.currency, payment_ref=f"money-of-{attempt.id}")
    return msgspec.structs.replace(made, **changes)


def settled(db: Database, said: Report, now: int = NOW) -> Settled:
    """Apply a report."""
    return db.write_now(settle.settle, said, now)


def stored(db: Database, attempt_id: str) -> Attempt:
    """The attempt as it is now."""
    found = db.read_now(store.attempt, attempt_id)
    assert found is not None
    return found


def refunds_of(db: Database, attempt: Attempt) -> list[Refund]:
    """Every refund of an attempt."""
    return db.read_now(refund_store.of_attempt, attempt.id)


def events(db: Database, attempt: Attempt) -> list[tuple[str, dict[str, Any]]]:
    """Every recorded event of an attempt: slug and body."""

    def read(tx: Tx) -> list[Any]:
        return tx.all("SELECT slug, body FROM outbox WHERE entity = 'payment' AND entity_id = :id ORDER BY occurred_at, id", id=attempt.id)

    return [(slug, msgspec.json.decode(body)) for slug, body in db.read_now(read)]
