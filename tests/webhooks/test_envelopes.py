"""What is sent is what receivers' own libraries accept: both envelopes, while keys are exchanged too."""

from __future__ import annotations

import time
from base64 import b64decode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from joserfc import jwt
from joserfc.jwk import RSAKey
from standardwebhooks import Webhook, WebhookVerificationError

from roundtrip.core.clock import DAY, HOUR
from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.ids import new_id
from roundtrip.storage import outbox
from roundtrip.storage.outbox import RecordedEvent
from roundtrip.webhooks.endpoints import actions as endpoints
from roundtrip.webhooks.endpoints.model import Endpoint, Envelope, fits, shortest
from roundtrip.webhooks.envelopes import standard
from roundtrip.webhooks.envelopes.jwt import sign as sign_jwt
from roundtrip.webhooks.envelopes.signed import OpenKey
from roundtrip.webhooks.envelopes.signed import Receiver as To
from roundtrip.webhooks.keys.making import KIND_OF, fresh, opened
from roundtrip.webhooks.keys.model import KeyKind, WebhookKey
from tests.webhooks.town import SEALING_KEY, Got, Receiver, Town


def rotated(town: Town, endpoint: Endpoint, *, at_once: bool = False) -> str:
    town.clock.move(1)
    made = fresh(KIND_OF[endpoint.envelope], SEALING_KEY)
    town.db.write_now(endpoints.rotate, endpoint, made, at_once=at_once, change=town.change())
    town.take()
    return made.shown


def told(town: Town, receiver: Receiver) -> Got:
    receiver.got.clear()
    town.happen()
    town.round()
    (got,) = receiver.got
    return got


def accepts(secret: str, got: Got) -> bool:
    try:
        return bool(Webhook(secret).verify(got.body, got.headers))
    except WebhookVerificationError:
        return False


def test_the_public_library_accepts_it_and_both_secrets_count_while_they_are_exchanged(town: Town, receiver: Receiver) -> None:
    """WHK-02, WHK-06, WHK-09."""
    town.clock.now = time.time_ns() // 1_000_000  # the library compares with the real time
    endpoint, secret = town.endpoint(receiver.url())
    got = told(town, receiver)
    body = Webhook(secret).verify(got.body, got.headers)
    assert body["type"] == "redirect_session.completed"
    assert (body["entityId"], body["entityEventSequence"], body["triggeredByAnonymizeRequest"]) == ("s1", "1", False)
    assert (body["data"]["result"], body["test"], body["siteId"]) == ({"orderId": "o1"}, True, town.site.id)
    assert not accepts("whsec_" + "c2VjcmV0" * 6, got)
    newer = rotated(town, endpoint)
    got = told(town, receiver)
    assert accepts(secret, got)
    assert accepts(newer, got)
    assert not accepts(secret, Got(got.path, got.headers, got.body.replace(b"o1", b"o2")))
    newest = rotated(town, endpoint, at_once=True)
    got = told(town, receiver)
    assert [accepts(one, got) for one in (secret, newer, newest)] == [False, False, True]
    assert 24 <= len(b64decode(secret.removeprefix("whsec_"))) <= 64
    kept = town.db.read_now(lambda tx: [row[0] for row in tx.all("SELECT sealed FROM webhook_key")])
    assert len(kept) == 3
    assert not any(secret[6:] in one for one in kept), "kept sealed (OPS-03)"


def test_a_replaced_secret_ends_after_a_day(town: Town, receiver: Receiver) -> None:
    """WHK-06."""
    endpoint, _ = town.endpoint(receiver.url())
    rotated(town, endpoint)
    assert len(told(town, receiver).headers["webhook-signature"].split(" ")) == 2
    town.clock.move(DAY)
    assert len(told(town, receiver).headers["webhook-signature"].split(" ")) == 1


def test_the_asymmetric_signature_is_verified_with_the_public_half(town: Town, receiver: Receiver) -> None:
    """WHK-02: `v1a`."""
    endpoint, half = town.endpoint(receiver.url(), envelope=Envelope.STANDARD_ASYMMETRIC)
    newer = rotated(town, endpoint)
    got = told(town, receiver)
    text = b"%s.%s.%s" % (got.id.encode(), got.headers["webhook-timestamp"].encode(), got.body)
    signatures = [b64decode(one.removeprefix("v1a,")) for one in got.headers["webhook-signature"].split(" ")]
    for signature, public in zip(signatures, (newer, half), strict=True):
        Ed25519PublicKey.from_public_bytes(b64decode(public.removeprefix("whpk_"))).verify(signature, text)


def test_a_tokens_new_key_is_shown_for_a_day_before_it_signs(town: Town, receiver: Receiver) -> None:
    """AUT-18 for webhooks: one signature, so the receiver has the new key first. All endpoints of a client share its key."""
    endpoint, pem = town.endpoint(receiver.url(), envelope=Envelope.JWT)
    second, _ = town.endpoint(receiver.url("/second"), "order.paid", envelope=Envelope.JWT)
    assert second.key_holder == endpoint.key_holder == town.client.id
    newer = rotated(town, endpoint)
    assert _claims(told(town, receiver), pem)["aud"] == town.client.id
    town.clock.move(DAY - HOUR)
    _claims(told(town, receiver), pem)
    town.clock.move(HOUR)
    _claims(told(town, receiver), newer)


def _claims(got: Got, pem: str) -> dict[str, object]:
    return jwt.decode(got.body.decode(), RSAKey.import_key(pem), algorithms=["RS256"]).claims


def test_a_large_event_travels_without_its_fields(town: Town) -> None:
    """WHK-09: under 20 kB, in every envelope."""
    event = DomainEvent("site", "product", "updated", "p1", {"description": 'ü"\\' * 6000})
    recorded = RecordedEvent(new_id(town.clock()), event, town.clock(), 7)
    key = fresh(KeyKind.RS256, SEALING_KEY)
    kept = WebhookKey("k", "h", key.kind, key.sealed, key.public_half, key.hint, 0, 0, None)
    to = To("site", True, "c1", (OpenKey(kept, _private(kept)),))
    assert len(standard.message(recorded, is_test=True)) < 20_000
    assert b'"dataOmitted":true' in standard.message(recorded, is_test=True)
    assert len(sign_jwt(recorded, to, town.clock()).body) < 20_000


def _private(key: WebhookKey) -> bytes:
    return opened(key, SEALING_KEY)


@pytest.mark.parametrize(
    ("pattern", "name", "wanted"),
    [("*", "order.paid", True), ("order.*", "order.paid", True), ("order.*", "orders.paid", False), ("order.paid", "order.pai", False)],
)
def test_events_are_chosen_by_name_or_by_kind(pattern: str, name: str, wanted: bool) -> None:
    assert fits(pattern, name) is wanted
    assert shortest(["order.paid", "order.*", "cart.merged"]) == ("order.*", "cart.merged")


def test_what_happens_in_one_transaction_is_told_in_its_order(town: Town) -> None:
    """WHK-10: the feed's order is the order of numbers."""
    for slug in ("opened", "completed", "returned"):
        town.happen(slug)
        town.clock.move(1)
    taken = town.db.write_now(outbox.take, 10, town.clock())
    assert [(one.event.slug, one.sequence) for one in taken] == [("opened", 1), ("completed", 2), ("returned", 3)]
