"""The demo events: one with tickets, one that people answer to, whose ids and slugs are always the same. Making them twice changes nothing.

Their days follow from the day on which they are made; ids and times are in the same order.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from roundtrip.core.identity import COMMAND
from roundtrip.core.ids import new_id
from roundtrip.core.zones import instant, wall, zone_of
from roundtrip.events.event import actions, store
from roundtrip.events.event.draft import EventDraft
from roundtrip.events.parts import actions as parts
from roundtrip.events.parts.model import Part
from roundtrip.events.tickets import actions as tickets
from roundtrip.events.tickets.draft import DefinitionDraft
from roundtrip.media import actions as media
from roundtrip.sites.change import Change
from roundtrip.storage.database import Tx

ZONE = "America/New_York"
SUMMER, STUDIO = "e0e00001-0000-4000-8000-000000000001", "e0e00002-0000-4000-8000-000000000001"
GENERAL, VIP, SUPPORTER, FREE = (f"71c0000{number}-0000-4000-8000-000000000001" for number in range(1, 5))
ADULT, STUDENT = "0b710001-0000-4000-8000-000000000001", "0b710002-0000-4000-8000-000000000001"
MUSIC = "ca7e1001-0000-4000-8000-000000000001"
DRAWINGS = {"summer-night-live": ("poster", "plum"), "open-studio-day": ("mug", "clay")}
"""Kind and palette of the picture of each, by slug."""


def _rich(text: str) -> dict[str, Any]:
    """The smallest document of the wire that says something."""
    words = {"type": "TEXT", "id": "t1", "nodes": [], "textData": {"text": text, "decorations": []}}
    node = {"type": "PARAGRAPH", "id": "p1", "nodes": [words], "paragraphData": {}}
    return {"nodes": [node], "metadata": {"version": 1, "id": "d1"}, "documentStyle": {}}


_PARK = {
    "name": "City Park",
    "type": "VENUE",
    "address": {
        "formattedAddress": "Central Park, New York, NY, USA",
        "city": "New York",
        "subdivision": "US-NY",
        "country": "US",
        "geocode": {"latitude": 40.78, "longitude": -73.96},
    },
}
_TAX = {"type": "ADDED_AT_CHECKOUT", "name": "Sales tax", "rate": "8.875", "appliedToDonations": False}
DEMO: tuple[tuple[str, int, int, int, dict[str, Any]], ...] = (
    (SUMMER, 30, 19, 22, {
        "title": "Summer Night Live", "slug": "summer-night-live", "shortDescription": "Live music under the stars", "location": _PARK,
        "description": _rich("Bring a blanket."), "detailedDescription": "<p>Bring a blanket.</p>",
        "registration": {"initialType": "TICKETING", "tickets": {"currency": "USD", "taxSettings": _TAX, "ticketLimitPerOrder": 20}},
    }),
    (STUDIO, 45, 10, 17, {
        "title": "Open Studio Day", "slug": "open-studio-day", "shortDescription": "Look over our shoulders, with clay on your hands",
        "location": {"name": "Main Street", "address": {"formattedAddress": "12 Main Street, New York, NY 10001, USA", "country": "US"}},
        "description": _rich("Come as you are."),
        "registration": {"initialType": "RSVP",
                         "rsvp": {"responseType": "YES_AND_NO", "limit": 50, "waitlistEnabled": True, "additionalGuestsLimit": 3}},
    }),
)  # fmt: skip


def _price(value: str) -> dict[str, str]:
    return {"value": value, "currency": "USD"}


_OPTIONS = [
    {"optionId": ADULT, "name": "Adult", "price": _price("60.00")},
    {"optionId": STUDENT, "name": "Student", "price": _price("40.00")},
]
TICKETS: tuple[tuple[str, dict[str, Any]], ...] = (
    (GENERAL, {"name": "General", "pricingMethod": {"fixedPrice": _price("25.00")}, "initialLimit": 100, "limitPerCheckout": 10}),
    (VIP, {"name": "VIP", "pricingMethod": {"pricingOptions": {"optionDetails": _OPTIONS}}, "initialLimit": 20,
           "description": "A chair in the first rows"}),
    (SUPPORTER, {"name": "Supporter", "pricingMethod": {"guestPrice": _price("5.00")}, "description": "Give what you like"}),
    (FREE, {"name": "Free entry", "pricingMethod": {"fixedPrice": _price("0.00")}, "limitPerCheckout": 4}),
)  # fmt: skip
SCHEDULE = (
    ("Doors open", "Gate", ("entry",), 0, 30),
    ("The Clay Pots", "Main stage", ("music", "folk"), 30, 90),
    ("Night at the Wheel", "Main stage", ("music",), 100, 180),
)
"""Name, stage, tags, and minutes after the beginning of the items of the first one's schedule."""
POLICY = ("Refund policy", "Tickets can be given back until two days before. Write to us, and we send you the money.")


def _on(now: int, days: int, hour: int, zone: ZoneInfo) -> int:
    day = wall(now, zone).date() + timedelta(days=days)
    return instant(datetime(day.year, day.month, day.day, hour), zone)  # noqa: DTZ001  a wall time


def _said(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, tz=ZoneInfo("UTC")).isoformat()


def seed(tx: Tx, site_id: str, *, now: int) -> bool:
    """Let a site hold the demo events, without pictures. False, and nothing changed, when it has one of them already."""
    if store.by_slug(tx, site_id, "summer-night-live") is not None:
        return False
    moments = (Change(new_id(now + number), COMMAND, now + number) for number in count(1))
    zone = zone_of(ZONE)
    change = next(moments)
    parts.create(tx, Part(site_id, "category", MUSIC, "", "Music", 0, {}, 1, change.now, change.now), change)
    for event_id, days, start, end, fields in DEMO:
        times = {"startDate": _said(_on(now, days, start, zone)), "endDate": _said(_on(now, days, end, zone)), "timeZoneId": ZONE}
        more = {"categoryIds": [MUSIC]} if event_id == SUMMER else {}
        sent = msgspec.convert({**fields, **more, "dateAndTimeSettings": times}, EventDraft)
        actions.create(tx, site_id, sent, event_id=event_id, currency="USD", is_draft=False, change=next(moments))
    for definition_id, fields in TICKETS:
        draft = msgspec.convert({"eventId": SUMMER, **fields}, DefinitionDraft)
        tickets.create(tx, site_id, draft, definition_id=definition_id, change=next(moments))
    begins = _on(now, DEMO[0][1], DEMO[0][2], zone)
    for place, (name, stage, tags, since, until) in enumerate(SCHEDULE, 1):
        change = next(moments)
        content = {"stage": stage, "tags": list(tags), "start": begins + since * 60_000, "end": begins + until * 60_000}
        part_id = f"5c4e1{place:03d}-0000-4000-8000-000000000001"
        parts.create(tx, Part(site_id, "schedule_item", part_id, SUMMER, name, place, content, 1, change.now, change.now), change)
    change = next(moments)
    body = {"body": POLICY[1]}
    parts.create(tx, Part(site_id, "policy", "b0111001-0000-4000-8000-000000000001", SUMMER, POLICY[0], 0, body, 1, now, now), change)
    return True


def without_picture(tx: Tx, site_id: str) -> tuple[str, ...]:
    """The slugs of the demo events that the site holds and nobody has given a picture."""
    found = [(slug, store.by_slug(tx, site_id, slug)) for slug in DRAWINGS]
    return tuple(slug for slug, event in found if event is not None and event.terms.image is None)


def hang(tx: Tx, site_id: str, slug: str, content: bytes, *, now: int) -> bool:
    """Give an event its picture, drawn with `media.drawing.draw`. False when it has one by now, or is gone."""
    event = store.by_slug(tx, site_id, slug)
    if event is None or event.terms.image is not None:
        return False
    kept = media.add(tx, site_id, content, f"demo-{slug}.jpg", now)
    picture = {"mainImage": {"id": kept.id, "altText": event.title}}
    actions.update(tx, site_id, event.id, msgspec.convert(picture, EventDraft), Change(new_id(now), COMMAND, now))
    return True
