"""What an endpoint is. Pure values; `store.py` keeps them, `actions.py` changes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Envelope(StrEnum):
    """The form in which events travel to an endpoint (decision 0175)."""

    STANDARD = "standard"
    """Standard Webhooks: JSON, signed in headers with a shared secret (`v1`)."""
    STANDARD_ASYMMETRIC = "standard_ed25519"
    """The same, signed with a private key (`v1a`): the receiver holds nothing that could be stolen."""
    JWT = "jwt"
    """One RS256 token as the whole body, as the official SDK reads it."""


class Because(StrEnum):
    """Why an endpoint is told nothing."""

    OWNER = "owner"
    GONE = "gone"
    """It answered 410."""
    FAILING = "failing"
    """It failed for days without one success."""


EVERYTHING = "*"
MOST_ENDPOINTS = 20
MOST_EVENTS = 100
LONGEST_DESCRIPTION = 200


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address that a site wants to be told at. `events` are names (`order.paid`), `order.*`, or `*`.

    `client_id` is whose key signs the envelope `jwt`. Times are UTC milliseconds; `disabled_at` None: it is told.
    """

    id: str
    site_id: str
    url: str
    description: str
    events: tuple[str, ...]
    envelope: Envelope
    client_id: str | None
    disabled_at: int | None
    disabled_because: Because | None
    revision: int
    created_at: int
    changed_at: int

    @property
    def is_enabled(self) -> bool:
        """True when it is told what happens."""
        return self.disabled_at is None

    def wants(self, name: str) -> bool:
        """True when it is to be told of an event of this name (`order.paid`)."""
        return any(fits(pattern, name) for pattern in self.events)

    @property
    def key_holder(self) -> str:
        """Whose keys sign what it gets: a client's are shared by all its endpoints, as its receivers know one key."""
        return self.client_id if self.envelope is Envelope.JWT and self.client_id else self.id


@dataclass(frozen=True, slots=True)
class Lane:
    """How an endpoint has answered lately. `failures` counts those in a row; nothing is sent before `paused_until`."""

    due_at: int | None = None
    failures: int = 0
    failing_since: int | None = None
    paused_until: int = 0


def fits(pattern: str, name: str) -> bool:
    """True when `pattern` (`order.paid`, `order.*`, `*`) means the event `name`."""
    return pattern in (EVERYTHING, name) or (pattern.endswith(".*") and name.startswith(pattern[:-1]))


def shortest(patterns: Sequence[str]) -> tuple[str, ...]:
    """Each pattern once, and none that another one covers."""
    given = tuple(dict.fromkeys(patterns))
    if EVERYTHING in given:
        return (EVERYTHING,)
    return tuple(one for one in given if not any(other != one and other.endswith(".*") and fits(other, one) for other in given))
