"""Shows every way a visit can end on our own host: expired, used, refused, wrong. The words are in `end_texts.py`."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from roundtrip.core.errors import AppError, Kind
from roundtrip.flows.runner import End, Ended
from roundtrip.redirect_session.model import Status
from roundtrip.redirect_session.return_url import NotAllowed
from roundtrip.web import frame, responses, security_headers
from roundtrip.web.end_texts import Action, Fact, back_action, end_view, refusal_facts, start_again_action, try_again_action
from roundtrip.web.end_texts import End as Words
from roundtrip.web.services import WebServices

_ENDS = {
    End.NOT_FOUND: (Words.NOT_FOUND, 404),
    End.ALREADY_USED: (Words.ALREADY_USED, 410),
    End.EXPIRED: (Words.EXPIRED, 410),
    End.OVER: (Words.SESSION_OVER, 410),
}

_CODES = {
    "INVALID_REDIRECT_URI": Words.INVALID_REDIRECT_URI,
    "INVALID_REDIRECT_DOMAIN": Words.REFUSED_TARGET,
    "CLIENT_NOT_FOUND": Words.INVALID_CLIENT,
    "NOT_FOUND": Words.NOT_FOUND,
    "FLOW_NOT_INSTALLED": Words.UNAVAILABLE,
    "CSRF_TOKEN": Words.WRONG_BROWSER,
    "CROSS_SITE_REQUEST": Words.INVALID_REQUEST,
}
_STATUS = {
    Kind.INVALID: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.GONE: 410,
    Kind.LIMITED: 429,
}


def ended(
    services: WebServices,
    request: Request,
    end: Ended,
    *,
    entry_secret: str | None = None,
    session_secret: str | None = None,
) -> Response:
    """A visit with nothing to show any more. Who holds the link, or the cookie, gets a way back; who had the visit may start again.

    `session_secret` is the browser's own, when the visit is bound to it.
    """
    is_bound = session_secret is not None
    words, status = _ENDS[end.end]
    built = frame.build(services, request, end.visit, session_secret=session_secret, with_back=False)
    lang = built.page.lang
    actions: list[Action] = []
    if end.visit is not None:
        if is_bound and end.visit.session.outcome != Status.COMPLETED.value:
            actions.append(start_again_action(lang, f"/session/{end.visit.session.id}/again"))
        url = frame.leave_path(end.visit, None if is_bound else entry_secret)
        actions.append(back_action(lang, end.visit.site.name, url, primary=not actions))
    view = end_view(words, lang, reference=built.page.reference, actions=actions)
    return _page(services, built, view, status)


def refused(services: WebServices, request: Request, error: AppError, *, status: int | None = None) -> Response:
    """A refusal as a page. A refused target is named, with the deciding rule in test mode, and never opened (RED-09, RED-10)."""
    built = frame.build(services, request, None, site=error.site if isinstance(error, NotAllowed) else None)
    words = _CODES.get(error.code)
    if words is None:
        words = Words.LIMITED if error.kind is Kind.LIMITED else Words.INVALID_REQUEST
    view = end_view(words, built.page.lang, reference=built.page.reference, technical=_facts(error), wait_seconds=error.retry_after)
    return _page(services, built, view, status or _STATUS[error.kind], retry_after=error.retry_after)


def failed(services: WebServices, request: Request, *, status: int = 500) -> Response:
    """A fault of ours. Says so, with a reference, and nothing about its insides (PAG-09)."""
    built = frame.build(services, request, None)
    actions = [try_again_action(built.page.lang, request.url.path)] if request.method == "GET" else []
    return _page(services, built, end_view(Words.INTERNAL, built.page.lang, reference=built.page.reference, actions=actions), status)


def nothing_here(services: WebServices, request: Request) -> Response:
    """An address that no page lives at."""
    return ended(services, request, Ended(End.NOT_FOUND))


def _facts(error: AppError) -> list[Fact]:
    if isinstance(error, NotAllowed):
        return refusal_facts(error.verdict, is_test=error.site.is_test)
    facts: list[Fact] = [("Code", error.code), ("Reason", error.description)]
    return facts


def _page(services: WebServices, built: frame.Frame, view: dict[str, object], status: int, *, retry_after: int | None = None) -> Response:
    body = services.renderer.render("error.html", built.page, view)
    headers = security_headers.headers(built.policy, secure=services.is_secure)
    if retry_after is not None:
        headers["retry-after"] = str(retry_after)
    return responses.html(body, status=status, headers=headers, secure=services.is_secure)
