"""The booking form: what is booked stands beside it; who comes, the service's own questions, and how it is paid are asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from roundtrip.bookings.availability import Offer
from roundtrip.bookings.book.model import Answer, Contact, Option
from roundtrip.bookings.book.wanted import Wanted, most_participants, offered
from roundtrip.bookings.services import store as services
from roundtrip.bookings.services.model import Service
from roundtrip.core.errors import AppError, Kind
from roundtrip.credentials import passwords
from roundtrip.ecom.address import Contact as Buyer
from roundtrip.ecom.address import Recipient
from roundtrip.ecom.cart.model import Owner
from roundtrip.ecom.checkout import actions as checkouts
from roundtrip.ecom.checkout.model import Details
from roundtrip.ecom.goods import Reference
from roundtrip.flows.base import Context, Form, Step, Submitted
from roundtrip.flows.bookings_checkout import with_plan
from roundtrip.flows.bookings_checkout.draft import BookingDraft
from roundtrip.flows.bookings_checkout.params import BookingsCheckout
from roundtrip.flows.steps import booking_words as words
from roundtrip.flows.steps.buying import moment_of
from roundtrip.flows.steps.choose_time import GONE, may_wait
from roundtrip.flows.steps.person import TOO_LONG, wrong_with_person
from roundtrip.flows.steps.person import said as typed
from roundtrip.flows.steps.refused import refused
from roundtrip.members import store as members
from roundtrip.storage.database import Tx
from roundtrip.text.marks import marked
from roundtrip.workflows import move_booking
from roundtrip.workflows.booking_shelf import BOOKINGS
from roundtrip.workflows.shop import open_shop

LONGEST_TEXT = 1000
STEPS_OF_CHECKOUT = 3
"""Pages that paying online adds, when nothing has to be sent and who pays is known: address, review, payment."""
ANSWER_MISSING = marked("An answer to this is needed.")
TOO_MANY = marked("There are fewer places left than you want.")
PARTICIPANTS_WRONG = marked("Enter how many will come, as a number.")
TOO_MANY_AT_ONCE = marked("One booking isn’t for so many. Book again for the others.")
WAITS_ALREADY = marked("The waiting list is full, or you are on it already.")
NO_WAY = marked("This can’t be booked here at the moment.")


def view(tx: Tx, draft: BookingDraft, context: Context[BookingsCheckout]) -> Mapping[str, object]:
    """The service and the time as they are now, and what is known of the visitor."""
    offer = offer_now(tx, draft, context)
    assert offer is not None  # without one, the flow's `refresh` leads to the step of choosing a time
    online, at_place = words.ways_to_pay(tx, offer.service, context)
    usable = with_plan.usable(tx, draft, offer, context)
    method = with_plan.method_of(usable[0]) if usable else "online" if online else "place"
    due = offer.service.terms.rate.due
    return {
        "step_name": marked("Details"),
        "summary": words.summary(tx, offer, 1, draft.zone, context.language),
        "most": min(most_participants(offer.service), max(offer.open, 1)),
        "left": offer.open if offer.session is not None else None,
        "waits": may_wait(offer),
        "needs_approval": offer.service.terms.needs_approval,
        "is_free": due is not None and not due,
        "online": online,
        "at_place": at_place,
        "policy": offer.service.policy.text,
        "questions": [
            {"field": _field(number), "title": question.title, "is_required": question.is_required}
            for number, question in enumerate(offer.service.terms.questions)
        ],
        "may_change_time": not _is_course(offer),
        "others": words.other_services(context),
        "steps_beyond": STEPS_OF_CHECKOUT if online and not usable and not may_wait(offer) else 0,
        "plans": with_plan.view(tx, draft, offer, context),
        "values": {**_known(tx, draft, context), "participants": "1", "method": method},
    }


def _is_course(offer: Offer) -> bool:
    return offer.service.kind.value == "COURSE"


def offer_now(tx: Tx, draft: BookingDraft, context: Context[Any]) -> Offer | None:
    """The time that was chosen, if it can be booked or waited for now."""
    service = services.service(tx, context.site.id, draft.service_id)
    if service is None or service.hidden:
        return None
    offer = offered(tx, service, draft.slot, context.now)
    return offer if offer is not None and (offer.is_bookable or may_wait(offer)) else None


def _known(tx: Tx, draft: BookingDraft, context: Context[BookingsCheckout]) -> dict[str, str]:
    """A member whose own token asked for this visit, or who logged in during it, finds their name and address (decision record 0140)."""
    asked = context.session.caller_id if context.session.caller_kind == "member" else None
    member_id = draft.member_id or asked
    member = members.member(tx, context.site.id, member_id) if member_id else None
    if member is None:
        return {}
    return {"email": member.email, "first_name": member.first_name or "", "last_name": member.last_name or ""}


def submit(tx: Tx, draft: BookingDraft, form: Form, context: Context[BookingsCheckout]) -> Submitted[BookingDraft]:
    """Book, wait, or go on to pay. A time that somebody else took meanwhile leads to the choice of another one."""
    if form.get("change") == "time":
        return Submitted(replace(draft, needs_time=True, notice=""))
    if form.get("change") == "plan":
        return Submitted(replace(draft, choosing_plan=True))
    if form.get("change") == "login":
        return with_plan.log_in(tx, draft, context)
    offer = offer_now(tx, draft, context)
    if offer is None:
        return Submitted(replace(draft, needs_time=True, notice=GONE))
    wrong = list(_wrong(form, offer))
    if wrong:
        raise refused(*wrong)
    by_plan = with_plan.chosen(tx, draft, offer, form, context)
    online, at_place = words.ways_to_pay(tx, offer.service, context)
    if by_plan is None and not online and not at_place:
        raise refused(("", NO_WAY))
    option = Option.ONLINE if online and (not at_place or form.get("method") == "online") else Option.OFFLINE
    wanted = _wanted(draft, form, offer, Option.MEMBERSHIP if by_plan else option, context)
    try:
        if by_plan is not None and not may_wait(offer):
            return Submitted(replace(draft, booking_id=with_plan.book(tx, offer.service, wanted, by_plan, moment_of(context)).id))
        return Submitted(_booked(tx, draft, offer.service, wanted, waits=may_wait(offer), context=context))
    except AppError as error:
        raise _explained(error, offer) from error


def _explained(error: AppError, offer: Offer) -> AppError:
    """Raised, so that nothing is kept: somebody was quicker between the look at the time and the taking. The next look says so."""
    if error.code in with_plan.REFUSALS:
        return refused(("method", with_plan.REFUSALS[error.code]))
    if error.kind is not Kind.CONFLICT:
        return error
    if error.code == "WAITLIST_NOT_AVAILABLE":
        return refused(("", WAITS_ALREADY))
    return refused(("participants" if offer.open > 1 else "", TOO_MANY if offer.open > 1 else GONE))


def _booked(
    tx: Tx, draft: BookingDraft, service: Service, wanted: Wanted, *, waits: bool, context: Context[BookingsCheckout]
) -> BookingDraft:
    site_id, moment = context.site.id, moment_of(context)
    if waits:
        return replace(draft, booking_id=move_booking.wait(tx, site_id, service.id, wanted, moment).id)
    booking = move_booking.book(tx, site_id, service.id, wanted, moment)
    if wanted.option is not Option.ONLINE:
        move_booking.finish(tx, site_id, booking.id, moment)
        return replace(draft, booking_id=booking.id)
    shop, contact = open_shop(tx, context.site), wanted.contact
    payer = Recipient(contact=Buyer(contact.first_name, contact.last_name, contact.phone))
    details = Details(email=contact.email, billing=payer, language=context.language)
    made = checkouts.create(tx, shop, _owner(context), [(Reference(BOOKINGS, booking.id), 1)], details, moment)
    return replace(draft, booking_id=booking.id, checkout_id=made.checkout.id)


def _owner(context: Context[BookingsCheckout]) -> Owner:
    """Whoever the site named; a visitor of our own where its server asked."""
    session = context.session
    if session.caller_kind in ("visitor", "member") and session.caller_id:
        return Owner("member" if session.caller_kind == "member" else "visitor", session.caller_id)
    return Owner("visitor", session.id)


def _wanted(draft: BookingDraft, form: Form, offer: Offer, option: Option, context: Context[BookingsCheckout]) -> Wanted:
    owner = _owner(context)
    if option is Option.MEMBERSHIP:
        owner = Owner("member", with_plan.member_of(draft, context) or owner.id)
    answers = [
        Answer(question.title, text)
        for number, question in enumerate(offer.service.terms.questions)
        if (text := typed(form, _field(number)))
    ]
    return Wanted(
        slot=replace_staff(draft, offer),
        participants=int(typed(form, "participants") or "1"),
        option=option,
        contact=Contact(
            typed(form, "first_name"), typed(form, "last_name"), passwords.check_email(typed(form, "email")), typed(form, "phone")
        ),
        message=typed(form, "message"),
        answers=tuple(answers),
        language=context.language,
        zone=draft.zone,
        visitor_id=owner.id if owner.kind == "visitor" else None,
        member_id=owner.id if owner.kind == "member" else None,
    )


def replace_staff(draft: BookingDraft, offer: Offer) -> Any:
    """The time as it was shown: with the staff member who stood beside it."""
    return draft.slot if offer.staff is None or offer.session is not None else replace(draft, staff_id=offer.staff.id).slot


def _wrong(form: Form, offer: Offer) -> Iterator[tuple[str, str]]:
    yield from wrong_with_person(form)
    if len(typed(form, "message")) > LONGEST_TEXT:
        yield "message", TOO_LONG
    yield from _wrong_participants(typed(form, "participants") or "1", offer)
    for number, question in enumerate(offer.service.terms.questions):
        answer = typed(form, _field(number))
        if question.is_required and not answer:
            yield _field(number), ANSWER_MISSING
        elif len(answer) > LONGEST_TEXT:
            yield _field(number), TOO_LONG


def _wrong_participants(text: str, offer: Offer) -> Iterator[tuple[str, str]]:
    if not (text.isascii() and text.isdecimal() and len(text) <= 4 and int(text)):
        yield "participants", PARTICIPANTS_WRONG
    elif int(text) > most_participants(offer.service):
        yield "participants", TOO_MANY_AT_ONCE
    elif int(text) > offer.open and not may_wait(offer):
        yield "participants", TOO_MANY


def _field(number: int) -> str:
    return f"answer_{number}"


STEP: Step[BookingDraft] = Step(
    name="booking_details",
    needed=lambda draft: not draft.plan_id,
    done=lambda draft: bool(draft.booking_id),
    view=view,
    submit=submit,
)
