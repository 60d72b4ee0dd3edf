"""What this room keeps about a person: what they paid, and what they got back. It stays for the books, without who it was (OPS-08).

The provider's own name of a payment stays too: without it nobody could find the money in the provider's accounts, or give it back.
"""

from __future__ import annotations

from typing import Any

from roundtrip.payments.buyers import store
from roundtrip.payments.model import Attempt, Refund
from roundtrip.payments.refunds import store as refund_store
from roundtrip.storage.database import Tx
from roundtrip.storage.keeps import Keeps, Person

MOST = 10_000


def _payments(tx: Tx, person: Person) -> list[dict[str, Any]]:
    return [_shown(tx, attempt) for attempt in store.attempts_of(tx, person, MOST)]


def _shown(tx: Tx, attempt: Attempt) -> dict[str, Any]:
    return {
        "id": attempt.id,
        "for": attempt.description,
        "provider": attempt.provider,
        "status": attempt.status.value,
        "amount": attempt.amount.text,
        "currency": attempt.currency,
        "email": attempt.buyer_email,
        "member_id": attempt.buyer_id,
        "created_at": attempt.created_at,
        "refunds": [_refund(refund) for refund in refund_store.of_attempt(tx, attempt.id)],
    }


def _refund(refund: Refund) -> dict[str, Any]:
    amount = refund.amount.text
    return {"amount": amount, "reason": refund.reason, "status": refund.status.value, "requested_at": refund.requested_at}


KEEPS = Keeps("payments", ("payment_attempt", "payment_refund"), _payments, store.forget_buyer, place=75)
