"""How far a visitor got with booking. Who they are is kept in the booking alone."""

from __future__ import annotations

from roundtrip.flows.steps.choose_time import TimeDraft


class BookingDraft(TimeDraft, frozen=True, omit_defaults=True):
    """`booking_id` is there once the form was sent; `checkout_id` when the booking is paid online, which goes on elsewhere."""

    booking_id: str = ""
    checkout_id: str = ""
