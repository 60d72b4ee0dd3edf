"""The message of a booking, made of what a visitor has chosen: for visits that lead to the booking form from elsewhere on our pages."""

from __future__ import annotations

from roundtrip.core.clock import rfc3339
from roundtrip.flows.bookings_checkout.params import BookingsCheckout, Resource, Slot, SlotAvailability
from roundtrip.flows.steps.choose_time import TimeDraft


def asked_again(draft: TimeDraft) -> BookingsCheckout:
    """Book what was chosen."""
    slot = Slot(
        service_id=draft.service_id,
        start_date=rfc3339(draft.start) if draft.start else None,
        timezone="UTC",
        event_id=draft.event_id or None,
        resource=Resource(id=draft.staff_id) if draft.staff_id else None,
    )
    return BookingsCheckout(slot_availability=SlotAvailability(slot=slot), timezone=draft.zone)
