"""What can be done with kinds of tickets: owners make and change them, buyers take them. Each change is written down (OPS-02)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from msgspec import UNSET

from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.events.event import actions as events
from roundtrip.events.event import store as event_store
from roundtrip.events.event.model import Registration
from roundtrip.events.reservations.wanted import no_such_ticket
from roundtrip.events.tickets import store
from roundtrip.events.tickets.draft import DefinitionDraft
from roundtrip.events.tickets.fields import PLACE, picture, with_fields
from roundtrip.events.tickets.model import ENTITY, Definition, Terms
from roundtrip.sites.change import Change, changed_meanwhile
from roundtrip.sites.moment import Moment
from roundtrip.storage import audit
from roundtrip.storage.database import Tx

MOST = 100
"""How many kinds of tickets an event may have: they are shown and read together."""


def create(tx: Tx, site_id: str, sent: DefinitionDraft, *, definition_id: str, change: Change) -> Definition:
    """Make a kind of ticket. Raises INVALID naming the field, NOT_FOUND `EVENT_NOT_FOUND`, CONFLICT `TOO_MANY_TICKETS`."""
    for name, value in (("eventId", sent.event_id), ("name", sent.name), ("pricingMethod", sent.pricing_method)):
        if value is UNSET:
            raise invalid_field(f"{PLACE}.{name}", "is required and missing", "REQUIRED_FIELD")
    event = events.require(tx, site_id, str(sent.event_id))
    if event.registration is not Registration.TICKETING:
        raise AppError(Kind.CONFLICT, "INVALID_EVENT_TYPE", f"{event.title} has no tickets: its registration is {event.registration}.")
    event_store.lock(tx, site_id, event.id)  # so that two at once do not both find room for the last kind
    place = store.count(tx, site_id, event.id)
    if place >= MOST:
        raise AppError(Kind.CONFLICT, "TOO_MANY_TICKETS", f"An event has at most {MOST} kinds of tickets; delete one first.")
    blank = Definition(
        site_id, definition_id, event.id, "", False, place, None, 0, 0, Terms(), 1, change.now, change.now
    )  # fmt: skip
    made = with_fields(blank, sent, event.terms.currency)
    store.insert(tx, made)
    _note(tx, made, "created", change, None, picture(made))
    return made


def update(tx: Tx, site_id: str, definition_id: str, sent: DefinitionDraft, change: Change) -> Definition:
    """Set the fields that were sent. What is reserved and sold keeps its price. Nothing that differs: nothing is written.

    Raises as `create`, NOT_FOUND `TICKET_DEFINITION_NOT_FOUND`, CONFLICT `REVISION_CHANGED`.
    """
    before = require(tx, site_id, definition_id)
    if sent.revision is not UNSET and int(sent.revision) != before.revision:
        raise changed_meanwhile("ticket", int(sent.revision))
    if sent.event_id is not UNSET and sent.event_id.lower() != before.event_id:
        raise invalid_field(f"{PLACE}.eventId", "can't be changed; make a ticket for the other event", "FORMAT")
    after = with_fields(before, sent, events.require(tx, site_id, before.event_id).terms.currency)
    if after == before:
        return before
    after = replace(after, updated_at=change.now)
    if not store.replace_definition(tx, after, before.revision):
        raise changed_meanwhile("ticket", before.revision)
    after = replace(after, revision=before.revision + 1)
    was, now_is = audit.changed(picture(before), picture(after))
    _note(tx, after, "updated", change, was, now_is)
    return after


def delete(tx: Tx, site_id: str, definition_id: str, change: Change) -> None:
    """Delete a kind of ticket that nobody has. Raises CONFLICT `STILL_IN_USE`; NOT_FOUND for whoever comes second."""
    found = require(tx, site_id, definition_id)
    if not store.delete_untaken(tx, site_id, found.id):
        require(tx, site_id, definition_id)
        text = f"Somebody has or keeps tickets of the kind {found.name}. Hide it instead."
        raise AppError(Kind.CONFLICT, "STILL_IN_USE", text, data={"id": found.id})
    _note(tx, found, "deleted", change, picture(found), None)


def require(tx: Tx, site_id: str, definition_id: str) -> Definition:
    """A kind of ticket of this site. Raises NOT_FOUND `TICKET_DEFINITION_NOT_FOUND`."""
    found = store.get(tx, site_id, definition_id.lower())
    if found is None:
        raise no_such_ticket(definition_id)
    return found


def tell_sold_out(tx: Tx, site_id: str, definition_id: str, moment: Moment) -> None:
    """The last one of a kind was just taken."""
    moment.tell(tx, site_id, ENTITY, "sold_out", definition_id, {"id": definition_id})


def _note(tx: Tx, one: Definition, slug: str, change: Change, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> None:
    change.note(tx, site_id=one.site_id, action=f"ticket.{slug}", object_id=one.id, object_name=one.name, before=before, after=after)
    body: dict[str, object] = {"ticketDefinition": {"id": one.id, "revision": one.revision, **picture(one)}}
    if slug == "updated":
        body["changedFields"] = list(after or ())
    change.tell(tx, DomainEvent(one.site_id, ENTITY, slug, one.id, body))
