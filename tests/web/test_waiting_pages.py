"""Pages for who was too quick too often: they say how long to wait, in words, and lose nothing that was typed (IDN-02)."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from roundtrip.core.clock import DAY
from roundtrip.redirect_session import actions as sessions
from tests.app_fixture import App, Browser, auth, login
from tests.dashboard.owner_browser import readable


def test_a_login_page_that_has_to_wait_is_still_the_login_page(app: App) -> None:
    browser = Browser(app)
    page = browser.follow(browser.open(app.session(login())["fullUrl"]))[0][-1]
    for _ in range(7):
        token = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert token
        page = browser.submit(str(page.request.url), {"csrf": token[1], "email": "ann@example.com", "password": "wrong password"})
    assert (page.status_code, page.headers["retry-after"]) == (429, "1")
    assert "Please wait 1 second, then try again." in readable(page.text)
    assert 'value="ann@example.com"' in page.text
    assert "wrong password" not in page.text


def test_a_limit_is_a_page_that_says_how_long_it_lasts(limited_app: App) -> None:
    request = auth(limited_app.world.shop)["auth"]["authRequest"]
    url = f"{limited_app.base}/oauth2/authorize?{urlencode(request)}"
    browser = Browser(limited_app)
    pages = [browser.open(url) for _ in range(26)]
    assert [page.status_code for page in pages].count(429) == 1
    page = pages[-1]
    seconds = int(page.headers["retry-after"])
    words = readable(page.text)
    assert "Too many tries" in words
    assert re.search(r"Wait (\d+ seconds|1 minute), then try again\.", words), words
    assert 1 <= seconds <= 60


def test_starting_again_counts_like_a_new_visit(limited_app: App) -> None:
    """SES-12: each time is a row."""
    app, browser = limited_app, Browser(limited_app)
    session = app.session(login())
    page = browser.follow(browser.open(session["fullUrl"]))[0][-1]
    token = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert token
    assert app.post(f"/api/v1/redirect-sessions/{session['id']}/expire", None, app.world.key).status_code == 200
    answers = [browser.submit(f"{app.base}/session/{session['id']}/again", {"csrf": token[1]}) for _ in range(26)]
    assert [answer.status_code for answer in answers] == [303] * 25 + [429]


def test_a_visit_that_waits_for_days_is_found_again_after_days(app: App) -> None:
    """PAY-05: its cookie lives as long as it does."""
    session, browser = app.session(login()), Browser(app)
    page = browser.follow(browser.open(session["fullUrl"]))[0][-1]
    assert not [one for one in page.headers.get_list("set-cookie") if "visit-" in one]
    assert app.application.db.write_now(sessions.wait, session["id"], app.clock.now + 15 * DAY, app.clock.now)
    (kept,) = browser.open(str(page.request.url)).headers.get_list("set-cookie")
    assert f"visit-{session['id']}=" in kept
    assert "Max-Age=1296000" in kept
    app.clock.move(9 * DAY)
    assert browser.open(str(page.request.url)).status_code == 200
