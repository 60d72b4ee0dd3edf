"""`eventsCheckout`: this intent's message on the wire (`docs/reference/redirect-sessions.md`)."""

from __future__ import annotations

from roundtrip.flows.wire import Guid, Message, Slug


class EventsCheckout(Message):
    """Buy the tickets of a reservation."""

    reservation_id: Guid
    event_slug: Slug


INTENT = "eventsCheckout"
PARAMS = EventsCheckout
