"""The envelope `jwt` through the official SDK: `webhooks.process` of a customer's server takes what we send."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.ids import new_id
from roundtrip.storage.outbox import RecordedEvent
from roundtrip.webhooks.envelopes.jwt import sign
from roundtrip.webhooks.envelopes.signed import OpenKey, Receiver
from roundtrip.webhooks.keys.making import FreshKey, fresh, opened
from roundtrip.webhooks.keys.model import KeyKind, WebhookKey
from tests.sdk.bridge import FOLDER

SEALING_KEY = b"k" * 32
APP = "5d0b2c1e-7a54-4f0e-9b1f-1f6f0f1b7a01"
SITE = "bb0b2c1e-7a54-4f0e-9b1f-1f6f0f1b7a02"
VISITOR = {"identityType": "ANONYMOUS_VISITOR", "anonymousVisitorId": "9d0b2c1e-7a54-4f0e-9b1f-1f6f0f1b7a03"}


def processed(*asked: dict[str, str]) -> list[dict[str, Any]]:
    """What the SDK made of each, in one Node process: reading the SDK takes longer than the rest."""
    node = shutil.which("node")
    assert node, "No Node: run scripts/setup-tests"
    lines = "".join(json.dumps(one) + "\n" for one in asked)
    done = subprocess.run([node, "receive-webhook.mjs"], cwd=FOLDER, input=lines, capture_output=True, text=True, timeout=60, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def token(made: FreshKey, entity: str, slug: str, entity_id: str, body: Mapping[str, object], now: int) -> str:
    event = DomainEvent(SITE, entity, slug, entity_id, body, VISITOR)
    kept = WebhookKey("a-key", APP, made.kind, made.sealed, made.public_half, made.hint, now, now, None)
    receiver = Receiver(SITE, True, APP, (OpenKey(kept, opened(kept, SEALING_KEY)),))
    return sign(RecordedEvent(new_id(now), event, now, 3), receiver, now).body.decode()


def test_the_sdk_takes_our_events_with_the_key_in_both_forms_and_refuses_foreign_ones() -> None:
    """The created event with its entity as an object, an event about an order, PEM and base64; another's signature; one that is too old."""
    now = time.time_ns() // 1_000_000
    made, other = fresh(KeyKind.RS256, SEALING_KEY), fresh(KeyKind.RS256, SEALING_KEY)
    assert made.public_half
    pem, one_line = made.public_half, b64encode(made.public_half.encode()).decode()
    session = {"id": "s1", "fullUrl": "https://pages.example/x", "urlDetails": {"endpoint": "https://pages.example/x"}, "shortUrl": ""}
    created = token(made, "redirect_session", "created", "s1", session, now)
    results = processed(
        {"body": created, "appId": APP, "publicKey": pem},
        {"body": created, "appId": APP, "publicKey": one_line},
        {"body": token(made, "order", "approved", "o1", {"number": 10001}, now), "appId": APP, "publicKey": pem},
        {"body": token(other, "redirect_session", "created", "s1", session, now), "appId": APP, "publicKey": pem},
        {"body": token(made, "redirect_session", "created", "s1", session, now - 7_200_000), "appId": APP, "publicKey": pem},
    )
    for result in results[:2]:
        (event,) = result["got"]
        assert event["handler"] == "created"
        assert event["entity"]["_id"] == "s1"
        assert event["entity"]["fullUrl"] == "https://pages.example/x"
        metadata = event["metadata"]
        assert (metadata["entityId"], metadata["entityEventSequence"], metadata["instanceId"]) == ("s1", "3", SITE)
        assert metadata["identity"] == VISITOR
    (approved,) = results[2]["got"]
    assert (approved["handler"], approved["metadata"]["entityId"]) == ("approved", "o1")
    assert "refused" in results[3]
    assert "refused" in results[4]
