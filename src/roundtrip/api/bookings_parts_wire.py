"""What owners say about categories, locations, staff members and policies, and how these are shown."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from roundtrip.api.bookings_view import image_out, part_stamp, policy_out, week_out
from roundtrip.api.stores_views import Front, Json
from roundtrip.api.wire import Wire
from roundtrip.bookings.business.actions import checked_periods
from roundtrip.bookings.hours import DAYS, Period, Week
from roundtrip.bookings.parts.model import Content, Location, Part, Policy, StaffMember
from roundtrip.bookings.services.draft import ImageDraft
from roundtrip.bookings.services.fields import medium_of
from roundtrip.core.errors import invalid_field

Minutes = Annotated[int, Meta(ge=0, le=1_000_000)]
ClockTime = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]


class PeriodIn(Wire):
    """From when until when, by the clock of the business; `24:00` is the end of the day."""

    start: ClockTime
    end: ClockTime

    def period(self) -> Period:
        """The same in minutes."""
        opens, closes = ((int(text[:2]) * 60 + int(text[3:])) for text in (self.start, self.end))
        return Period(opens, closes)


class DayIn(Wire):
    """The hours of one day of the week."""

    day: Literal["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]
    periods: Annotated[list[PeriodIn], Meta(max_length=10)]


WeekIn = Annotated[list[DayIn], Meta(max_length=7)]


def week_of(days: list[DayIn], field: str) -> Week:
    """A whole week; days that are not named are closed. Raises INVALID."""
    named = {one.day: one for one in days}
    if len(named) < len(days):
        raise invalid_field(field, "must name each day once", "FORMAT")
    return Week(
        tuple(checked_periods([period.period() for period in named[day].periods], f"{field}.{day}") if day in named else () for day in DAYS)
    )


class PartDraft(Wire):
    """What all four have. Fields that are not sent stay as they are."""

    name: Annotated[str, Meta(min_length=1, max_length=200)] | UnsetType = UNSET
    sort_order: Annotated[int, Meta(ge=-1_000_000, le=1_000_000)] | UnsetType = UNSET
    revision: Annotated[str, Meta(pattern=r"^\d{1,15}$")] | UnsetType = UNSET


class CategoryIn(PartDraft):
    """Services that belong together."""


class LocationIn(PartDraft):
    """Where services take place."""

    formatted_address: Annotated[str, Meta(max_length=512)] | UnsetType = UNSET
    default: bool | UnsetType = UNSET


class StaffIn(PartDraft):
    """Who does it. `workingHours` null: the hours of the business; days that are not named are free."""

    description: Annotated[str, Meta(max_length=2000)] | UnsetType = UNSET
    email: Annotated[str, Meta(max_length=320)] | UnsetType | None = UNSET
    phone: Annotated[str, Meta(max_length=50)] | UnsetType | None = UNSET
    image: ImageDraft | UnsetType | None = UNSET
    working_hours: WeekIn | UnsetType | None = UNSET


class EarlyIn(Wire):
    """Not bookable more than so many minutes before."""

    enabled: bool
    earliest_booking_in_minutes: Minutes = 10_080


class LateIn(Wire):
    """Not bookable any more fewer than so many minutes before."""

    enabled: bool
    latest_booking_in_minutes: Minutes = 1440


class CancelIn(Wire):
    """Whether, and until when, visitors may cancel."""

    enabled: bool
    limit_latest_cancellation: bool = False
    latest_cancellation_in_minutes: Minutes = 1440


class RescheduleIn(Wire):
    """Whether, and until when, visitors may choose another time."""

    enabled: bool
    limit_latest_reschedule: bool = False
    latest_reschedule_in_minutes: Minutes = 1440


class ParticipantsIn(Wire):
    """How many one booking may be for."""

    max_participants_per_booking: Annotated[int, Meta(ge=1, le=1000)]


class WaitingIn(Wire):
    """Whether, and how many, may wait for a full session."""

    enabled: bool
    capacity: Annotated[int, Meta(ge=1, le=1000)] = 10


class DescriptionIn(Wire):
    """The policy in words, which visitors read before they book."""

    enabled: bool
    description: Annotated[str, Meta(max_length=2500)] = ""


class PolicyIn(PartDraft):
    """When a service may be booked, cancelled and moved."""

    default: bool | UnsetType = UNSET
    limit_early_booking_policy: EarlyIn | UnsetType = UNSET
    limit_late_booking_policy: LateIn | UnsetType = UNSET
    cancellation_policy: CancelIn | UnsetType = UNSET
    reschedule_policy: RescheduleIn | UnsetType = UNSET
    participants_policy: ParticipantsIn | UnsetType = UNSET
    waitlist_policy: WaitingIn | UnsetType = UNSET
    custom_policy_description: DescriptionIn | UnsetType = UNSET


class CategoryBody(Wire):
    """A new category, or a change of one."""

    category: CategoryIn


class LocationBody(Wire):
    """A new location, or a change of one."""

    location: LocationIn


class StaffBody(Wire):
    """A new staff member, or a change of one."""

    staff_member: StaffIn


class PolicyBody(Wire):
    """A new policy, or a change of one."""

    booking_policy: PolicyIn


class PartPaging(Wire):
    """Which part of the list."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 50
    offset: Annotated[int, Meta(ge=0, le=1000)] = 0
    cursor: Annotated[str, Meta(pattern=r"^\d{0,4}$")] | None = None


class PartQuery(Wire):
    """A query without conditions: there are few."""

    paging: PartPaging | None = None
    cursor_paging: PartPaging | None = None


class QueryParts(Wire):
    """Which part of the list is wanted."""

    query: PartQuery | None = None


def content_of(before: Content, sent: PartDraft, field: str) -> Content:
    """What was said with what is said now. Raises INVALID."""
    if isinstance(before, Location) and isinstance(sent, LocationIn):
        return _set(before, address=_stripped(sent.formatted_address), is_default=sent.default)
    if isinstance(before, StaffMember) and isinstance(sent, StaffIn):
        return _staff(before, sent, field)
    if isinstance(before, Policy) and isinstance(sent, PolicyIn):
        return _policy(before, sent)
    return before


def _staff(before: StaffMember, sent: StaffIn, field: str) -> StaffMember:
    if sent.email and "@" not in sent.email:
        raise invalid_field(f"{field}.email", "must be an e-mail address", "FORMAT")
    image = medium_of(sent.image, f"{field}.image") if sent.image is not UNSET and sent.image is not None else sent.image
    hours = sent.working_hours
    week = week_of(hours, f"{field}.workingHours") if hours is not UNSET and hours is not None else hours
    return _set(
        before,
        description=_stripped(sent.description),
        email=_stripped(sent.email),
        phone=_stripped(sent.phone),
        picture=image,
        hours=week,
    )


def _policy(before: Policy, sent: PolicyIn) -> Policy:
    early, late, cancel, move = (
        sent.limit_early_booking_policy,
        sent.limit_late_booking_policy,
        sent.cancellation_policy,
        sent.reschedule_policy,
    )
    people, waiting, words = sent.participants_policy, sent.waitlist_policy, sent.custom_policy_description
    changes: dict[str, Any] = {"is_default": sent.default}
    if early is not UNSET:
        changes["earliest"] = early.earliest_booking_in_minutes if early.enabled else None
    if late is not UNSET:
        changes["latest"] = late.latest_booking_in_minutes if late.enabled else None
    if cancel is not UNSET:
        limit = cancel.latest_cancellation_in_minutes if cancel.limit_latest_cancellation else None
        changes |= {"may_cancel": cancel.enabled, "cancel_until": limit}
    if move is not UNSET:
        limit = move.latest_reschedule_in_minutes if move.limit_latest_reschedule else None
        changes |= {"may_reschedule": move.enabled, "reschedule_until": limit}
    if people is not UNSET:
        changes["most_participants"] = people.max_participants_per_booking
    if waiting is not UNSET:
        changes["waiting_list"] = waiting.capacity if waiting.enabled else 0
    if words is not UNSET:
        changes["text"] = words.description.strip() if words.enabled else ""
    return _set(before, **changes)


C = TypeVar("C", bound=msgspec.Struct)


def _set(before: C, **changes: Any) -> C:
    return msgspec.structs.replace(before, **{name: value for name, value in changes.items() if value is not UNSET})


def _stripped(text: str | UnsetType | None) -> str | UnsetType:
    return text if text is UNSET else (text or "").strip()


def part_out(one: Part[Any], shown: Front) -> Json:
    """A part as its owner reads it."""
    found, content = part_stamp(one), one.content
    if isinstance(content, Location):
        found |= {"formattedAddress": content.address, "default": content.is_default}
    elif isinstance(content, StaffMember):
        found |= {"description": content.description, "email": content.email, "phone": content.phone, "resourceId": one.id}
        found["image"] = image_out(content.picture, shown) if content.picture else None
        found["workingHours"] = week_out(content.hours, DAYS) if content.hours else None
    elif isinstance(content, Policy):
        found |= policy_out(content)
    return found
