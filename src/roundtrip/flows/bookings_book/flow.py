"""The `bookingsBook` flow: which service, which time; and on to the booking of it in the same visit."""

from __future__ import annotations

from roundtrip.bookings.parts import store as parts
from roundtrip.bookings.parts.actions import no_such_part
from roundtrip.bookings.parts.model import PartKind
from roundtrip.core.errors import AppError, Kind
from roundtrip.flows.base import Asked, Began, Context, Continue, Flow, Identity
from roundtrip.flows.bookings_book import service
from roundtrip.flows.bookings_book.params import INTENT, BookingsBook
from roundtrip.flows.bookings_checkout.again import asked_again
from roundtrip.flows.bookings_checkout.params import INTENT as BOOKING
from roundtrip.flows.leaving import after_flow
from roundtrip.flows.links import through_entry
from roundtrip.flows.steps import choose_time
from roundtrip.flows.steps.booking_words import zone_of_visit
from roundtrip.flows.steps.choose_time import TimeDraft
from roundtrip.sites.verdict import Rule
from roundtrip.storage.database import Tx


def check(tx: Tx, asked: Asked[BookingsBook]) -> None:
    """There is something to book. Raises NOT_FOUND `STAFF_MEMBER_NOT_FOUND`, CONFLICT `NOTHING_TO_BOOK`."""
    resource_id = asked.params.resource_id
    if resource_id and parts.part(tx, asked.site.id, PartKind.STAFF, resource_id.lower()) is None:
        raise no_such_part(PartKind.STAFF, resource_id)
    if not service.bookable(tx, asked.site.id, resource_id):
        text = f"The site {asked.site.slug} offers no service that visitors can book. Make one that is visible and can be booked online."
        raise AppError(Kind.CONFLICT, "NOTHING_TO_BOOK", text, data={"resourceId": resource_id} if resource_id else {})


def begin(tx: Tx, context: Context[BookingsBook]) -> Began[TimeDraft]:
    """Nothing is chosen before the visitor has looked."""
    staff = (context.params.resource_id or "").lower()
    return Began(TimeDraft(zone=zone_of_visit(tx, "", context), staff_only=staff, from_list=True))


def finish(tx: Tx, draft: TimeDraft, context: Context[BookingsBook]) -> Continue:
    """On to the booking form, in the same session."""
    return Continue(BOOKING, asked_again(draft))


FLOW: Flow[BookingsBook, TimeDraft] = Flow(
    intent=INTENT,
    params=BookingsBook,
    draft=TimeDraft,
    returns_to=Rule.REDIRECT_DOMAIN,
    identity=Identity.VISITOR,
    check=check,
    link=through_entry(lambda params: "/__bookings/book", lambda params: {"resourceId": params.resource_id} if params.resource_id else {}),
    begin=begin,
    steps=(service.STEP, choose_time.STEP),
    finish=finish,
    leave=after_flow,
    return_params=("bookingId", "orderId"),
)
