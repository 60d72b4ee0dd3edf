"""Events, their tickets and their schedules, as the wire shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from roundtrip.api.bookings_view import image_out
from roundtrip.api.stores_views import Front, Json, words
from roundtrip.core.clock import rfc3339
from roundtrip.core.money import Money
from roundtrip.events.event.model import Event, Place, Registration, Status, Tax
from roundtrip.events.parts.model import Part
from roundtrip.events.tickets.model import Definition, Pricing
from roundtrip.text import when

PAGE_PATH = "/event-details/"
MOST = 100


def event_out(event: Event, definitions: Sequence[Definition], categories: Sequence[tuple[str, str]], shown: Front, now: int) -> Json:
    """An event with everything that clients ask for by `fields`."""
    terms = event.terms
    found: Json = {
        "id": event.id,
        "slug": event.slug,
        "title": event.title,
        "status": event.status_at(now).value,
        "createdDate": rfc3339(event.created_at),
        "updatedDate": rfc3339(event.updated_at),
        "shortDescription": terms.short_description,
        "detailedDescription": terms.details,
        "location": _place(terms.place),
        "dateAndTimeSettings": _times(event, shown.language),
        "registration": _registration(event, definitions, shown, now),
        "eventPageUrl": {"base": shown.home_url, "path": PAGE_PATH + event.slug},
        "agendaSettings": {"enabled": True, "pageUrl": {"base": shown.home_url, "path": f"{PAGE_PATH}{event.slug}/schedule"}},
        "categories": {"categories": [{"id": one_id, "name": name} for one_id, name in categories]},
        "questions": [{"title": one.title, "required": one.is_required} for one in terms.questions],
        "revision": str(event.revision),
    }
    if terms.image is not None:
        found["mainImage"] = image_out(terms.image, shown)
    if terms.description is not None:
        found["description"] = terms.description
    if event.status is not Status.DRAFT:
        found["publishedDate"] = rfc3339(event.created_at)
    return found


def _place(place: Place) -> Json:
    found: Json = {"name": place.name, "type": "ONLINE" if place.is_online else "VENUE", "locationTbd": place.is_tbd}
    address = place.address
    # Clients read the formatted address of every event unasked.
    found["address"] = {
        "formattedAddress": address.formatted if address else place.name,
        "addressLine": address.line if address else "",
        "city": address.city if address else "",
        "subdivision": address.subdivision if address else "",
        "country": address.country if address else "",
        "postalCode": address.postal_code if address else "",
    }
    if address is not None and address.latitude is not None:
        found["address"]["geocode"] = {"latitude": address.latitude, "longitude": address.longitude}
    return found


def _times(event: Event, language: str) -> Json:
    settings: Json = {
        "dateAndTimeTbd": event.is_tbd,
        "timeZoneId": event.zone,
        "hideEndDate": event.terms.hide_end,
        "showTimeZone": event.terms.show_zone,
        "recurrenceStatus": "RECURRING" if event.recurrence_id else "ONE_TIME",
    }
    if event.recurrence_id:
        settings["recurringEvents"] = {"categoryId": event.recurrence_id}
    if event.is_tbd:
        return settings
    start, end = (when.on_clock(at, event.zone).date() for at in (event.starts_at, event.ends_at))
    days = when.long_day(start, language)
    span = when.times(event.starts_at, event.ends_at, event.zone, language)
    return settings | {
        "startDate": rfc3339(event.starts_at),
        "endDate": rfc3339(event.ends_at),
        "formatted": {
            "dateAndTime": f"{days}, {span}",
            "startDate": days,
            "startTime": when.time(event.starts_at, event.zone, language),
            "endDate": when.long_day(end, language),
            "endTime": when.time(event.ends_at, event.zone, language),
        },
    }


def _registration(event: Event, definitions: Sequence[Definition], shown: Front, now: int) -> Json:
    terms, kind = event.terms, event.registration
    found: Json = {
        "type": kind.value,
        "initialType": kind.value,
        "status": registration_status(event, definitions, now),
        "allowedGuestTypes": "MEMBER" if terms.members_only else "VISITOR_OR_MEMBER",
        "registrationPaused": terms.paused,
        "registrationDisabled": False,
    }
    if kind is Registration.TICKETING:
        found["tickets"] = _tickets(event, [one for one in definitions if one.is_listed(now)], shown, now)
    elif kind is Registration.RSVP:
        found["rsvp"] = {
            "responseType": "YES_AND_NO" if terms.says_no else "YES_ONLY",
            "waitlistEnabled": terms.waits,
            "additionalGuestsLimit": terms.more_guests,
            **({"limit": event.guest_limit, "placesLeft": event.places_left} if event.guest_limit is not None else {}),
            **({"startDate": rfc3339(terms.opens_at)} if terms.opens_at is not None else {}),
            **({"endDate": rfc3339(terms.closes_at)} if terms.closes_at is not None else {}),
        }
    elif kind is Registration.EXTERNAL:
        found["external"] = {"url": terms.external_url}
    return found


def registration_status(event: Event, definitions: Sequence[Definition], now: int) -> str:
    """Whether people can register now, in the words of the wire."""
    if event.terms.paused:
        return "CLOSED_MANUALLY"
    if event.status_at(now) not in (Status.UPCOMING, Status.STARTED):
        return "CLOSED_AUTOMATICALLY"
    match event.registration:
        case Registration.TICKETING:
            return "CLOSED_AUTOMATICALLY" if _sold_out(event, definitions, now) else "OPEN_TICKETS"
        case Registration.RSVP if event.terms.opens_at is not None and now < event.terms.opens_at:
            return "SCHEDULED_RSVP"
        case Registration.RSVP if not event.may_answer(now):
            return "CLOSED_AUTOMATICALLY"
        case Registration.RSVP if event.places_left == 0:
            return "OPEN_RSVP_WAITLIST_ONLY" if event.terms.waits else "CLOSED_AUTOMATICALLY"
        case Registration.RSVP:
            return "OPEN_RSVP"
        case Registration.EXTERNAL:
            return "OPEN_EXTERNAL"
        case _:
            return "CLOSED_MANUALLY"


def _sold_out(event: Event, definitions: Sequence[Definition], now: int) -> bool:
    listed = [one for one in definitions if one.is_listed(now)]
    return bool(listed) and all(one.left == 0 for one in listed)


def _tickets(event: Event, definitions: Sequence[Definition], shown: Front, now: int) -> Json:
    terms = event.terms
    found: Json = {
        "currency": terms.currency,
        "soldOut": _sold_out(event, definitions, now),
        "ticketLimitPerOrder": terms.per_order,
        "guestsAssignedSeparately": terms.separately,
        "reservationDurationInMinutes": terms.reserved_for,
    }
    prices = sorted((price for one in definitions for price in one.prices(terms.currency)), key=lambda money: money.amount)
    if prices:
        found["lowestPrice"], found["highestPrice"] = price_out(prices[0], shown), price_out(prices[-1], shown)
    if terms.tax is not None:
        found["taxSettings"] = tax_out(terms.tax)
    return found


def tax_out(tax: Tax) -> Json:
    """A tax on tickets."""
    return {"type": tax.kind.value, "name": tax.name, "rate": tax.rate, "appliedToDonations": tax.on_donations}


def price_out(money: Money, shown: Front) -> Json:
    """`{value, currency, formattedValue}`, as events and the third generation of tickets have it."""
    return {"value": money.text, "currency": money.currency, "formattedValue": words(money, shown.language)}


def amount_out(money: Money) -> Json:
    """`{amount, value, currency}`, as the first generation of tickets has it."""
    return {"amount": money.text, "value": money.text, "currency": money.currency}


def ticket_v1(definition: Definition, event: Event, now: int) -> Json:
    """A kind of ticket in the first generation. Clients read a price of every one, and of one with options the least."""
    terms, currency = definition.terms, event.terms.currency
    prices = definition.prices(currency)
    pricing: Json = {"pricingType": "DONATION" if terms.pricing is Pricing.DONATION else "STANDARD"}
    if terms.pricing is Pricing.OPTIONS:
        options = [{"id": one.id, "name": one.name, "price": amount_out(Money.parse(one.price, currency))} for one in terms.options]
        pricing["pricingOptions"] = {"options": options}
    else:
        pricing["minPrice" if terms.pricing is Pricing.DONATION else "fixedPrice"] = amount_out(prices[0])
    found: Json = {
        "id": definition.id,
        "eventId": definition.event_id,
        "name": definition.name,
        "description": terms.description,
        "price": amount_out(prices[0]),
        "free": definition.is_free(currency),
        "limitPerCheckout": definition.per_order(event, now),
        "orderIndex": definition.position,
        "policy": terms.policy,
        "saleStatus": definition.sale_at(now).value,
        "wixFeeConfig": {"type": terms.fee.value},
        "pricing": pricing,
    }
    return found | ({"salePeriod": _sale(definition, "hideNotOnSale", terms.hides_off_sale)} if _has_sale(definition) else {})


def definition_out(definition: Definition, event: Event, shown: Front, now: int, *, is_owners: bool) -> Json:
    """A kind of ticket in the third generation; owners see how many are sold."""
    terms, currency = definition.terms, event.terms.currency
    method: Json
    if terms.pricing is Pricing.OPTIONS:
        options = [
            {"optionId": one.id, "name": one.name, "price": price_out(Money.parse(one.price, currency), shown)} for one in terms.options
        ]
        method = {"pricingOptions": {"optionDetails": options}}
    else:
        kept = "guestPrice" if terms.pricing is Pricing.DONATION else "fixedPrice"
        method = {kept: price_out(definition.prices(currency)[0], shown)}
    method |= {"free": definition.is_free(currency), "pricingType": "DONATION" if terms.pricing is Pricing.DONATION else "STANDARD"}
    found: Json = {
        "id": definition.id,
        "eventId": definition.event_id,
        "revision": str(definition.revision),
        "createdDate": rfc3339(definition.created_at),
        "updatedDate": rfc3339(definition.updated_at),
        "name": definition.name,
        "description": terms.description,
        "policyText": terms.policy,
        "hidden": definition.hidden,
        "limited": definition.stock is not None,
        "limitPerCheckout": definition.per_order(event, now),
        "pricingMethod": method,
        "feeType": terms.fee.value,
        "saleStatus": definition.sale_at(now).value,
        "sortIndex": definition.position,
    }
    if definition.stock is not None:
        found["actualLimit"] = definition.left
    if _has_sale(definition):
        found["salePeriod"] = _sale(definition, "displayNotOnSale", not terms.hides_off_sale)
    if is_owners:
        found |= {"initialLimit": definition.stock, "salesDetails": _sales(definition)}
    return found


def _sales(definition: Definition) -> Json:
    sold_out = definition.left == 0
    return {
        "unsoldCount": definition.left,
        "soldCount": definition.sold,
        "reservedCount": definition.taken - definition.sold,
        "soldOut": sold_out,
    }


def _has_sale(definition: Definition) -> bool:
    return definition.terms.sale_from is not None or definition.terms.sale_until is not None


def _sale(definition: Definition, name: str, value: bool) -> Json:
    found: Json = {name: value}
    if definition.terms.sale_from is not None:
        found["startDate"] = rfc3339(definition.terms.sale_from)
    if definition.terms.sale_until is not None:
        found["endDate"] = rfc3339(definition.terms.sale_until)
    return found


def item_out(one: Part, zone: str) -> Json:
    """An item of a schedule."""
    content: dict[str, Any] = dict(one.content)
    return {
        "id": one.id,
        "eventId": one.event_id,
        "name": one.name,
        "description": content.get("description", ""),
        "stageName": content.get("stage", ""),
        "tags": content.get("tags", []),
        "status": content.get("status", "SCHEDULED"),
        "hidden": content.get("hidden", False),
        "timeSlot": {"start": rfc3339(content["start"]), "end": rfc3339(content["end"]), "timeZoneId": zone},
        "createdDate": rfc3339(one.created_at),
        "updatedDate": rfc3339(one.updated_at),
    }
