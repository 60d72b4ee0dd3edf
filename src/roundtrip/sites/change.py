"""One change of settings: who makes it, when, and how much they may give away. It is written down beside what it changes (OPS-02)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.identity import Actor
from roundtrip.sites.permissions import EVERYTHING
from roundtrip.storage import audit, outbox
from roundtrip.storage.audit import AuditEntry
from roundtrip.storage.database import Tx


@dataclass(frozen=True, slots=True)
class Change:
    """`id` names the audit entry, and the domain event if there is one; it comes from `core.ids.new_id(now)` at the edge.

    `permissions` are the caller's own: nobody gives away more than they have. Owners and commands have all.
    """

    id: str
    actor: Actor
    now: int
    permissions: frozenset[str] = frozenset({EVERYTHING})

    def require_may_give(self, permissions: Iterable[str], what: str) -> None:
        """Raises FORBIDDEN `PERMISSION_TOO_WIDE` when `what` would be allowed more than who makes it."""
        wider = [] if EVERYTHING in self.permissions else sorted(set(permissions) - self.permissions)
        if wider:
            raise AppError(
                Kind.FORBIDDEN,
                "PERMISSION_TOO_WIDE",
                f"{what} would be allowed {', '.join(wider)}, which the key of this call is not. "
                "Use a key that may do this itself, or ask an owner.",
                data={"permissions": wider},
            )

    def note(
        self,
        tx: Tx,
        *,
        site_id: str,
        action: str,
        object_id: str,
        object_name: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Write the audit entry of this change."""
        audit.record(tx, AuditEntry(self.id, site_id, self.now, self.actor, action, object_id, object_name, before, after))

    def tell(self, tx: Tx, event: DomainEvent) -> None:
        """Record the domain event of this change."""
        outbox.record(tx, event, event_id=self.id, now=self.now)


def changed_meanwhile(thing: str, revision: int) -> AppError:
    """Somebody else was quicker (OPS-04)."""
    return AppError(
        Kind.CONFLICT,
        "REVISION_CHANGED",
        f"The {thing} was changed meanwhile (you read revision {revision}); read it again and repeat.",
        data={"revision": revision},
    )
