"""What can be done with services: create, change, delete. Each change is written down in its transaction (OPS-02)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
from msgspec import UNSET

from roundtrip.bookings.business import store as business
from roundtrip.bookings.parts import actions as parts
from roundtrip.bookings.parts.model import Part, PartKind
from roundtrip.bookings.services import store
from roundtrip.bookings.services.draft import ServiceDraft
from roundtrip.bookings.services.fields import picture, wanted_parts, with_fields
from roundtrip.bookings.services.model import ENTITY, Service, ServiceTerms
from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.core.slugs import slug_of, slug_taken
from roundtrip.media import medium
from roundtrip.sites.change import Change, changed_meanwhile
from roundtrip.storage import audit
from roundtrip.storage.database import Tx


def create(tx: Tx, site_id: str, sent: ServiceDraft, *, service_id: str, schedule_id: str, change: Change) -> Service:
    """Make a service. Raises INVALID naming the field, CONFLICT `SLUG_TAKEN`, NOT_FOUND with the code of the part or picture."""
    if sent.type is UNSET:
        raise invalid_field("service.type", "is required and missing", "REQUIRED_FIELD")
    if sent.name is UNSET:
        raise invalid_field("service.name", "is required and missing", "REQUIRED_FIELD")
    blank = Service(
        site_id, service_id, sent.type, "", "", False, 0, schedule_id, ServiceTerms(), (), 1, change.now, change.now
    )  # fmt: skip
    made = _whole(tx, blank, sent)
    slug = sent.main_slug.name if sent.main_slug is not UNSET else _free_slug(tx, made)
    made = replace(made, slug=slug)
    if not store.insert(tx, made):
        raise slug_taken(slug)
    _note(tx, made, "created", change, None, picture(made))
    return made


def update(tx: Tx, site_id: str, service_id: str, sent: ServiceDraft, change: Change) -> Service:
    """Set the fields that were sent. Nothing that differs: nothing is written.

    Raises as `create`, NOT_FOUND `SERVICE_NOT_FOUND`, and CONFLICT `REVISION_CHANGED` when somebody else was quicker.
    """
    before = require(tx, site_id, service_id)
    if sent.revision is not UNSET and int(sent.revision) != before.revision:
        raise changed_meanwhile("service", int(sent.revision))
    if sent.type is not UNSET and sent.type is not before.kind:
        raise invalid_field("service.type", f"is {before.kind.value} and can't be changed; make another service", "FORMAT")
    after = _whole(tx, before, sent)
    if sent.main_slug is not UNSET:
        after = replace(after, slug=sent.main_slug.name)
    if after.slug != before.slug and store.service_by_slug(tx, site_id, after.slug) is not None:
        raise slug_taken(after.slug)
    if after == before:
        return before
    after = replace(after, updated_at=change.now)
    if not store.replace_service(tx, after, before.revision):
        raise changed_meanwhile("service", before.revision)
    after = replace(after, revision=before.revision + 1)
    was, now_is = audit.changed(picture(before), picture(after))
    _note(tx, after, "updated", change, was, now_is)
    return after


def delete(tx: Tx, site_id: str, service_id: str, change: Change) -> None:
    """Delete a service with its sessions. What was booked stays. Whoever comes second gets NOT_FOUND `SERVICE_NOT_FOUND`."""
    found = require(tx, site_id, service_id)
    if not store.delete(tx, site_id, found.id):
        raise no_such_service(service_id)
    _note(tx, found, "deleted", change, picture(found), None)


def require(tx: Tx, site_id: str, service_id: str) -> Service:
    """A service of this site, hidden ones too. Raises NOT_FOUND `SERVICE_NOT_FOUND`."""
    found = store.service(tx, site_id, service_id.lower())
    if found is None:
        raise no_such_service(service_id)
    return found


def _whole(tx: Tx, before: Service, sent: ServiceDraft) -> Service:
    """The service with what was sent, its parts held until the end of the transaction, its pictures known."""
    after = with_fields(before, sent, business.business(tx, before.site_id).terms.currency)
    if sent.media is not UNSET:
        known = medium.known(tx, before.site_id, after.terms.media)
        after = replace(after, terms=msgspec.structs.replace(after.terms, media=known))
    wanted = wanted_parts(sent)
    if not wanted:
        return after
    for kind, part_id in sorted((kind, part_id) for kind, ids in wanted.items() for part_id in ids):
        parts.require_held(tx, before.site_id, kind, part_id)
    found: list[Part[Any]] = []
    for kind in sorted(PartKind):
        if kind in wanted:
            found += [parts.require(tx, before.site_id, kind, part_id) for part_id in wanted[kind]]
        else:
            found += [one for one in before.parts if one.kind is kind]
    return replace(after, parts=tuple(found))


def _free_slug(tx: Tx, service: Service) -> str:
    slug = slug_of(service.name) or "service"
    return slug if store.service_by_slug(tx, service.site_id, slug) is None else f"{slug}-{service.id[-8:]}"


def _note(tx: Tx, one: Service, slug: str, change: Change, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> None:
    change.note(tx, site_id=one.site_id, action=f"service.{slug}", object_id=one.id, object_name=one.name, before=before, after=after)
    body: dict[str, object] = {"service": {"id": one.id, "revision": one.revision, **picture(one)}}
    if slug == "updated":
        body["changedFields"] = list(after or ())
    change.tell(tx, DomainEvent(one.site_id, ENTITY, slug, one.id, body))


def no_such_service(service_id: str) -> AppError:
    """There is none (any more), it is hidden from this caller, or it is another site's."""
    text = f"There is no service {service_id[:100]!r}."
    return AppError(Kind.NOT_FOUND, "SERVICE_NOT_FOUND", text, data={"serviceId": service_id[:100]})
