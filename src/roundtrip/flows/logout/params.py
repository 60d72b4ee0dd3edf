"""`logout`: this intent's message on the wire (`docs/reference/redirect-sessions.md`)."""

from __future__ import annotations

from roundtrip.flows.wire import Guid, Message


class Logout(Message):
    """End the caller's tokens and the browser's login."""

    client_id: Guid


INTENT = "logout"
PARAMS = Logout
