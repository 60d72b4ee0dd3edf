"""What an owner says about a service, as the wire has it. Fields that are not sent are UNSET and stay; null empties one.

What fields mean together is decided in `fields.py`.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from roundtrip.bookings.services.model import LONGEST_MINUTES, RateKind, ServiceKind

Id = Annotated[str, Meta(max_length=36)]
Amount = Annotated[str, Meta(max_length=40)]
Minutes = Annotated[int, Meta(ge=1, le=LONGEST_MINUTES)]


class _Draft(msgspec.Struct, rename="camel", omit_defaults=True):
    """Names are those of the wire."""


class IdDraft(_Draft):
    """Something that is there already, by its id."""

    id: Id = ""


class SlugDraft(_Draft):
    """The last part of the address of a service's page."""

    name: Annotated[str, Meta(min_length=1, max_length=100, pattern="^[a-z0-9]+(-+[a-z0-9]+)*$")]


class PriceDraft(_Draft):
    """An amount in the currency of the business; `currency`, when it is sent, has to be that one."""

    value: Amount
    currency: Annotated[str, Meta(max_length=3)] | None = None


class FixedDraft(_Draft):
    """One price, of which `deposit` is paid when booking."""

    price: PriceDraft
    deposit: PriceDraft | None = None


class VariedDraft(_Draft):
    """A price that differs from booking to booking."""

    default_price: PriceDraft
    min_price: PriceDraft | None = None
    max_price: PriceDraft | None = None
    deposit: PriceDraft | None = None


class CustomDraft(_Draft):
    """A price in words."""

    description: Annotated[str, Meta(max_length=50)] = ""


class OptionsDraft(_Draft):
    """How it can be paid."""

    online: bool = False
    in_person: bool = False
    pricing_plan: bool = False


class PaymentDraft(_Draft):
    """What it costs and how it can be paid."""

    rate_type: RateKind
    fixed: FixedDraft | None = None
    varied: VariedDraft | None = None
    custom: CustomDraft | None = None
    options: OptionsDraft | None = None
    pricing_plan_ids: Annotated[list[Id], Meta(max_length=100)] | None = None


class OnlineBookingDraft(_Draft):
    """Whether visitors book it themselves, and whether the owner approves each booking."""

    enabled: bool = True
    require_manual_approval: bool = False
    allow_multiple_requests: bool = False


class LocationDraft(_Draft):
    """Where it takes place: one of the site's locations, by its id here or in `business`."""

    id: Id = ""
    business: IdDraft | None = None


class DurationDraft(_Draft):
    """How long an appointment takes."""

    minutes: Minutes


class ConstraintsDraft(_Draft):
    """How long it takes, and the minutes that stay free after it."""

    session_durations: Annotated[list[Minutes], Meta(max_length=1)] | None = None
    durations: Annotated[list[DurationDraft], Meta(max_length=1)] | None = None
    time_between_sessions: Annotated[int, Meta(ge=0, le=720)] | None = None


class ScheduleDraft(_Draft):
    """When it can be booked; hours are those of staff, sessions are a matter of their own."""

    availability_constraints: ConstraintsDraft | None = None


class ImageDraft(_Draft):
    """One of the site's pictures by its id, or an https address with its size in pixels."""

    id: Annotated[str, Meta(max_length=150)] = ""
    url: Annotated[str, Meta(max_length=2048)] = ""
    width: Annotated[int, Meta(ge=0, le=20_000)] = 0
    height: Annotated[int, Meta(ge=0, le=20_000)] = 0
    alt_text: Annotated[str, Meta(max_length=300)] = ""


class MediaItemDraft(_Draft):
    """A picture in the place where it is read."""

    image: ImageDraft


class MediaDraft(_Draft):
    """The pictures of a service; the main one is shown first."""

    main_media: MediaItemDraft | None = None
    items: Annotated[list[MediaItemDraft], Meta(max_length=15)] | None = None


class QuestionDraft(_Draft):
    """One more thing that whoever books is asked."""

    title: Annotated[str, Meta(min_length=1, max_length=200)]
    required: bool = False


class ServiceDraft(_Draft):
    """A service as its owner says it is. `type` is said once; it can't be changed."""

    type: ServiceKind | UnsetType = UNSET
    name: Annotated[str, Meta(min_length=1, max_length=400)] | UnsetType = UNSET
    main_slug: SlugDraft | UnsetType = UNSET
    tag_line: Annotated[str, Meta(max_length=400)] | UnsetType | None = UNSET
    description: Annotated[str, Meta(max_length=7000)] | UnsetType | None = UNSET
    hidden: bool | UnsetType | None = UNSET
    sort_order: Annotated[int, Meta(ge=-1_000_000, le=1_000_000)] | UnsetType | None = UNSET
    default_capacity: Annotated[int, Meta(ge=1, le=1000)] | UnsetType | None = UNSET
    payment: PaymentDraft | UnsetType | None = UNSET
    online_booking: OnlineBookingDraft | UnsetType | None = UNSET
    category: IdDraft | UnsetType | None = UNSET
    locations: Annotated[list[LocationDraft], Meta(max_length=50)] | UnsetType | None = UNSET
    staff_member_ids: Annotated[list[Id], Meta(max_length=50)] | UnsetType | None = UNSET
    booking_policy: IdDraft | UnsetType | None = UNSET
    schedule: ScheduleDraft | UnsetType | None = UNSET
    media: MediaDraft | UnsetType | None = UNSET
    form: IdDraft | UnsetType | None = UNSET
    questions: Annotated[list[QuestionDraft], Meta(max_length=10)] | UnsetType | None = UNSET
    revision: Annotated[str, Meta(pattern=r"^\d{1,15}$")] | UnsetType = UNSET
