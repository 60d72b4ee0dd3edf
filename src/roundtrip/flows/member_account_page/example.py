"""A member looks at their account and goes back to the site."""

from __future__ import annotations

from collections.abc import Mapping

from roundtrip.flows.example import HOME, Example, FilledIn
from roundtrip.redirect_session.model import Callbacks


def _message(client_id: str) -> Mapping[str, object]:
    return {"section": "SUBSCRIPTIONS"}


EXAMPLE = Example(
    message=_message,
    callbacks=Callbacks(post_flow_url=HOME),
    filled_in=(FilledIn("account_subscriptions", {"do": "leave"}),),
    returns_to=HOME,
    returns_with=frozenset({"wixMemberLoggedIn"}),
    logged_in_before=True,
    logged_in_after=True,
)
