"""The studio: what can be booked, the free times of it, and the ways to the hosted pages that book. The wire is in `studio_api.py`."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from examples.demo_site import studio_api
from examples.demo_site.answers import api_of, go, leave, page, redirect_session, settings_of, visit_of


async def services(request: Request) -> Response:
    """Everything that can be booked."""
    visit, api = visit_of(request), api_of(request)
    found = await studio_api.services(api, visit.trace, await visit.access_token(api))
    return page(request, "studio.html", services=found)


async def times(request: Request) -> Response:
    """The free times of one service in the next days."""
    visit, api = visit_of(request), api_of(request)
    token = await visit.access_token(api)
    found = await studio_api.services(api, visit.trace, token, slug=request.path_params["slug"])
    if not found:
        return page(request, "not_sold.html", status=404)
    return page(request, "studio_times.html", service=found[0], days=await studio_api.free_times(api, visit.trace, token, found[0].id))


async def book(request: Request) -> Response:
    """Out to the hosted booking form. What the server said about the time is handed back to it as it came; it reads all of it again."""
    visit, api = visit_of(request), api_of(request)
    form = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
    token, service = await visit.access_token(api), form.get("service", "")
    # A course is booked as a whole: there is no time to choose.
    entry = await studio_api.entry(api, visit.trace, token, service, form["time"]) if "time" in form else {"slot": {"serviceId": service}}
    if entry is None:
        visit.notice = "This time was just taken. Choose another one."
        return go("/studio")
    body = {"bookingsCheckout": {"slotAvailability": entry, "timezone": studio_api.ZONE}, "callbacks": _callbacks(request)}
    return leave(visit, await redirect_session(request, "A redirect session for a booking", body))


async def book_there(request: Request) -> Response:
    """Out to the hosted list of services, where everything is chosen."""
    body = {"bookingsBook": {}, "callbacks": _callbacks(request)}
    return leave(visit_of(request), await redirect_session(request, "A redirect session for the list of services", body))


async def booked(request: Request) -> Response:
    """Where a booking comes back to. The id in the address is looked up with the visitor's own token: a made-up one shows nothing."""
    visit, api = visit_of(request), api_of(request)
    visit.trace.browser("Came back from the hosted booking", str(request.url))
    token = await visit.access_token(api)
    found = await studio_api.booking(api, visit.trace, token, request.query_params.get("bookingId", ""))
    return page(request, "studio_booked.html", booking=found, status=200 if found else 404)


async def not_booked(request: Request) -> Response:
    """Where the hosted pages come back to when nothing was booked."""
    visit = visit_of(request)
    visit.trace.browser("Came back from the hosted booking", str(request.url))
    visit.notice = "Nothing was booked."
    return go("/studio")


def _callbacks(request: Request) -> dict[str, str]:
    site = settings_of(request).site_url
    return {
        "thankYouPageUrl": f"{site}/studio-booked",
        "postFlowUrl": f"{site}/studio-left",
        "bookingsServiceListUrl": f"{site}/studio-left",
        "planListUrl": f"{site}/plans",
    }


ROUTES = (
    Route("/studio", services),
    Route("/studio/{slug}", times),
    Route("/studio-book", book, methods=["POST"]),
    Route("/studio-book-there", book_there, methods=["POST"]),
    Route("/studio-booked", booked),
    Route("/studio-left", not_booked),
)
