"""A visitor looks at the services, chooses a class and a time, and books it."""

from __future__ import annotations

from collections.abc import Mapping

from roundtrip.flows.bookings_checkout import example as booking
from roundtrip.flows.example import HOME, Example, FilledIn
from roundtrip.redirect_session.model import Callbacks


def _message(client_id: str) -> Mapping[str, object]:
    return {}


EXAMPLE = Example(
    message=_message,
    callbacks=Callbacks(post_flow_url=HOME, thank_you_page_url=HOME),
    filled_in=(
        FilledIn("service", {"service": booking.YOGA}),
        FilledIn("time", {"time": "0 5e510003-0000-4000-8000-000000000001_20260923T073000"}),
        *booking.EXAMPLE.filled_in,
    ),
    returns_to=HOME,
    returns_with=frozenset({"bookingId", "wixMemberLoggedIn"}),
    prepare=booking.prepare,
)
