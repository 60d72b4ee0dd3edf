"""The `bookingsCheckout` flow: a form about a time; what is paid online goes on as the checkout of the booking."""

from __future__ import annotations

from msgspec.structs import replace

from roundtrip.bookings.book.wanted import offered
from roundtrip.bookings.business import store as business
from roundtrip.bookings.services import actions as service_actions
from roundtrip.bookings.services import store as services
from roundtrip.bookings.services.model import Service, ServiceKind
from roundtrip.core.errors import invalid_field
from roundtrip.core.zones import known_zones, read_time, zone_of
from roundtrip.flows.base import Asked, Began, Context, Continue, Flow, Identity, Outcome, Refreshed
from roundtrip.flows.bookings_checkout import choose_plan, details, thanks
from roundtrip.flows.bookings_checkout.again import asked_again
from roundtrip.flows.bookings_checkout.draft import BookingDraft
from roundtrip.flows.bookings_checkout.params import INTENT, BookingsCheckout, Slot
from roundtrip.flows.ecom_checkout.params import INTENT as CHECKOUT
from roundtrip.flows.ecom_checkout.params import EcomCheckout
from roundtrip.flows.links import through_entry
from roundtrip.flows.paid_plans_checkout.params import INTENT as PURCHASE
from roundtrip.flows.paid_plans_checkout.params import PaidPlansCheckout
from roundtrip.flows.steps import choose_time, interrupted
from roundtrip.flows.steps.booking_words import zone_of_visit
from roundtrip.flows.steps.choose_time import GONE
from roundtrip.flows.steps.login import LOGIN
from roundtrip.sites.verdict import Rule
from roundtrip.storage.database import Tx


def check(tx: Tx, asked: Asked[BookingsCheckout]) -> None:
    """The service is this site's, and a time is named. Whether it is free is asked when the visitor is there, who can choose another.

    Raises INVALID, NOT_FOUND `SERVICE_NOT_FOUND`.
    """
    slot = slot_in(asked.params)
    if not slot.service_id:
        raise invalid_field("bookingsCheckout.slotAvailability.slot.serviceId", "is required and missing", "REQUIRED_FIELD")
    service = services.service(tx, asked.site.id, slot.service_id.lower())
    if service is None or service.hidden:
        raise service_actions.no_such_service(slot.service_id)
    event_id = slot.event_id or slot.session_id
    if service.kind is ServiceKind.COURSE or (service.kind is ServiceKind.CLASS and event_id):
        return
    if not slot.start_date:
        raise invalid_field("bookingsCheckout.slotAvailability.slot.startDate", "is required and missing", "REQUIRED_FIELD")
    if not _starts(slot, asked.params, "UTC"):
        text = f"must be a time such as 2026-01-31T09:00:00Z (received {slot.start_date[:60]!r})"
        raise invalid_field("bookingsCheckout.slotAvailability.slot.startDate", text, "FORMAT", received=slot.start_date[:60])


def slot_in(params: BookingsCheckout) -> Slot:
    """The slot, by either of its names."""
    availability = params.slot_availability or params.slot
    return (availability.slot if availability else None) or Slot()


def _starts(slot: Slot, params: BookingsCheckout, there: str) -> list[int]:
    """When it begins: by the clock of its zone whatever offset is written, or else as the offset says. Clients write both."""
    name = next((one for one in (slot.timezone, params.timezone) if one in known_zones()), there)
    found = []
    for by_wall in (bool(slot.timezone or params.timezone), False):
        try:
            found.append(read_time(slot.start_date or "", zone_of(name), by_wall=by_wall))
        except (ValueError, OverflowError):
            continue
    return found


def begin(tx: Tx, context: Context[BookingsCheckout]) -> Began[BookingDraft]:
    """Only ids and the beginning are taken from what was sent."""
    params, slot = context.params, slot_in(context.params)
    there = business.business(tx, context.site.id).terms.zone
    service = services.service(tx, context.site.id, (slot.service_id or "").lower())
    zone = zone_of_visit(tx, params.timezone or slot.timezone or "", context)
    draft = BookingDraft(
        service_id=(slot.service_id or "").lower(),
        event_id=(slot.event_id or slot.session_id or "") if service is not None and service.kind is ServiceKind.CLASS else "",
        staff_id=((slot.resource.id or "") if slot.resource else "").lower(),
        zone=zone,
    )
    starts = _starts(slot, params, there)
    candidates = [replace(draft, start=start) for start in starts] or [draft]
    chosen = next((one for one in candidates if service is not None and _is_offered(tx, service, one, context)), candidates[0])
    if service is not None and service.kind is ServiceKind.CLASS and not chosen.event_id:
        chosen = replace(chosen, needs_time=True)
    return Began(chosen)


def _is_offered(tx: Tx, service: Service, draft: BookingDraft, context: Context[BookingsCheckout]) -> bool:
    return offered(tx, service, draft.slot, context.now) is not None


def refresh(tx: Tx, draft: BookingDraft, context: Context[BookingsCheckout]) -> Refreshed[BookingDraft]:
    """A time that is gone has to be chosen again, as long as nothing was booked."""
    if draft.booking_id or draft.needs_time:
        return Refreshed(draft)
    offer = details.offer_now(tx, draft, context)
    if offer is not None:
        return Refreshed(draft, offer)
    return Refreshed(replace(draft, needs_time=True, notice=GONE))


def finish(tx: Tx, draft: BookingDraft, context: Context[BookingsCheckout]) -> Outcome | Continue:
    """The booking stands or waits; what is paid online goes on to the checkout, in the same session, and who
    chose to buy a plan first to that."""
    if draft.plan_id:
        carried = interrupted.carried(context.session, asked_again(draft))
        return Continue(PURCHASE, PaidPlansCheckout(plan_id=draft.plan_id, checkout_data=carried))
    if draft.checkout_id:
        return Continue(CHECKOUT, EcomCheckout(checkout_id=draft.checkout_id))
    return Outcome(ids={"bookingId": draft.booking_id})


FLOW: Flow[BookingsCheckout, BookingDraft] = Flow(
    intent=INTENT,
    params=BookingsCheckout,
    draft=BookingDraft,
    returns_to=Rule.REDIRECT_DOMAIN,
    identity=Identity.VISITOR,
    check=check,
    link=through_entry(lambda params: "/__bookings/booking-form", lambda params: {}),
    begin=begin,
    refresh=refresh,
    steps=(choose_time.STEP, LOGIN, choose_plan.STEP, details.STEP),
    without_login=lambda draft: replace(draft, wants_login=False),
    finish=finish,
    leave=thanks.leave,
    return_params=("bookingId", "orderId"),
)
