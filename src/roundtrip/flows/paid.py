"""A visit that was paid for is through, whether or not its visitor ever comes back (PAY-03).

Wraps whoever sells something (`workflows/selling.py`): after they have acted on a payment, the redirect session in which it was made is
completed in the same transaction, by the same `finish` as if the visitor had come back for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from roundtrip.core.clock import DAY
from roundtrip.core.ids import new_id
from roundtrip.flows.base import Browser, Continue, Fresh
from roundtrip.flows.runner import current_step, refreshed
from roundtrip.flows.visit import Edge, context_of, load
from roundtrip.payments import store as payments
from roundtrip.payments.model import Attempt, Settled, Status
from roundtrip.payments.selling import Seller, Sellers
from roundtrip.redirect_session import actions
from roundtrip.redirect_session.model import Lifetimes
from roundtrip.redirect_session.model import Status as SessionStatus
from roundtrip.storage.database import Tx
from roundtrip.workflows.selling import SELLERS

LONGEST_WAY = 15 * DAY
"""How long a visit waits for money that is on its way: direct debits take up to a fortnight."""


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
        # The thing's session as well as the attempt's: cash that an owner has in hand ends the visit in which it was ordered, too.
        for session_id in payments.sessions_of(tx, settled.attempt):
            if settled.is_paid:
                complete(tx, session_id, now)
            elif settled.attempt.status is Status.PENDING:
                actions.wait(tx, session_id, now + LONGEST_WAY, now)

    def refund_failed(self, tx: Tx, attempt: Attempt, now: int) -> None:
        """See `Seller.refund_failed`."""
        self.seller.refund_failed(tx, attempt, now)


def sellers(known: Mapping[str, Seller] = SELLERS) -> Sellers:
    """Everybody who sells something on this server, with the ends of visits."""
    return {kind: CompletesVisit(seller) for kind, seller in known.items()}


def complete(tx: Tx, session_id: str, now: int) -> bool:
    """Complete an open visit in which nothing is left to do; False when there is, or when it has ended meanwhile.

    One that was left in another tab while this one went to pay is taken up again: what was bought is what the visit ends with.
    """
    nobody = Fresh("", "", "", "", "", new_id(now), new_id(now))
    edge = Edge(now, "", Browser(), nobody, Lifetimes())
    found = load(tx, session_id, edge)
    if found is None or not (found.session.status_at(now) is SessionStatus.OPENED or found.session.may_reopen):
        return False
    visit = refreshed(tx, found, edge)
    if current_step(visit) is not None:
        return False
    if found.session.may_reopen and not actions.reopen(tx, found.session, now):
        return False
    outcome = visit.flow.finish(tx, visit.draft, context_of(visit, edge))
    if isinstance(outcome, Continue) or outcome.error is not None:
        return False
    # Two at once: another tab may have kept a draft since; what counts is in the rooms, and the move itself is one conditional update.
    actions.save_draft(tx, visit.session, msgspec.json.encode(visit.draft).decode(), now)
    return actions.complete(tx, visit.session, outcome.ids, now)
