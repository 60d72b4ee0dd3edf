"""Webhook endpoints, deliveries and events as our own API shows them."""

from __future__ import annotations

from typing import Literal

from roundtrip.api.operation import Call
from roundtrip.api.wire import Wire
from roundtrip.core.clock import rfc3339
from roundtrip.core.errors import invalid_field
from roundtrip.webhooks.deliveries.model import Attempt, Delivery
from roundtrip.webhooks.endpoints.model import Endpoint, Lane
from roundtrip.webhooks.keys.model import WebhookKey

EnvelopeName = Literal["standard", "standard_ed25519", "jwt"]


class KeyView(Wire, omit_defaults=False):
    """A key that deliveries are signed with. `publicKey` is what receivers need, where that is no secret (`whpk_...`, or PEM)."""

    id: str
    kind: str
    hint: str
    public_key: str | None
    signs_from: str
    expires_at: str | None


class EndpointView(Wire, omit_defaults=False):
    """An endpoint. `disabledBecause` is `owner`, `gone` (it answered 410) or `failing` (for days); `failingSince` is there while it fails;
    nothing is sent to it before `pausedUntil`."""

    id: str
    url: str
    description: str
    events: list[str]
    envelope: str
    client_id: str | None
    enabled: bool
    disabled_because: str | None
    failing_since: str | None
    paused_until: str | None
    keys: list[KeyView]
    revision: int
    created_date: str
    updated_date: str


class AttemptView(Wire, omit_defaults=False):
    """One try. `status` is what was answered, or null with an `error`; `address` is where to; `nextAttemptDate` when it is tried again."""

    number: int
    date: str
    took_ms: int
    status: int | None
    error: str | None
    address: str | None
    next_attempt_date: str | None


class DeliveryView(Wire, omit_defaults=False):
    """One event for one endpoint. `status` is `waiting`, `delivered` or `failed`."""

    id: str
    endpoint_id: str
    event_id: str
    event: str
    entity_id: str
    status: str
    attempts: int
    last_status: int | None
    last_error: str | None
    last_attempt_date: str | None
    next_attempt_date: str | None
    created_date: str


def endpoint_view(endpoint: Endpoint, lane: Lane, keys: list[WebhookKey], now: int) -> EndpointView:
    """An endpoint, how it answers, and its keys without their private halves."""
    return EndpointView(
        id=endpoint.id,
        url=endpoint.url,
        description=endpoint.description,
        events=list(endpoint.events),
        envelope=endpoint.envelope.value,
        client_id=endpoint.client_id,
        enabled=endpoint.is_enabled,
        disabled_because=endpoint.disabled_because.value if endpoint.disabled_because else None,
        failing_since=date(lane.failing_since),
        paused_until=date(lane.paused_until) if lane.paused_until > now else None,
        keys=[key_view(one) for one in keys],
        revision=endpoint.revision,
        created_date=rfc3339(endpoint.created_at),
        updated_date=rfc3339(endpoint.changed_at),
    )


def key_view(key: WebhookKey) -> KeyView:
    """A key without its private half."""
    return KeyView(key.id, key.kind.value, key.hint, key.public_half, rfc3339(key.signs_from), date(key.expires_at))


def delivery_view(delivery: Delivery) -> DeliveryView:
    """A delivery without its attempts."""
    return DeliveryView(
        id=delivery.id,
        endpoint_id=delivery.endpoint_id,
        event_id=delivery.event_id,
        event=delivery.name,
        entity_id=delivery.entity_id,
        status=delivery.status.value,
        attempts=delivery.attempts,
        last_status=delivery.last_status,
        last_error=delivery.last_error,
        last_attempt_date=date(delivery.last_at),
        next_attempt_date=date(delivery.due_at),
        created_date=rfc3339(delivery.created_at),
    )


def attempt_view(one: Attempt) -> AttemptView:
    """One try."""
    return AttemptView(one.number, rfc3339(one.at), one.took, one.status, one.error, one.address, date(one.next_at))


def date(ms: int | None) -> str | None:
    """A time that may be missing."""
    return None if ms is None else rfc3339(ms)


def whole_number(call: Call, name: str, default: int, low: int, high: int) -> int:
    """A number in the query. Raises INVALID naming it."""
    text = call.query.get(name)
    if text is None:
        return default
    if not text.isdecimal() or not text.isascii() or len(text) > 18 or not low <= int(text) <= high:
        raise invalid_field(name, f"must be a whole number from {low} to {high} (received {text[:50]!r})", "FORMAT")
    return int(text)
