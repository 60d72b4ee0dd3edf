"""The pages of what somebody has for an event, for who has their address from a mail or a square code: the tickets of an order, one ticket,
an answer to an invitation; and files of them for calendars and printers.

Opening a page changes nothing; its buttons do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.ids import new_id
from roundtrip.events.event import store as events
from roundtrip.events.event.model import NOT_SAID, Event
from roundtrip.events.event.model import Status as EventStatus
from roundtrip.events.issued import store as issued
from roundtrip.events.orders import links
from roundtrip.events.orders import store as orders
from roundtrip.events.orders.model import Order, Status, Ticket
from roundtrip.events.rsvps import store as rsvps
from roundtrip.events.rsvps.model import Rsvp
from roundtrip.events.rsvps.model import Status as Said
from roundtrip.flows.events_checkout.buying import time_words
from roundtrip.flows.events_checkout.thanks import tickets as shown_tickets
from roundtrip.sites import store as sites
from roundtrip.sites.model import Site
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.text import ticket_pdf
from roundtrip.text.calendar_file import Entry, calendar
from roundtrip.text.catalogue import say
from roundtrip.text.marks import marked
from roundtrip.web import csrf, ends, frame, responses, security_headers
from roundtrip.web.forms import read_form
from roundtrip.web.services import WebServices
from roundtrip.workflows import answer_event
from roundtrip.workflows.printed_tickets import printed

ORDER_PAGE, TICKET_PAGE, RSVP_PAGE = (prefix + "{token}" for prefix in (links.ORDER_PREFIX, links.TICKET_PREFIX, links.RSVP_PREFIX))
ORDER_EVENT, ORDER_PDF = ORDER_PAGE + "/event.ics", ORDER_PAGE + "/tickets.pdf"
TICKET_PDF, RSVP_EVENT = TICKET_PAGE + "/ticket.pdf", RSVP_PAGE + "/event.ics"
STATES: Mapping[Status, str] = {
    Status.FREE: marked("Your tickets are here. Show the square code of each at the door."),
    Status.PAID: marked("Your tickets are here. Show the square code of each at the door."),
    Status.OFFLINE_PENDING: marked("Your tickets are here. They are still to be paid; the mail says how."),
    Status.PENDING: marked("We are waiting for the word that your payment has arrived. Your tickets are kept until then."),
    Status.INITIATED: marked("These tickets are kept for a while. They are yours once they are paid."),
    Status.CANCELED: marked("This order was cancelled, and its tickets are not good any more."),
    Status.DECLINED: marked("The payment failed, so there are no tickets. Nothing was charged."),
}
ANSWERS: Mapping[Said, str] = {
    Said.YES: marked("You said that you come. We look forward to you."),
    Said.NO: marked("You said that you don’t come."),
    Said.WAITLIST: marked("You are on the waiting list. We write to you when a place is free."),
    Said.OFFERED: marked("A place is kept for you. Say yes to have it."),
}
NOT_HELD = marked("This event does not take place.")
TOO_LATE = marked("This is not possible any more. Ask the organizer.")


@dataclass(frozen=True, slots=True)
class Bought:
    """An order with its site and its tickets, or with the one that the page is about."""

    order: Order
    site: Site
    tickets: Sequence[Ticket]
    event: Event | None


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer with its site and its event."""

    rsvp: Rsvp
    site: Site
    event: Event


async def show_order(services: WebServices, request: Request) -> Response:
    """The tickets of an order."""
    found = await services.db.read(_order, services, request)
    return ends.nothing_here(services, request) if found is None else await _order_page(services, request, found)


async def show_ticket(services: WebServices, request: Request) -> Response:
    """One ticket: what a telephone shows that reads its square code."""
    found = await services.db.read(_ticket, services, request)
    return ends.nothing_here(services, request) if found is None else await _order_page(services, request, found)


async def order_event(services: WebServices, request: Request) -> Response:
    """The event as a file for a calendar."""
    found = await services.db.read(_order, services, request)
    if found is None or found.order.content.starts_at == NOT_SAID:
        return ends.nothing_here(services, request)
    order, content = found.order, found.order.content
    entry = Entry(
        uid=order.id, sequence=order.revision, start=content.starts_at, end=content.ends_at, title=content.title, place=content.place,
        url=services.base_url + links.order_path(services.code_key, order.id), is_cancelled=not order.stands,
    )  # fmt: skip
    return responses.calendar(calendar(found.site.name, [entry], services.clock()), "event")


async def order_pdf(services: WebServices, request: Request) -> Response:
    """The tickets of an order to print."""
    return _pdf(services, request, await services.db.read(_order, services, request))


async def one_pdf(services: WebServices, request: Request) -> Response:
    """One ticket to print."""
    return _pdf(services, request, await services.db.read(_ticket, services, request))


def _pdf(services: WebServices, request: Request, found: Bought | None) -> Response:
    language = found.order.content.language if found else "en"
    good = printed(found.order, found.tickets, found.site.name, services.code_key, _pages(services, found.site), language) if found else []
    if not good or not ticket_pdf.can_write(language):
        return ends.nothing_here(services, request)
    return responses.printed(ticket_pdf.tickets_file(good, language), "tickets")


def _pages(services: WebServices, site: Site) -> str:
    return site.pages_url or services.base_url


async def _order_page(services: WebServices, request: Request, found: Bought) -> Response:
    order, content = found.order, found.order.content
    built = _frame(services, request, found.site, content.language)
    lang = built.page.lang
    own = {one.number for one in found.tickets}
    every = await services.db.read(shown_tickets, order, services.code_key, _pages(services, found.site))
    held = found.event is None or found.event.status is not EventStatus.CANCELED
    here = links.order_path(services.code_key, order.id)
    view = {
        "state": say(lang, STATES[order.status]),
        "refusal": None if held or not order.stands else say(lang, NOT_HELD),
        "number": order.number,
        "title": content.title,
        "when": time_words(content.starts_at, content.ends_at, content.zone, lang, is_tbd=content.starts_at == NOT_SAID),
        "place": content.place,
        "total": order.total,
        "to_pay": order.status is Status.OFFLINE_PENDING,
        "tickets": [one for one in every if one["number"] in own],
        "calendar_url": f"{here}/event.ics" if order.stands and content.starts_at != NOT_SAID else None,
        "pdf_url": f"{request.url.path}/{'tickets' if request.url.path == here else 'ticket'}.pdf"
        if order.stands and ticket_pdf.can_write(content.language)
        else None,
    }
    return _html(services, built, "order_page.html", view)


async def show_rsvp(services: WebServices, request: Request) -> Response:
    """The page of an answer."""
    found = await services.db.read(_rsvp, services, request)
    return ends.nothing_here(services, request) if found is None else _rsvp_page(services, request, found)


async def act(services: WebServices, request: Request) -> Response:
    """Not come after all, leave the waiting list, or take the place that became free."""
    csrf.check_site(request.headers, services.base_url)
    form = await read_form(request)
    csrf.check_token(form.get(csrf.FIELD, ""), request.path_params["token"])
    now = services.clock()
    try:
        done = await services.db.write(_act, services, request, form.get("do", ""), Moment(now, new_id(now)))
    except AppError as error:
        if error.kind is not Kind.CONFLICT:
            raise
        found = await services.db.read(_rsvp, services, request)
        return ends.nothing_here(services, request) if found is None else _rsvp_page(services, request, found, TOO_LATE, status=409)
    return responses.on_our_host(request.url.path, secure=services.is_secure) if done else ends.nothing_here(services, request)


def _act(tx: Tx, services: WebServices, request: Request, wanted: str, moment: Moment) -> bool:
    found = _rsvp(tx, services, request)
    if found is None:
        return False
    if wanted == "accept":
        answer_event.accept(tx, found.site.id, found.rsvp.id, moment)
    elif wanted == "withdraw":
        answer_event.withdraw(tx, found.site.id, found.rsvp.id, moment)
    return True


async def rsvp_event(services: WebServices, request: Request) -> Response:
    """The event as a file for a calendar."""
    found = await services.db.read(_rsvp, services, request)
    if found is None or found.event.is_tbd:
        return ends.nothing_here(services, request)
    event = found.event
    entry = Entry(
        uid=found.rsvp.id, sequence=found.rsvp.revision, start=event.starts_at, end=event.ends_at, title=event.title,
        place=event.terms.place.words, url=services.base_url + links.rsvp_path(services.code_key, found.rsvp.id),
        is_cancelled=found.rsvp.status is Said.NO or event.status is EventStatus.CANCELED,
    )  # fmt: skip
    return responses.calendar(calendar(found.site.name, [entry], services.clock()), "event")


def _rsvp_page(services: WebServices, request: Request, found: Answered, refusal: str = "", *, status: int = 200) -> Response:
    rsvp, event, now = found.rsvp, found.event, services.clock()
    built = _frame(services, request, found.site, rsvp.content.language)
    lang, here = built.page.lang, links.rsvp_path(services.code_key, rsvp.id)
    is_open = event.status_at(now) is EventStatus.UPCOMING
    told = refusal or (NOT_HELD if event.status is EventStatus.CANCELED else "")
    view = {
        "state": say(lang, ANSWERS[rsvp.status]),
        "refusal": say(lang, told) if told else None,
        "title": event.title,
        "when": time_words(event.starts_at, event.ends_at, event.zone, lang, is_tbd=event.is_tbd),
        "place": event.terms.place.words,
        "guests": rsvp.guests,
        "may_take": is_open and rsvp.status is Said.OFFERED and (rsvp.offer_ends_at or 0) > now,
        "may_withdraw": is_open and rsvp.status is not Said.NO,
        "waits": rsvp.status in (Said.WAITLIST, Said.OFFERED),
        "calendar_url": f"{here}/event.ics" if rsvp.status is Said.YES and not event.is_tbd else None,
        "action": here,
    }
    return _html(services, built, "rsvp_page.html", view, status=status)


def _order(tx: Tx, services: WebServices, request: Request) -> Bought | None:
    order_id = links.order_id(services.code_key, request.path_params["token"])
    order = orders.by_id(tx, order_id) if order_id else None
    site = _site(tx, services, order.site_id) if order is not None else None
    if order is None or site is None:
        return None
    return Bought(order, site, issued.of_order(tx, site.id, order.id), events.get(tx, site.id, order.event_id))


def _ticket(tx: Tx, services: WebServices, request: Request) -> Bought | None:
    ticket_id = links.ticket_id(services.code_key, request.path_params["token"])
    ticket = issued.by_id(tx, ticket_id) if ticket_id else None
    site = _site(tx, services, ticket.site_id) if ticket is not None else None
    order = orders.get(tx, ticket.site_id, ticket.order_id) if ticket is not None else None
    if ticket is None or site is None or order is None:
        return None
    return Bought(order, site, [ticket], events.get(tx, site.id, order.event_id))


def _rsvp(tx: Tx, services: WebServices, request: Request) -> Answered | None:
    rsvp_id = links.rsvp_id(services.code_key, request.path_params["token"])
    found = rsvps.by_id(tx, rsvp_id) if rsvp_id else None
    site = _site(tx, services, found.site_id) if found is not None else None
    event = events.get(tx, found.site_id, found.event_id) if found is not None else None
    return Answered(found, site, event) if found is not None and site is not None and event is not None else None


def _site(tx: Tx, services: WebServices, site_id: str) -> Site | None:
    return sites.site(tx, site_id) if services.only_site in (None, site_id) else None


def _frame(services: WebServices, request: Request, site: Site, language: str) -> frame.Frame:
    token: str = request.path_params["token"]
    return frame.build(services, request, None, site=site, session_secret=token, with_back=False, begun_in=language)


def _html(services: WebServices, built: frame.Frame, template: str, view: Mapping[str, object], *, status: int = 200) -> Response:
    body = services.renderer.render(template, built.page, view)
    headers = security_headers.headers(built.policy, secure=services.is_secure)
    return responses.html(body, status=status, headers=headers, secure=services.is_secure)
