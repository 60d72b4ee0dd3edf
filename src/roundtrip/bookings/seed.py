"""The demo services: two appointments, a class and a course, whose ids and slugs are always the same. Making them twice changes nothing.

The first one and the class can be booked within a day whenever somebody looks; the first has one staff member at each time.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import NamedTuple

import msgspec

from roundtrip.bookings.business import actions as business
from roundtrip.bookings.business import store as business_store
from roundtrip.bookings.business.model import BusinessTerms
from roundtrip.bookings.hours import every_day
from roundtrip.bookings.parts import actions as parts
from roundtrip.bookings.parts import store as part_store
from roundtrip.bookings.parts.model import Category, Content, Location, Part, PartKind, Policy, StaffMember
from roundtrip.bookings.services import actions, store
from roundtrip.bookings.services.draft import ServiceDraft
from roundtrip.bookings.services.model import ServiceKind
from roundtrip.bookings.sessions import actions as sessions
from roundtrip.bookings.sessions.model import Series
from roundtrip.bookings.sessions.store import wall_time
from roundtrip.core.identity import COMMAND
from roundtrip.core.ids import new_id
from roundtrip.core.zones import wall
from roundtrip.media import actions as media
from roundtrip.sites.change import Change
from roundtrip.storage.database import Tx

ZONE = "America/New_York"
DAILY = "FREQ=DAILY"
CONSULTING, STUDIO = "ca7e0001-0000-4000-8000-000000000001", "ca7e0002-0000-4000-8000-000000000001"
MAIN_STREET = "10ca0001-0000-4000-8000-000000000001"
ALEX, SAM = "57af0001-0000-4000-8000-000000000001", "57af0002-0000-4000-8000-000000000001"
POLICY = "b0110001-0000-4000-8000-000000000001"
PLANS = ("91a00001-0000-4000-8000-000000000001", "91a00002-0000-4000-8000-000000000001")
"""The ids that the demo plans have: ten classes, and everything for a month."""
_OPEN = every_day(8 * 60, 20 * 60)
_CANCEL = Policy(cancel_until=1440, reschedule_until=1440, most_participants=4, is_default=True)
_PARTS: tuple[tuple[PartKind, str, str, Content], ...] = (
    (PartKind.CATEGORY, CONSULTING, "Consulting", Category()),
    (PartKind.CATEGORY, STUDIO, "Studio", Category()),
    (PartKind.LOCATION, MAIN_STREET, "Main Street", Location("12 Main Street, New York, NY 10001, USA", is_default=True)),
    (PartKind.STAFF, ALEX, "Alex Kim", StaffMember("Listens first.")),
    (PartKind.STAFF, SAM, "Sam Lee", StaffMember("Teaches slowly.")),
    (PartKind.POLICY, POLICY, "Default", _CANCEL),
)


class DemoService(NamedTuple):
    """What is said about one service; `drawing` names kind and palette of its picture. `sessions` are wall times and rules."""

    slug: str
    drawing: tuple[str, str]
    fields: dict[str, object]
    sessions: tuple[tuple[str, str], ...] = ()


def _fixed(value: str) -> dict[str, object]:
    return {"price": {"value": value, "currency": "USD"}}


SERVICES: tuple[DemoService, ...] = (
    DemoService("intro-call", ("card", "sky"), {
        "type": "APPOINTMENT", "name": "Intro Call", "tagLine": "A first talk", "category": {"id": CONSULTING}, "staffMemberIds": [ALEX],
        "description": "Half an hour to find out what you need.",
        "payment": {"rateType": "NO_FEE", "custom": {"description": "Free"}, "options": {"inPerson": True}},
        "schedule": {"availabilityConstraints": {"sessionDurations": [30]}},
    }),
    DemoService("coaching-session", ("notebook", "clay"), {
        "type": "APPOINTMENT", "name": "Coaching Session", "tagLine": "An hour for you", "category": {"id": CONSULTING},
        "staffMemberIds": [ALEX, SAM], "description": "One hour, one question, two pairs of eyes.",
        "payment": {"rateType": "FIXED", "fixed": _fixed("80.00"), "options": {"online": True, "pricingPlan": True},
                    "pricingPlanIds": [PLANS[1]]},
        "schedule": {"availabilityConstraints": {"sessionDurations": [60]}},
    }),
    DemoService("morning-yoga", ("poster", "sage"), {
        "type": "CLASS", "name": "Morning Yoga", "tagLine": "Wake up slowly", "category": {"id": STUDIO}, "staffMemberIds": [SAM],
        "description": "For everybody who can stand up. Mats are there.", "defaultCapacity": 12,
        "payment": {"rateType": "FIXED", "fixed": _fixed("20.00"),
                    "options": {"online": True, "inPerson": True, "pricingPlan": True}, "pricingPlanIds": list(PLANS)},
        "schedule": {"availabilityConstraints": {"sessionDurations": [45]}},
    }, (("07:30", DAILY), ("18:00", DAILY))),
    DemoService("pottery-basics", ("mug", "plum"), {
        "type": "COURSE", "name": "Pottery Basics", "tagLine": "Six evenings at the wheel", "category": {"id": STUDIO},
        "staffMemberIds": [ALEX], "description": "From a lump of clay to a bowl that holds soup.", "defaultCapacity": 8,
        "payment": {"rateType": "FIXED", "fixed": _fixed("150.00"), "options": {"online": True}},
        "schedule": {"availabilityConstraints": {"sessionDurations": [120]}},
    }, (("20:00", "FREQ=WEEKLY;COUNT=6"),)),
)  # fmt: skip

_COMMON: dict[str, object] = {"bookingPolicy": {"id": POLICY}, "locations": [{"id": MAIN_STREET}]}


def service_id(number: int) -> str:
    """The id of the service with this number, from 1 in the order of `SERVICES`."""
    return f"5b0d{number:04d}-0000-4000-8000-000000000001"


def seed(tx: Tx, site_id: str, *, now: int) -> bool:
    """Let a site offer the demo services, without pictures. False, and nothing changed, when it has one of them already."""
    if store.service_by_slug(tx, site_id, SERVICES[0].slug) is not None:
        return False
    moments = (Change(new_id(now + number), COMMAND, now + number) for number in count(1))
    before = business_store.business(tx, site_id)
    if before.revision == 0:
        business.update(tx, before, BusinessTerms(ZONE, "USD", _OPEN), next(moments))
    for kind, part_id, name, content in _PARTS:
        if part_store.part(tx, site_id, kind, part_id) is None:
            change = next(moments)
            parts.create(tx, Part(site_id, kind, part_id, name, 0, content, 1, change.now, change.now), change)
    zone = business_store.business(tx, site_id).zone
    today = wall(now, zone).date()
    for number, one in enumerate(SERVICES, 1):
        change = next(moments)
        common = {
            "mainSlug": {"name": one.slug},
            "sortOrder": number - 1,
            "bookingPolicy": {"id": POLICY},
            "locations": [{"id": MAIN_STREET}],
        }
        sent = msgspec.convert(one.fields | common, ServiceDraft)
        schedule_id = f"5c4e{number:04d}-0000-4000-8000-000000000001"
        made = actions.create(tx, site_id, sent, service_id=service_id(number), schedule_id=schedule_id, change=change)
        for place, (clock, rule) in enumerate(one.sessions, 1):
            change = next(moments)
            # Classes run from today on, so that there is always one within a day; a course begins tomorrow, so that it can be joined.
            starts = wall_time(f"{today + timedelta(days=1) if made.kind is ServiceKind.COURSE else today}T{clock}")
            series_id = f"5e51{number:04d}-0000-4000-8000-{place:012d}"
            staff_id = made.staff[0].id
            series = Series(
                site_id, series_id, made.id, staff_id, MAIN_STREET, starts, made.terms.minutes, rule, None, 1, change.now, change.now
            )
            sessions.plan(tx, series, change)
    return True


def without_picture(tx: Tx, site_id: str) -> tuple[DemoService, ...]:
    """The demo services that the site offers and nobody has given a picture."""
    found = [(one, store.service_by_slug(tx, site_id, one.slug)) for one in SERVICES]
    return tuple(one for one, service in found if service is not None and not service.terms.media)


def hang(tx: Tx, site_id: str, one: DemoService, content: bytes, *, now: int) -> bool:
    """Give a service its picture, drawn with `media.drawing.draw`. False when it has one by now, or is gone."""
    service = store.service_by_slug(tx, site_id, one.slug)
    if service is None or service.terms.media:
        return False
    kept = media.add(tx, site_id, content, f"demo-{one.slug}.jpg", now)
    picture = {"media": {"items": [{"image": {"id": kept.id, "altText": str(one.fields["name"])}}]}}
    actions.update(tx, site_id, service.id, msgspec.convert(picture, ServiceDraft), Change(new_id(now), COMMAND, now))
    return True
