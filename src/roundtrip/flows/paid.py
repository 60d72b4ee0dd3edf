"""A visit that was paid for is through, whether or not its visitor ever comes back (PAY-03).

Wraps whoever sells something (`workflows/selling.py`): after they have acted on a payment, the redirect session in which it was made is
completed in the same transaction, by the same `finish` as if the visitor had come back for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from roundtrip.core.ids import new_id
from roundtrip.flows.base import Browser, Continue, Fresh
from roundtrip.flows.runner import current_step, refreshed
from roundtrip.flows.visit import Edge, context_of, load
from roundtrip.payments.model import Attempt, Settled
from roundtrip.redirect_session import actions
from roundtrip.redirect_session.model import Lifetimes, Status
from roundtrip.storage.database import Tx
from roundtrip.workflows.selling import SELLERS, Seller, Sellers


@dataclass(frozen=True, slots=True)
class CompletesVisit:
    """A seller, and the end of the visit in which something of theirs was paid for."""

    seller: Seller

    def be_alone(self, tx: Tx, site_id: str, owed_id: str, now: int) -> None:
        """See `Seller.be_alone`."""
        self.seller.be_alone(tx, site_id, owed_id, now)

    def settled(self, tx: Tx, settled: Settled, now: int) -> None:
        """See `Seller.settled`."""
        self.seller.settled(tx, settled, now)
        if settled.is_paid and settled.attempt.session_id is not None:
            complete(tx, settled.attempt.session_id, now)

    def refund_failed(self, tx: Tx, attempt: Attempt, now: int) -> None:
        """See `Seller.refund_failed`."""
        self.seller.refund_failed(tx, attempt, now)


def sellers(known: Mapping[str, Seller] = SELLERS) -> Sellers:
    """Everybody who sells something on this server, with the ends of visits."""
    return {kind: CompletesVisit(seller) for kind, seller in known.items()}


def complete(tx: Tx, session_id: str, now: int) -> bool:
    """Complete an open visit in which nothing is left to do; False when there is, or when it has ended meanwhile."""
    nobody = Fresh("", "", "", "", "", new_id(now), new_id(now))
    edge = Edge(now, "", Browser(), nobody, Lifetimes())
    found = load(tx, session_id, edge)
    if found is None or found.session.status_at(now) is not Status.OPENED:
        return False
    visit = refreshed(tx, found, edge)
    if current_step(visit) is not None:
        return False
    outcome = visit.flow.finish(tx, visit.draft, context_of(visit, edge))
    if isinstance(outcome, Continue) or outcome.error is not None:
        return False
    # Two at once: another tab may have kept a draft since; what counts is in the rooms, and the move itself is one conditional update.
    actions.save_draft(tx, visit.session, msgspec.json.encode(visit.draft).decode(), now)
    return actions.complete(tx, visit.session, outcome.ids, now)
