"""Sending again what an owner asks for: one delivery, or everything of a stretch of time, also what an endpoint was never told."""

from __future__ import annotations

from dataclasses import dataclass

from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.sites.change import Change
from roundtrip.storage import outbox
from roundtrip.storage.database import Tx
from roundtrip.webhooks.deliveries import store
from roundtrip.webhooks.deliveries.actions import FORGOTTEN, new_delivery
from roundtrip.webhooks.deliveries.model import Delivery, DeliveryStatus
from roundtrip.webhooks.endpoints import store as endpoints
from roundtrip.webhooks.endpoints.actions import ENTITY
from roundtrip.webhooks.endpoints.model import Endpoint

MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """What one call found. `looked_at` 0: nothing is left; else `position` is where the next call goes on."""

    resent: int
    looked_at: int
    position: int


def resend(tx: Tx, site_id: str, delivery_id: str, *, change: Change) -> Delivery:
    """Deliver once more, now, whatever became of it: same id, new signature.

    Raises NOT_FOUND `DELIVERY_NOT_FOUND`, CONFLICT `ENDPOINT_DISABLED`, `EVENT_FORGOTTEN`.
    """
    found = store.find(tx, site_id, delivery_id)
    if found is None:
        raise AppError(
            Kind.NOT_FOUND, "DELIVERY_NOT_FOUND", f"There is no delivery {delivery_id!r} here.", data={"deliveryId": delivery_id}
        )
    require_enabled(endpoints.find(tx, found.endpoint_id), found.endpoint_id)
    if outbox.one(tx, site_id, found.event_id) is None:
        raise AppError(Kind.CONFLICT, "EVENT_FORGOTTEN", FORGOTTEN)
    store.ask_again(tx, found.id, change.now)
    endpoints.bring_forward(tx, found.endpoint_id, change.now)
    _note(tx, found.site_id, found.endpoint_id, {"deliveryId": found.id, "event": found.name}, change)
    return store.find(tx, site_id, delivery_id) or found


def resend_range(tx: Tx, endpoint: Endpoint, first: int, end: int, after: int, *, everything: bool, change: Change) -> Asked:
    """Deliver what happened from `first` on and before `end` (UTC milliseconds) and did not arrive: what failed, and what the endpoint was
    not told at all, because it was made later, switched off, or did not ask for it then. `everything`: also what did arrive.

    Looks at a few hundred events behind position `after`; call it again with the answer's until nothing is left. Raises INVALID, CONFLICT
    `ENDPOINT_DISABLED`.
    """
    if end <= first:
        raise invalid_field("to", "must be later than from", "OTHER")
    require_enabled(endpoint, endpoint.id)
    recorded = outbox.between(tx, endpoint.site_id, after, first, end, MOST_AT_ONCE)
    resent = 0
    for one in recorded:
        if not endpoint.wants(one.event.name):
            continue
        if store.insert(tx, new_delivery(one, endpoint, change.now)):
            resent += 1
            continue
        before = store.of_event(tx, one.event_id, endpoint.id)
        if before is not None and (before.status is DeliveryStatus.FAILED or (everything and before.status is DeliveryStatus.DELIVERED)):
            resent += store.ask_again(tx, before.id, change.now)
    if resent:
        endpoints.bring_forward(tx, endpoint.id, change.now)
    if resent and not after:
        _note(tx, endpoint.site_id, endpoint.id, {"from": first, "to": end}, change)
    return Asked(resent, len(recorded), recorded[-1].position or 0 if recorded else after)


def require_enabled(endpoint: Endpoint | None, endpoint_id: str) -> None:
    """Raises CONFLICT `ENDPOINT_DISABLED`: nothing is sent to an endpoint that is switched off."""
    if endpoint is None or not endpoint.is_enabled:
        text = "The endpoint is switched off, or gone. Switch it on first; what waits for it then goes out by itself."
        raise AppError(Kind.CONFLICT, "ENDPOINT_DISABLED", text, data={"endpointId": endpoint_id})


def _note(tx: Tx, site_id: str, endpoint_id: str, what: dict[str, object], change: Change) -> None:
    change.note(tx, site_id=site_id, action=f"{ENTITY}.resent", object_id=endpoint_id, object_name=endpoint_id, after=what)
