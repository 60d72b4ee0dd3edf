"""Turns what the runner says should happen next into an answer: a page, another address of the visit, or the way back."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import new_secret
from roundtrip.core.urls import parse
from roundtrip.flows.base import Download, Farewell, Fresh, Message, Onward, Post, Redirect
from roundtrip.flows.next import RETURN, Changes, Elsewhere, Ended, GoTo, Hold, Leave, Next, Pay, SentBack, Show
from roundtrip.flows.visit import Edge, Visit
from roundtrip.text.catalogue import say
from roundtrip.web import arrival, cookies, ends, form_post, frame, responses, security_headers
from roundtrip.web.cookies import Cookie
from roundtrip.web.field_texts import field_text, pause_text
from roundtrip.web.notice_texts import FOR_DEVELOPERS, notice_text
from roundtrip.web.services import WebServices

logger = logging.getLogger("roundtrip.web")

MANY = 5
"""Several people may sit behind one address."""


def edge(services: WebServices, request: Request, session_id: str | None) -> Edge:
    """What the rooms may know of one request, with fresh random values for whatever it turns out to need."""
    now = services.clock()
    came_from = arrival.came_from(request)
    fresh = Fresh(
        browser_secret=new_secret(""),
        login_id=new_id(now),
        login_secret=new_secret(""),
        member_id=new_id(now),
        code=new_secret(""),
        event_id=new_id(now),
        mail_id=new_id(now),
    )
    return Edge(
        now=now,
        issuer=services.issuer,
        pages_url=services.base_url,
        only_site=services.only_site,
        browser=cookies.browser(request.cookies, session_id, secure=services.is_secure),
        fresh=fresh,
        lifetimes=services.lifetimes,
        referrer_origin=came_from.referrer,
        referrer=came_from.address,
        address=request.client.host if request.client else "",
        language=frame.chosen_language(request),
        code_key=services.code_key,
        payment_key=services.cashier.page_key,
    )


def count(services: WebServices, request: Request, client_id: str, now: int) -> None:
    """A visit that a browser makes by itself is a row like one that was created by API, so it is counted like one (SES-12).

    Raises LIMITED.
    """
    address = request.client.host if request.client else ""
    allowed = services.limits.settings.sessions_per_minute * MANY
    services.limits.count_for(client_id, "direct visits", f"{client_id} {address}", allowed, now)


def answer(services: WebServices, request: Request, at: Edge, then: Next, *, entry_secret: str | None = None) -> Response:
    """The answer to `then`. Cookies are set here and tokens that have just died are forgotten here, after the commit."""
    match then:
        case Ended():
            mine = at.browser.session_secret if then.visit is not None and entry_secret is None else None
            return ends.ended(services, request, then, entry_secret=entry_secret, session_secret=mine)
        case Show():
            return step(services, request, at, then)
        case GoTo():
            return _go_to(services, at, then)
        case Hold():
            return _hold(services, request, at, then)
        case Elsewhere():
            note = [cookies.sent_away(then.visit.client.id)]
            return responses.away(then.leaving, after_post=request.method == "POST", set_cookies=note, secure=services.is_secure)
        case Pay():
            set_cookies = changed(services, at, then.changes, then.visit.session.site_id)
            return responses.on_our_host(then.path, set_cookies=set_cookies, secure=services.is_secure)
        case Leave():
            return _leave(services, request, at, then)
        case SentBack():
            if isinstance(then.leaving, Post):
                return form_post.page(services, request, then.leaving, then.site)
            return responses.away(then.leaving, after_post=request.method == "POST", secure=services.is_secure)


def step(
    services: WebServices,
    request: Request,
    at: Edge,
    shown: Show,
    *,
    error: AppError | None = None,
    values: Mapping[str, str] | None = None,
) -> Response:
    """The page of one step, with what was typed and what is wrong with it, if it comes back (status 400, or 429 during a pause)."""
    if shown.notice in FOR_DEVELOPERS:
        logger.warning("%s: client %s of site %s", shown.notice, shown.visit.client.id, shown.visit.site.slug)
    file = shown.view.get("download")
    if isinstance(file, Download):
        return responses.download(file.content, file.name, file.media_type)
    built = frame.build(services, request, shown.visit, session_secret=at.browser.session_secret)
    here = f"/session/{shown.visit.session.id}/"
    lang = built.page.lang
    view = {
        **shown.view,
        "action": here + shown.step.name,
        "values": {**_known(shown), **{name: value for name, value in (values or {}).items() if "password" not in name}},
        "errors": [*_wrong(lang, error)],
        "notice": _notice(lang, shown, error),
        "heading": None,
        "pages": {name: here + name for name in shown.alternatives},
        "own_login_page": {"url": here + "outside"} if shown.own_login_page else None,
        "progress": _progress(lang, shown),
    }
    body = services.renderer.render(f"{shown.step.template or shown.step.name}.html", built.page, view)
    headers = security_headers.headers(built.policy, secure=services.is_secure)
    if error is not None and error.retry_after is not None:
        headers["retry-after"] = str(error.retry_after)
    status = 200 if error is None else 429 if error.kind is Kind.LIMITED else 400
    return responses.html(body, status=status, headers=headers, set_cookies=_kept(request, at, shown, lang), secure=services.is_secure)


def _kept(request: Request, at: Edge, shown: Show, lang: str) -> list[Cookie]:
    """The language that was chosen here; and the visit's own cookie for longer, when the visit got more time than it began with."""
    session = shown.visit.session
    kept = [cookies.language(session.id, lang)] if request.query_params.get("lang") else []
    if at.browser.session_secret is not None and session.expires_at - at.now > at.lifetimes.finish_within:
        kept.append(cookies.visit(session.id, at.browser.session_secret, session.expires_at, at.now))
    return kept


def _progress(lang: str, shown: Show) -> dict[str, object]:
    """Where the visitor is. A step names itself by `step_name` in its view, a sentence to be translated."""
    name = shown.view.get("step_name")
    return {"number": shown.number, "total": shown.of, "name": say(lang, name) if isinstance(name, str) else None}


def _known(shown: Show) -> Mapping[str, object]:
    """What a step wants to find in its fields before anything is typed."""
    values = shown.view.get("values")
    return values if isinstance(values, Mapping) else {}


def _notice(lang: str, shown: Show, error: AppError | None) -> str | None:
    """What a page says above its form: what the step itself has to tell goes before what the way here has to tell."""
    own = shown.view.get("notice")
    if isinstance(own, str):
        return say(lang, own)
    return None if error else notice_text(lang, shown.notice, is_test=shown.visit.site.is_test)


def _wrong(lang: str, error: AppError | None) -> Iterator[dict[str, str]]:
    if error is not None and error.kind is Kind.LIMITED:
        yield {"field": "", "message": pause_text(lang, error.retry_after or 1)}
    for violation in error.violations if error is not None else ():
        yield {"field": violation.field, "message": field_text(lang, violation)}


def _go_to(services: WebServices, at: Edge, then: GoTo) -> Response:
    session = then.visit.session
    set_cookies = changed(services, at, then.changes, session.site_id)
    if then.changes.login_started and then.visit.client.id in at.browser.sent_away:
        set_cookies.append(cookies.not_away(then.visit.client.id))
    if then.opened:
        set_cookies.append(cookies.visit(session.id, at.fresh.browser_secret, session.expires_at, at.now))
    return responses.within(session.id, then.segment, set_cookies=set_cookies, secure=services.is_secure)


def _leave(services: WebServices, request: Request, at: Edge, then: Leave) -> Response:
    set_cookies = changed(services, at, then.changes, then.visit.session.site_id)
    if at.browser.session_secret is not None and not then.visit.session.may_reopen:
        set_cookies.append(cookies.visit_over(then.visit.session.id, at.browser.session_secret))
    secure = services.is_secure
    if isinstance(then.leaving, Redirect):
        return responses.away(then.leaving, after_post=request.method == "POST", set_cookies=set_cookies, secure=secure)
    if isinstance(then.leaving, Onward):
        return responses.within(then.leaving.session_id, RETURN, set_cookies=set_cookies, secure=secure)
    if isinstance(then.leaving, Farewell):
        return _farewell(services, request, then.visit, then.leaving, set_cookies)
    if isinstance(then.leaving, Post):
        return form_post.page(services, request, then.leaving, then.visit.site, then.visit, set_cookies=set_cookies)
    if isinstance(then.leaving, Message):
        built = frame.build(services, request, then.visit, framed_by=then.leaving.target_origin)
        view: dict[str, object] = {"target_origin": then.leaving.target_origin, "message": then.leaving.values}
        body = services.renderer.render("web_message.html", built.page, view)
    else:
        built = frame.build(services, request, then.visit, with_back=False)
        onward = then.leaving.onward.url if then.leaving.onward else None
        view = {"heading": None, "sentences": [], "login_url": None, "onward": onward, **then.leaving.view}
        body = services.renderer.render(f"{then.leaving.page}.html", built.page, view)
    headers = security_headers.headers(built.policy, secure=secure)
    return responses.html(body, headers=headers, set_cookies=set_cookies, secure=secure)


def _hold(services: WebServices, request: Request, at: Edge, then: Hold) -> Response:
    """The visitor waits a moment. The page asks again by itself, without scripts, and has a link for who would not wait for that."""
    built = frame.build(services, request, then.visit, session_secret=at.browser.session_secret, with_back=False)
    session_id = then.visit.session.id
    body = services.renderer.render("hold.html", built.page, {"onward": f"/session/{session_id}/return"})
    headers = security_headers.headers(built.policy, secure=services.is_secure)
    return responses.again_soon(body, session_id, "return", headers=headers, secure=services.is_secure)


def _farewell(services: WebServices, request: Request, visit: Visit, leaving: Farewell, set_cookies: list[Cookie]) -> Response:
    """The page that tells the site's own logout pages, and leads on whatever becomes of them."""
    built = frame.build(services, request, visit, with_back=False)
    back = {"url": leaving.redirect.url, "label": visit.site.name} if leaving.redirect else None
    body = services.renderer.render("logged_out.html", built.page, {"back": back, "frames": leaving.frames})
    policy = replace(built.policy, frames=tuple(dict.fromkeys(parse(url).origin for url in leaving.frames)))
    headers = security_headers.headers(policy, secure=services.is_secure)
    return responses.html(body, headers=headers, set_cookies=set_cookies, secure=services.is_secure, onward=leaving.redirect)


def changed(services: WebServices, at: Edge, changes: Changes, site_id: str) -> list[Cookie]:
    """Forget what has just died, and the login cookie that says what changed."""
    for subject in changes.revoked:
        services.revocations.add(subject, at.now)
    if changes.login_ended:
        return [cookies.no_login(site_id)]
    return [cookies.login(site_id, at.fresh.login_secret)] if changes.login_started else []
