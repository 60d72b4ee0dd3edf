"""The pages behind the links in mails: choose a new password, confirm an address. Opening one changes nothing; its button does (IDN-05)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from roundtrip.core.errors import AppError, Violation
from roundtrip.credentials import passwords
from roundtrip.credentials.model import Purpose
from roundtrip.flows import mail_links
from roundtrip.flows.mail_links import Elsewhere, MailLink
from roundtrip.flows.visit import Edge
from roundtrip.members.model import MemberStatus
from roundtrip.storage.database import Tx
from roundtrip.text.catalogue import say
from roundtrip.text.marks import marked
from roundtrip.web import csrf, ends, frame, responses, security_headers, visits
from roundtrip.web.field_texts import field_text
from roundtrip.web.forms import read_form
from roundtrip.web.services import WebServices

TEMPLATES: Mapping[Purpose, str] = {Purpose.RECOVER: "choose_password.html", Purpose.VERIFY_EMAIL: "confirm_address.html"}
HEADINGS: Mapping[Purpose, str] = {
    Purpose.RECOVER: marked("Your new password is saved"),
    Purpose.VERIFY_EMAIL: marked("Your address is confirmed"),
}
GO_BACK = marked("Go back to the window you came from and log in there.")
GO_ON = marked("Go back to the window you came from and go on there.")
WAIT = marked("The owner of the site looks at new accounts first. You will get a mail when yours is ready.")


async def recover(services: WebServices, request: Request) -> Response:
    """`/recover/<token>`: the form for a new password."""
    return await _page(services, request, Purpose.RECOVER)


async def verify(services: WebServices, request: Request) -> Response:
    """`/verify/<token>`: the button that confirms an address."""
    return await _page(services, request, Purpose.VERIFY_EMAIL)


async def _page(services: WebServices, request: Request, purpose: Purpose) -> Response:
    token = request.path_params["token"]
    asked_by = await services.db.read(_asked_by, services.code_key, token)
    at = visits.edge(services, request, asked_by)
    link = await services.db.read(mail_links.look, token, purpose, at)
    if link is None:
        return ends.nothing_here(services, request)
    if request.method != "POST":
        return _form(services, request, at, link)
    csrf.check_site(request.headers, services.base_url)
    form = await read_form(request)
    if link.visit is not None:
        csrf.check_token(form.get(csrf.FIELD, ""), at.browser.session_secret)
    password_hash = None
    if purpose is Purpose.RECOVER:
        try:
            passwords.check_password(form.get("password", ""), link.email)
        except AppError as error:
            return _form(services, request, at, link, error.violations)
        password_hash = str(await services.hash_work(partial(passwords.hash_password, form.get("password", ""))))
    then = await services.db.write(mail_links.follow, token, purpose, password_hash, at)
    if then is None:
        return ends.nothing_here(services, request)
    if isinstance(then, Elsewhere):
        return _elsewhere(services, request, at, link, then)
    return visits.answer(services, request, at, then)


def _asked_by(tx: Tx, key: bytes, token: str) -> str | None:
    return mail_links.session_id(key, token, tx)


def _form(services: WebServices, request: Request, at: Edge, link: MailLink, wrong: tuple[Violation, ...] = ()) -> Response:
    built = _frame(services, request, at, link)
    lang = built.page.lang
    view = {
        "action": f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path,
        "values": {},
        "errors": [{"field": violation.field, "message": field_text(lang, violation)} for violation in wrong],
        "site": link.site.name,
    }
    body = services.renderer.render(TEMPLATES[link.code.purpose], built.page, view)
    headers = security_headers.headers(built.policy, secure=services.is_secure)
    return responses.html(body, status=400 if wrong else 200, headers=headers, secure=services.is_secure)


def _elsewhere(services: WebServices, request: Request, at: Edge, link: MailLink, then: Elsewhere) -> Response:
    set_cookies = visits.changed(services, at, then.changes, then.site.id)
    if then.redirect is not None:
        return responses.away(then.redirect, after_post=True, set_cookies=set_cookies, secure=services.is_secure)
    built = _frame(services, request, at, link)
    text = GO_BACK if link.code.purpose is Purpose.RECOVER else GO_ON
    if then.member.status is MemberStatus.PENDING_APPROVAL:
        text = WAIT
    view = {"heading": say(built.page.lang, HEADINGS[link.code.purpose]), "sentences": [say(built.page.lang, text)]}
    body = services.renderer.render("done.html", built.page, view)
    headers = security_headers.headers(built.policy, secure=services.is_secure)
    return responses.html(body, headers=headers, set_cookies=set_cookies, secure=services.is_secure)


def _frame(services: WebServices, request: Request, at: Edge, link: MailLink) -> frame.Frame:
    language = link.code.binding.get("language")
    return frame.build(
        services,
        request,
        link.visit,
        site=link.site,
        session_secret=at.browser.session_secret,
        begun_in=language if isinstance(language, str) else None,
        leads_to=(link.target,),
    )
