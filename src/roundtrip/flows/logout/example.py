"""A browser is logged in, the site's caller is a plain visitor: so the page asks first, then the login ends."""

from __future__ import annotations

from collections.abc import Mapping

from roundtrip.flows.example import HOME, Example, FilledIn
from roundtrip.redirect_session.model import Callbacks


def _message(client_id: str) -> Mapping[str, object]:
    return {"clientId": client_id}


EXAMPLE = Example(
    message=_message,
    callbacks=Callbacks(post_flow_url=HOME),
    filled_in=(FilledIn("logout_confirm", {}),),
    returns_to=HOME,
    returns_with=frozenset({"wixMemberLoggedIn"}),
    logged_in_before=True,
)
