"""The form about the guests. Where the time to buy is over, the same step says so instead, and offers the same tickets again: what was
typed meanwhile is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from roundtrip.core.errors import AppError, Kind
from roundtrip.credentials import passwords
from roundtrip.events.event.model import Event
from roundtrip.events.parts import store as parts
from roundtrip.events.reservations import store as reservations
from roundtrip.events.reservations.model import Reservation
from roundtrip.flows.base import Context, Form, Step, Submitted
from roundtrip.flows.events_checkout import buying, ordering
from roundtrip.flows.events_checkout.draft import TicketsDraft
from roundtrip.flows.events_checkout.params import EventsCheckout
from roundtrip.flows.steps.buying import moment_of
from roundtrip.flows.steps.person import EMAIL_WRONG, FIRST_NAME_MISSING, LAST_NAME_MISSING, LONGEST_NAME, TOO_LONG, said, wrong_with_person
from roundtrip.flows.steps.refused import refused
from roundtrip.members import store as members
from roundtrip.storage.database import Tx
from roundtrip.text.marks import marked
from roundtrip.workflows import order_tickets

LONGEST_TEXT = 1000
MOST_POLICIES = 20
MOST_TYPED = 60_000
"""More than this, typed into one form, is nobody's guest list."""
ANSWER_MISSING = marked("An answer to this is needed.")
NOT_AGREED = marked("Say that you agree, or don't buy these tickets.")
WHY: Mapping[str, tuple[str, str]] = {
    "time_over": (
        marked("The time to buy was over"),
        marked("Your tickets were kept for a while and are free for others now. Nothing was charged."),
    ),
    "sold_out": (marked("These tickets are sold out"), marked("While the time was over, others took them. Nothing was charged.")),
    "refunded": (
        marked("Your payment came too late"),
        marked("The tickets were gone when it arrived. All of it goes back to you, the way you paid."),
    ),
    "canceled": (marked("This event does not take place"), marked("Its organizer has cancelled it. Nothing was charged.")),
    "bought": (marked("These tickets were bought already"), marked("Look into your mail: they were sent there.")),
    "gone": (marked("These tickets can't be bought any more"), marked("The event is over or was taken off the list. Nothing was charged.")),
}
MAY_TRY_AGAIN = frozenset({"time_over", "sold_out", "refunded"})


def view(tx: Tx, draft: TicketsDraft, context: Context[EventsCheckout]) -> Mapping[str, object]:
    """The form, or why there is none."""
    if draft.over:
        title, text = WHY[draft.over]
        return {"is_over": True, "title": title, "text": text, "may_try_again": draft.over in MAY_TRY_AGAIN}
    found = buying.quoted(tx, draft, context)
    event, reservation = found.event, found.reservation
    policies = parts.page(tx, event.site_id, "policy", (event.id,), MOST_POLICIES)
    return {
        "is_over": False,
        "step_name": marked("Details"),
        "summary": buying.summary(found, context.language),
        "kept": buying.kept(reservation, context.now),
        "again": draft.again,
        "questions": [] if event.terms.separately else _questions(event, "answer"),
        "guests": [
            {
                "number": number,
                "total": reservation.quantity,
                "ticket": f"{line.name} ({line.option_name})" if line.option_name else line.name,
                "prefix": f"guest_{number}_",
                "questions": _questions(event, f"guest_{number}_answer"),
            }
            for number, line in buying.guest_fields(event, reservation)
        ],
        "policies": [{"name": one.name, "body": str(one.content.get("body", ""))} for one in policies],
        "notes": sorted(set(_ticket_policies(tx, reservation))),
        "is_free": not found.invoice.total,
        "values": {**_known(tx, context), **draft.typed},
    }


def _questions(event: Event, prefix: str) -> list[dict[str, object]]:
    return [
        {"field": f"{prefix}_{number}", "title": question.title, "is_required": question.is_required}
        for number, question in enumerate(event.terms.questions)
    ]


def _ticket_policies(tx: Tx, reservation: Reservation) -> Iterator[str]:
    for one in ordering.definitions(tx, reservation).values():
        if one.terms.policy:
            yield one.terms.policy


def _known(tx: Tx, context: Context[EventsCheckout]) -> dict[str, str]:
    """A member whose own token asked for this visit finds their name and address (decision record 0140)."""
    if context.session.caller_kind != "member" or not context.session.caller_id:
        return {}
    member = members.member(tx, context.site.id, context.session.caller_id)
    if member is None:
        return {}
    return {"email": member.email, "first_name": member.first_name or "", "last_name": member.last_name or ""}


def submit(tx: Tx, draft: TicketsDraft, form: Form, context: Context[EventsCheckout]) -> Submitted[TicketsDraft]:
    """Keep what was typed; order what costs nothing. Who is too late gets the same tickets again, if they are still there, and goes on
    with them as if nothing had been: at the same price, and with a form that is right."""
    typed = _typed(form)
    if not draft.over:
        return _said(tx, draft, typed, form, context)
    again = _again(tx, replace(draft, typed={**draft.typed, **typed}), context)
    if again.over or form.get("do") == "again" or not _costs_the_same(tx, context.site.id, draft.reservation_id, again.reservation_id):
        return Submitted(again)
    try:
        return _said(tx, again, typed, form, context)
    except AppError as error:
        if error.kind is not Kind.INVALID:
            raise
        return Submitted(again, refused=error)  # they have the tickets: what is wrong is told beside the form


def _said(tx: Tx, draft: TicketsDraft, typed: dict[str, str], form: Form, context: Context[EventsCheckout]) -> Submitted[TicketsDraft]:
    found = buying.quoted(tx, draft, context)
    wrong = list(_wrong(tx, typed, form, found.event, found.reservation))
    if wrong:
        raise refused(*wrong)
    ready = replace(draft, typed={**typed, "email": passwords.check_email(typed["email"])}, said=True, editing="")
    if found.invoice.total:
        return Submitted(ready)
    return Submitted(ordering.ordered(tx, ready, context, seen=found.invoice.total))


def _costs_the_same(tx: Tx, site_id: str, before: str, after: str) -> bool:
    found = [reservations.get(tx, site_id, one) for one in (before, after)]
    prices = [[(line.definition_id, line.quantity, line.unit) for line in one.lines] for one in found if one is not None]
    return len(prices) == 2 and prices[0] == prices[1]


def _typed(form: Form) -> dict[str, str]:
    own = {name: text.strip() for name, text in form.items() if name not in ("csrf", "do", "agreed") and text.strip()}
    return own if sum(map(len, own.values())) <= MOST_TYPED else {}


def _again(tx: Tx, draft: TicketsDraft, context: Context[EventsCheckout]) -> TicketsDraft:
    if draft.over not in MAY_TRY_AGAIN:
        return draft
    try:
        made = order_tickets.again(tx, context.site.id, draft.reservation_id, moment_of(context))
    except AppError as error:
        if error.kind not in (Kind.CONFLICT, Kind.NOT_FOUND, Kind.INVALID):
            raise
        return replace(draft, sold_out=True)
    return replace(draft, reservation_id=made.id, order_id="", sold_out=False, again=True, over="")


def _wrong(tx: Tx, typed: Mapping[str, str], form: Form, event: Event, reservation: Reservation) -> Iterator[tuple[str, str]]:
    yield from wrong_with_person(typed)
    if not event.terms.separately:
        yield from _wrong_answers(typed, event, "answer")
    for number, _ in buying.guest_fields(event, reservation):
        prefix = f"guest_{number}_"
        for name, missing in (("first_name", FIRST_NAME_MISSING), ("last_name", LAST_NAME_MISSING)):
            text = said(typed, prefix + name)
            if not text or len(text) > LONGEST_NAME:
                yield prefix + name, TOO_LONG if text else missing
        if email := said(typed, f"{prefix}email"):
            yield from _wrong_email(f"{prefix}email", email)
        yield from _wrong_answers(typed, event, f"{prefix}answer")
    if parts.count(tx, event.site_id, "policy", (event.id,)) and not form.get("agreed"):
        yield "agreed", NOT_AGREED


def _wrong_email(field: str, email: str) -> Iterator[tuple[str, str]]:
    try:
        passwords.check_email(email)
    except AppError:
        yield field, EMAIL_WRONG


def _wrong_answers(typed: Mapping[str, str], event: Event, prefix: str) -> Iterator[tuple[str, str]]:
    for number, question in enumerate(event.terms.questions):
        answer = said(typed, f"{prefix}_{number}")
        if question.is_required and not answer:
            yield f"{prefix}_{number}", ANSWER_MISSING
        elif len(answer) > LONGEST_TEXT:
            yield f"{prefix}_{number}", TOO_LONG


def _done(draft: Any) -> bool:
    return draft.stands or (draft.said and not draft.over and draft.editing != "details")


STEP: Step[TicketsDraft] = Step(name="tickets_details", needed=lambda draft: True, done=_done, view=view, submit=submit)
