"""Who waits for a full class is told, one after the other, when a place is free."""

from __future__ import annotations

from roundtrip.bookings.book import actions
from roundtrip.bookings.book.model import Booking
from roundtrip.bookings.services.model import Service, ServiceKind
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows import booking_mails


def offer_next(tx: Tx, service: Service, gone: Booking, moment: Moment) -> Booking | None:
    """Keep what `gone` had for the first who waits for it, and write to them. Call in the transaction that gave its places back."""
    if service.kind is not ServiceKind.CLASS or not gone.event_id:
        return None
    kept = actions.offer_place(tx, service, gone.event_id, moment)
    if kept is not None:
        booking_mails.to_booker(tx, kept, booking_mails.PLACE_FREE, moment)
    return kept
