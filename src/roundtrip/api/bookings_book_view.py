"""Bookings as the wire shows them, and the slot in which they are asked for."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from roundtrip.api.bookings_times import ShownClock, moment_of, zone_named
from roundtrip.api.stores_views import Json
from roundtrip.api.wire import Wire
from roundtrip.bookings.book.model import Booking, Status
from roundtrip.bookings.book.wanted import Slot
from roundtrip.bookings.business import store as business
from roundtrip.bookings.services.model import ServiceKind
from roundtrip.core.clock import rfc3339
from roundtrip.core.errors import invalid_field
from roundtrip.core.zones import known_zones, zone_of
from roundtrip.storage.database import Tx

Text = Annotated[str, Meta(max_length=500)]
_TAGS = {ServiceKind.APPOINTMENT: "INDIVIDUAL", ServiceKind.CLASS: "GROUP", ServiceKind.COURSE: "COURSE"}


class ResourceIn(Wire):
    """The staff member."""

    id: Annotated[str, Meta(max_length=36)] | None = None
    name: Annotated[str, Meta(max_length=1200)] | None = None


class SlotIn(Wire):
    """A time that was offered. Ids and the beginning are read, everything else is looked up again."""

    service_id: Annotated[str, Meta(max_length=36)] | None = None
    schedule_id: Annotated[str, Meta(max_length=36)] | None = None
    start_date: Annotated[str, Meta(max_length=40)] | None = None
    end_date: Annotated[str, Meta(max_length=40)] | None = None
    timezone: Annotated[str, Meta(max_length=40)] | None = None
    event_id: Annotated[str, Meta(max_length=250)] | None = None
    session_id: Annotated[str, Meta(max_length=250)] | None = None
    resource: ResourceIn | None = None


class ScheduleIn(Wire):
    """A course, which is booked as a whole."""

    service_id: Annotated[str, Meta(max_length=36)] | None = None
    schedule_id: Annotated[str, Meta(max_length=36)] | None = None


class BookedEntityIn(Wire):
    """What is booked: a slot, or a course's schedule. Clients also hand over a whole entry of the availability calendar."""

    slot: SlotIn | None = None
    schedule: ScheduleIn | None = None


def wanted_slot(tx: Tx, site_id: str, slot: SlotIn, field: str) -> Slot:
    """Which time is meant. A time without an offset is read by the clock of `timezone`, or of the business. Raises INVALID."""
    event_id = slot.event_id or slot.session_id or ""
    staff_id = (slot.resource.id or "").lower() if slot.resource else ""
    if event_id or slot.start_date is None:
        return Slot(0, staff_id, event_id)
    name = slot.timezone or business.business(tx, site_id).terms.zone
    return Slot(moment_of(slot.start_date, f"{field}.startDate", zone_named(name, f"{field}.timezone"), by_wall=False), staff_id)


def require_named(slot: SlotIn | None, schedule: ScheduleIn | None, field: str) -> str:
    """The service that is meant. Raises INVALID when none is named."""
    found = (slot.service_id if slot else None) or (schedule.service_id if schedule else None)
    if not found:
        raise invalid_field(f"{field}.slot.serviceId", "is required and missing", "REQUIRED_FIELD")
    return found


def booking_out(one: Booking) -> Json:
    """A booking."""
    content, contact = one.content, one.content.contact
    zone = content.zone if content.zone in known_zones() else "UTC"
    clock = ShownClock(zone_of(zone), zone)
    created_by = {"memberId": one.member_id} if one.member_id else {"anonymousVisitorId": one.visitor_id} if one.visitor_id else {}
    found: Json = {
        "id": one.id,
        "revision": str(one.revision),
        "status": one.status.value,
        "paymentStatus": one.payment.value,
        "selectedPaymentOption": one.option.value,
        "bookedEntity": {**_entity(one, clock), "title": content.service, "tags": [_tag(one)]},
        "contactDetails": _filled(
            firstName=contact.first_name,
            lastName=contact.last_name,
            email=contact.email,
            phone=contact.phone,
            fullAddress={"addressLine": contact.address} if contact.address else None,
        ),
        "totalParticipants": one.participants,
        "startDate": rfc3339(one.starts_at),
        "endDate": rfc3339(one.ends_at),
        "createdBy": created_by,
        "doubleBooked": False,
        "createdDate": rfc3339(one.created_at),
        "updatedDate": rfc3339(one.updated_at),
    }
    more = _filled(
        orderId=one.order_id,
        canceledDate=rfc3339(one.updated_at) if one.status is Status.CANCELED else None,
        message=content.message,
        answers=[{"title": answer.title, "value": answer.value} for answer in content.answers],
    )
    return found | more


def _tag(one: Booking) -> str:
    if one.event_id and one.event_id == one.schedule_id:
        return _TAGS[ServiceKind.COURSE]
    return _TAGS[ServiceKind.CLASS if one.event_id else ServiceKind.APPOINTMENT]


def _entity(one: Booking, clock: ShownClock) -> Json:
    content = one.content
    base: Json = {"serviceId": one.service_id, "scheduleId": one.schedule_id}
    if one.event_id and one.event_id == one.schedule_id:
        first_and_last = {"firstSessionStart": rfc3339(one.starts_at), "lastSessionEnd": rfc3339(one.ends_at)}
        return {"schedule": {**base, "timezone": clock.name, **first_and_last}}
    slot: Json = base | {"startDate": clock.text(one.starts_at), "endDate": clock.text(one.ends_at), "timezone": clock.name}
    if one.staff_id:
        slot["resource"] = {"id": one.staff_id, "name": content.staff}
    if content.location_id:
        place = {"id": content.location_id, "name": content.location, "formattedAddress": content.address}
        slot["location"] = {**place, "locationType": "OWNER_BUSINESS"}
    if one.event_id:
        slot["eventId"] = slot["sessionId"] = one.event_id
    return {"slot": slot}


def _filled(**fields: Any) -> Json:
    return {name: value for name, value in fields.items() if value not in (None, "", [])}
