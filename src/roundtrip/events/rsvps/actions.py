"""Answering an invitation, and waiting for a place. Of many who want the last places exactly as many get one as there are (PAY-07).

Everybody locks the event first, then answers by their ids.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from roundtrip.core.email import email_key
from roundtrip.core.errors import AppError, Kind
from roundtrip.events.event import store as events
from roundtrip.events.event.model import Event, Registration
from roundtrip.events.event.model import Status as EventStatus
from roundtrip.events.orders.model import Guest
from roundtrip.events.rsvps import store
from roundtrip.events.rsvps.model import ENTITY, MOST_WAITING_LOOKED_AT, OFFER_FOR, Content, Rsvp, Status
from roundtrip.sites.change import changed_meanwhile
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx

MOST_GUESTS = 100


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody answers: YES or NO. `is_owners`: an owner says it for them, whatever the rules."""

    status: Status
    guests: int
    guest: Guest
    language: str = "en"
    visitor_id: str | None = None
    member_id: str | None = None
    is_owners: bool = False


def answer(tx: Tx, event: Event, said: Said, moment: Moment) -> tuple[Rsvp, bool]:
    """Keep an answer; who has answered before with the same browser and address changes theirs. The answer, and whether it is new.

    Raises CONFLICT with the codes of the wire: `INVALID_EVENT_TYPE`, `UNEXPECTED_RSVP_STATUS`, `RSVPS_NOT_STARTED`, `RSVPS_CLOSED`,
    `GUEST_LIMIT_EXCEEDED`, `MEMBER_ALREADY_REGISTERED`, `RSVP_LIMIT_EXCEEDED`.
    """
    _check(event, said, moment.now)
    events.lock(tx, event.site_id, event.id)
    known = store.of_caller(tx, event.site_id, event.id, said.visitor_id, said.member_id) if said.visitor_id or said.member_id else None
    if known is not None and said.member_id and known.status is not Status.NO and said.status is not Status.NO:
        text = "This member has answered already. Change that answer instead."
        raise AppError(Kind.CONFLICT, "MEMBER_ALREADY_REGISTERED", text, data={"rsvpId": known.id})
    is_same = known is not None and (said.member_id or email_key(known.content.guest.email) == email_key(said.guest.email))
    if known is not None and is_same:
        return change(tx, event, known, said, moment), False
    status = _taken(tx, event, said)
    made = Rsvp(
        event.site_id, moment.new_id("rsvp"), event.id, status, said.guests, said.visitor_id, said.member_id, None, 0,
        Content(said.guest, said.language), 1, moment.now, moment.now,
    )  # fmt: skip
    store.insert(tx, made)
    tell(tx, made, "created", moment)
    return made, True


def change(tx: Tx, event: Event, known: Rsvp, said: Said, moment: Moment) -> Rsvp:
    """Another answer of somebody who has answered. Who has places keeps them, whoever waits. The event is locked.

    Raises as `answer`, and CONFLICT `REVISION_CHANGED`.
    """
    if known.takes_places and said.status is not Status.NO:
        more = said.guests - known.guests
        if more > 0 and _taken(tx, event, replace(said, guests=more)) is not Status.YES:
            raise _full(event)
        if more < 0:
            events.free_places(tx, event.site_id, event.id, -more)
        status = Status.YES
    else:
        if known.takes_places:
            events.free_places(tx, event.site_id, event.id, known.guests)
        status = _taken(tx, event, said)
    after = replace(known, status=status, guests=said.guests, offer_ends_at=None, content=Content(said.guest, said.language))
    return _changed(tx, known, after, "updated", moment)


def _taken(tx: Tx, event: Event, said: Said) -> Status:
    """What becomes of an answer: its places are taken, or it waits. Who waits before has the first right to what is free."""
    if said.status is Status.NO:
        return Status.NO
    may_take = said.is_owners or not store.first_waiting(tx, event.site_id, event.id, 1)
    if may_take and events.take_places(tx, event.site_id, event.id, said.guests, even_if_full=said.is_owners):
        return Status.YES
    if event.terms.waits:
        return Status.WAITLIST
    raise _full(event)


def _full(event: Event) -> AppError:
    text = f"There are not so many places left at {event.title}."
    return AppError(Kind.CONFLICT, "RSVP_LIMIT_EXCEEDED", text, data={"eventId": event.id})


def _check(event: Event, said: Said, now: int) -> None:
    data = {"eventId": event.id}
    if event.registration is not Registration.RSVP:
        raise AppError(Kind.CONFLICT, "INVALID_EVENT_TYPE", f"{event.title} is not answered to: its registration is {event.registration}.")
    if event.status_at(now) not in (EventStatus.UPCOMING, EventStatus.STARTED):
        raise AppError(Kind.CONFLICT, "RSVPS_CLOSED", f"{event.title} is over, or does not take place.", data=data)
    if said.is_owners:
        return
    if said.status is Status.NO and not event.terms.says_no:
        raise AppError(Kind.CONFLICT, "UNEXPECTED_RSVP_STATUS", f"To {event.title} one can only say yes.", data=data)
    if event.terms.opens_at is not None and now < event.terms.opens_at:
        raise AppError(Kind.CONFLICT, "RSVPS_NOT_STARTED", f"{event.title} can't be answered to yet.", data=data)
    if not event.may_answer(now):
        raise AppError(Kind.CONFLICT, "RSVPS_CLOSED", f"{event.title} can't be answered to any more.", data=data)
    most = 1 + event.terms.more_guests
    if said.guests > most:
        raise AppError(Kind.CONFLICT, "GUEST_LIMIT_EXCEEDED", f"One answer is for {most} people at most.", data={**data, "limit": most})


def withdraw(tx: Tx, event: Event, known: Rsvp, moment: Moment) -> Rsvp:
    """They do not come after all, or wait no longer; and the places are free. The event is locked."""
    if known.status is Status.NO:
        return known
    if known.takes_places:
        events.free_places(tx, event.site_id, event.id, known.guests)
    return _changed(tx, known, replace(known, status=Status.NO, offer_ends_at=None), "updated", moment)


def accept(tx: Tx, known: Rsvp, moment: Moment) -> Rsvp:
    """Yes to a place that was kept. Raises CONFLICT `RSVP_STATUS` when it is not kept any more."""
    if known.status is not Status.OFFERED or (known.offer_ends_at or 0) <= moment.now:
        raise in_other_state(known, "be accepted", "ones that a place is kept for")
    return _changed(tx, known, replace(known, status=Status.YES, offer_ends_at=None), "updated", moment)


def offer_next(tx: Tx, event: Event, moment: Moment) -> Rsvp | None:
    """Keep free places for the first who waits for so many. None: nobody, or it is too late. The event is locked."""
    if not event.is_open(moment.now) or event.status_at(moment.now) is not EventStatus.UPCOMING:
        return None
    for waiting in store.first_waiting(tx, event.site_id, event.id, MOST_WAITING_LOOKED_AT):
        if events.take_places(tx, event.site_id, event.id, waiting.guests):
            until = min(moment.now + OFFER_FOR, event.starts_at)
            return _changed(tx, waiting, replace(waiting, status=Status.OFFERED, offer_ends_at=until), "offered", moment)
    return None


def require(tx: Tx, site_id: str, rsvp_id: str) -> Rsvp:
    """The answer of this site. Raises NOT_FOUND `RSVP_NOT_FOUND`."""
    found = store.get(tx, site_id, rsvp_id.lower())
    if found is None:
        raise no_rsvp(rsvp_id)
    return found


def check_in(tx: Tx, known: Rsvp, moment: Moment) -> Rsvp:
    """Let them in. Raises CONFLICT `ALREADY_CHECKED_IN`, `RSVP_STATUS`."""
    if not store.check_in(tx, known):
        seen = require(tx, known.site_id, known.id)
        if seen.checked_in:
            raise AppError(Kind.CONFLICT, "ALREADY_CHECKED_IN", "They have come already.", data={"rsvpId": known.id})
        raise in_other_state(seen, "be checked in", "ones that say yes")
    tell(tx, known, "checked_in", moment)
    return require(tx, known.site_id, known.id)


def undo_check_in(tx: Tx, known: Rsvp, moment: Moment) -> Rsvp:
    """Take it back; nothing changes when nobody has come."""
    if store.undo_check_in(tx, known):
        tell(tx, known, "check_in_undone", moment)
    return require(tx, known.site_id, known.id)


def _changed(tx: Tx, before: Rsvp, after: Rsvp, slug: str, moment: Moment) -> Rsvp:
    if not store.change(tx, before, after, moment.now):
        raise changed_meanwhile("answer", before.revision)
    kept = require(tx, before.site_id, before.id)
    tell(tx, kept, slug, moment)
    return kept


def tell(tx: Tx, one: Rsvp, slug: str, moment: Moment) -> None:
    """Record a domain event about an answer."""
    body: dict[str, object] = {
        "id": one.id,
        "eventId": one.event_id,
        "status": one.status.value,
        "totalGuests": one.guests,
        "revision": str(one.revision),
        **({"memberId": one.member_id} if one.member_id else {}),
    }
    person = one.member_id or email_key(one.content.guest.email) or None
    moment.tell(tx, one.site_id, ENTITY, slug, one.id, body, person=person)


def no_rsvp(rsvp_id: str) -> AppError:
    """There is none (any more), or it is somebody else's."""
    return AppError(Kind.NOT_FOUND, "RSVP_NOT_FOUND", f"There is no answer {rsvp_id[:40]!r}.", data={"rsvpId": rsvp_id[:40]})


def in_other_state(one: Rsvp, what: str, which: str) -> AppError:
    """It is not in a state for that."""
    text = f"This answer is {one.status.value} and can't {what}; only {which} can."
    return AppError(Kind.CONFLICT, "RSVP_STATUS", text, data={"rsvpId": one.id, "status": one.status.value})
