"""Events on the public wire: what takes place, tickets for it, a reservation, an answer, an order. Every function raises `ApiError`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from examples.demo_site.api import Api, ApiError, mapping
from examples.demo_site.trace import Trace

EVENTS_PATH = "/events/v3/events/query"
TICKETS_PATH = "/events/v1/checkout/available-tickets/query"
RESERVATIONS_PATH = "/events/v1/ticket-reservations"
RSVPS_PATH = "/events/v2/rsvps"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that takes place, as this site shows it."""

    id: str
    slug: str
    title: str
    text: str
    when: str
    where: str
    picture: str
    has_tickets: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class Ticket:
    """One kind of ticket at one price. `value` names both when it is wanted; the price itself is the server's word."""

    value: str
    name: str
    price: str
    most: int
    is_given: bool


@dataclass(frozen=True, slots=True)
class Order:
    """What the hosted pages made."""

    number: str
    tickets: int
    total: str
    is_good: bool
    page: str


async def events(api: Api, trace: Trace, token: str, *, slug: str = "") -> list[Event]:
    """What is to come, the next first; with `slug` the one event, or nothing."""
    asked: dict[str, object] = {"slug": slug} if slug else {"status": {"$in": ["UPCOMING", "STARTED"]}}
    body = {"query": {"filter": asked, "paging": {"limit": 20}}}
    answer = await api.call(trace, "What takes place?", "POST", EVENTS_PATH, body=body, access_token=token)
    return [_event(one) for one in _objects(answer.get("events"))]


async def tickets(api: Api, trace: Trace, token: str, event_id: str) -> list[Ticket]:
    """Which tickets there are: one for each price."""
    body = {"filter": {"eventId": event_id}, "limit": 50}
    answer = await api.call(trace, "Which tickets are there?", "POST", TICKETS_PATH, body=body, access_token=token)
    found: list[Ticket] = []
    for one in _objects(answer.get("definitions")):
        pricing = mapping(one.get("pricing"))
        options = _objects(mapping(pricing.get("pricingOptions")).get("options"))
        name, most = str(one.get("name")), int(one.get("limitPerCheckout") or 0)
        is_given = pricing.get("pricingType") == "DONATION"
        for option in options or [{"id": "", "name": "", "price": one.get("price")}]:
            price = mapping(option.get("price"))
            words = "Free" if one.get("free") else f"{price.get('value')} {price.get('currency')}"
            label = f"{name}, {option['name']}" if option.get("name") else name
            found.append(Ticket(f"{one.get('id')} {option.get('id')}".strip(), label, words, most, is_given))
    return found


async def reserve(api: Api, trace: Trace, token: str, wanted: Sequence[tuple[str, int]]) -> str:
    """Keep tickets for a while; the id of the reservation. Raises `ApiError` when there are not so many."""
    lines = []
    for value, quantity in wanted:
        definition_id, _, option_id = value.partition(" ")
        info = {"ticketInfo": {"pricingOptionId": option_id}} if option_id else {}
        lines.append({"ticketDefinitionId": definition_id, "quantity": quantity, **info})
    body = {"ticketReservation": {"tickets": lines}}
    answer = await api.call(trace, "Keep these tickets", "POST", RESERVATIONS_PATH, body=body, access_token=token)
    return str(mapping(answer.get("ticketReservation")).get("id"))


async def answer(api: Api, trace: Trace, token: str, event_id: str, who: Mapping[str, str]) -> str:
    """Say yes to an invitation; what became of it."""
    names = {"firstName": who.get("first_name", ""), "lastName": who.get("last_name", ""), "email": who.get("email", "")}
    body = {"rsvp": {"eventId": event_id, **names, "status": "YES"}}
    found = await api.call(trace, "We come", "POST", RSVPS_PATH, body=body, access_token=token)
    return str(mapping(found.get("rsvp")).get("status"))


async def order(api: Api, trace: Trace, token: str, event_id: str, number: str) -> Order | None:
    """The order with this number, if it is this visitor's."""
    path = f"/events/v1/events/{quote(event_id, safe='') or '-'}/orders/{quote(number, safe='') or '-'}"
    try:
        found = mapping((await api.call(trace, "The order", "GET", path, access_token=token)).get("order"))
    except ApiError as problem:
        if problem.status in (400, 404):
            return None
        raise
    price = mapping(found.get("totalPrice"))
    total = f"{price.get('value')} {price.get('currency')}"
    number, page = str(found.get("orderNumber")), str(found.get("orderPageUrl"))
    return Order(number, int(str(found.get("ticketsQuantity") or 0)), total, bool(found.get("confirmed")), page)


def _event(found: Mapping[str, Any]) -> Event:
    registration = mapping(found.get("registration"))
    return Event(
        id=str(found.get("id")),
        slug=str(found.get("slug")),
        title=str(found.get("title")),
        text=str(found.get("shortDescription") or ""),
        when=str(mapping(mapping(found.get("dateAndTimeSettings")).get("formatted")).get("dateAndTime") or "To be decided"),
        where=str(mapping(mapping(found.get("location")).get("address")).get("formattedAddress") or ""),
        picture=str(mapping(found.get("mainImage")).get("url") or ""),
        has_tickets=registration.get("type") == "TICKETING",
        is_open=str(registration.get("status")).startswith("OPEN"),
    )


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
