"""Whether a return still waits for the site's own server to have taken that the visit is completed (decision 0178)."""

from __future__ import annotations

from roundtrip.core.clock import SECOND
from roundtrip.redirect_session import store
from roundtrip.redirect_session.model import RedirectSession, Status
from roundtrip.sites import store as sites
from roundtrip.sites.model import Client
from roundtrip.storage.database import Tx
from roundtrip.webhooks.deliveries import store as deliveries
from roundtrip.webhooks.deliveries.model import DeliveryStatus
from roundtrip.webhooks.endpoints import store as endpoints

LONGEST = 10 * SECOND
"""After the completion. Then the visitor goes back, whatever the site's server does: the event comes to it later."""
NAME = "redirect_session.completed"


def still_waits(tx: Tx, session_id: str, now: int) -> bool:
    """The same, for a session that may have changed meanwhile."""
    session = store.get(tx, session_id)
    found = sites.client_and_site(tx, session.client_id) if session else None
    return session is not None and found is not None and waits(tx, session, found[0], now)


def waits(tx: Tx, session: RedirectSession, client: Client, now: int) -> bool:
    """True while the client wants it, the visit is completed a moment ago, and an endpoint that is told of it has not answered well."""
    if not client.waits_for_webhook or session.status is not Status.COMPLETED or session.outcome != Status.COMPLETED.value:
        return False
    if now >= session.changed_at + LONGEST:
        return False
    told = {one.id for one in endpoints.of_site(tx, session.site_id) if one.is_enabled and one.wants(NAME)}
    event = store.completion(tx, session.id) if told else None
    if event is None:
        return False
    event_id, is_taken = event
    made = [one for one in deliveries.deliveries_of_event(tx, event_id) if one.endpoint_id in told]
    return not is_taken or any(one.status is DeliveryStatus.WAITING for one in made)
