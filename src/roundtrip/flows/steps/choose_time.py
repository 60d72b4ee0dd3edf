"""The shared step of everything that is booked for a time: days that have one, and the times of a day, each a button of its own.

No script is needed: another day, another fortnight and another zone are forms that lead back to this page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

from msgspec.structs import replace

from roundtrip.bookings.availability import Offer, offers
from roundtrip.bookings.book.actions import event_of
from roundtrip.bookings.book.wanted import Slot
from roundtrip.bookings.business import store as business
from roundtrip.bookings.hours import Interval
from roundtrip.bookings.services import store as services
from roundtrip.bookings.services.model import Service, ServiceKind
from roundtrip.core.zones import instant, known_zones, midnight, zone_of
from roundtrip.flows.base import Context, Form, Step, Submitted
from roundtrip.flows.steps.booking_words import horizon, other_services, price_words, shown_picture
from roundtrip.flows.steps.identified import IdentifiedDraft
from roundtrip.flows.steps.refused import refused
from roundtrip.storage.database import Tx
from roundtrip.text import when
from roundtrip.text.marks import marked

DAYS = 14
NAME = "time"
GONE = marked("Somebody else has just taken this time. Choose another one.")
ZONE_WRONG = marked("Enter a time zone such as Europe/Berlin.")
NOT_OFFERED = marked("This service isn't offered any more.")


class TimeDraft(IdentifiedDraft, frozen=True, omit_defaults=True):
    """What was chosen of a service. `needs_time`: a time has to be chosen (again); `notice` says why. `staff_only` keeps to one staff
    member. `day` is the one that is looked at, `since` the first of those beside it, like 2026-11-28; `zone` is the visitor's.
    `from_list`: the service was chosen here too, and may be chosen again."""

    service_id: str = ""
    start: int = 0
    staff_id: str = ""
    event_id: str = ""
    zone: str = ""
    staff_only: str = ""
    since: str = ""
    day: str = ""
    needs_time: bool = False
    from_list: bool = False
    notice: str = ""

    @property
    def asks_who(self) -> bool:
        """Anybody may choose a time."""
        return False

    @property
    def slot(self) -> Slot:
        """The time that was chosen."""
        return Slot(self.start, self.staff_id, self.event_id)


D = TypeVar("D", bound=TimeDraft)


def _view(tx: Tx, draft: TimeDraft, context: Context[Any]) -> Mapping[str, object]:
    return {
        "step_name": marked("Time"),
        "others": None if draft.from_list else other_services(context),
        **shown(tx, context.site.id, draft, context.now, context.language),
    }


def shown(tx: Tx, site_id: str, draft: TimeDraft, now: int, lang: str) -> dict[str, object]:
    """What the template `time.html` shows of a service's times, besides what the frame of a visit adds."""
    service = services.service(tx, site_id, draft.service_id)
    base: dict[str, object] = {
        "notice": draft.notice or None,
        "from_list": draft.from_list,
        "values": {"zone": draft.zone},
        "service": None,
    }
    if service is None or service.hidden:
        return base
    first, found = _fortnight(tx, service, draft, now)
    by_day = _by_day(found, draft.zone)
    day = next((one for one in by_day if one.isoformat() == draft.day), None) or next(iter(by_day), first)
    there = business.business(tx, site_id).terms.zone
    today = when.on_clock(now, draft.zone).date()
    has_later = instant(midnight(first), zone_of(draft.zone)) < horizon(now)
    return {
        **base,
        "service": {
            "name": service.name,
            "tag_line": service.terms.tag_line,
            "price": price_words(service, lang),
            "length": when.length(service.terms.minutes, lang),
            "picture": shown_picture(service),
        },
        "days": [
            {"value": one.isoformat(), "words": when.short_day(one, lang), "has_times": one in by_day, "is_chosen": one == day}
            for one in (first + timedelta(days=number) for number in range(DAYS))
        ],
        "day_words": when.day_of(day, lang),
        "times": _times(by_day.get(day, ()), draft, lang),
        "earlier": max(today, first - timedelta(days=DAYS)).isoformat() if first > today else None,
        "later": (first + timedelta(days=DAYS)).isoformat() if has_later else None,
        "zone_words": when.zone_name(draft.zone, now, lang),
        "there": when.zone_name(there, now, lang) if there != draft.zone else None,
        "staff": [{"id": one.id, "name": one.name} for one in service.staff] if service.kind is ServiceKind.APPOINTMENT else [],
        "staff_only": draft.staff_only,
    }


def _fortnight(tx: Tx, service: Service, draft: TimeDraft, now: int) -> tuple[date, list[Offer]]:
    """The first of the days to show, and what can be booked on them. Nobody has asked for days: the first ones that have a time."""
    zone = zone_of(draft.zone)
    today = when.on_clock(now, draft.zone).date()
    first = max(today, _date(draft.since) or today)
    while True:
        start = instant(midnight(first), zone)
        found = _bookable(tx, service, Interval(start, instant(midnight(first + timedelta(days=DAYS)), zone)), draft, now)
        if found or draft.since or start > horizon(now):
            return first, found
        first += timedelta(days=DAYS)


def _bookable(tx: Tx, service: Service, window: Interval, draft: TimeDraft, now: int) -> list[Offer]:
    only = frozenset({draft.staff_only}) if draft.staff_only else None
    found = offers(tx, [service], window, now, staff_ids=only)
    return [one for one in found if one.is_bookable or may_wait(one)]


def may_wait(offer: Offer) -> bool:
    """Whether somebody may wait for a place: it is full, and would be bookable otherwise."""
    return offer.waiting > 0 and offer.open == 0 and not any(offer.obstacles)


def _by_day(found: Sequence[Offer], zone: str) -> dict[date, list[Offer]]:
    days: dict[date, list[Offer]] = {}
    for one in found:
        days.setdefault(when.on_clock(one.start, zone).date(), []).append(one)
    return days


def _times(found: Sequence[Offer], draft: TimeDraft, language: str) -> list[dict[str, object]]:
    """One button for each beginning: who does it is chosen apart, or whoever is free."""
    seen: set[tuple[int, str]] = set()
    shown: list[dict[str, object]] = []
    for one in found:
        key = one.start, event_of(one)
        if key not in seen:
            seen.add(key)
            shown.append(
                {
                    "value": f"{one.start} {event_of(one)}".strip(),
                    "words": when.time(one.start, draft.zone, language),
                    "left": one.open if one.session is not None else None,
                    "is_full": one.open == 0,
                    "with": one.staff.name if one.staff is not None and one.session is not None else "",
                }
            )
    return shown


def _submit(tx: Tx, draft: D, form: Form, context: Context[Any]) -> Submitted[D]:
    return Submitted(chosen(tx, context.site.id, draft, form))


def chosen(tx: Tx, site_id: str, draft: D, form: Form) -> D:
    """Another day, other days, another zone or staff member; or the time that is wanted, and then `needs_time` is over. Raises INVALID."""
    quiet = replace(draft, notice="")
    if form.get("change") == "service" and draft.from_list:
        return replace(quiet, service_id="", needs_time=False, day="", since="")
    if "zone" in form:
        zone = form["zone"].strip()
        if zone not in known_zones():
            raise refused(("zone", ZONE_WRONG))
        return replace(quiet, zone=zone, since="", day="")
    if "staff" in form:
        service = services.service(tx, site_id, draft.service_id)
        known = {one.id for one in service.staff} if service else set()
        return replace(quiet, staff_only=form["staff"] if form["staff"] in known else "", since="", day="")
    if "since" in form:
        return replace(quiet, since=form["since"] if _date(form["since"]) else "", day="")
    if "day" in form:
        return replace(quiet, day=form["day"] if _date(form["day"]) else "", since=form.get("from", draft.since))
    start, _, event_id = form.get("time", "").partition(" ")
    if not (start.isascii() and start.isdecimal() and len(start) <= 14):  # until the year 5138
        return quiet
    taken = replace(quiet, start=int(start), event_id=event_id[:250], staff_id="" if event_id else draft.staff_only)
    return replace(taken, needs_time=False, day="", since="")


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 < found.year < 9000 else None


STEP: Step[Any] = Step(
    name=NAME,
    needed=lambda draft: draft.needs_time,
    done=lambda draft: not draft.needs_time,
    view=_view,
    submit=_submit,
    counts=False,
)
