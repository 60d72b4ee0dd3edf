"""Every hosted page that a visitor can reach now, each with the way that leads to it in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlencode

from playwright.sync_api import Page, Route

from tests.browser.shop import AUTHORIZE, NAVIGATION, PREVIEW, Account, Shop

UNKNOWN_ID = "01990000-0000-7000-8000-000000000000"
LONG_EMAIL = "a-rather-long-address-that-somebody-really-uses-every-day@subdomain.department.example.com"

Reach = Callable[[Shop, Page, str], None]


def submit(page: Page) -> None:
    """Press the page's primary button."""
    page.locator("form button[type=submit]").click()


def log_in(page: Page, account: Account) -> None:
    """Fill in the login form that is shown, and send it."""
    page.locator("#email").fill(account.email)
    page.locator("#password").fill(account.password)
    submit(page)


def to_sign_up(page: Page) -> None:
    """From the login form to the other one."""
    page.locator(".alternative a").click()
    page.wait_for_url(re.compile("/sign_up$"))


def sign_up(page: Page, account: Account) -> None:
    """From the login form to a new account."""
    to_sign_up(page)
    page.locator("#nickname").fill("Ann")
    log_in(page, account)


def back_at_site(shop: Shop, page: Page) -> str:
    """Wait until the browser is back at the shop; answers the address."""
    page.wait_for_url(lambda url: url.startswith(shop.site_origin))
    return page.url


def become_logged_in(shop: Shop, page: Page, account: Account | None = None) -> str:
    """A whole login; answers the address at the shop."""
    page.goto(shop.auth()["fullUrl"])
    log_in(page, account or shop.member())
    return back_at_site(shop, page)


def be_logged_in(shop: Shop, page: Page) -> None:
    """A login of this browser, whoever's it is."""
    if not any(cookie["name"].startswith("login-") for cookie in page.context.cookies()):
        become_logged_in(shop, page)


def _login(shop: Shop, page: Page, lang: str) -> None:
    page.goto(shop.login(lang=lang)["fullUrl"])


def _login_with_errors(shop: Shop, page: Page, lang: str) -> None:
    _login(shop, page, lang)
    submit(page)


def _wrong_password(shop: Shop, page: Page, lang: str) -> None:
    _login(shop, page, lang)
    log_in(page, Account(LONG_EMAIL, "not the password"))


def _sign_up(shop: Shop, page: Page, lang: str) -> None:
    _login(shop, page, lang)
    to_sign_up(page)


def _sign_up_with_errors(shop: Shop, page: Page, lang: str) -> None:
    _sign_up(shop, page, lang)
    page.locator("#email").fill("no address")
    page.locator("#password").fill("short")
    submit(page)


def _logout_question(shop: Shop, page: Page, lang: str) -> None:
    be_logged_in(shop, page)
    page.goto(shop.logout(shop.visitor(), lang=lang)["fullUrl"])


def _continue(shop: Shop, page: Page, lang: str) -> None:
    be_logged_in(shop, page)
    page.goto(shop.auth(client_id=shop.preview, uri=PREVIEW, prompt=None, lang=lang)["fullUrl"])


def without_fetch_metadata(page: Page, url: str) -> None:
    """Open an address as a browser does that says nothing about itself. Only the first request is changed."""

    def silent(route: Route) -> None:
        if route.request.method == "GET":
            route.fulfill(response=route.fetch(headers={"accept-language": "en"}, max_redirects=0))
        else:
            route.continue_()

    page.route(url, silent)
    page.goto(url)


def _entry_button(shop: Shop, page: Page, lang: str) -> None:
    without_fetch_metadata(page, shop.login(lang=lang)["fullUrl"])


def _expired(shop: Shop, page: Page, lang: str) -> None:
    session = shop.login(lang=lang)
    page.goto(session["fullUrl"])
    shop.expire(session["id"])
    page.reload()


def _already_used(shop: Shop, page: Page, lang: str) -> None:
    session = shop.login(lang=lang)
    shop.http.get(session["fullUrl"], headers=NAVIGATION)
    page.goto(session["fullUrl"])


def _not_found(shop: Shop, page: Page, lang: str) -> None:
    page.goto(f"{shop.server.origin}/session/{UNKNOWN_ID}/login")


def _refused_target(shop: Shop, page: Page, lang: str) -> None:
    page.goto(shop.direct_logout(postLogoutRedirectUri="https://shop.example.evil.example/a-rather-long-path/that-goes-on-and-on"))


def _invalid_redirect_uri(shop: Shop, page: Page, lang: str) -> None:
    query = shop.authorization(uri=f"{shop.callback}/that/is/not/listed")
    page.goto(f"{shop.server.origin}{AUTHORIZE}?{urlencode(query)}")


def _session_over(shop: Shop, page: Page, lang: str) -> None:
    session = shop.login(lang=lang)
    page.goto(session["fullUrl"])
    log_in(page, shop.member())
    back_at_site(shop, page)
    page.goto(f"{shop.server.origin}/session/{session['id']}/login")


def _done(shop: Shop, page: Page, lang: str) -> None:
    page.goto(shop.session({"login": {}}, client_id=shop.bare, lang=lang)["fullUrl"])
    log_in(page, shop.member())
    page.wait_for_url(re.compile("/return$"))


def _signed_out(shop: Shop, page: Page, lang: str) -> None:
    page.context.clear_cookies()
    page.goto(shop.direct_logout(clientId=shop.bare, lang=lang))


PAGES: dict[str, Reach] = {
    "login": _login,
    "login with errors": _login_with_errors,
    "wrong password": _wrong_password,
    "sign-up": _sign_up,
    "sign-up with errors": _sign_up_with_errors,
    "logout question": _logout_question,
    "continue question": _continue,
    "entry button": _entry_button,
    "expired": _expired,
    "already used": _already_used,
    "not found": _not_found,
    "refused target": _refused_target,
    "invalid redirect URI": _invalid_redirect_uri,
    "session over": _session_over,
    "done": _done,
    "signed out": _signed_out,
}
HEADINGS = {
    "login": "Log in",
    "login with errors": "Log in",
    "wrong password": "Log in",
    "sign-up": "Create an account",
    "sign-up with errors": "Create an account",
    "logout question": "Log out of Kiln & Co?",
    "continue question": "Continue to spring-preview.shop.example?",
    "entry button": "You are on your way",
    "expired": "This page has expired",
    "already used": "This link was already opened",
    "not found": "This link doesn't work",
    "refused target": "We can't send you back",
    "invalid redirect URI": "Invalid redirect URI",
    "session over": "You have finished here already",
    "done": "All done",
    "signed out": "You are logged out",
}
"""What each says first in English, so that no test looks at another page than it thinks."""
