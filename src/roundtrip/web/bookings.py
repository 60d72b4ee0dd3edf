"""The page of one booking, for who has its address from a mail: look, cancel, move, say yes to a place; and files for calendars.

Opening a page changes nothing; its buttons do. What may be done is decided by the service's policy as it is then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from roundtrip.bookings.book import actions, links, store
from roundtrip.bookings.book.model import Booking, Option, Payment, Status
from roundtrip.bookings.business import store as business
from roundtrip.bookings.feeds import store as feeds
from roundtrip.bookings.feeds.model import AHEAD, BACK, MOST_ENTRIES, Feed
from roundtrip.bookings.services import store as services_store
from roundtrip.bookings.services.model import Service
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.ids import new_id
from roundtrip.core.zones import known_zones
from roundtrip.flows.steps import choose_time
from roundtrip.flows.steps.choose_time import TimeDraft
from roundtrip.sites import store as sites
from roundtrip.sites.model import Site
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.text import when
from roundtrip.text.calendar_file import Entry, calendar
from roundtrip.text.catalogue import say
from roundtrip.text.marks import marked
from roundtrip.web import csrf, ends, frame, responses, security_headers
from roundtrip.web.field_texts import field_text
from roundtrip.web.forms import read_form
from roundtrip.web.services import WebServices
from roundtrip.workflows import move_booking

PAGE = links.PREFIX + "{token}"
MOVE = links.PREFIX + "{token}/move"
EVENT = links.PREFIX + "{token}/event.ics"
FEED = links.FEED_PREFIX + "{token}.ics"

STATES: Mapping[Status, str] = {
    Status.CREATED: marked("A place is kept for you. Say yes to have it."),
    Status.PENDING: marked("This is a request: the time is kept for you until it is confirmed."),
    Status.CONFIRMED: marked("Your booking is confirmed."),
    Status.DECLINED: marked("This booking could not be confirmed."),
    Status.CANCELED: marked("This booking was cancelled."),
    Status.WAITING_LIST: marked("You are on the waiting list. We write to you when a place is free."),
}
TOO_LATE = marked("This is not possible any more. Ask the business.")
GONE = marked("Somebody else has just taken this time. Choose another one.")
CREDIT_BACK = marked("Your plan gets back what it paid with.")
NOT_PAID_BACK = marked("What you have paid is not given back by itself: ask %(site)s about it.")


@dataclass(frozen=True, slots=True)
class Shown:
    """One booking, its site, and its service if that is still there."""

    booking: Booking
    site: Site
    service: Service | None
    there: str


async def show(services: WebServices, request: Request) -> Response:
    """The page of a booking."""
    shown = await services.db.read(_find, services, request)
    return ends.nothing_here(services, request) if shown is None else _page(services, request, shown)


async def act(services: WebServices, request: Request) -> Response:
    """Cancel it, leave the waiting list, or take the place that became free."""
    form = await _form(services, request)
    now = services.clock()
    try:
        done = await services.db.write(_act, services, request, form.get("do", ""), Moment(now, new_id(now)))
    except AppError as error:
        if error.kind is not Kind.CONFLICT:
            raise
        shown = await services.db.read(_find, services, request)
        return ends.nothing_here(services, request) if shown is None else _page(services, request, shown, TOO_LATE, status=409)
    return responses.on_our_host(request.url.path, secure=services.is_secure) if done else ends.nothing_here(services, request)


def _act(tx: Tx, services: WebServices, request: Request, wanted: str, moment: Moment) -> bool:
    shown = _find(tx, services, request)
    if shown is None:
        return False
    booking = actions.locked(tx, shown.site.id, shown.booking.id)
    if wanted == "take":
        move_booking.finish(tx, shown.site.id, booking.id, moment)
    elif wanted == "cancel":
        if not actions.may_cancel(shown.service, booking, moment.now):
            raise actions.not_in_state(booking, "be cancelled", "ones that their policy lets")
        move_booking.cancel(tx, shown.site.id, booking.id, None, "visitor", moment)
    return True


async def choose(services: WebServices, request: Request) -> Response:
    """Another time for a booking. What is looked at is in the address, so that nothing has to be kept."""
    shown = await services.db.read(_find, services, request)
    now = services.clock()
    if shown is None:
        return ends.nothing_here(services, request)
    if not actions.may_reschedule(shown.service, shown.booking, now):
        return _page(services, request, shown, TOO_LATE, status=409)
    draft = _draft(request, shown)
    if request.method != "POST":
        return await _times(services, request, shown, draft)
    form = await _form(services, request)
    try:
        draft = await services.db.read(choose_time.chosen, shown.site.id, draft, form)
        if draft.needs_time:
            return await _times(services, request, shown, draft)
        await services.db.write(_move, services, request, draft, Moment(now, new_id(now)))
    except AppError as error:
        if error.kind not in (Kind.CONFLICT, Kind.INVALID):
            raise
        taken = replace_notice(draft) if error.kind is Kind.CONFLICT else draft
        return await _times(services, request, shown, taken, error)
    return responses.on_our_host(links.path(services.code_key, shown.booking.id), secure=services.is_secure)


def _move(tx: Tx, services: WebServices, request: Request, draft: TimeDraft, moment: Moment) -> None:
    shown = _find(tx, services, request)
    if shown is None or not actions.may_reschedule(shown.service, shown.booking, moment.now):
        raise actions.no_booking("")
    move_booking.reschedule(tx, shown.site.id, shown.booking.id, None, draft.slot, moment, is_owners=False)


def replace_notice(draft: TimeDraft) -> TimeDraft:
    """The choice once more, and why."""
    return TimeDraft(service_id=draft.service_id, zone=draft.zone, staff_only=draft.staff_only, needs_time=True, notice=GONE)


def _draft(request: Request, shown: Shown) -> TimeDraft:
    asked = request.query_params
    zone = asked.get("zone", "")
    return TimeDraft(
        service_id=shown.booking.service_id,
        zone=zone if zone in known_zones() else shown.booking.content.zone,
        staff_only=asked.get("staff", "")[:36],
        since=asked.get("since", "")[:10],
        day=asked.get("day", "")[:10],
        needs_time=True,
    )


async def event(services: WebServices, request: Request) -> Response:
    """The booking as a file for a calendar."""
    shown = await services.db.read(_find, services, request)
    if shown is None:
        return ends.nothing_here(services, request)
    url = services.base_url + links.path(services.code_key, shown.booking.id)
    return responses.calendar(calendar(shown.site.name, [_entry(shown.booking, url)], services.clock()), "booking")


async def feed(services: WebServices, request: Request) -> Response:
    """Everything that stands, as a calendar to subscribe to."""
    now = services.clock()
    found = await services.db.read(_feed, services, request, now)
    if found is None:
        return ends.nothing_here(services, request)
    site, bookings = found
    entries = [replace(_entry(one, ""), title=f"{one.content.service}: {one.content.contact.name}".rstrip(": ")) for one in bookings]
    # Half a millisecond for each of up to 2,000 entries: not where everybody waits.
    return responses.calendar(await asyncio.to_thread(calendar, site.name, entries, now), "bookings")


def _feed(tx: Tx, services: WebServices, request: Request, now: int) -> tuple[Site, list[Booking]] | None:
    feed_id = links.feed_id(services.code_key, request.path_params["token"])
    found: Feed | None = feeds.get(tx, feed_id) if feed_id else None
    site = sites.site(tx, found.site_id) if found is not None and services.only_site in (None, found.site_id) else None
    if found is None or site is None:
        return None
    return site, store.in_calendar(tx, site.id, found.staff_id, now - BACK, now + AHEAD, MOST_ENTRIES)


def _entry(booking: Booking, url: str) -> Entry:
    content = booking.content
    return Entry(
        uid=booking.id,
        sequence=booking.revision,
        start=booking.starts_at,
        end=booking.ends_at,
        title=content.service,
        place=", ".join(part for part in (content.location, content.address) if part),
        text=content.staff,
        url=url,
        is_cancelled=booking.status in (Status.CANCELED, Status.DECLINED),
        is_tentative=booking.status in (Status.PENDING, Status.CREATED, Status.WAITING_LIST),
    )


async def _form(services: WebServices, request: Request) -> Mapping[str, str]:
    csrf.check_site(request.headers, services.base_url)
    form = await read_form(request)
    csrf.check_token(form.get(csrf.FIELD, ""), request.path_params["token"])
    return form


def _find(tx: Tx, services: WebServices, request: Request) -> Shown | None:
    """The booking behind the address. One that somebody is just making is nobody's page yet, but for who was offered a place."""
    booking_id = links.booking_id(services.code_key, request.path_params["token"])
    booking = store.by_id(tx, booking_id) if booking_id else None
    if booking is None or services.only_site not in (None, booking.site_id):
        return None
    site = sites.site(tx, booking.site_id)
    if site is None:
        return None
    return Shown(booking, site, services_store.service(tx, site.id, booking.service_id), business.business(tx, site.id).terms.zone)


def _page(services: WebServices, request: Request, shown: Shown, refusal: str = "", *, status: int = 200) -> Response:
    booking, content, now = shown.booking, shown.booking.content, services.clock()
    built = _frame(services, request, shown)
    lang, here = built.page.lang, links.path(services.code_key, booking.id)
    stands, paid = booking.stands, booking.payment in (Payment.PAID, Payment.PARTIALLY_PAID)
    view = {
        "state": say(lang, STATES[booking.status]),
        "refusal": say(lang, refusal) if refusal else None,
        "is_over": not stands and booking.status is not Status.WAITING_LIST and booking.status is not Status.CREATED,
        "service": content.service,
        "when": when.when(booking.starts_at, booking.ends_at, content.zone, lang),
        "there": when.when(booking.starts_at, booking.ends_at, shown.there, lang) if shown.there != content.zone else None,
        "staff": content.staff,
        "place": ", ".join(part for part in (content.location, content.address) if part),
        "participants": booking.participants,
        "price": booking.price or None,
        "to_pay": stands and booking.payment is Payment.NOT_PAID,
        "not_paid_back": _paid_back(lang, shown) if paid else None,
        "may_take": booking.status is Status.CREATED and (booking.hold_ends_at or 0) > now,
        "may_cancel": actions.may_cancel(shown.service, booking, now),
        "waits": booking.status is Status.WAITING_LIST,
        "move_url": f"{here}/move" if actions.may_reschedule(shown.service, booking, now) else None,
        "calendar_url": f"{here}/event.ics" if stands else None,
        "action": here,
    }
    body = services.renderer.render("booking_page.html", built.page, view)
    headers = security_headers.headers(built.policy, secure=services.is_secure)
    return responses.html(body, status=status, headers=headers, secure=services.is_secure)


def _paid_back(lang: str, shown: Shown) -> str:
    """What becomes of what was paid."""
    return say(lang, CREDIT_BACK if shown.booking.option is Option.MEMBERSHIP else NOT_PAID_BACK, site=shown.site.name)


async def _times(services: WebServices, request: Request, shown: Shown, draft: TimeDraft, error: AppError | None = None) -> Response:
    built = _frame(services, request, shown)
    lang = built.page.lang
    found = await services.db.read(choose_time.shown, shown.site.id, draft, services.clock(), lang)
    looked_at = {"zone": draft.zone, "staff": draft.staff_only, "since": draft.since, "day": draft.day}
    asked = urlencode({name: value for name, value in looked_at.items() if value})
    notice = found["notice"]
    wrong = [{"field": one.field, "message": field_text(lang, one)} for one in error.violations] if error is not None else []
    view = {
        **found,
        "notice": notice,
        "others": None,
        "errors": wrong,
        "progress": None,
        "action": f"{links.path(services.code_key, shown.booking.id)}/move?{asked}",
    }
    body = services.renderer.render("time.html", built.page, view)
    headers = security_headers.headers(built.policy, secure=services.is_secure)
    return responses.html(body, status=400 if wrong else 200, headers=headers, secure=services.is_secure)


def _frame(services: WebServices, request: Request, shown: Shown) -> frame.Frame:
    token: str = request.path_params["token"]
    language = shown.booking.content.language
    return frame.build(services, request, None, site=shown.site, session_secret=token, with_back=False, begun_in=language)
