"""What can be booked and what is taken, read in one transaction: for lists of times, and for one time that somebody wants to book.

The number of reads follows from the question (services, staff, days), never from how much was booked outside of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from roundtrip.bookings.business import store as business
from roundtrip.bookings.business.model import Business
from roundtrip.bookings.hours import Interval, Week, by_day
from roundtrip.bookings.parts.model import Location, Part, StaffMember
from roundtrip.bookings.services.model import Service, ServiceKind
from roundtrip.bookings.sessions import store as series
from roundtrip.bookings.sessions.model import Session, days_of, parsed_event_id, sessions
from roundtrip.bookings.slots import marked, starts
from roundtrip.bookings.staff_days import store as staff_days
from roundtrip.bookings.times import store as times
from roundtrip.bookings.times.model import Seats, StaffTime
from roundtrip.core.clock import DAY
from roundtrip.core.zones import instant, zone_of
from roundtrip.storage.database import Tx

UTC_ZONE = zone_of("UTC")
COURSE_REACH = 366 * DAY
"""How far before and after now the sessions of a course are looked for."""


class Obstacles(NamedTuple):
    """Why visitors can't book a time themselves, however free it is."""

    too_early: bool
    too_late: bool
    not_online: bool


NO_OBSTACLES = Obstacles(too_early=False, too_late=False, not_online=False)


class Offer(NamedTuple):
    """A time of a service. An appointment is with `staff`; a class has a `session`; a course is all of its sessions together.

    `open` is how many places are free of `total`.
    `waiting` is how many may wait when nothing is free. A session that was cancelled is never open.
    """

    service: Service
    start: int
    end: int
    staff: Part[StaffMember] | None
    session: Session | None
    total: int
    open: int
    waiting: int
    obstacles: Obstacles

    @property
    def is_bookable(self) -> bool:
        """Whether a visitor can book it now."""
        return self.open > 0 and self.obstacles == NO_OBSTACLES

    @property
    def location(self) -> Part[Location] | None:
        """Where it is: the session's own place, else the service's first."""
        places = self.service.locations
        own = self.session.series.location_id if self.session else ""
        return next((one for one in places if one.id == own), places[0] if places else None)

    def taking(self, holder: str, seats: int = 1) -> StaffTime | Seats:
        """What `times.actions.take` is asked for, when somebody books it."""
        site_id = self.service.site_id
        if self.service.kind is ServiceKind.COURSE:
            return Seats(site_id, holder, self.service.schedule_id, Interval(self.start, self.end), seats, self.total)
        if self.session is not None:
            return Seats(site_id, holder, self.session.event_id, Interval(self.start, self.end), seats, self.total)
        assert self.staff is not None  # every appointment has one
        return StaffTime(site_id, holder, self.staff.id, self.service.pattern.blocks(self.start))


def offers(
    tx: Tx, services: Sequence[Service], window: Interval, now: int, *, staff_ids: frozenset[str] | None = None, ignoring: str = ""
) -> list[Offer]:
    """Every time of these services that lies within a window and has not begun, in order; free or not, bookable or not. Courses have none.

    All services are of one site. `staff_ids` keeps to these staff members. A time that the holder `ignoring` has taken counts as free.
    """
    window = Interval(max(window.start, now), window.end)
    if not services or window.start >= window.end:
        return []
    site = business.business(tx, services[0].site_id)
    appointments = [one for one in services if one.kind is ServiceKind.APPOINTMENT]
    classes = [one for one in services if one.kind is ServiceKind.CLASS]
    found = _appointments(tx, site, appointments, window, now, staff_ids, ignoring) if appointments else []
    if classes:
        found += [one for one in _sessions(tx, site, classes, window, now) if staff_ids is None or _given_by(one) in staff_ids]
    return sorted(found, key=lambda one: one.start)


def appointment(tx: Tx, service: Service, staff_id: str, start: int, now: int, ignoring: str = "") -> Offer | None:
    """The appointment that begins exactly then, as it is now; None when it is not offered (any more). No `staff_id`: whoever is free."""
    only = frozenset({staff_id}) if staff_id else None
    pattern = service.pattern
    found = offers(tx, [service], Interval(start, start + pattern.duration), now, staff_ids=only, ignoring=ignoring)
    fitting = [one for one in found if one.start == start and one.staff is not None]
    return max(fitting, key=lambda one: one.open, default=None)


def class_session(tx: Tx, service: Service, event_id: str, now: int) -> Offer | None:
    """The session of this name, as it is now; None when no rule gives it (any more), it has begun, or it is another service's."""
    parsed = parsed_event_id(event_id)
    found = series.series(tx, service.site_id, parsed[0]) if parsed else None
    if parsed is None or found is None or found.service_id != service.id:
        return None
    window = _around(parsed[1])
    return next((one for one in offers(tx, [service], Interval(max(now, window.start), window.end), now) if _name(one) == event_id), None)


def course(tx: Tx, service: Service, now: int) -> Offer | None:
    """A course as a whole, from its first session to its last; None when none is left. Nobody joins once it has begun."""
    planned = [one for one in course_sessions(tx, service, Interval(now - COURSE_REACH, now + COURSE_REACH)) if not one.cancelled]
    if not planned or planned[-1].start < now:
        return None
    begins = planned[0].start
    obstacles = _Judged(service, now).at(begins)
    obstacles = obstacles._replace(too_late=obstacles.too_late or begins < now)
    staff = next((one for one in service.staff if one.id == planned[0].series.staff_id), None)
    left = course_places(tx, service)
    return Offer(service, begins, planned[-1].end, staff, None, service.terms.capacity, left, 0, obstacles)


def course_places(tx: Tx, service: Service) -> int:
    """How many places of a course are free: it is booked as a whole, under the name of its schedule."""
    return max(0, service.terms.capacity - times.seats(tx, service.site_id, [service.schedule_id]).get(service.schedule_id, 0))


def course_sessions(tx: Tx, service: Service, window: Interval) -> list[Session]:
    """The sessions of a course, or of a class, within a window; cancelled ones too."""
    zone = business.business(tx, service.site_id).zone
    return _planned(tx, service.site_id, [service.id], window, zone)


def _appointments(
    tx: Tx, site: Business, services: Sequence[Service], window: Interval, now: int, only: frozenset[str] | None, ignoring: str
) -> list[Offer]:
    zone = site.zone
    staff = {one.id: one for service in services for one in service.staff if only is None or one.id in only}
    first, last = days_of(window, zone)
    special = staff_days.special(tx, site.site_id, list(staff), first, last)
    longest = max(service.pattern.duration + service.pattern.gap for service in services)
    reach = Interval(window.start, window.end + longest)
    taken = times.busy(tx, site.site_id, list(staff), reach, now, ignoring)
    for staff_id, session in _classes_of_staff(tx, site.site_id, list(staff), reach, zone):
        taken[staff_id].append(session)
    usual: dict[Week, list[list[Interval]]] = {}
    found: list[Offer] = []
    for service in services:
        judged, pattern = _Judged(service, now), service.pattern
        begins: dict[Week, list[int]] = {}
        for one in [one for one in service.staff if one.id in staff]:
            week = one.content.hours or site.terms.hours
            if special[one.id]:
                known = starts(by_day(first, last, week, special[one.id], zone), pattern, window)
            else:  # what all have who work the same week
                days = usual[week] = usual.get(week) or by_day(first, last, week, {}, zone)
                known = begins[week] = begins.get(week) or starts(days, pattern, window)
            found += [
                Offer(service, start, end, one, None, 1, int(is_free), 0, judged.at(start))
                for start, end, is_free in marked(known, taken[one.id], pattern)
            ]
    return found


def _classes_of_staff(tx: Tx, site_id: str, staff_ids: Sequence[str], window: Interval, zone: ZoneInfo) -> list[tuple[str, Interval]]:
    """When staff members give classes, whether somebody has booked them or not."""
    given = series.of_staff(tx, site_id, staff_ids)
    if not given:
        return []
    first, last = days_of(window, zone)
    changes = series.changes(tx, site_id, [one.id for one in given], first, last)
    # A class may have begun before the window and still go on in it.
    wide = Interval(window.start - DAY, window.end + DAY)
    return [(one.series.staff_id, Interval(one.start, one.end)) for one in sessions(given, changes, wide, zone) if not one.cancelled]


def _sessions(tx: Tx, site: Business, services: Sequence[Service], window: Interval, now: int) -> list[Offer]:
    by_id = {one.id: one for one in services}
    planned = _planned(tx, site.site_id, list(by_id), window, site.zone)
    taken = times.seats(tx, site.site_id, [one.event_id for one in planned])
    staff = {one.id: one for service in services for one in service.staff}
    judged = {one.id: _Judged(one, now) for one in services}
    found = []
    for one in planned:
        service = by_id[one.series.service_id]
        total = service.terms.capacity if one.capacity is None else one.capacity
        left = 0 if one.cancelled else max(0, total - taken.get(one.event_id, 0))
        waiting = 0 if one.cancelled else service.policy.waiting_list
        obstacles = judged[service.id].at(one.start)
        found.append(Offer(service, one.start, one.end, staff.get(one.series.staff_id), one, total, left, waiting, obstacles))
    return found


def _planned(tx: Tx, site_id: str, service_ids: Sequence[str], window: Interval, zone: ZoneInfo) -> list[Session]:
    given = series.of_services(tx, site_id, service_ids)
    first, last = days_of(window, zone)
    return sessions(given, series.changes(tx, site_id, [one.id for one in given], first, last), window, zone)


class _Judged:
    """What a service's policy says about a start, now. A month has thousands of starts and few answers."""

    def __init__(self, service: Service, now: int) -> None:
        self._early_after, self._late_until = service.policy.bounds(now)
        self._known = {
            (early, late): Obstacles(early, late, not service.terms.is_online) for early in (False, True) for late in (False, True)
        }

    def at(self, start: int) -> Obstacles:
        """The answer for one start."""
        return self._known[start > self._early_after, start <= self._late_until]


def _given_by(one: Offer) -> str:
    return one.session.series.staff_id if one.session else ""


def _name(one: Offer) -> str:
    return one.session.event_id if one.session else ""


def _around(starts: datetime) -> Interval:
    """Some days around a wall time, wherever the clock stands: what begins on a day ends on it or on the next."""
    start = instant(starts, UTC_ZONE)
    return Interval(start - DAY, start + 3 * DAY)
