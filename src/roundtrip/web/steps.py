"""The pages of a visit that has begun: show a step, take its form, go back to the site."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from roundtrip.core.errors import AppError, Kind, Refused
from roundtrip.core.ids import is_guid, new_id
from roundtrip.flows import acknowledged, notes, runner
from roundtrip.flows.next import Elsewhere, GoTo, Hold, Next, Show
from roundtrip.flows.steps.login import LOGIN
from roundtrip.flows.visit import Edge, Visit
from roundtrip.redirect_session.entry_url import ENTRY_PARAM, IDENTITY_PARAM
from roundtrip.web import arrival, csrf, ends, responses, visits
from roundtrip.web.arrival import Arrival
from roundtrip.web.forms import read_form, refuse_card_numbers, without_card_numbers
from roundtrip.web.services import WebServices

CHANGED_MEANWHILE = "CHANGED_MEANWHILE"
HOLD_SECONDS = 2.0
"""How long a return waits for the site's own server before the visitor sees a page about it."""
LOOK_SECONDS = 0.1


async def show(services: WebServices, request: Request) -> Response:
    """GET of one step. Which step it is follows from what is stored."""
    session_id, segment = _place(request)
    at = visits.edge(services, request, session_id)
    return await _looked_at(services, request, at, await services.db.read(runner.show, session_id, segment, at))


async def _looked_at(services: WebServices, request: Request, at: Edge, then: Next) -> Response:
    """The answer to a look that moved nothing. Being sent to the site's own login page is told to the timeline all the same."""
    if isinstance(then, Elsewhere):
        await services.db.write(notes.sent_to_login, then.visit.session.id, then.leaving, at.now)
    return visits.answer(services, request, at, then)


async def submit(services: WebServices, request: Request) -> Response:
    """POST of one step: check where it comes from, do what waits, then one transaction."""
    session_id, segment = _place(request)
    csrf.check_site(request.headers, services.base_url)
    form = await read_form(request)
    at = visits.edge(services, request, session_id)
    if at.browser.session_secret is None:
        return visits.answer(services, request, at, await services.db.read(runner.show, session_id, segment, at))
    csrf.check_token(form.get(csrf.FIELD, ""), at.browser.session_secret)
    try:
        refuse_card_numbers(form)
        work = await services.db.read(runner.prepare, session_id, segment, form, at)
        done = await services.hash_work(work.run) if work else None
        then = await services.db.write(runner.submit, session_id, segment, form, at, done)
        if isinstance(then, Refused):
            raise then.error
    except AppError as error:
        if error.code == CHANGED_MEANWHILE:
            # Another tab was quicker. What is stored now decides what is shown; nothing was done twice.
            return await show(services, request)
        if error.kind is not Kind.LIMITED and (error.kind is not Kind.INVALID or not error.violations):
            raise
        await services.db.write(notes.step_refused, session_id, segment, error, at.now)
        again = await services.db.read(runner.show, session_id, segment, at)
        if isinstance(again, Show):
            return visits.step(services, request, at, again, error=error, values=without_card_numbers(form))
        return visits.answer(services, request, at, again)
    return visits.answer(services, request, at, then)


async def return_(services: WebServices, request: Request) -> Response:
    """Back to the site with what happened."""
    if arrival.arrival(request) is Arrival.LOOKED:
        return responses.nothing()
    session_id, _ = _place(request)
    at = visits.edge(services, request, session_id)
    then = await services.db.write(runner.return_, session_id, at)
    if isinstance(then, Hold):
        await _acknowledged(services, session_id)
        at = visits.edge(services, request, session_id)
        then = await services.db.write(runner.return_, session_id, at)
    return visits.answer(services, request, at, then)


async def _acknowledged(services: WebServices, session_id: str) -> None:
    """Wait a little until the site's own server knows. Mostly it does before the visitor would see a page about it."""
    for _ in range(round(HOLD_SECONDS / LOOK_SECONDS)):
        await asyncio.sleep(LOOK_SECONDS)
        if not await services.db.read(acknowledged.still_waits, session_id, services.clock()):
            return


async def outside(services: WebServices, request: Request) -> Response:
    """The visitor chooses the site's own login page."""
    session_id, _ = _place(request)
    at = visits.edge(services, request, session_id)
    return await _looked_at(services, request, at, await services.db.read(runner.outside, session_id, at))


async def resume(services: WebServices, request: Request) -> Response:
    """Back from the site's own login page. Answers with a redirect in any case, so that no page is shown under a token (SES-09)."""
    if arrival.arrival(request) is Arrival.LOOKED:
        return responses.nothing()
    session_id, _ = _place(request)
    if not session_id:
        return ends.nothing_here(services, request)
    at = visits.edge(services, request, session_id)
    key, token = request.path_params["key"], request.query_params.get(IDENTITY_PARAM)
    try:
        then = await services.db.write(runner.resume, session_id, key, token, at)
    except AppError as error:
        if error.code != CHANGED_MEANWHILE:
            raise
        return responses.within(session_id, LOGIN.name, secure=services.is_secure)
    if not isinstance(then, GoTo):
        return responses.within(session_id, LOGIN.name, secure=services.is_secure)
    return visits.answer(services, request, at, then)


async def leave(services: WebServices, request: Request) -> Response:
    """Back to the site without finishing. Who only holds the link may go back too, and moves nothing by it."""
    if arrival.arrival(request) is Arrival.LOOKED:
        return responses.nothing()
    session_id, _ = _place(request)
    secret = request.query_params.get(ENTRY_PARAM)
    at = visits.edge(services, request, session_id)
    if secret is not None and at.browser.session_secret is None:
        return visits.answer(services, request, at, await services.db.read(runner.leave_unopened, session_id, secret, at))
    return visits.answer(services, request, at, await services.db.write(runner.leave, session_id, at))


async def again(services: WebServices, request: Request) -> Response:
    """The same visit once more, for the browser that had it."""
    session_id, _ = _place(request)
    csrf.check_site(request.headers, services.base_url)
    form = await read_form(request)
    at = visits.edge(services, request, session_id)
    if at.browser.session_secret is not None:
        csrf.check_token(form.get(csrf.FIELD, ""), at.browser.session_secret)
    known = await services.db.read(runner.bound, session_id, at)
    if isinstance(known, Visit):
        visits.count(services, request, known.client.id, at.now)
    then = await services.db.write(runner.start_again, session_id, at, new_session_id=new_id(at.now))
    return visits.answer(services, request, at, then)


def _place(request: Request) -> tuple[str, str]:
    session_id = request.path_params["id"]
    return (session_id.lower() if is_guid(session_id) else "", request.path_params.get("segment", ""))
