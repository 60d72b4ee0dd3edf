"""The envelope `standard`: JSON with the three headers of Standard Webhooks (WHK-02), signed by every key of the moment (WHK-06)."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from roundtrip.core.clock import SECOND, rfc3339
from roundtrip.storage.outbox import RecordedEvent
from roundtrip.webhooks.envelopes.signed import MOST_BYTES, OpenKey, Receiver, Signed
from roundtrip.webhooks.keys.model import KeyKind

_encode = msgspec.json.Encoder().encode


def message(recorded: RecordedEvent, *, is_test: bool) -> bytes:
    """An event as JSON. What is too large goes without its `data`, and says so (WHK-09)."""
    body = told(recorded, is_test=is_test)
    encoded = _encode(body)
    return encoded if len(encoded) < MOST_BYTES else _encode(body | {"data": {}, "dataOmitted": True})


def told(recorded: RecordedEvent, *, is_test: bool) -> dict[str, Any]:
    """What an event says, in webhooks and in the feed alike."""
    event = recorded.event
    return {
        "id": recorded.event_id,
        "type": event.name,
        "timestamp": rfc3339(recorded.occurred_at),
        "entity": event.entity,
        "slug": event.slug,
        "entityId": event.entity_id,
        "entityEventSequence": str(recorded.sequence),
        "triggeredByAnonymizeRequest": event.is_erasure,
        "siteId": event.site_id,
        "test": is_test,
        "identity": event.identity,
        "data": event.body,
    }


def sign(recorded: RecordedEvent, receiver: Receiver, now: int) -> Signed:
    """The message of one attempt. Its id is the event's, always; its time is the attempt's (WHK-03)."""
    body = message(recorded, is_test=receiver.is_test)
    seconds = now // SECOND
    text = b"%s.%d.%s" % (recorded.event_id.encode(), seconds, body)
    headers = {
        "Content-Type": "application/json",
        "webhook-id": recorded.event_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(_signature(key, text) for key in receiver.keys),
    }
    return Signed(body, headers)


def _signature(key: OpenKey, text: bytes) -> str:
    if key.key.kind is KeyKind.V1A:
        return f"v1a,{b64encode(Ed25519PrivateKey.from_private_bytes(key.material).sign(text)).decode()}"
    return f"v1,{b64encode(hmac.digest(key.material, text, hashlib.sha256)).decode()}"
