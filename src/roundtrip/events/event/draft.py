"""What an owner says about an event, as the wire has it. Fields that are not sent are UNSET and stay; null empties one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from roundtrip.events.event.model import Registration, TaxKind

Id = Annotated[str, Meta(max_length=36)]
Time = Annotated[datetime, Meta(tz=True)]
Short = Annotated[str, Meta(max_length=200)]


class _Draft(msgspec.Struct, rename="camel", omit_defaults=True):
    """Names are those of the wire."""


class ImageDraft(_Draft):
    """A picture of the site's media by its id, or any other by its address and size."""

    id: Annotated[str, Meta(max_length=140)] = ""
    url: Annotated[str, Meta(max_length=2000)] = ""
    width: Annotated[int, Meta(ge=0, le=20_000)] = 0
    height: Annotated[int, Meta(ge=0, le=20_000)] = 0
    alt_text: Short = ""


class GeocodeDraft(_Draft):
    """Where it is on the map."""

    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]


class AddressDraft(_Draft):
    """`formattedAddress` is the whole on one line."""

    formatted_address: Annotated[str, Meta(max_length=300)] = ""
    address_line: Short = ""
    city: Short = ""
    subdivision: Short = ""
    country: Annotated[str, Meta(max_length=2)] = ""
    postal_code: Annotated[str, Meta(max_length=20)] = ""
    geocode: GeocodeDraft | None = None


class LocationDraft(_Draft):
    """Where it takes place."""

    name: Short = ""
    type: Annotated[str, Meta(pattern="^(VENUE|ONLINE)$")] = "VENUE"
    location_tbd: bool = False
    address: AddressDraft | None = None


class DateDraft(_Draft):
    """One of the dates of an event that takes place several times."""

    start_date: Time
    end_date: Time


class RecurringDraft(_Draft):
    """An event is made for each date. Only when it is made."""

    individual_event_dates: Annotated[list[DateDraft], Meta(min_length=1, max_length=100)]


class DateAndTimeDraft(_Draft):
    """When it takes place."""

    date_and_time_tbd: bool = False
    start_date: Time | None = None
    end_date: Time | None = None
    time_zone_id: Annotated[str, Meta(max_length=60)] | None = None
    hide_end_date: bool = False
    show_time_zone: bool = False
    recurring_events: RecurringDraft | None = None


class TaxDraft(_Draft):
    """The tax on tickets; `rate` is a percentage."""

    type: TaxKind
    name: Annotated[str, Meta(min_length=1, max_length=50)]
    rate: Annotated[str, Meta(pattern=r"^\d{1,2}(\.\d{1,4})?$")]
    applied_to_donations: bool = False


class TicketsDraft(_Draft):
    """How tickets are sold."""

    currency: Annotated[str, Meta(max_length=3)] | UnsetType = UNSET
    ticket_limit_per_order: Annotated[int, Meta(ge=1, le=50)] | UnsetType = UNSET
    guests_assigned_separately: bool | UnsetType = UNSET
    reservation_duration_in_minutes: Annotated[int, Meta(ge=5, le=30)] | UnsetType = UNSET
    tax_settings: TaxDraft | UnsetType | None = UNSET


class RsvpDraft(_Draft):
    """How people say that they come. `limit` null: as many as like."""

    response_type: Annotated[str, Meta(pattern="^YES_(ONLY|AND_NO)$")] | UnsetType = UNSET
    limit: Annotated[int, Meta(ge=1, le=100_000)] | UnsetType | None = UNSET
    waitlist_enabled: bool | UnsetType = UNSET
    additional_guests_limit: Annotated[int, Meta(ge=0, le=50)] | UnsetType = UNSET
    start_date: Time | UnsetType | None = UNSET
    end_date: Time | UnsetType | None = UNSET


class ExternalDraft(_Draft):
    """Where people register instead."""

    url: Annotated[str, Meta(max_length=2000)]


class RegistrationDraft(_Draft):
    """How people register. `initialType` stays what it was when the event was made."""

    initial_type: Registration | UnsetType = UNSET
    tickets: TicketsDraft | UnsetType = UNSET
    rsvp: RsvpDraft | UnsetType = UNSET
    external: ExternalDraft | UnsetType | None = UNSET
    registration_paused: bool | UnsetType = UNSET
    allowed_guest_types: Annotated[str, Meta(pattern="^(VISITOR_OR_MEMBER|MEMBER)$")] | UnsetType = UNSET


class QuestionDraft(_Draft):
    """Something that everybody who registers is asked."""

    title: Annotated[str, Meta(min_length=1, max_length=200)]
    required: bool = False


class EventDraft(_Draft):
    """An event."""

    title: Annotated[str, Meta(min_length=1, max_length=120)] | UnsetType = UNSET
    slug: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,119}$")] | UnsetType = UNSET
    short_description: Annotated[str, Meta(max_length=500)] | UnsetType | None = UNSET
    detailed_description: Annotated[str, Meta(max_length=50_000)] | UnsetType | None = UNSET
    description: dict[str, Any] | UnsetType | None = UNSET
    main_image: ImageDraft | UnsetType | None = UNSET
    location: LocationDraft | UnsetType | None = UNSET
    date_and_time_settings: DateAndTimeDraft | UnsetType = UNSET
    registration: RegistrationDraft | UnsetType = UNSET
    questions: Annotated[list[QuestionDraft], Meta(max_length=20)] | UnsetType | None = UNSET
    organizer_email: Annotated[str, Meta(max_length=254)] | UnsetType | None = UNSET
    category_ids: Annotated[list[Id], Meta(max_length=20)] | UnsetType | None = UNSET
    revision: Annotated[str, Meta(pattern=r"^\d{1,15}$")] | UnsetType = UNSET
