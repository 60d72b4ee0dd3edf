"""Services and what they are made of, as the wire shows them."""

from __future__ import annotations

from typing import Any

from roundtrip.api.stores_views import Front, Json, picture_url, words
from roundtrip.bookings.hours import Period, Week
from roundtrip.bookings.parts.model import Location, Part, Policy, StaffMember
from roundtrip.bookings.services.model import Rate, RateKind, Service
from roundtrip.core.clock import rfc3339
from roundtrip.core.money import Money
from roundtrip.media.medium import Medium

APP_ID = "13d21c63-b5ec-5912-8397-c3a5ddb27a97"
"""How the wire names the app that services belong to."""
PAGE_PATH = "/service-page/"
NO_CATEGORY: Json = {"id": "00000000-0000-0000-0000-000000000000", "name": "", "sortOrder": 0}
"""For services without one: clients read its id unasked."""


def service_out(service: Service, shown: Front) -> Json:
    """A service with its parts."""
    terms = service.terms
    slug = {"name": service.slug, "custom": True, "createdDate": rfc3339(service.created_at)}
    path = PAGE_PATH + service.slug
    category = service.category
    found: Json = {
        "id": service.id,
        "appId": APP_ID,
        "type": service.kind.value,
        "sortOrder": service.position,
        "name": service.name,
        "tagLine": terms.tag_line,
        "description": terms.description,
        "defaultCapacity": terms.capacity,
        "hidden": service.hidden,
        "media": _media(terms.media, shown),
        "category": NO_CATEGORY if category is None else {"id": category.id, "name": category.name, "sortOrder": category.position},
        "payment": _payment(service, shown),
        "onlineBooking": {
            "enabled": terms.is_online,
            "requireManualApproval": terms.needs_approval,
            "allowMultipleRequests": terms.takes_many_requests,
        },
        "conferencing": {"enabled": False},
        "locations": [_location(one) for one in service.locations],
        "bookingPolicy": _policy(service),
        "schedule": _schedule(service),
        "staffMemberIds": [one.id for one in service.staff],
        "staffMemberDetails": {"staffMembers": [_staff(one, shown) for one in service.staff]},
        "questions": [{"title": one.title, "required": one.is_required} for one in terms.questions],
        "mainSlug": slug,
        "supportedSlugs": [slug],
        "urls": {"servicePage": {"relativePath": path, "url": shown.home_url + path}},
        "createdDate": rfc3339(service.created_at),
        "updatedDate": rfc3339(service.updated_at),
        "revision": str(service.revision),
    }
    return found | ({"form": {"id": terms.form_id}} if terms.form_id else {})


def _schedule(service: Service) -> Json:
    minutes = service.terms.minutes
    constraints = {"sessionDurations": [minutes], "durations": [{"minutes": minutes}], "timeBetweenSessions": service.terms.gap}
    return {"id": service.schedule_id, "availabilityConstraints": constraints}


def image_out(medium: Medium, shown: Front) -> Json:
    """A picture."""
    return {
        "id": medium.picture_id,
        "url": picture_url(medium, shown),
        "width": medium.width,
        "height": medium.height,
        "altText": medium.alt,
    }


def _media(media: tuple[Medium, ...], shown: Front) -> Json:
    items = [{"image": image_out(one, shown)} for one in media]
    return {"items": items, **({"mainMedia": items[0]} if items else {})}


def _payment(service: Service, shown: Front) -> Json:
    terms, rate = service.terms, service.terms.rate
    found: Json = {
        "rateType": rate.kind.value,
        "options": {
            "online": terms.pays_online,
            "inPerson": terms.pays_in_person,
            "deposit": bool(rate.deposit),
            "pricingPlan": terms.pays_by_plan,
        },
        "pricingPlanIds": list(terms.plan_ids),
    }
    deposit = {"deposit": _price(rate, rate.deposit, shown)} if rate.deposit else {}
    if rate.kind is RateKind.FIXED:
        found["fixed"] = {"price": _price(rate, rate.price, shown), **deposit}
    elif rate.kind is RateKind.VARIED:
        amounts = {"defaultPrice": rate.price, "minPrice": rate.least, "maxPrice": rate.most}
        found["varied"] = {name: _price(rate, amount, shown) for name, amount in amounts.items()} | deposit
    elif rate.words:
        found["custom"] = {"description": rate.words}
    return found


def _price(rate: Rate, amount: str, shown: Front) -> Json:
    money = Money.parse(amount, rate.currency)
    return {"value": money.text, "currency": rate.currency, "formattedValue": words(money, shown.language)}


def _location(one: Part[Location]) -> Json:
    address = {"formattedAddress": one.content.address}
    business = {"id": one.id, "name": one.name, "default": one.content.is_default, "address": address}
    return {"id": one.id, "type": "BUSINESS", "business": business, "calculatedAddress": address}


def slot_location(one: Part[Location]) -> Json:
    """Where a slot is."""
    return {"id": one.id, "name": one.name, "formattedAddress": one.content.address, "locationType": "OWNER_BUSINESS"}


def _staff(one: Part[StaffMember], shown: Front) -> Json:
    picture = one.content.picture
    media = {"mainMedia": {"image": image_out(picture, shown)}} if picture else {}
    return {"staffMemberId": one.id, "name": one.name, **media}


def _policy(service: Service) -> Json:
    part = service.policy_part
    named = {} if part is None else {"id": part.id, "name": part.name}
    return {**named, **policy_out(service.policy)}


def policy_out(policy: Policy) -> Json:
    """When something may be booked, cancelled and moved."""
    return {
        "limitEarlyBookingPolicy": {"enabled": policy.earliest is not None, "earliestBookingInMinutes": policy.earliest or 0},
        "limitLateBookingPolicy": {"enabled": policy.latest is not None, "latestBookingInMinutes": policy.latest or 0},
        "cancellationPolicy": {
            "enabled": policy.may_cancel,
            "limitLatestCancellation": policy.cancel_until is not None,
            "latestCancellationInMinutes": policy.cancel_until or 0,
        },
        "reschedulePolicy": {
            "enabled": policy.may_reschedule,
            "limitLatestReschedule": policy.reschedule_until is not None,
            "latestRescheduleInMinutes": policy.reschedule_until or 0,
        },
        "participantsPolicy": {"maxParticipantsPerBooking": policy.most_participants},
        "waitlistPolicy": {"enabled": policy.waiting_list > 0, "capacity": policy.waiting_list},
        "customPolicyDescription": {"enabled": bool(policy.text), "description": policy.text},
        "default": policy.is_default,
    }


def clock_text(minutes: int) -> str:
    """Minutes after midnight as a clock shows them, `24:00` at the end of the day."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def periods_out(periods: tuple[Period, ...]) -> list[dict[str, str]]:
    """The periods of one day."""
    return [{"start": clock_text(one.opens), "end": clock_text(one.closes)} for one in periods]


def week_out(week: Week, days: tuple[str, ...]) -> list[Json]:
    """Every day with its periods, Monday first."""
    return [{"day": day, "periods": periods_out(periods)} for day, periods in zip(days, week.days, strict=True)]


def part_stamp(one: Part[Any]) -> Json:
    """What every part has."""
    return {
        "id": one.id,
        "name": one.name,
        "sortOrder": one.position,
        "revision": str(one.revision),
        "createdDate": rfc3339(one.created_at),
        "updatedDate": rfc3339(one.updated_at),
    }
