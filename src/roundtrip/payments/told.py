"""The domain events of this room, each written in the transaction that made it true."""

from __future__ import annotations

from collections.abc import Mapping

from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.ids import new_id
from roundtrip.payments.model import Attempt
from roundtrip.storage import outbox
from roundtrip.storage.database import Tx

ENTITY = "payment"


def tell(tx: Tx, attempt: Attempt, slug: str, more: Mapping[str, object], now: int) -> None:
    """Record one event about an attempt: what is owed, how much, by which provider, and `more`."""
    body = {
        "owedKind": attempt.owed_kind,
        "owedId": attempt.owed_id,
        "amount": attempt.amount.text,
        "currency": attempt.currency,
        "provider": attempt.provider,
        **({"redirectSessionId": attempt.session_id} if attempt.session_id else {}),
        **more,
    }
    event = DomainEvent(attempt.site_id, ENTITY, slug, attempt.id, body)
    outbox.record(tx, event, event_id=new_id(now), now=now, person=attempt.buyer_id or attempt.buyer_key)
