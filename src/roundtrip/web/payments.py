"""The pages of a payment, under the unguessable name of its attempt: the test provider's, how to pay later, the way to a provider and back.

None of them asks for a card (PAY-01). What happened is decided by what the provider reports, never by what the browser says.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.urls import UrlRefused, parse
from roundtrip.flows.visit import Edge, Visit, load
from roundtrip.payments import actions, providers, settle
from roundtrip.payments.model import Attempt, Purpose, Report, Status
from roundtrip.payments.providers.base import Page, ProviderRefused, ProviderUnreachable
from roundtrip.payments.providers.test import Choice, reports_of
from roundtrip.payments.site_settings import store as site_settings
from roundtrip.sites import store as sites
from roundtrip.sites.model import Mode, Site
from roundtrip.storage.database import Tx
from roundtrip.text.catalogue import say
from roundtrip.text.marks import marked
from roundtrip.web import arrival, csrf, ends, frame, responses, security_headers, visits
from roundtrip.web.arrival import Arrival
from roundtrip.web.forms import read_form
from roundtrip.web.services import WebServices
from roundtrip.workflows import selling
from roundtrip.workflows.cashier import PAGE_PREFIX

logger = logging.getLogger("roundtrip.payments")

PAGE = PAGE_PREFIX + "{token}"
"""An attempt's page."""
PAGE_BACK = PAGE_PREFIX + "{token}/back"
"""The way back from a provider's."""

OTHERS: Mapping[Choice, tuple[str, str]] = {
    Choice.PAID_ONCE: (marked("Works once"), marked("It works now, and the card is refused when it is charged again.")),
    Choice.DECLINED: (marked("Declined"), marked("The provider refuses the money.")),
    Choice.CANCELLED: (marked("Cancelled"), marked("The buyer turns back on the provider’s page.")),
    Choice.PENDING: (marked("Pending, then paid"), marked("The money is on its way and comes after some seconds.")),
    Choice.LATE: (marked("Too late"), marked("The time to pay is over, and the money comes after that.")),
    Choice.DUPLICATE: (marked("Reported twice"), marked("The provider repeats itself, once under another name.")),
    Choice.REORDERED: (marked("Reported in the wrong order"), marked("Paid comes first, pending after it.")),
}


@dataclass(frozen=True, slots=True)
class Paying:
    """One attempt, its site, the site's words for paying later, and the visit in which it is paid, if that is still there."""

    attempt: Attempt
    site: Site
    instructions: str
    visit: Visit | None


async def show(services: WebServices, request: Request) -> Response:
    """Where this attempt is paid; back to the flow when there is nothing to pay any more."""
    if arrival.arrival(request) is Arrival.LOOKED:
        return responses.nothing()
    paying = await services.db.read(_find, services, request, visits.edge(services, request, None))
    if paying is None:
        return ends.nothing_here(services, request)
    attempt, now = paying.attempt, services.clock()
    if attempt.status not in (Status.CREATED, Status.STARTED):
        return _back(services, attempt)
    if attempt.expires_at is not None and attempt.expires_at <= now:
        await services.db.write(selling.expire, services.cashier.sellers, attempt.id, now)
        return _back(services, attempt)
    if attempt.provider == providers.TEST:
        _require_test_mode(paying.site)
        await _started(services, attempt, Page())
        return _page(services, request, paying, "pay_test.html", _test_view(request, paying, services))
    if attempt.provider == providers.OFFLINE:
        await _started(services, attempt, Page())
        view = {"instructions": paying.instructions.splitlines(), "way_on": attempt.return_path}
        return _page(services, request, paying, "pay_later.html", view)
    return await _away(services, request, paying)


async def choose(services: WebServices, request: Request) -> Response:
    """The outcome of a test payment. Only the choice is read: whatever else was sent is dropped unread (PAY-01)."""
    csrf.check_site(request.headers, services.base_url)
    form = await read_form(request)
    paying = await services.db.read(_find, services, request, visits.edge(services, request, None))
    if paying is None:
        return ends.nothing_here(services, request)
    csrf.check_token(form.get(csrf.FIELD, ""), request.path_params["token"])
    if paying.attempt.provider != providers.TEST:
        return _back(services, paying.attempt)
    _require_test_mode(paying.site)
    chosen = form.get("choice", "")
    if chosen not in [*Choice]:
        return responses.on_our_host(request.url.path, secure=services.is_secure)
    now = services.clock()
    for report in reports_of(paying.attempt, Choice(chosen), now):
        if report.due_at:
            await services.db.write(settle.keep, report, now)
        else:
            await _settle(services, report, now)
    return _back(services, paying.attempt)


async def back(services: WebServices, request: Request) -> Response:
    """The visitor comes back from a provider. It is asked how it went, because its report may still be on its way (PAY-03)."""
    if arrival.arrival(request) is Arrival.LOOKED:
        return responses.nothing()
    paying = await services.db.read(_find, services, request, visits.edge(services, request, None))
    if paying is None:
        return ends.nothing_here(services, request)
    attempt, now = paying.attempt, services.clock()
    if attempt.status in (Status.CREATED, Status.STARTED) and attempt.page_ref is not None:
        report = await _looked(services, attempt, now)
        if report is not None:
            await _settle(services, report, now)
    return _back(services, attempt)


async def _looked(services: WebServices, attempt: Attempt, now: int) -> Report | None:
    try:
        till = await services.db.read(services.cashier.till, attempt.site_id, attempt.provider)
        provider = await asyncio.to_thread(services.cashier.provider, attempt.provider, till)
        return await asyncio.to_thread(provider.look, attempt, now)
    except (ProviderUnreachable, ProviderRefused, AppError) as error:
        # The page that the visitor returns to waits; the provider's report or the worker completes it.
        logger.warning("attempt %s: %s", attempt.id, error)
        return None


async def _settle(services: WebServices, report: Report, now: int) -> None:
    await services.db.write(selling.settle, services.cashier.sellers, report, now)


async def _away(services: WebServices, request: Request, paying: Paying) -> Response:
    """To the provider's page, which is made when the visitor first comes by. Reloading makes no second one."""
    attempt = paying.attempt
    url = attempt.page_url
    try:
        if url is None:
            till = await services.db.read(services.cashier.till, attempt.site_id, attempt.provider)
            provider = await asyncio.to_thread(services.cashier.provider, attempt.provider, till)
            page = await asyncio.to_thread(provider.start, attempt, services.cashier.back_url(till, attempt))
            if not await _started(services, attempt, page):
                return responses.on_our_host(request.url.path, secure=services.is_secure)  # it moved meanwhile: look again
            url = page.url
        url = _checked(url, paying.site)
    except (ProviderUnreachable, ProviderRefused, AppError) as error:
        logger.error("attempt %s can't be started: %s", attempt.id, error, extra={"request_id": frame.reference(request)})
        again = request.url.path if isinstance(error, ProviderUnreachable) else None
        view = {"again": again, "way_back": attempt.return_path, "reference": frame.reference(request)}
        return _page(services, request, paying, "pay_closed.html", view, status=503)
    return _page(services, request, paying, "pay_away.html", {"url": url, "way_back": attempt.return_path}, away=url)


def _checked(url: str | None, site: Site) -> str:
    """The provider's page is on https; on a test site it may be an imitation on this machine."""
    try:
        read = parse(url or "")
    except UrlRefused as error:
        raise ProviderRefused("the provider's page has no address that can be used") from error
    if read.scheme != "https" and not (site.is_test and read.host in ("127.0.0.1", "localhost")):
        raise ProviderRefused("the provider's page is not on https")
    return read.href


async def _started(services: WebServices, attempt: Attempt, page: Page) -> bool:
    """Write down that the visitor is there; True when the attempt may go on."""
    if attempt.status is Status.STARTED:
        return True
    return await services.db.write(actions.started, attempt.id, page, services.clock())


def _find(tx: Tx, services: WebServices, request: Request, at: Edge) -> Paying | None:
    attempt = actions.attempt_of_token(tx, services.cashier.page_key, request.path_params["token"])
    if attempt is None or services.only_site not in (None, attempt.site_id):
        return None
    site = sites.site(tx, attempt.site_id)
    if site is None:
        return None
    visit = load(tx, attempt.session_id, at) if attempt.session_id else None
    return Paying(attempt, site, site_settings.of_site(tx, site.id).offline_instructions, visit)


def _require_test_mode(site: Site) -> None:
    if site.mode is not Mode.TEST:
        raise AppError(Kind.FORBIDDEN, "TEST_MODE_ONLY", f"{site.slug} is a live site: nothing can be paid there by pretending.")


def _back(services: WebServices, attempt: Attempt) -> Response:
    return responses.on_our_host(attempt.return_path, secure=services.is_secure)


def _test_view(request: Request, paying: Paying, services: WebServices) -> dict[str, object]:
    lang = frame.language(request, None, paying.attempt.language)
    keeps = paying.attempt.purpose in (Purpose.FIRST, Purpose.KEEP)
    others = [
        {"choice": choice.value, "label": say(lang, label), "hint": say(lang, hint)}
        for choice, (label, hint) in OTHERS.items()
        if keeps or choice is not Choice.PAID_ONCE
    ]
    only_keeps = paying.attempt.purpose is Purpose.KEEP
    return {"action": request.url.path, "way_back": paying.attempt.return_path, "others": others, "only_keeps": only_keeps}


def _page(
    services: WebServices,
    request: Request,
    paying: Paying,
    template: str,
    view: Mapping[str, object],
    *,
    status: int = 200,
    away: str | None = None,
) -> Response:
    token: str = request.path_params["token"]
    # With the visit the frame knows where its forms may end: what is paid here may lead on to the site without another page.
    built = frame.build(
        services,
        request,
        paying.visit,
        site=paying.site,
        session_secret=token,
        with_back=False,
        begun_in=paying.attempt.language,
    )
    shown = {"description": paying.attempt.description, "amount": paying.attempt.amount.words(built.page.lang), **view}
    body = services.renderer.render(template, built.page, shown)
    headers = security_headers.headers(built.policy, secure=services.is_secure)
    if away is not None:
        return responses.to_payment(body, away, headers=headers, secure=services.is_secure)
    return responses.html(body, status=status, headers=headers, secure=services.is_secure)
