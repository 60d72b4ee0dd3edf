"""`login`: this intent's message on the wire (`docs/reference/redirect-sessions.md`)."""

from __future__ import annotations

from roundtrip.flows.wire import Message


class Login(Message):
    """Show the login page without looking for a login first. The message is empty."""


INTENT = "login"
PARAMS = Login
