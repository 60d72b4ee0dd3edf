"""`logout`: this intent's message on the wire (`docs/reference/redirect-sessions.md`)."""

from __future__ import annotations

from roundtrip.flows.wire import Guid, Message


class EndSession(Message):
    """A standard client's logout, as read at the door (RP-Initiated Logout 2): where to go, and what its `id_token_hint` said."""

    post_logout_uri: str | None = None
    state: str | None = None
    hinted_login: str | None = None


class Logout(Message):
    """End the caller's tokens and the browser's login."""

    client_id: Guid
    end_session: EndSession | None = None
    """Only for requests that come straight to the standard address; refused in a redirect session."""


INTENT = "logout"
PARAMS = Logout
