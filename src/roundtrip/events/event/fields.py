"""What the fields of an event mean. Pure: what exists in the database is checked in `actions.py`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
import nh3
from msgspec import UNSET

from roundtrip.core.errors import invalid_field
from roundtrip.core.money import known_currencies
from roundtrip.core.urls import UrlRefused, parse
from roundtrip.core.zones import known_zones
from roundtrip.events.event.draft import DateAndTimeDraft, EventDraft, ImageDraft, LocationDraft, RegistrationDraft, RsvpDraft, TicketsDraft
from roundtrip.events.event.model import NOT_SAID, Address, Event, Place, Question, Tax, TaxKind
from roundtrip.media.medium import Medium

MOST_DESCRIPTION = 60_000


def with_fields(event: Event, sent: EventDraft) -> Event:
    """The event with what was sent; slug and categories are left to `actions.py`. Raises INVALID."""
    after = event
    if sent.title is not UNSET:
        title = " ".join(sent.title.split())
        if not title:
            raise invalid_field("event.title", "must have at least 1 character that is seen", "MIN_LENGTH", threshold=1)
        after = replace(after, title=title)
    if sent.date_and_time_settings is not UNSET:
        after = _times(after, sent.date_and_time_settings)
    changes = _texts(sent)
    if sent.location is not UNSET:
        changes["place"] = _place(sent.location or LocationDraft())
    if sent.questions is not UNSET:
        changes["questions"] = tuple(Question(one.title.strip(), one.required) for one in sent.questions or () if one.title.strip())
    if sent.registration is not UNSET:
        after, more = _registration(after, sent.registration)
        changes |= more
    return replace(after, terms=msgspec.structs.replace(after.terms, **changes))


def _texts(sent: EventDraft) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if sent.short_description is not UNSET:
        changes["short_description"] = (sent.short_description or "").strip()
    if sent.detailed_description is not UNSET:
        changes["details"] = nh3.clean(sent.detailed_description or "")
    if sent.description is not UNSET:
        if sent.description is not None and len(msgspec.json.encode(sent.description)) > MOST_DESCRIPTION:
            raise invalid_field("event.description", f"size must be at most {MOST_DESCRIPTION} bytes of JSON", "MAX_LENGTH")
        changes["description"] = sent.description
    if sent.main_image is not UNSET:
        changes["image"] = _image(sent.main_image)
    if sent.organizer_email is not UNSET:
        email = (sent.organizer_email or "").strip()
        if email and "@" not in email:
            raise invalid_field("event.organizerEmail", f"must be an address of mail (received {email[:100]!r})", "FORMAT")
        changes["organizer_email"] = email
    return changes


def _image(sent: ImageDraft | None) -> Medium | None:
    """Whether an id exists, and how large its picture is, is found out by whoever keeps it."""
    if sent is None:
        return None
    if sent.id:
        return Medium(picture_id=sent.id, alt=sent.alt_text)
    url = _https(sent.url, "event.mainImage.url")
    if not sent.width or not sent.height:
        raise invalid_field(
            "event.mainImage", "must have the id of one of the site's pictures, or an https url with width and height", "FORMAT"
        )
    return Medium("", url, sent.width, sent.height, sent.alt_text)


def _https(text: str, place: str) -> str:
    try:
        url = parse(text)
    except UrlRefused as error:
        raise invalid_field(place, f"can't be used: {error.sentence}", "FORMAT", received=text[:200]) from None
    if url.scheme != "https":
        raise invalid_field(place, f"must be an https address (received {text[:200]!r})", "FORMAT", received=text[:200])
    return url.href


def _times(event: Event, sent: DateAndTimeDraft) -> Event:
    place = "event.dateAndTimeSettings"
    zone = sent.time_zone_id or event.zone
    if zone not in known_zones():
        raise invalid_field(
            f"{place}.timeZoneId", f"must be a zone such as Europe/Berlin (received {zone[:60]!r})", "FORMAT", received=zone
        )
    terms = msgspec.structs.replace(event.terms, hide_end=sent.hide_end_date, show_zone=sent.show_time_zone)
    if sent.date_and_time_tbd:
        return replace(event, zone=zone, starts_at=NOT_SAID, ends_at=NOT_SAID, terms=terms)
    first = sent.recurring_events.individual_event_dates[0] if sent.recurring_events else None
    start, end = (first.start_date, first.end_date) if first else (sent.start_date, sent.end_date)
    if start is None:
        raise invalid_field(f"{place}.startDate", "is required and missing", "REQUIRED_FIELD")
    if end is None:
        raise invalid_field(f"{place}.endDate", "is required and missing", "REQUIRED_FIELD")
    return replace(event, zone=zone, starts_at=at(start), ends_at=_after(start, end, f"{place}.endDate"), terms=terms)


def at(moment: datetime) -> int:
    """A moment of the wire as UTC milliseconds."""
    return int(moment.timestamp() * 1000)


def _after(start: datetime, end: datetime, place: str) -> int:
    if end <= start:
        raise invalid_field(place, "must be later than startDate", "FORMAT")
    if at(end) >= NOT_SAID:
        raise invalid_field(place, "is too far away", "FORMAT")
    return at(end)


def _place(sent: LocationDraft) -> Place:
    address = None
    if sent.address is not None:
        found = sent.address
        parts = (found.address_line, found.city, found.postal_code, found.country)
        formatted = found.formatted_address or ", ".join(part for part in parts if part)
        where = (found.geocode.latitude, found.geocode.longitude) if found.geocode else (None, None)
        address = Address(
            formatted, found.address_line, found.city, found.subdivision, found.country.upper(), found.postal_code, *where
        )  # fmt: skip
    return Place(sent.type == "ONLINE", sent.name.strip(), sent.location_tbd, address)


def _registration(event: Event, sent: RegistrationDraft) -> tuple[Event, dict[str, Any]]:
    changes: dict[str, Any] = {}
    if sent.registration_paused is not UNSET:
        changes["paused"] = sent.registration_paused
    if sent.allowed_guest_types is not UNSET:
        changes["members_only"] = sent.allowed_guest_types == "MEMBER"
    if sent.external is not UNSET:
        changes["external_url"] = _https(sent.external.url, "event.registration.external.url") if sent.external else ""
    if sent.tickets is not UNSET:
        changes |= _tickets(sent.tickets)
    if sent.rsvp is not UNSET:
        changes |= _rsvp(sent.rsvp)
        if sent.rsvp.limit is not UNSET:
            event = replace(event, guest_limit=sent.rsvp.limit)
    return event, changes


def _tickets(sent: TicketsDraft) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if sent.currency is not UNSET:
        if sent.currency not in known_currencies():
            text = f"must be a currency such as EUR (received {sent.currency!r})"
            raise invalid_field("event.registration.tickets.currency", text, "FORMAT", received=sent.currency)
        changes["currency"] = sent.currency
    if sent.ticket_limit_per_order is not UNSET:
        changes["per_order"] = sent.ticket_limit_per_order
    if sent.guests_assigned_separately is not UNSET:
        changes["separately"] = sent.guests_assigned_separately
    if sent.reservation_duration_in_minutes is not UNSET:
        changes["reserved_for"] = sent.reservation_duration_in_minutes
    if sent.tax_settings is not UNSET:
        tax = sent.tax_settings
        changes["tax"] = _tax(tax.type, tax.name, tax.rate, tax.applied_to_donations) if tax else None
    return changes


def _tax(kind: TaxKind, name: str, rate: str, on_donations: bool) -> Tax | None:
    """A rate of nothing is no tax."""
    return Tax(kind, name.strip(), rate, on_donations) if Decimal(rate) else None


def _rsvp(sent: RsvpDraft) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if sent.response_type is not UNSET:
        changes["says_no"] = sent.response_type == "YES_AND_NO"
    if sent.waitlist_enabled is not UNSET:
        changes["waits"] = sent.waitlist_enabled
    if sent.additional_guests_limit is not UNSET:
        changes["more_guests"] = sent.additional_guests_limit
    if sent.start_date is not UNSET:
        changes["opens_at"] = at(sent.start_date) if sent.start_date else None
    if sent.end_date is not UNSET:
        changes["closes_at"] = at(sent.end_date) if sent.end_date else None
    return changes


def picture(one: Event) -> dict[str, Any]:
    """Every field with plain values, for the audit log and for events. Times are UTC milliseconds."""
    return {
        "title": one.title,
        "slug": one.slug,
        "status": one.status.value,
        "registration": one.registration.value,
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "zone": one.zone,
        "guest_limit": one.guest_limit,
        **msgspec.to_builtins(one.terms),
    }
