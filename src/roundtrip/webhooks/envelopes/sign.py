"""Chooses the envelope. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from roundtrip.storage.outbox import RecordedEvent
from roundtrip.webhooks.endpoints.model import Envelope
from roundtrip.webhooks.envelopes import jwt, standard
from roundtrip.webhooks.envelopes.signed import Receiver, Signed

_SIGN: Mapping[Envelope, Callable[[RecordedEvent, Receiver, int], Signed]] = {
    Envelope.STANDARD: standard.sign,
    Envelope.STANDARD_ASYMMETRIC: standard.sign,
    Envelope.JWT: jwt.sign,
}


def signed(envelope: Envelope, recorded: RecordedEvent, receiver: Receiver, now: int) -> Signed:
    """An event as one attempt sends it at `now` (UTC milliseconds)."""
    return _SIGN[envelope](recorded, receiver, now)
