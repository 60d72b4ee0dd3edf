"""`auth`: this intent's message on the wire (`docs/reference/redirect-sessions.md`)."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from roundtrip.flows.wire import Filled, Guid, Message


class AuthRequest(Message):
    """An OAuth 2 authorization request (RFC 6749 4.1.1, RFC 7636 4.3) with the names of this wire."""

    client_id: Guid
    response_type: Filled
    redirect_uri: Annotated[str, Meta(min_length=1, max_length=2048)] | None = None
    scope: str | None = None
    state: Filled | None = None
    response_mode: str | None = None
    code_challenge: str | None = None
    code_challenge_method: str | None = None
    session_token: str | None = None
    idp: Guid | None = None
    nonce: Annotated[str, Meta(max_length=512)] | None = None
    prompt: str | None = None
    max_age: str | int | None = None
    login_hint: Annotated[str, Meta(max_length=254)] | None = None
    hinted_member: str | None = None
    """Who has to be logged in: what an `id_token_hint` said, read at the door."""


class Auth(Message):
    """`prompt` beside the request is the one that SDK sites set; inside the request only `none` counts."""

    auth_request: AuthRequest
    prompt: Literal["login", "none", "consent", "select_account"] | None = None


INTENT = "auth"
PARAMS = Auth
