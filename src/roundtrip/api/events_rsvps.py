"""Answers to invitations: people answer and change their mind, the owner's server code does the same for everybody."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from roundtrip.api.callers import moment_of_call, owner_of
from roundtrip.api.operation import KEYS, VISITORS, Call, Operation
from roundtrip.api.query_calls import PagingMetadata, QueryBody, asked, paging_metadata
from roundtrip.api.settings_calls import own_site
from roundtrip.api.stores_views import Json, sees_hidden
from roundtrip.api.wire import Empty, Wire
from roundtrip.core.clock import rfc3339
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.ids import new_id
from roundtrip.credentials import passwords
from roundtrip.events.event import actions as events
from roundtrip.events.event.model import Status as EventStatus
from roundtrip.events.orders.model import Answer, Guest
from roundtrip.events.rsvps import actions, store
from roundtrip.events.rsvps.actions import MOST_GUESTS, Said
from roundtrip.events.rsvps.model import Rsvp, Status
from roundtrip.query.model import Query
from roundtrip.query.parse import read_query
from roundtrip.storage.database import Tx
from roundtrip.workflows import answer_event

Name = Annotated[str, Meta(min_length=1, max_length=100)]
Text = Annotated[str, Meta(max_length=1000)]


class MoreGuests(Wire):
    """How many others come along."""

    guest_count: Annotated[int, Meta(ge=0, le=MOST_GUESTS - 1)] = 0


class RsvpIn(Wire):
    """An answer. `formResponse` has answers to the event's questions, by their words."""

    event_id: Annotated[str, Meta(max_length=36)]
    first_name: Name
    last_name: Name
    email: Annotated[str, Meta(max_length=254)]
    status: Annotated[str, Meta(pattern="^(YES|NO|WAITLIST)$")] = "YES"
    additional_guest_details: MoreGuests | None = None
    form_response: dict[str, Text] | None = None


class CreateBody(Wire):
    """An answer to an invitation."""

    rsvp: RsvpIn


class RsvpAnswer(Wire, omit_defaults=False):
    """One answer."""

    rsvp: dict[str, Any]


class Rsvps(Wire, omit_defaults=False):
    """A page of answers."""

    rsvps: list[dict[str, Any]]
    paging_metadata: PagingMetadata


async def create(call: Call) -> RsvpAnswer:
    """Answer an invitation."""
    call.count("event answers", call.services.limits.settings.purchases_per_minute)
    return RsvpAnswer(await call.write(_create, call, new_id(call.now)))


def _create(tx: Tx, call: Call, made: str) -> Json:
    sent: RsvpIn = call.body.rsvp
    event = events.require(tx, call.site_id, sent.event_id)
    if event.status is EventStatus.DRAFT:
        raise events.no_such_event(sent.event_id)
    visitor_id, member_id = owner_of(call)
    if event.terms.members_only and member_id is None and not sees_hidden(call):
        raise AppError(Kind.FORBIDDEN, "MEMBERS_ONLY", f"{event.title} is for members. Let the visitor log in first.")
    answers = tuple(Answer(title, value) for title, value in (sent.form_response or {}).items())[:20]
    guest = Guest(sent.first_name.strip(), sent.last_name.strip(), passwords.check_email(sent.email), "", answers)
    _check_answers(event.terms.questions, guest)
    said = Said(
        Status.NO if sent.status == "NO" else Status.YES,
        1 + (sent.additional_guest_details.guest_count if sent.additional_guest_details else 0),
        guest, own_site(tx, call).language, visitor_id, member_id, sees_hidden(call),
    )  # fmt: skip
    return rsvp_out(answer_event.answer(tx, event, said, moment_of_call(tx, call, made)))


def _check_answers(questions: Any, guest: Guest) -> None:
    given = {one.title for one in guest.answers if one.value.strip()}
    missing = [one.title for one in questions if one.is_required and one.title not in given]
    if missing:
        text = f"An answer is needed to: {', '.join(missing)}. Send it in formResponse, by the words of the question."
        raise AppError(Kind.INVALID, "INVALID_FORM_RESPONSE", text, data={"missing": missing})


def rsvp_out(one: Rsvp) -> Json:
    """An answer on the wire, where who is offered a place still waits."""
    guest = one.content.guest
    return {
        "id": one.id,
        "revision": str(one.revision),
        "eventId": one.event_id,
        "createdDate": rfc3339(one.created_at),
        "updatedDate": rfc3339(one.updated_at),
        "firstName": guest.first_name,
        "lastName": guest.last_name,
        "email": guest.email,
        "status": Status.WAITLIST.value if one.status is Status.OFFERED else one.status.value,
        "totalGuests": one.guests,
        "additionalGuestDetails": {"guestCount": one.guests - 1},
        "contactId": one.member_id or "",
        "checkedIn": one.checked_in > 0,
        **({"memberId": one.member_id} if one.member_id else {}),
        **({"formResponse": {answer.title: answer.value for answer in guest.answers}} if guest.answers else {}),
        **({"offerEndsDate": rfc3339(one.offer_ends_at)} if one.offer_ends_at is not None else {}),
    }


def _own(tx: Tx, call: Call) -> Rsvp:
    """The answer that the path names, if it is for this caller: NOT_FOUND otherwise."""
    found = actions.require(tx, call.site_id, call.path_params["id"])
    visitor_id, member_id = owner_of(call)
    is_own = (found.member_id and found.member_id == member_id) or (found.visitor_id and found.visitor_id == visitor_id)
    if not is_own and not sees_hidden(call):
        raise actions.no_rsvp(found.id)
    return found


async def get(call: Call) -> RsvpAnswer:
    """Read an answer."""
    return RsvpAnswer(await call.read(lambda tx: rsvp_out(_own(tx, call))))


async def query(call: Call) -> Rsvps:
    """List answers."""
    return await call.read(_queried, call, read_query(asked(call, QueryBody).query, store.RSVPS))


def _queried(tx: Tx, call: Call, wanted: Query) -> Rsvps:
    page, found = store.query(tx, call.site_id, wanted, None if sees_hidden(call) else owner_of(call))
    return Rsvps([rsvp_out(one) for one in found], paging_metadata(page))


async def withdraw(call: Call) -> RsvpAnswer:
    """Not come after all, or wait no longer."""

    def withdrawing(tx: Tx, made: str) -> Json:
        return rsvp_out(answer_event.withdraw(tx, call.site_id, _own(tx, call).id, moment_of_call(tx, call, made)))

    return RsvpAnswer(await call.write(withdrawing, new_id(call.now)))


async def delete(call: Call) -> Empty:
    """Delete an answer."""

    def deleting(tx: Tx, made: str) -> None:
        answer_event.delete(tx, call.site_id, call.path_params["id"], moment_of_call(tx, call, made))

    await call.write(deleting, new_id(call.now))
    return Empty()


async def check_in(call: Call) -> RsvpAnswer:
    """Let somebody in who answered."""

    def letting(tx: Tx, made: str) -> Json:
        known = actions.require(tx, call.site_id, call.path_params["id"])
        return rsvp_out(actions.check_in(tx, known, moment_of_call(tx, call, made)))

    return RsvpAnswer(await call.write(letting, new_id(call.now)))


async def undo_check_in(call: Call) -> RsvpAnswer:
    """Take a check-in back."""

    def undoing(tx: Tx, made: str) -> Json:
        known = actions.require(tx, call.site_id, call.path_params["id"])
        return rsvp_out(actions.undo_check_in(tx, known, moment_of_call(tx, call, made)))

    return RsvpAnswer(await call.write(undoing, new_id(call.now)))


_PREFIXES = ("/events/v2/rsvps", "/_api/events-rsvps/v2/rsvps")
_ONE = tuple(f"{prefix}/{{id}}" for prefix in _PREFIXES)
_UNKNOWN = ("RSVP_NOT_FOUND",)
_EVENT = "e0e00002-0000-4000-8000-000000000001"
_WHO = {"firstName": "Ann", "lastName": "Example", "email": "ann@example.com"}
_REFUSALS = (
    "EVENT_NOT_FOUND",
    "INVALID_EVENT_TYPE",
    "INVALID_FORM_RESPONSE",
    "UNEXPECTED_RSVP_STATUS",
    "RSVPS_NOT_STARTED",
    "RSVPS_CLOSED",
    "GUEST_LIMIT_EXCEEDED",
    "MEMBER_ALREADY_REGISTERED",
    "RSVP_LIMIT_EXCEEDED",
    "MEMBERS_ONLY",
    "RESOURCE_EXHAUSTED",
)
_ALL = VISITORS | KEYS
OPERATIONS: tuple[Operation, ...] = (
    Operation("CreateRsvp", "POST", _PREFIXES, "Answer an invitation; who is too many joins the waiting list, if there is one.", create,
              "event.manage", _ALL, CreateBody, RsvpAnswer, example={"rsvp": {"eventId": _EVENT, **_WHO, "status": "YES"}},
              errors=_REFUSALS),
    Operation("GetRsvp", "GET", _ONE, "Read an answer: one's own, or for keys any of the site.", get, "event.read", _ALL, None,
              RsvpAnswer, errors=_UNKNOWN),
    Operation("QueryRsvps", "POST", tuple(f"{prefix}/query" for prefix in _PREFIXES),
              f"List answers: one's own, or for keys all. Filters: {', '.join(store.RSVPS.fields)}.", query, "event.read", _ALL, QueryBody,
              Rsvps, example={"query": {"filter": {"eventId": _EVENT}}}),
    Operation("WithdrawRsvp", "POST", tuple(f"{one}/withdraw" for one in _ONE), "Not come after all, or wait no longer.", withdraw,
              "event.manage", _ALL, None, RsvpAnswer, errors=_UNKNOWN),
    Operation("DeleteRsvp", "DELETE", _ONE, "Delete an answer.", delete, "event.manage", KEYS, None, Empty, errors=_UNKNOWN),
    Operation("CheckInRsvp", "POST", tuple(f"{one}/check-in" for one in _ONE), "Let somebody in who answered.", check_in, "event.manage",
              KEYS, None, RsvpAnswer, errors=(*_UNKNOWN, "ALREADY_CHECKED_IN", "RSVP_STATUS")),
    Operation("CancelRsvpCheckIn", "POST", tuple(f"{one}/cancel-check-in" for one in _ONE), "Take a check-in back.", undo_check_in,
              "event.manage", KEYS, None, RsvpAnswer, errors=_UNKNOWN),
)  # fmt: skip
