"""How far a visitor got with booking. Who they are is kept in the booking alone."""

from __future__ import annotations

from roundtrip.flows.steps.choose_time import TimeDraft


class BookingDraft(TimeDraft, frozen=True, omit_defaults=True):
    """`booking_id` is there once the form was sent; `checkout_id` when the booking is paid online, which goes on elsewhere. `wants_login`:
    the visitor wants to log in, to pay with a plan. `choosing_plan`: or to buy one on our own pages, `plan_id`."""

    booking_id: str = ""
    checkout_id: str = ""
    wants_login: bool = False
    choosing_plan: bool = False
    plan_id: str = ""

    @property
    def asks_who(self) -> bool:
        """Only who wants to pay with a plan has to log in."""
        return self.wants_login
