"""A visitor without an account signs up on the pages host and goes back to the site's front page."""

from __future__ import annotations

from collections.abc import Mapping

from roundtrip.flows.example import HOME, Example, FilledIn
from roundtrip.redirect_session.model import Callbacks


def _message(client_id: str) -> Mapping[str, object]:
    return {}


EXAMPLE = Example(
    message=_message,
    callbacks=Callbacks(post_flow_url=HOME),
    filled_in=(FilledIn("sign_up", {"email": "bea@example.com", "password": "a blue door in may"}),),
    returns_to=HOME,
    returns_with=frozenset({"wixMemberLoggedIn"}),
    logged_in_after=True,
)
