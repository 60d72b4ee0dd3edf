"""How a visit that booked something ends: on the site's own page, or here, with the booking to be put into a calendar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from roundtrip.bookings.book import links, store
from roundtrip.bookings.book.model import Booking, Payment, Status
from roundtrip.bookings.business import store as business
from roundtrip.flows.base import Context, Leaving, Redirect, Stay
from roundtrip.flows.leaving import after_flow
from roundtrip.redirect_session import return_url
from roundtrip.redirect_session.model import Status as VisitStatus
from roundtrip.storage.database import Tx
from roundtrip.text import when


def leave(tx: Tx, draft: msgspec.Struct, context: Context[Any]) -> Leaving:
    """As every flow; who booked something and has no page of the site's own to go to is thanked here. Raises `return_url.NotAllowed`."""
    session = context.session
    booking_id = (session.result or {}).get("bookingId") if session.outcome == VisitStatus.COMPLETED.value else None
    booking = store.get(tx, context.site.id, booking_id) if booking_id else None
    if booking is None or session.request.callbacks.thank_you_page_url:
        return after_flow(tx, draft, context)
    url = return_url.after_flow(session, context.client, context.site, member_logged_in=context.login is not None, now=context.now)
    return Stay("booking_thanks", view(tx, booking, context), Redirect(url) if url is not None else None)


def view(tx: Tx, booking: Booking, context: Context[Any]) -> Mapping[str, object]:
    """What was booked, and where it can be looked at."""
    content, lang = booking.content, context.language
    there = business.business(tx, booking.site_id).terms.zone
    own = links.path(context.code_key, booking.id)
    return {
        "status": booking.status.value,
        "is_pending": booking.status is Status.PENDING,
        "waits": booking.status is Status.WAITING_LIST,
        "service": content.service,
        "when": when.when(booking.starts_at, booking.ends_at, content.zone, lang),
        "there": when.when(booking.starts_at, booking.ends_at, there, lang) if there != content.zone else None,
        "staff": content.staff,
        "place": ", ".join(text for text in (content.location, content.address) if text),
        "participants": booking.participants,
        "price": booking.price or None,
        "to_pay": booking.payment is Payment.NOT_PAID,
        "email": content.contact.email,
        "calendar_url": f"{own}/event.ics",
        "own_url": own,
    }
