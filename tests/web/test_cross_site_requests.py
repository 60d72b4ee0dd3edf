"""Other sites cannot make our pages do anything: where a POST comes from, and the token it carries (PAG-03)."""

from __future__ import annotations

import httpx
import pytest

from tests.app_fixture import PASSWORD, App, Browser, Json, auth, login
from tests.web.journeys import LOGOUT, fill, form, heading, logged_in, login_page

PERSON = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


def _status(app: App, session: Json) -> str:
    return str(app.get(f"/api/v1/redirect-sessions/{session['id']}", app.world.key).json()["status"])


def _refused(answer: httpx.Response) -> None:
    assert answer.status_code == 403, answer.text
    assert "location" not in answer.headers
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {**PERSON, "sec-fetch-site": "cross-site"},
        {**PERSON, "sec-fetch-site": "same-site"},
        {**PERSON, "sec-fetch-site": "none"},
        {**PERSON, "sec-fetch-site": "x"},
        {**PERSON, "sec-fetch-site": ""},
        {**PERSON, "sec-fetch-site": "cross-site", "origin": "https://pages.example"},
        {"origin": "https://evil.tld"},
        {"origin": "https://shop.example"},
        {"origin": "http://pages.example"},
        {"origin": "https://pages.example.evil.tld"},
        {"origin": "https://pages.example:8443"},
        {"origin": ""},
    ],
    ids=str,
)
def test_a_form_of_another_site_is_refused(app: App, headers: dict[str, str]) -> None:
    """Even with the right token: the site that sends it is asked first."""
    browser, session, page = login_page(app)
    action, hidden = form(page)
    email = app.register()["email"]
    _refused(browser.send("POST", action, headers, data={**hidden, "email": email, "password": PASSWORD}))
    assert _status(app, session) == "opened"
    fresh = app.session(login())
    for address in (fresh["fullUrl"], f"{LOGOUT}?clientId={app.world.shop.id}"):
        _refused(browser.send("POST", address, headers))
    assert _status(app, fresh) == "created"


@pytest.mark.parametrize(
    "headers",
    [
        {**PERSON, "sec-fetch-site": "same-origin", "origin": "null"},
        {**PERSON, "sec-fetch-site": "same-origin", "origin": "https://pages.example"},
        {**PERSON, "sec-fetch-site": "same-origin"},
        {"origin": "null"},
        {"origin": "https://pages.example"},
        {},
    ],
    ids=str,
)
def test_our_own_form_is_accepted(app: App, headers: dict[str, str]) -> None:
    """Our pages send no referrer, so browsers write `Origin: null`; the token tells it from a sandboxed frame of somebody else."""
    browser, _, page = login_page(app)
    action, hidden = form(page)
    answer = browser.send("POST", action, headers, data={**hidden, "email": app.register()["email"], "password": PASSWORD})
    assert answer.status_code == 303


def test_a_missing_or_foreign_token_is_refused(app: App) -> None:
    browser, session, page = login_page(app)
    _, _, other_page = login_page(app)
    action, hidden = form(page)
    fields = {"email": app.register()["email"], "password": PASSWORD}
    for token in (None, "", "x", hidden["csrf"][:-1], hidden["csrf"] + "0", hidden["csrf"].upper(), form(other_page)[1]["csrf"], "\u00fc"):
        given = fields if token is None else {**fields, "csrf": token}
        answer = browser.submit(action, given)
        _refused(answer)
        assert heading(answer) == "Continue in your other browser"
    assert _status(app, session) == "opened"


def test_a_token_of_one_visit_is_no_good_for_another_in_the_same_browser(app: App) -> None:
    browser, _, first = login_page(app)
    _, _, second = login_page(app, browser)
    answer = browser.submit(form(second)[0], {**form(first)[1], "email": "a@example.com", "password": "x"})
    _refused(answer)


def test_the_token_tells_nothing_about_the_cookie(app: App) -> None:
    browser, session, page = login_page(app)
    secret = browser.client.cookies[f"__Host-visit-{session['id']}"]
    assert secret not in page.text
    assert form(page)[1]["csrf"] != secret


def test_a_form_without_the_visits_cookie_changes_nothing(app: App) -> None:
    """A second browser, or one whose cookies were cleared, sees the page that strangers see."""
    _, session, page = login_page(app)
    answer = Browser(app).submit(form(page)[0], {**form(page)[1], "email": app.register()["email"], "password": PASSWORD})
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers
    assert _status(app, session) == "opened"


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "application/json"])
def test_a_form_in_another_dress_is_held_to_the_same(app: App, kind: str) -> None:
    browser, _, page = login_page(app)
    headers = {**PERSON, "sec-fetch-site": "same-origin", "content-type": kind}
    _refused(browser.send("POST", form(page)[0], headers, content=b'{"csrf": "x"}'))


def test_logging_out_needs_the_token_too(app: App) -> None:
    """IDN-08."""
    browser = logged_in(app)
    page = browser.follow(browser.open(f"{LOGOUT}?clientId={app.world.shop.id}"))[0][-1]
    action, hidden = form(page)
    _refused(browser.submit(action, {}))
    again = app.session(auth(app.world.shop, prompt="none"))
    assert "code=" in browser.open(again["fullUrl"]).headers["location"]
    assert fill(browser, page, **hidden).status_code == 303
    gone = app.session(auth(app.world.shop, prompt="none"))
    assert "login_required" in browser.open(gone["fullUrl"]).headers["location"]


def test_steps_answer_no_other_methods(app: App) -> None:
    browser, session, _ = login_page(app)
    for method in ("HEAD", "PUT", "PATCH", "DELETE", "TRACE"):
        for segment in ("login", "return", "leave", "again"):
            answer = browser.send(method, f"/session/{session['id']}/{segment}", {})
            assert answer.status_code == 405
            assert "set-cookie" not in answer.headers
    assert _status(app, session) == "opened"
