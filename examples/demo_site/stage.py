"""The stage: what takes place, tickets for it, and the way to the hosted pages that sell them. The wire is in `stage_api.py`."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from examples.demo_site import stage_api
from examples.demo_site.answers import api_of, go, leave, page, redirect_session, settings_of, visit_of
from examples.demo_site.api import ApiError


async def events(request: Request) -> Response:
    """Everything that is to come."""
    visit, api = visit_of(request), api_of(request)
    return page(request, "events.html", events=await stage_api.events(api, visit.trace, await visit.access_token(api)))


async def event(request: Request) -> Response:
    """One event, with its tickets or a form to answer."""
    visit, api = visit_of(request), api_of(request)
    token = await visit.access_token(api)
    found = await stage_api.events(api, visit.trace, token, slug=request.path_params["slug"])
    if not found:
        return page(request, "not_sold.html", status=404)
    tickets = await stage_api.tickets(api, visit.trace, token, found[0].id) if found[0].has_tickets else []
    return page(request, "event.html", event=found[0], tickets=tickets)


async def buy(request: Request) -> Response:
    """Keep the tickets, and out to the hosted form. Prices are the server's word; what is sold out is said here."""
    visit, api = visit_of(request), api_of(request)
    slug = request.path_params["slug"]
    form = parse_qsl((await request.body()).decode("utf-8", "replace"))
    wanted = [
        (name.removeprefix("ticket "), int(text)) for name, text in form if name.startswith("ticket ") and text.isdecimal() and int(text)
    ]
    if not wanted:
        visit.notice = "Choose at least one ticket."
        return go(f"/events/{slug}")
    try:
        reservation_id = await stage_api.reserve(api, visit.trace, await visit.access_token(api), wanted)
    except ApiError as problem:
        if problem.status not in (400, 409):
            raise
        visit.notice = "There are not so many of these left."
        return go(f"/events/{slug}")
    site = settings_of(request).site_url
    callbacks = {"thankYouPageUrl": f"{site}/events-booked", "postFlowUrl": f"{site}/events/{slug}"}
    body = {"eventsCheckout": {"reservationId": reservation_id, "eventSlug": slug}, "callbacks": callbacks}
    return leave(visit, await redirect_session(request, "A redirect session for tickets", body))


async def answer(request: Request) -> Response:
    """Say that somebody comes."""
    visit, api = visit_of(request), api_of(request)
    token = await visit.access_token(api)
    form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
    found = await stage_api.events(api, visit.trace, token, slug=request.path_params["slug"])
    if not found:
        return page(request, "not_sold.html", status=404)
    try:
        status = await stage_api.answer(api, visit.trace, token, found[0].id, form)
    except ApiError as problem:
        if problem.status not in (400, 409):
            raise
        visit.notice = "That did not work. Fill in all of it, with an address like name@example.com."
        return go(f"/events/{found[0].slug}")
    visit.notice = "See you there." if status == "YES" else "All places are taken. You are on the waiting list."
    return go(f"/events/{found[0].slug}")


async def booked(request: Request) -> Response:
    """Where a purchase comes back to. What is in the address is looked up with the visitor's own token: a made-up number shows nothing."""
    visit, api, query = visit_of(request), api_of(request), request.query_params
    visit.trace.browser("Came back from the hosted tickets", str(request.url))
    token = await visit.access_token(api)
    found = await stage_api.order(api, visit.trace, token, query.get("eventId", ""), query.get("orderNumber", ""))
    return page(request, "events_booked.html", order=found, status=200 if found else 404)


ROUTES = (
    Route("/events", events),
    Route("/events/{slug}", event),
    Route("/events/{slug}/buy", buy, methods=["POST"]),
    Route("/events/{slug}/answer", answer, methods=["POST"]),
    Route("/events-booked", booked),
)
