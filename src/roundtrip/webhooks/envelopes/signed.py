"""What every envelope makes of an event: the bytes that are sent, and the headers that go with them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from roundtrip.webhooks.keys.model import WebhookKey

MOST_BYTES = 20_000
"""A body is smaller than this (WHK-09); of an event with more in it the fields are left out, to be read by its id."""


@dataclass(frozen=True, slots=True)
class OpenKey:
    """A key with its private half: never log it, never keep it."""

    key: WebhookKey
    material: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Signed:
    """One attempt's message: the bytes that were signed are the bytes that are sent (WHK-03)."""

    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Receiver:
    """For whom: the site with its mode, the endpoint's client (envelope `jwt`), and the keys that sign now, newest first."""

    site_id: str
    is_test: bool
    client_id: str | None
    keys: Sequence[OpenKey]
