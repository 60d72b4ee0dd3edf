"""When something happens, and the ids that it may give out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.ids import derived_id
from roundtrip.sites.change import Change
from roundtrip.storage import outbox
from roundtrip.storage.database import Tx


@dataclass(frozen=True, slots=True)
class Moment:
    """One request or one step of a worker. `now` is UTC milliseconds; `id` comes from `core.ids.new_id(now)`, made at the edge.

    `identity` names who acts, in the form that domain events carry; None: the clock, or the server itself. `change` is there when an owner
    acts, or their server code: what they do is written down with it (OPS-02). `is_erasure`: somebody is being forgotten (OPS-08).
    """

    now: int
    id: str
    identity: Mapping[str, str] | None = None
    change: Change | None = None
    is_erasure: bool = False

    def note(
        self,
        tx: Tx,
        site_id: str,
        action: str,
        object_id: str,
        name: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Write the audit entry of what an owner does, at most once in a moment. Buyers and clocks leave none.

        Where somebody is named in `before` or `after`, erasing them must take that out: leave it out yourself.
        """
        if self.change is not None:
            self.change.note(tx, site_id=site_id, action=action, object_id=object_id, object_name=name, before=before, after=after)

    def new_id(self, what: str) -> str:
        """An id for something that is made now. Two things of one moment have two names."""
        return derived_id(self.id, what)

    def tell(
        self, tx: Tx, site_id: str, entity: str, slug: str, entity_id: str, body: Mapping[str, object], *, person: str | None = None
    ) -> None:
        """Record a domain event: at most one of a slug for an entity in one moment. The world is told in the order of these calls.

        `person`: whom it says something about (`storage.outbox.record`).
        """
        event = DomainEvent(site_id, entity, slug, entity_id, body, self.identity, self.is_erasure)
        place = tx.memo.get(("told", self.id), 0)
        tx.memo["told", self.id] = place + 1
        event_id = derived_id(self.id, f"{entity} {slug} {entity_id}", place)
        outbox.record(tx, event, event_id=event_id, now=self.now, person=person)
