"""`bookingsBook`: this intent's message on the wire (`docs/reference/redirect-sessions.md`)."""

from __future__ import annotations

from roundtrip.flows.wire import Guid, Message


class BookingsBook(Message):
    """Choose a service and a slot; `resource_id` narrows the choice."""

    resource_id: Guid | None = None


INTENT = "bookingsBook"
PARAMS = BookingsBook
