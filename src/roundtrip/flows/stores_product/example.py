"""A visitor looks at a mug, wants two of them, and orders."""

from __future__ import annotations

from collections.abc import Mapping

from roundtrip.flows.ecom_checkout import example as checkout
from roundtrip.flows.example import HOME, Example, FilledIn
from roundtrip.redirect_session.model import Callbacks


def _message(client_id: str) -> Mapping[str, object]:
    return {"productSlug": "mug"}


EXAMPLE = Example(
    message=_message,
    callbacks=Callbacks(post_flow_url=HOME, thank_you_page_url=HOME),
    filled_in=(FilledIn("product", {"quantity": "2"}), *checkout.EXAMPLE.filled_in),
    returns_to=HOME,
    returns_with=frozenset({"orderId", "wixMemberLoggedIn"}),
    prepare=checkout.prepare,
)
