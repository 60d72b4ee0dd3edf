"""What can be done with events: make, change, publish, cancel, delete; and what the clock does. Each change is written down (OPS-02)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
from msgspec import UNSET

from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.core.ids import derived_id
from roundtrip.core.slugs import slug_of, slug_taken
from roundtrip.events.event import store
from roundtrip.events.event.draft import EventDraft
from roundtrip.events.event.fields import at, picture, with_fields
from roundtrip.events.event.model import ENTITY, NOT_SAID, Event, Registration, Status, Terms
from roundtrip.events.parts import store as parts
from roundtrip.media import medium
from roundtrip.sites.change import Change, changed_meanwhile
from roundtrip.sites.moment import Moment
from roundtrip.storage import audit
from roundtrip.storage.database import Tx

DEFAULT_ZONE = "UTC"


def create(tx: Tx, site_id: str, sent: EventDraft, *, event_id: str, currency: str, is_draft: bool, change: Change) -> Event:
    """Make an event; one for each date when it takes place several times, and answer the first.

    Raises INVALID naming the field, CONFLICT `SLUG_TAKEN`, NOT_FOUND `PICTURE_NOT_FOUND`, `CATEGORY_NOT_FOUND`.
    """
    kind = sent.registration.initial_type if sent.registration is not UNSET else UNSET
    for name, value in (
        ("title", sent.title),
        ("dateAndTimeSettings", sent.date_and_time_settings),
        ("registration.initialType", kind),
    ):
        if value is UNSET:
            raise invalid_field(f"event.{name}", "is required and missing", "REQUIRED_FIELD")
    assert kind is not UNSET  # just seen
    status = Status.DRAFT if is_draft else Status.UPCOMING
    blank = Event(
        site_id, event_id, "", "", status, kind, NOT_SAID, NOT_SAID, DEFAULT_ZONE, "", None, 0, Terms(currency=currency), 1,
        change.now, change.now,
    )  # fmt: skip
    first = _whole(tx, blank, sent)
    slug = sent.slug if sent.slug is not UNSET else _free_slug(tx, first)
    made = [replace(first, slug=slug), *_repeated(first, slug, sent, event_id)]
    if len(made) > 1:
        made[0] = replace(made[0], recurrence_id=event_id)
    for number, one in enumerate(made):
        if not store.insert(tx, one, change.now):
            raise slug_taken(one.slug)
        _categorize(tx, one, sent)
        own = change if number == 0 else replace(change, id=derived_id(change.id, "repeated", number))
        _note(tx, one, "created", own, None, picture(one))
    return made[0]


def _repeated(first: Event, slug: str, sent: EventDraft, event_id: str) -> list[Event]:
    """The other dates of an event that takes place several times: events of their own, with tickets of their own."""
    assert sent.date_and_time_settings is not UNSET
    recurring = sent.date_and_time_settings.recurring_events
    dates = recurring.individual_event_dates if recurring else []
    if any(one.end_date <= one.start_date for one in dates):
        place = "event.dateAndTimeSettings.recurringEvents.individualEventDates"
        raise invalid_field(place, "must have an endDate later than its startDate each", "FORMAT")
    return [
        replace(
            first,
            id=derived_id(event_id, "repeated", number),
            slug=f"{slug}-{number + 1}",
            recurrence_id=event_id,
            starts_at=at(one.start_date),
            ends_at=at(one.end_date),
        )
        for number, one in enumerate(dates[1:], 1)
    ]


def update(tx: Tx, site_id: str, event_id: str, sent: EventDraft, change: Change) -> Event:
    """Set the fields that were sent. Nothing that differs: nothing is written.

    Raises as `create`, NOT_FOUND `EVENT_NOT_FOUND`, CONFLICT `REVISION_CHANGED`, `EVENT_STATUS` for one that is over or cancelled.
    """
    before = require(tx, site_id, event_id)
    if sent.revision is not UNSET and int(sent.revision) != before.revision:
        raise changed_meanwhile("event", int(sent.revision))
    if before.status is Status.CANCELED:
        raise in_other_state(before, "be changed", "events that take place")
    _keep_what_stays(before, sent)
    after = _whole(tx, before, sent)
    if sent.slug is not UNSET:
        after = replace(after, slug=sent.slug)
    other = store.by_slug(tx, site_id, after.slug)
    if other is not None and other.id != before.id:
        raise slug_taken(after.slug)
    _categorize(tx, after, sent)
    if after == before:
        return before
    return _kept(tx, before, replace(after, updated_at=change.now), "updated", change)


def _keep_what_stays(before: Event, sent: EventDraft) -> None:
    if sent.registration is UNSET:
        return
    wanted = sent.registration.initial_type
    if wanted is not UNSET and wanted is not before.registration:
        raise invalid_field("event.registration.initialType", f"is {before.registration} and can't be changed", "FORMAT")
    tickets = sent.registration.tickets
    if tickets is not UNSET and tickets.currency not in (UNSET, before.terms.currency):
        text = f"is {before.terms.currency} and can't be changed: tickets have prices in it"
        raise invalid_field("event.registration.tickets.currency", text, "FORMAT")


def publish(tx: Tx, site_id: str, event_id: str, change: Change) -> Event:
    """Let visitors see a draft. Raises CONFLICT `EVENT_STATUS`."""
    before = require(tx, site_id, event_id)
    if before.status is not Status.DRAFT:
        raise in_other_state(before, "be published", "drafts")
    return _kept(tx, before, replace(before, status=Status.UPCOMING, updated_at=change.now), "published", change)


def cancel(tx: Tx, site_id: str, event_id: str, change: Change) -> Event:
    """It does not take place: nobody can register any more. Orders stay until they are cancelled. Raises CONFLICT `EVENT_STATUS`."""
    before = require(tx, site_id, event_id)
    if before.status_at(change.now) in (Status.CANCELED, Status.ENDED):
        raise in_other_state(before, "be cancelled", "events that are not over")
    return _kept(tx, before, replace(before, status=Status.CANCELED, updated_at=change.now), "canceled", change)


def delete(tx: Tx, site_id: str, event_id: str, change: Change) -> None:
    """Delete an event for which nobody has tickets or answered. Raises CONFLICT `STILL_IN_USE`; NOT_FOUND for whoever comes second.

    The caller sees to it that there are no orders.
    """
    found = require(tx, site_id, event_id)
    if not store.delete(tx, site_id, found.id):
        raise no_such_event(event_id)
    _note(tx, found, "deleted", change, picture(found), None)


def require(tx: Tx, site_id: str, event_id: str) -> Event:
    """An event of this site, drafts too. Raises NOT_FOUND `EVENT_NOT_FOUND`."""
    found = store.get(tx, site_id, event_id.lower())
    if found is None:
        raise no_such_event(event_id)
    return found


def move(tx: Tx, site_id: str, event_id: str, moment: Moment) -> bool:
    """Write down what the clock did to it. True for exactly one caller; the worker asks."""
    event = store.get(tx, site_id, event_id)
    if event is None:
        return False
    to = event.status_at(moment.now)
    if not store.move(tx, event, to, event.moves_at(moment.now)):
        return False
    if to is not event.status:
        slug = "started" if to is Status.STARTED else "ended"
        moment.tell(tx, site_id, ENTITY, slug, event.id, {"id": event.id, "status": to.value})
    return True


def _whole(tx: Tx, before: Event, sent: EventDraft) -> Event:
    """The event with what was sent, its picture known."""
    after = with_fields(before, sent)
    if sent.main_image is not UNSET and after.terms.image is not None:
        (known,) = medium.known(tx, before.site_id, (after.terms.image,))
        after = replace(after, terms=msgspec.structs.replace(after.terms, image=known))
    if after.registration is Registration.EXTERNAL and not after.terms.external_url:
        raise invalid_field("event.registration.external.url", "is required and missing", "REQUIRED_FIELD")
    return after


def _categorize(tx: Tx, event: Event, sent: EventDraft) -> None:
    if sent.category_ids is UNSET:
        return
    wanted: Sequence[str] = sorted({one.lower() for one in sent.category_ids or ()})
    for category_id in wanted:
        if not parts.hold(tx, event.site_id, "category", category_id):
            text = f"There is no category {category_id[:40]!r}."
            raise AppError(Kind.NOT_FOUND, "CATEGORY_NOT_FOUND", text, data={"id": category_id[:40]})
    parts.set_categories(tx, event.site_id, event.id, wanted)


def _free_slug(tx: Tx, event: Event) -> str:
    slug = slug_of(event.title) or "event"
    return slug if store.by_slug(tx, event.site_id, slug) is None else f"{slug}-{event.id[-8:]}"


def _kept(tx: Tx, before: Event, after: Event, slug: str, change: Change) -> Event:
    if not store.replace_event(tx, after, before.revision, change.now):
        raise changed_meanwhile("event", before.revision)
    after = replace(after, revision=before.revision + 1)
    was, now_is = audit.changed(picture(before), picture(after))
    _note(tx, after, slug, change, was, now_is)
    return after


def _note(tx: Tx, one: Event, slug: str, change: Change, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> None:
    change.note(tx, site_id=one.site_id, action=f"event.{slug}", object_id=one.id, object_name=one.title, before=before, after=after)
    body: dict[str, object] = {"event": {"id": one.id, "revision": one.revision, **picture(one)}}
    if slug == "updated":
        body["changedFields"] = list(after or ())
    change.tell(tx, DomainEvent(one.site_id, ENTITY, slug, one.id, body))


def no_such_event(event_id: str) -> AppError:
    """There is none (any more), it is a draft that this caller does not see, or it is another site's."""
    return AppError(Kind.NOT_FOUND, "EVENT_NOT_FOUND", f"There is no event {event_id[:120]!r}.", data={"eventId": event_id[:120]})


def in_other_state(event: Event, what: str, which: str) -> AppError:
    """It is not in a state for that."""
    text = f"The event {event.title} is {event.status.value} and can't {what}; only {which} can."
    return AppError(Kind.CONFLICT, "EVENT_STATUS", text, data={"eventId": event.id, "status": event.status.value})
