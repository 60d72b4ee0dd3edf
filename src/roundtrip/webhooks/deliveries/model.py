"""What a delivery is: one event for one endpoint. Pure values; `store.py` keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from roundtrip.storage.outbox import RecordedEvent


class DeliveryStatus(StrEnum):
    """Where a delivery is."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    """The last try of its schedule failed, or what it was about is forgotten."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one endpoint. `attempts` counts all of them, `tries` those since it was last asked for.

    `due_at` is when it is tried next; None: it has ended.
    """

    id: str
    site_id: str
    endpoint_id: str
    event_id: str
    entity: str
    slug: str
    entity_id: str
    status: DeliveryStatus
    attempts: int
    tries: int
    due_at: int | None
    last_status: int | None
    last_error: str | None
    last_at: int | None
    created_at: int

    @property
    def name(self) -> str:
        """What the event is called."""
        return f"{self.entity}.{self.slug}"


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery whose time has come, with its event; None: the event is forgotten (a person was erased, or it is too old)."""

    id: str
    attempts: int
    tries: int
    recorded: RecordedEvent | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try. `status` None: there was no answer, and `error` says why. `address` is the one that was connected to."""

    number: int
    at: int
    took: int
    status: int | None
    error: str | None
    address: str | None
    next_at: int | None


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one try, to be written down. `next_at` None after a failure: it was the last. `attempts`: how many there were before."""

    delivery_id: str
    endpoint_id: str
    attempts: int
    at: int
    took: int
    status: int | None
    error: str | None
    address: str | None
    retry_after: str | None
    is_delivered: bool
    next_at: int | None
