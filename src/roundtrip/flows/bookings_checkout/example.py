"""A place in a class is booked, to be paid there, and the site gets the booking's id."""

from __future__ import annotations

from collections.abc import Mapping

from roundtrip.bookings import seed
from roundtrip.bookings.availability import offers
from roundtrip.bookings.hours import Interval
from roundtrip.bookings.services.actions import require
from roundtrip.core.clock import DAY
from roundtrip.flows.example import HOME, Example, FilledIn
from roundtrip.redirect_session.model import Callbacks
from roundtrip.sites.model import Site
from roundtrip.storage.database import Tx

YOGA = seed.service_id(3)
WHO = {"email": "ann@example.com", "first_name": "Ann", "last_name": "Example"}


def prepare(tx: Tx, site: Site, now: int) -> None:
    """The demo services."""
    seed.seed(tx, site.id, now=now)


def another(tx: Tx, site: Site, now: int) -> Mapping[str, object]:
    """A class that has places, some days from now."""
    found = offers(tx, [require(tx, site.id, YOGA)], Interval(now + 2 * DAY, now + 9 * DAY), now)
    return _asked(next(one.session.event_id for one in found if one.is_bookable and one.session is not None))


def _message(client_id: str) -> Mapping[str, object]:
    return _asked("5e510003-0000-4000-8000-000000000001_20260923T073000")


def _asked(event_id: str) -> Mapping[str, object]:
    return {"slotAvailability": {"slot": {"serviceId": YOGA, "eventId": event_id}}, "timezone": "Europe/Berlin"}


EXAMPLE = Example(
    message=_message,
    callbacks=Callbacks(post_flow_url=HOME, thank_you_page_url=HOME),
    filled_in=(FilledIn("booking_details", {**WHO, "method": "place"}),),
    returns_to=HOME,
    returns_with=frozenset({"bookingId", "wixMemberLoggedIn"}),
    prepare=prepare,
    another=another,
)
