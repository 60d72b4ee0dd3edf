"""A domain event: one sentence about something that happened to one entity. Written in the transaction that made it true."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class DomainEvent(msgspec.Struct, frozen=True):
    """What `storage/outbox.py` records and `worker/` later tells the world.

    `entity` is the kind of thing (`redirect_session`), `slug` the verb in the past (`created`), `body` a JSON-able mapping without
    secrets. `identity` names who caused it, in the form of `docs/reference/webhooks.md`. `is_erasure`: somebody was forgotten, and whoever
    has a copy of what this is about is asked to forget them too (OPS-08).
    """

    site_id: str
    entity: str
    slug: str
    entity_id: str
    body: Mapping[str, object]
    identity: Mapping[str, str] | None = None
    is_erasure: bool = False

    @property
    def name(self) -> str:
        """What the event is called: `redirect_session.created`."""
        return f"{self.entity}.{self.slug}"
