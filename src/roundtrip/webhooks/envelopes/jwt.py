"""The envelope `jwt`: the whole body is one RS256 token, in the layers that the official SDK takes apart (decision 0175)."""

from __future__ import annotations

from typing import Any

import msgspec
from joserfc import jwt
from joserfc.jwk import RSAKey

from roundtrip.core.clock import HOUR, SECOND, rfc3339
from roundtrip.storage.outbox import RecordedEvent
from roundtrip.webhooks.envelopes.names import event_type, fqdn, slug_of
from roundtrip.webhooks.envelopes.signed import MOST_BYTES, Receiver, Signed

ISSUER = "wix.com"
LIVES_FOR = HOUR


def sign(recorded: RecordedEvent, receiver: Receiver, now: int) -> Signed:
    """The message of one attempt. A token has one signature, so the newest key signs alone."""
    newest = receiver.keys[0]
    key = RSAKey.import_key(newest.material)
    claims = {
        "data": _instance_event(recorded, receiver),
        "iss": ISSUER,
        "aud": receiver.client_id or receiver.site_id,
        "iat": now // SECOND,
        "exp": (now + LIVES_FOR) // SECOND,
    }
    token = jwt.encode({"alg": "RS256", "kid": newest.key.id, "typ": "JWT"}, claims, key, algorithms=["RS256"])
    return Signed(token.encode(), {"Content-Type": "text/plain; charset=utf-8", "webhook-id": recorded.event_id})


def _instance_event(recorded: RecordedEvent, receiver: Receiver) -> str:
    event = recorded.event
    identity = event.identity or {"identityType": "APP", "appId": receiver.client_id or receiver.site_id}
    domain_event = _json(_domain_event(recorded))
    if len(domain_event) >= MOST_BYTES // 2:  # what travels is this text, quoted twice and then in base64
        domain_event = _json(_domain_event(recorded, leave_out=True))
    return _json(
        {
            "eventType": event_type(event.entity, event.slug),
            "instanceId": receiver.site_id,
            "data": domain_event,
            "identity": _json(identity),
            "accountInfo": {"accountId": receiver.site_id, "siteId": receiver.site_id},
        }
    )


def _domain_event(recorded: RecordedEvent, *, leave_out: bool = False) -> dict[str, Any]:
    event = recorded.event
    slug = slug_of(event.entity, event.slug)
    entity = {} if leave_out else dict(event.body)
    return {
        "id": recorded.event_id,
        "entityFqdn": fqdn(event.entity),
        "slug": slug,
        "entityId": event.entity_id,
        **_payload(slug, {"id": event.entity_id} | entity),
        "eventTime": rfc3339(recorded.occurred_at),
        "triggeredByAnonymizeRequest": event.is_erasure,
        "originatedFrom": None,
        "entityEventSequence": str(recorded.sequence),
        **({"dataOmitted": True} if leave_out else {}),
    }


def _payload(slug: str, entity: dict[str, Any]) -> dict[str, Any]:
    """The part that the SDK unwraps by the kind of event."""
    match slug:
        case "created":
            return {"createdEvent": {"entity": entity}}
        case "updated":
            return {"updatedEvent": {"currentEntity": entity}}
        case "deleted":
            return {"deletedEvent": {"deletedEntity": entity}}
        case _:
            return {"actionEvent": {"body": entity}}


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
