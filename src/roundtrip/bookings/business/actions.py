"""What owners say about the business behind their services."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from roundtrip.bookings.business import store
from roundtrip.bookings.business.model import Business, BusinessTerms
from roundtrip.bookings.hours import MINUTES_OF_A_DAY, Period, Week
from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.core.money import known_currencies
from roundtrip.core.zones import known_zones
from roundtrip.sites.change import Change, changed_meanwhile
from roundtrip.storage import audit
from roundtrip.storage.database import Tx


def update(tx: Tx, before: Business, terms: BusinessTerms, change: Change) -> Business:
    """Keep what an owner says now. Nothing that differs: nothing is written.

    Raises INVALID for an unknown zone or currency, CONFLICT `SERVICES_HAVE_PRICES` for another currency once there are services,
    `REVISION_CHANGED`.
    """
    check_zone(terms.zone, "business.timeZone")
    if terms.currency not in known_currencies():
        text = f"must be a three-letter code such as EUR (received {terms.currency[:10]!r})"
        raise invalid_field("business.currency", text, "INVALID_ENUM_VALUE")
    if terms == before.terms:
        return before
    if terms.currency != before.terms.currency and store.has_services(tx, before.site_id):
        text = f"There are services with prices in {before.terms.currency}. Delete them first, or keep the currency."
        raise AppError(Kind.CONFLICT, "SERVICES_HAVE_PRICES", text, data={"currency": before.terms.currency})
    if not store.keep(tx, before.site_id, terms, before.revision, change.now):
        raise changed_meanwhile("business", before.revision)
    after = replace(before, terms=terms, revision=before.revision + 1)
    was, now_is = audit.changed(picture(before), picture(after))
    change.note(
        tx, site_id=after.site_id, action="business.updated", object_id=after.site_id, object_name="Business", before=was, after=now_is
    )
    change.tell(tx, DomainEvent(after.site_id, "business", "updated", after.site_id, picture(after)))
    return after


def check_zone(name: str, field: str) -> None:
    """Raises INVALID for what is no name of the IANA database."""
    if name not in known_zones():
        text = f"must be an IANA time zone such as Europe/Berlin (received {name[:60]!r})"
        raise invalid_field(field, text, "FORMAT", received=name[:60])


def checked_periods(periods: list[Period], field: str) -> tuple[Period, ...]:
    """The periods of one day in order. Raises INVALID for one that ends before it begins, or two that overlap."""
    found = sorted(periods, key=lambda one: (one.opens, one.closes))
    for place, one in enumerate(found):
        if not 0 <= one.opens < one.closes <= MINUTES_OF_A_DAY:
            raise invalid_field(field, "must have a start before its end, from 00:00 to 24:00", "FORMAT")
        if place and found[place - 1].closes > one.opens:
            raise invalid_field(field, "must not overlap", "FORMAT")
    return tuple(found)


def picture(one: Business) -> dict[str, Any]:
    """Every field with plain values."""
    return {"timeZone": one.terms.zone, "currency": one.terms.currency, "hours": plain_week(one.terms.hours)}


def plain_week(week: Week) -> list[list[list[int]]]:
    """Minutes from and until, by day, Monday first."""
    return [[[one.opens, one.closes] for one in day] for day in msgspec.structs.astuple(week)[0]]
