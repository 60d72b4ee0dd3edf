"""Every page of the dashboard that the walkers look at, each with the way that leads to it. A new page is a line in `DESK_PAGES`."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.desk_sessions import to_approval, to_expiring, to_refusals, to_session, to_sessions
from tests.browser_fixtures import DESKTOP, PATIENCE_MS
from tests.server_fixtures import Server

SITE = "demo"
PASSWORD = "seven brown owls at noon"


@dataclass
class Desk:
    """A browser in which somebody who owns the server is logged in."""

    server: Server
    browser: Browser
    context: BrowserContext
    email: str
    shown: dict[str, Page] = field(default_factory=dict)

    def new_page(self) -> Page:
        """One more tab."""
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        return page

    def url(self, path: str) -> str:
        """An address of the dashboard."""
        return f"{self.server.origin}/dashboard/{path}"

    def at(self, name: str) -> Page:
        """A page of this name, opened once and kept."""
        if name not in self.shown:
            page = self.new_page()
            DESK_PAGES[name](self, page)
            self.shown[name] = page
        return self.shown[name]


def invitation(server: Server) -> str:
    """A fresh link with which somebody becomes an owner."""
    link: str = json.loads(server.command("owner", "invite", "--json"))["link"]
    return server.secret(link)


def join(page: Page, link: str, email: str) -> None:
    """Fill in the form behind a link."""
    page.goto(link)
    page.fill("#name", "Ann Owner")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click("form button[type=submit]")
    page.wait_for_url(lambda url: "/join/" not in url)


def open_desk(server: Server, browser: Browser) -> Desk:
    """Become an owner."""
    server.secret(PASSWORD)
    context = browser.new_context(viewport=DESKTOP, locale="en", timezone_id="Europe/Berlin", reduced_motion="reduce")
    desk = Desk(server, browser, context, f"ann-{uuid.uuid4().hex[:8]}@kiln.example")
    page = desk.new_page()
    join(page, invitation(server), desk.email)
    page.close()
    return desk


def goes_to(path: str) -> Callable[[Desk, Page], None]:
    """A page that an address alone leads to."""

    def reach(desk: Desk, page: Page) -> None:
        page.goto(desk.url(path))

    return reach


def _outside(desk: Desk, page: Page, path: str) -> None:
    """A page that is shown to who is not logged in: the tab forgets its cookies by way of a private window."""
    page.context.clear_cookies()
    page.goto(desk.url(path))


def _second_factor(desk: Desk, page: Page) -> None:
    page.goto(desk.url("account"))
    page.click("text=Set up a second factor")
    page.wait_for_selector(".qr svg")


def _invited(desk: Desk, page: Page) -> None:
    page.goto(desk.url("people"))
    page.click("text=Make an invitation link")
    page.wait_for_selector(".copyable")


def _wrong_password(desk: Desk, page: Page) -> None:
    page.goto(desk.url("account"))
    page.fill("#current", "not this one")
    page.fill("#password", "short")
    page.click("text=Change the password")
    page.wait_for_selector("#error-summary")


def _client(desk: Desk, page: Page) -> None:
    """A client with something of everything: notes beside entries, a secret, and what was just saved."""
    uris, domains = ("https://kiln.example/callback", "https://*-p.kiln.example/callback"), ("kiln.example", "xn--shp-8cd.example")
    client_id = desk.server.client("Kiln shop", redirect_uris=uris, redirect_domains=domains)
    desk.server.command("client", "secret", "add", client_id)
    page.goto(desk.url(f"{SITE}/settings/clients/{client_id}"))


def _client_saved(desk: Desk, page: Page) -> None:
    _client(desk, page)
    page.fill("#name", "Kiln shop, renamed")
    page.click("section:has(#name) button[type=submit]")
    page.wait_for_selector("text=Undo")


def _client_with_an_error(desk: Desk, page: Page) -> None:
    _client(desk, page)
    page.fill("#add-allowedRedirectUris", "kiln.example/callback")
    page.press("#add-allowedRedirectUris", "Enter")
    page.wait_for_selector("#error-summary")


def _new_secret(desk: Desk, page: Page) -> None:
    _client(desk, page)
    page.click("text=Replace by a new secret")
    desk.server.secret(page.locator(".notice .copyable code").inner_text())


def _new_key(desk: Desk, page: Page) -> None:
    page.goto(desk.url(f"{SITE}/settings/keys"))
    page.fill("#name", "Reports")
    page.check("input[name='may.redirect_session.read']")
    page.click("text=Make the key")
    desk.server.secret(page.locator(".notice .copyable code").inner_text())


def _theme(desk: Desk, page: Page) -> None:
    page.goto(desk.url(f"{SITE}/settings/pages"))
    page.fill("#brandColor", "#d9662b")
    page.click("text=Look at it first")
    page.wait_for_selector("text=Nothing is saved yet")


def _member_id(desk: Desk) -> str:
    """Somebody with a long address and a name in another script."""
    email = f"{uuid.uuid4().hex[:8]}-with-a-rather-long-address@subdomain.department.kiln.example"
    body = {
        "loginId": {"email": email},
        "password": desk.server.secret("a blue door in may"),
        "profile": {"firstName": "נועה", "lastName": "לוי"},
    }
    token = httpx.post(f"{desk.server.origin}/oauth2/token", json={"clientId": desk.server.client("Kiln"), "grantType": "anonymous"}).json()
    path, headers = "/_api/iam/authentication/v2/register", {"authorization": token["access_token"]}
    answer = httpx.post(desk.server.origin + path, json=body, headers=headers, timeout=20)
    assert answer.status_code == 200, answer.text
    member_id: str = answer.json()["identity"]["id"]
    return member_id


def _members(desk: Desk, page: Page) -> None:
    _member_id(desk)
    page.goto(desk.url(f"{SITE}/members"))


def _member(desk: Desk, page: Page) -> None:
    page.goto(desk.url(f"{SITE}/members/{_member_id(desk)}"))
    page.click("text=Send the recovery mail")
    page.wait_for_selector("[role=status]")


def _erasing(desk: Desk, page: Page) -> None:
    page.goto(desk.url(f"{SITE}/members/{_member_id(desk)}/erase"))
    page.fill("#word", "no")
    page.click("text=Erase for good")
    page.wait_for_selector("#error-summary")


DESK_PAGES: dict[str, Callable[[Desk, Page], None]] = {
    "sites": goes_to(""),
    "overview": goes_to(SITE),
    "account": goes_to("account"),
    "account with an error": _wrong_password,
    "second factor": _second_factor,
    "owners": goes_to("people"),
    "owners with a new link": _invited,
    "audit log": goes_to(f"{SITE}/audit"),
    "settings": goes_to(f"{SITE}/settings"),
    "new client": goes_to(f"{SITE}/settings/clients/new"),
    "client, just saved": _client_saved,
    "client with an error": _client_with_an_error,
    "client with a new secret": _new_secret,
    "API keys with a new key": _new_key,
    "members": _members,
    "member": _member,
    "erasing a member, with an error": _erasing,
    "new members": goes_to(f"{SITE}/settings/members"),
    "site settings": goes_to(f"{SITE}/settings/site"),
    "theme, not saved yet": _theme,
    "redirect sessions": to_sessions,
    "redirect session": to_session,
    "ending a redirect session": to_expiring,
    "refused addresses": to_refusals,
    "allowing an address": to_approval,
    "search": goes_to(f"{SITE}/find?q=nobody"),
    "nothing": goes_to(f"{SITE}/nothing-here"),
}
