"""The SDK's pre-warming: a login without callbacks in a hidden frame is an empty page that sets nothing (PAG-01)."""

from __future__ import annotations

import httpx
import pytest

from tests.app_fixture import App, Browser, Json, auth, login
from tests.web.journeys import IN_FRAME, heading, opened, tree
from tests.web.test_page_headers import policy


def _framed(app: App, referrer: str | None = "https://shop.example/", body: Json | None = None) -> tuple[Browser, Json, httpx.Response]:
    session = app.session(body or {"login": {}})
    browser = Browser(app)
    headers = {**IN_FRAME, **({"referer": referrer} if referrer else {})}
    return browser, session, browser.send("GET", session["fullUrl"], headers)


@pytest.mark.parametrize(
    ("referrer", "framed_by"),
    [
        ("https://shop.example/", "https://shop.example"),
        ("https://shop.example/deep/page?x=1", "https://shop.example"),
        ("http://localhost:4321/", "http://localhost:4321"),
        ("https://evil.tld/", "'none'"),
        ("https://shop.example.evil.tld/", "'none'"),
        ("https://other.example/", "'none'"),
        ("http://shop.example/", "'none'"),
        ("https://shop.example@evil.tld/", "'none'"),
        ("https://shop.example; script-src *", "'none'"),
        ("x", "'none'"),
        ("", "'none'"),
        (None, "'none'"),
    ],
)
def test_it_is_empty_and_framed_by_the_listed_page_only(app: App, referrer: str | None, framed_by: str) -> None:
    browser, session, answer = _framed(app, referrer)
    assert answer.status_code == 200
    page = tree(answer)
    assert not page.all("script", "link", "img", "form", "iframe", "style", "a")
    assert page.all("body")[0].words.strip() == ""
    assert policy(answer)["frame-ancestors"] == [framed_by]
    assert "set-cookie" not in answer.headers
    assert "x-frame-options" not in answer.headers or framed_by == "'none'"
    assert not browser.client.cookies
    shown = app.get(f"/api/v1/redirect-sessions/{session['id']}", app.world.key).json()
    assert shown["status"] == "created"


def test_the_same_address_opens_for_a_person(app: App) -> None:
    browser, session, _ = _framed(app)
    assert heading(opened(browser, session["fullUrl"])) == "Log in"


def test_it_takes_no_login_of_the_browser_into_the_frame(app: App) -> None:
    _, session, first = _framed(app)
    again = Browser(app).send("GET", session["fullUrl"], {**IN_FRAME, "referer": "https://shop.example/"})
    assert again.status_code == first.status_code == 200


@pytest.mark.parametrize("kind", ["login with a callback", "auth"])
def test_no_page_with_a_form_may_be_framed(app: App, kind: str) -> None:
    """Clickjacking: whatever a frame opens, the page in it refuses to be shown there."""
    body = login() if kind == "login with a callback" else auth(app.world.shop)
    browser, session, answer = _framed(app, body=body)
    page = browser.follow(answer)[0][-1]
    assert policy(page)["frame-ancestors"] == ["'none'"]
    assert page.headers["x-frame-options"] == "DENY"
    assert session["id"]
