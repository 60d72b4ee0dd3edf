"""Two free tickets are taken, and the site gets the number of the order and the id of the event."""

from __future__ import annotations

from collections.abc import Mapping

from roundtrip.core.clock import MINUTE
from roundtrip.core.ids import new_id
from roundtrip.events import seed
from roundtrip.events.reservations import store
from roundtrip.events.reservations.model import Content, Line, Reservation, Status
from roundtrip.events.tickets import store as tickets
from roundtrip.flows.example import HOME, Example, FilledIn
from roundtrip.redirect_session.model import Callbacks
from roundtrip.sites.model import Site
from roundtrip.storage.database import Tx

RESERVATION = "4e500001-0000-4000-8000-000000000001"
WHO = {"email": "ann@example.com", "first_name": "Ann", "last_name": "Example", "agreed": "yes"}


def prepare(tx: Tx, site: Site, now: int) -> None:
    """The demo events, and a reservation of two free tickets."""
    seed.seed(tx, site.id, now=now)
    _reserve(tx, site, RESERVATION, now)


def another(tx: Tx, site: Site, now: int) -> Mapping[str, object]:
    """One more like that."""
    reservation_id = new_id(now)
    _reserve(tx, site, reservation_id, now)
    return _asked(reservation_id)


def _reserve(tx: Tx, site: Site, reservation_id: str, now: int) -> None:
    tickets.take(tx, site.id, seed.FREE, 2)
    content = Content("USD", (Line("4e510001-0000-4000-8000-000000000001", seed.FREE, "Free entry", 2, "0.00"),))
    made = Reservation(site.id, reservation_id, seed.SUMMER, Status.PENDING, now + 20 * MINUTE, None, None, None, content, 1, now, now)
    store.insert(tx, made)


def _asked(reservation_id: str) -> Mapping[str, object]:
    return {"eventSlug": "summer-night-live", "reservationId": reservation_id}


def _message(client_id: str) -> Mapping[str, object]:
    return _asked(RESERVATION)


EXAMPLE = Example(
    message=_message,
    callbacks=Callbacks(post_flow_url=HOME, thank_you_page_url=HOME),
    filled_in=(FilledIn("tickets_details", WHO),),
    returns_to=HOME,
    returns_with=frozenset({"orderNumber", "eventId", "wixMemberLoggedIn"}),
    prepare=prepare,
    another=another,
)
