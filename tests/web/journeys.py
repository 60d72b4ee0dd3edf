"""Short ways through the pages, for the tests of this folder: fill in a form, log in, log out, collect every page there is."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import httpx

from roundtrip.core.clock import MINUTE
from tests.app_fixture import NAVIGATION, PASSWORD, App, Browser, Json, auth, login
from tests.web.page_reader import Element, read_page

AUTHORIZE = "/_api/oauth2/authorize"
LOGOUT = "/_api/iam/authentication/v1/logout"
ENTER = "/_api/redirects-api/v1/enter/"
IN_FRAME = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe", "sec-fetch-site": "cross-site"}
FOREIGN_FORM = {
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
    "sec-fetch-site": "cross-site",
    "origin": "https://shop.example",
}
UNKNOWN_ID = "01990000-0000-7000-8000-000000000000"


def tree(answer: httpx.Response) -> Element:
    """The page, read."""
    return read_page(answer.text)


def heading(answer: httpx.Response) -> str:
    """What the page says first."""
    return tree(answer).all("h1")[0].words.strip()


def form(answer: httpx.Response) -> tuple[str, dict[str, str]]:
    """Where the page's form goes, and its hidden fields."""
    (found,) = tree(answer).all("form")
    hidden = [field for field in found.all("input") if field.get("type") == "hidden"]
    return found.get("action") or "", {field.get("name") or "": field.get("value") or "" for field in hidden}


def links(answer: httpx.Response) -> list[str]:
    """Every address that the page leads to."""
    return [element.get("href") or "" for element in tree(answer).all("a")]


def opened(browser: Browser, url: str) -> httpx.Response:
    """Open an address and go on to the page that it leads to."""
    return browser.follow(browser.open(url))[0][-1]


def fill(browser: Browser, page: httpx.Response, **fields: str) -> httpx.Response:
    """Send the page's form."""
    action, hidden = form(page)
    return browser.submit(action, {**hidden, **fields})


def login_page(app: App, browser: Browser | None = None, body: Json | None = None) -> tuple[Browser, Json, httpx.Response]:
    """A visit that shows the login page: its browser, session and page."""
    browser = browser or Browser(app)
    session = app.session(body or login())
    page = opened(browser, session["fullUrl"])
    assert heading(page) == "Log in", page.text
    return browser, session, page


def logged_in(app: App, browser: Browser | None = None) -> Browser:
    """A browser that is logged in at the test site."""
    browser, _, page = login_page(app, browser)
    _, outside = browser.follow(fill(browser, page, email=app.register()["email"], password=PASSWORD))
    assert outside is not None
    assert "wixMemberLoggedIn=true" in outside
    return browser


def authorize_query(app: App, **changes: str | None) -> dict[str, str]:
    """What a standard client puts into the address of an authorization request."""
    message: dict[str, str] = auth(app.world.shop, **changes)["auth"]["authRequest"]
    return message


def _late(app: App) -> httpx.Response:
    session = app.session(login())
    app.clock.move(31 * MINUTE)
    return Browser(app).open(session["fullUrl"])


def _used(app: App) -> httpx.Response:
    _, session, _ = login_page(app)
    return Browser(app).open(session["fullUrl"])


def _unlisted(app: App) -> httpx.Response:
    browser, session, _ = login_page(app)
    app.change(app.world.shop, redirect_domains=())
    answer = browser.open(f"/session/{session['id']}/leave")
    app.change(app.world.shop, redirect_domains=("shop.example",))
    return answer


def _sign_up(app: App) -> httpx.Response:
    browser, session, _ = login_page(app)
    return browser.open(f"/session/{session['id']}/sign_up")


def _logout_question(app: App) -> httpx.Response:
    browser = logged_in(app)
    return opened(browser, f"{LOGOUT}?clientId={app.world.shop.id}&postLogoutRedirectUri=https://shop.example/")


def _signed_out(app: App) -> httpx.Response:
    return opened(Browser(app), f"{LOGOUT}?clientId={app.world.shop.id}")


def _wrong_fields(app: App) -> httpx.Response:
    browser, _, page = login_page(app)
    return fill(browser, page, email="ann@example.com", password="wrong password")


def _web_message(app: App) -> httpx.Response:
    session = app.session(auth(app.world.shop, prompt="none", responseMode="web_message"))
    return Browser(app).send("GET", session["fullUrl"], {**IN_FRAME, "referer": "https://shop.example/x"})


def _prewarm(app: App) -> httpx.Response:
    session = app.session({"login": {}})
    return Browser(app).send("GET", session["fullUrl"], {**IN_FRAME, "referer": "https://shop.example/"})


def _button(app: App) -> httpx.Response:
    return Browser(app, modern=False).open(app.session(login())["fullUrl"])


PAGES: dict[str, Callable[[App], httpx.Response]] = {
    "login": lambda app: login_page(app)[2],
    "login refused": _wrong_fields,
    "sign up": _sign_up,
    "logout question": _logout_question,
    "button": _button,
    "button at authorize": lambda app: Browser(app, modern=False).send("GET", AUTHORIZE, {}, params=authorize_query(app)),
    "carried on": lambda app: Browser(app).send("POST", "/oauth2/authorize", FOREIGN_FORM, data=authorize_query(app)),
    "expired": _late,
    "already used": _used,
    "not found": lambda app: Browser(app).open(f"/session/{UNKNOWN_ID}/login"),
    "nothing here": lambda app: Browser(app).open("/"),
    "unlisted way back": _unlisted,
    "unlisted redirect URI": lambda app: Browser(app).send(
        "GET", AUTHORIZE, NAVIGATION, params=authorize_query(app, redirectUri="https://evil.tld/")
    ),
    "unknown client": lambda app: Browser(app).open(f"{LOGOUT}?clientId={UNKNOWN_ID}"),
    "no client": lambda app: Browser(app).open(AUTHORIZE),
    "web message": _web_message,
    "pre-warm": _prewarm,
}
"""Every kind of page, each made anew by its function."""
FRAMED = ("web message", "pre-warm")


def is_within(target: str, app: App) -> bool:
    """True for an address on our own host, or at an origin that the shop lists."""
    parts = urlsplit(target)
    if not parts.scheme and not parts.netloc:
        return target.startswith("/") and not target.startswith(("//", "/\\"))
    return f"{parts.scheme}://{parts.netloc}" in (app.base, "https://shop.example")
