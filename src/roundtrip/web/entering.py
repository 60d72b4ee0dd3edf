"""The addresses that a visit starts at: the entry address, a page's own address, authorize and logout.

Only a person who opens a page spends a link. HEAD, prefetch and previews look without touching; a browser that does not say who it is gets
one button, whose POST binds it (SES-03, decision record 0007).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from roundtrip.core.errors import AppError
from roundtrip.core.ids import is_guid, new_id
from roundtrip.core.secrets import new_secret
from roundtrip.flows import direct, notes, runner
from roundtrip.flows.runner import End, Ended, GoTo
from roundtrip.flows.visit import Edge, Visit
from roundtrip.redirect_session.entry_url import ENTRY_PARAM, IDENTITY_PARAM, SESSION_ID_PARAM
from roundtrip.redirect_session.return_url import NotAllowed
from roundtrip.sites import allow_list
from roundtrip.sites import store as sites
from roundtrip.sites.verdict import Rule
from roundtrip.web import arrival, csrf, ends, frame, responses, security_headers, visits
from roundtrip.web.arrival import Arrival
from roundtrip.web.forms import read_form
from roundtrip.web.frame import Frame
from roundtrip.web.services import WebServices


async def enter(services: WebServices, request: Request) -> Response:
    """The entry address of a session."""
    await _pass_over_form(request)
    return await _arrive(services, request, request.path_params["id"], request.query_params.get(IDENTITY_PARAM))


async def inner_page(services: WebServices, request: Request) -> Response:
    """The page's own readable address, which some clients open without the entry address around it."""
    await _pass_over_form(request)
    return await _arrive(services, request, request.query_params.get(SESSION_ID_PARAM), request.query_params.get(IDENTITY_PARAM))


async def authorize(services: WebServices, request: Request) -> Response:
    """OAuth's authorization endpoint, with a redirect session or without (RFC 6749 3.1, OpenID Connect Core 3.1.2.1)."""
    return await _arrive_at_endpoint(services, request, direct.authorize, other_sites_may_post=True)


async def end_session(services: WebServices, request: Request) -> Response:
    """The standard logout address (OpenID Connect RP-Initiated Logout 2)."""
    return await _arrive_at_endpoint(services, request, direct.end_session, other_sites_may_post=True)


async def logout(services: WebServices, request: Request) -> Response:
    """The logout address, with a redirect session or without."""
    return await _arrive_at_endpoint(services, request, direct.logout)


async def _arrive_at_endpoint(
    services: WebServices, request: Request, read: direct.Read, *, other_sites_may_post: bool = False
) -> Response:
    posted = await read_form(request) if request.method == "POST" else {}
    given = {name: value for name, value in {**request.query_params, **posted}.items() if name != csrf.FIELD}
    is_foreign = request.method == "POST" and other_sites_may_post and csrf.is_cross_site(request.headers, services.base_url)
    if SESSION_ID_PARAM in given and not is_foreign:
        return await _arrive(services, request, given[SESSION_ID_PARAM], given.get(ENTRY_PARAM))
    wanted = read(given, direct.Issued(services.key_ring, services.base_url))
    at = visits.edge(services, request, None)
    if is_foreign:
        return await _carry_on(services, request, wanted, given, at.now)
    how = _how(services, request)
    if how is Arrival.OPENED or (how is Arrival.UNKNOWN and wanted.is_silent):
        visits.count(services, request, wanted.client_id, at.now)
        try:
            then = await services.db.write(direct.visit, wanted, at, session_id=new_id(at.now), secret=new_secret(""))
        except AppError as error:
            return await _refused(services, request, wanted, error, at.now)
        return visits.answer(services, request, at, then)
    return await _carry_on(services, request, wanted, given, at.now)


async def _carry_on(services: WebServices, request: Request, wanted: direct.Direct, given: Mapping[str, str], now: int) -> Response:
    """A page that sends a direct request once more, from our own host; nothing is decided before (decision record 0038).

    What another site's form brought goes on by itself, because our cookies have not come with it; a browser that does not say who it is
    has to press the button.
    """
    ahead = await services.db.read(direct.look_ahead, wanted, services.only_site, now)
    site, leads_to = ahead if ahead is not None else (None, ())
    built = frame.build(services, request, None, site=site, leads_to=leads_to)
    posted = request.method == "POST"
    page = replace(built.page, languages=()) if posted else built.page  # a link would lose what was posted
    return _entry(services, replace(built, page=page), request.url.path, given, at_once=posted)


async def _refused(services: WebServices, request: Request, wanted: direct.Direct, error: AppError, now: int) -> Response:
    """A refused address is told as one refused at leaving: on a test site all of it, to the public of a live one the host (RED-19)."""
    rule, url = error.data.get("rule"), error.data.get("url")
    found = await services.db.read(sites.client_and_site, wanted.client_id)
    if found is None or not isinstance(rule, str) or not isinstance(url, str):
        raise error
    client, site = found
    verdict = allow_list.judge(client, site.mode, Rule(rule), url, now=now)
    services.refusals.note_verdict(client.id, verdict, "page", now)
    return ends.refused(services, request, NotAllowed(verdict, url, site), status=400)


async def _arrive(services: WebServices, request: Request, session_id: str | None, secret: str | None) -> Response:
    known_id = session_id.lower() if session_id and is_guid(session_id) else ""
    at = visits.edge(services, request, known_id)
    seen = await services.db.read(runner.look, known_id, secret, at)
    if not isinstance(seen, Visit):
        if isinstance(seen, GoTo) and seen.visit.session.may_reopen and arrival.arrival(request) is not Arrival.LOOKED:
            seen = await services.db.write(runner.enter, known_id, secret, at)
        if isinstance(seen, Ended) and seen.end is End.ALREADY_USED and arrival.arrival(request) is not Arrival.LOOKED:
            await services.db.write(notes.wrong_browser, known_id, at.now)
        return visits.answer(services, request, at, seen, entry_secret=secret)
    if _is_prewarm(request, seen):
        return _blank(services, request, at, seen)
    how = _how(services, request)
    if how is Arrival.OPENED or (how is Arrival.UNKNOWN and seen.flow.answers_silently(seen.params)):
        then = await services.db.write(runner.enter, known_id, secret, at)
        return visits.answer(services, request, at, then, entry_secret=secret)
    return _button(services, request, seen, secret)


def _how(services: WebServices, request: Request) -> Arrival:
    """A POST is the button of our own page; where it comes from is checked."""
    if request.method != "POST":
        return arrival.arrival(request)
    csrf.check_site(request.headers, services.base_url)
    return Arrival.OPENED


async def _pass_over_form(request: Request) -> None:
    """The button of an entry address sends nothing that counts: the link's secret is in the address. Too much of it is refused."""
    if request.method == "POST":
        await read_form(request)


def _button(services: WebServices, request: Request, visit: Visit, secret: str | None) -> Response:
    here = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    return _entry(services, frame.build(services, request, visit, entry_secret=secret), here, {}, at_once=False)


def _entry(services: WebServices, built: Frame, action: str, fields: Mapping[str, str], *, at_once: bool) -> Response:
    body = services.renderer.render("entry.html", built.page, {"action": action, "fields": fields, "at_once": at_once})
    headers = security_headers.headers(built.policy, secure=services.is_secure)
    return responses.html(body, headers=headers, secure=services.is_secure)


def _is_prewarm(request: Request, visit: Visit) -> bool:
    """The SDK opens such a session in a hidden frame, only to warm up: it gets an empty page that sets nothing."""
    return visit.flow.blank_in_frame and arrival.came_from(request).in_frame and visit.session.request.callbacks.post_flow_url is None


def _blank(services: WebServices, request: Request, at: Edge, visit: Visit) -> Response:
    referrer = at.referrer_origin
    framed_by = referrer if referrer and allow_list.allows_origin(visit.client, visit.site.mode, referrer, now=at.now) else "'none'"
    built = frame.build(services, request, visit, with_back=False, framed_by=framed_by)
    body = services.renderer.render("blank.html", built.page, {})
    return responses.html(body, headers=security_headers.headers(built.policy, secure=services.is_secure), secure=services.is_secure)
