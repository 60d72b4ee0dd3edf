"""Who may open a link, and what looking at one does not do (SES-03, SES-09, SES-11, IDN-08, decision record 0007)."""

from __future__ import annotations

import re

import httpx
import pytest

from roundtrip.core.clock import HOUR, MINUTE
from tests.app_fixture import NAVIGATION, OWN_FORM, POST_FLOW, App, Browser, Json, auth, login
from tests.web.journeys import (
    AUTHORIZE,
    ENTER,
    LOGOUT,
    UNKNOWN_ID,
    authorize_query,
    fill,
    form,
    heading,
    links,
    logged_in,
    login_page,
    opened,
)

LOOKS: dict[str, tuple[str, dict[str, str]]] = {
    "HEAD": ("HEAD", {}),
    "HEAD of a browser": ("HEAD", NAVIGATION),
    "prefetch": ("GET", {**NAVIGATION, "sec-purpose": "prefetch"}),
    "prerender": ("GET", {**NAVIGATION, "sec-purpose": "prefetch;prerender"}),
    "old prefetch": ("GET", {**NAVIGATION, "purpose": "prefetch"}),
    "older prefetch": ("GET", {**NAVIGATION, "x-moz": "prefetch"}),
    "picture": ("GET", {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "image", "sec-fetch-site": "cross-site"}),
    "script": ("GET", {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "script", "sec-fetch-site": "cross-site"}),
    "style": ("GET", {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "style", "sec-fetch-site": "cross-site"}),
    "fetch": ("GET", {"sec-fetch-mode": "cors", "sec-fetch-dest": "empty", "sec-fetch-site": "cross-site"}),
    "same-origin fetch": ("GET", {"sec-fetch-mode": "cors", "sec-fetch-dest": "empty", "sec-fetch-site": "same-origin"}),
    "object": ("GET", {"sec-fetch-mode": "navigate", "sec-fetch-dest": "object", "sec-fetch-site": "cross-site"}),
    "embed": ("GET", {"sec-fetch-mode": "navigate", "sec-fetch-dest": "embed", "sec-fetch-site": "cross-site"}),
    "web socket": ("GET", {"sec-fetch-mode": "websocket", "sec-fetch-dest": "empty"}),
    "link preview": ("GET", {"user-agent": "Slackbot-LinkExpanding 1.0", "accept": "*/*"}),
    "mail scanner": ("GET", {"user-agent": "Mozilla/5.0"}),
    "command line": ("GET", {"user-agent": "curl/8"}),
}
NO_IDS = ["x", "%00", "..%2f..", "\u00fc", "x" * 4000, "'--", UNKNOWN_ID.upper(), "{}", "%0d%0aset-cookie:x=y"]
each_look = pytest.mark.parametrize("look", list(LOOKS))


def _status(app: App, session: Json) -> str:
    return str(app.get(f"/api/v1/redirect-sessions/{session['id']}", app.world.key).json()["status"])


def _looks(app: App, url: str, look: str, browser: Browser | None = None) -> httpx.Response:
    method, headers = LOOKS[look]
    answer = (browser or Browser(app)).send(method, url, headers)
    assert not answer.headers.get_list("set-cookie"), look
    return answer


@each_look
def test_looking_at_a_link_does_not_open_it(app: App, look: str) -> None:
    """SES-03: the entry address, the page's own address, and logging in."""
    session = app.session(login())
    inner = session["urlDetails"]["searchParams"]["redirectUrl"]
    for url in (session["fullUrl"], inner):
        answer = _looks(app, url, look)
        assert answer.status_code == 200
        assert "location" not in answer.headers
        assert _status(app, session) == "created"
    browser = Browser(app)
    assert heading(opened(browser, session["fullUrl"])) == "Log in"
    assert _status(app, session) == "opened"


@each_look
def test_looking_at_a_logout_logs_nobody_out(app: App, look: str) -> None:
    """IDN-08: neither by the address of a session nor by the bare one."""
    browser = logged_in(app)
    tokens = app.member()
    session = app.session({"logout": {"clientId": app.world.shop.id}}, tokens["access_token"])
    for url in (
        session["fullUrl"],
        f"{LOGOUT}?clientId={app.world.shop.id}",
        f"/iam/authentication/v1/logout?clientId={app.world.shop.id}",
    ):
        answer = _looks(app, url, look, browser)
        assert answer.status_code == 200
        assert "location" not in answer.headers
    assert _status(app, session) == "created"
    assert app.get("/members/v1/members/my", tokens["access_token"]).status_code == 200
    silent = app.session(auth(app.world.shop, prompt="none"))
    assert "code=" in browser.open(silent["fullUrl"]).headers["location"]


@each_look
def test_looking_at_an_authorization_with_a_page_makes_nothing(app: App, look: str) -> None:
    before = len(app.get("/api/v1/redirect-sessions", app.world.key).json()["redirectSessions"])
    method, headers = LOOKS[look]
    answer = logged_in(app).send(method, AUTHORIZE, headers, params=authorize_query(app))
    assert answer.status_code == 200
    assert "location" not in answer.headers
    after = app.get("/api/v1/redirect-sessions", app.world.key).json()["redirectSessions"]
    assert len([session for session in after if session["intent"] == "auth"]) == before


@each_look
def test_looking_does_not_open_again_what_a_visitor_left(app: App, look: str) -> None:
    """SES-03, SES-04: the Back button opens it again; a prefetch of it does not."""
    browser, session, _ = login_page(app)
    browser.open(f"/session/{session['id']}/leave")
    method, headers = LOOKS[look]
    browser.send(method, session["fullUrl"], headers)
    if look not in ("link preview", "mail scanner", "command line"):  # with its cookie, a browser that says nothing is the visitor's
        assert _status(app, session) == "returned"
    assert heading(opened(browser, session["fullUrl"])) == "Log in"


def test_a_browser_that_says_nothing_gets_a_button_that_works(app: App) -> None:
    """Decision record 0007, RED-13."""
    for body, goes_to in (
        (login(), "Log in"),
        (auth(app.world.shop), "Log in"),
        ({"logout": {"clientId": app.world.shop.id}, "callbacks": {"postFlowUrl": POST_FLOW}}, None),
    ):
        browser = Browser(app, modern=False)
        session = app.session(body)
        page = browser.open(session["fullUrl"])
        assert heading(page) == "You are on your way"
        assert _status(app, session) == "created"
        answer = fill(browser, page)
        assert answer.status_code == 303
        seen, outside = browser.follow(answer)
        if goes_to:
            assert heading(seen[-1]) == goes_to
        else:
            assert outside is not None
            assert outside.startswith("https://shop.example/after?keep=1&")


def test_a_button_that_came_too_late_says_so(app: App) -> None:
    old = Browser(app, modern=False)
    session = app.session(login())
    page = old.open(session["fullUrl"])
    Browser(app).open(session["fullUrl"])
    answer = fill(old, page)
    assert (answer.status_code, heading(answer)) == (410, "This link was already opened")


def test_an_old_browser_gets_through_a_whole_login_by_a_standard_client(app: App) -> None:
    old = Browser(app, modern=False)
    page = old.send("GET", AUTHORIZE, {}, params=authorize_query(app))
    assert heading(page) == "You are on your way"
    login_form = old.follow(fill(old, page))[0][-1]
    _, outside = old.follow(fill(old, login_form, email=app.register()["email"], password="seven brown owls at noon"))
    assert outside is not None
    assert outside.startswith("https://shop.example/cb?code=")


def test_silent_requests_are_answered_whoever_asks(app: App) -> None:
    """AUT-08: an answer without a page waits for no button."""
    session = app.session(auth(app.world.shop, prompt="none"))
    assert "error=login_required" in Browser(app, modern=False).open(session["fullUrl"]).headers["location"]


def test_a_second_browser_sees_a_safe_page_with_a_way_back(app: App) -> None:
    """SES-03, SES-11."""
    first, session, _ = login_page(app)
    second = Browser(app)
    answer = second.open(session["fullUrl"])
    assert (answer.status_code, heading(answer)) == (410, "This link was already opened")
    assert "set-cookie" not in answer.headers
    assert not [link for link in links(answer) if link.endswith("/again")]
    (back,) = [link for link in links(answer) if "/leave" in link]
    assert second.open(back).headers["location"] == "https://shop.example/after?keep=1&wixMemberLoggedIn=false#part"
    assert _status(app, session) == "opened", "a second browser ends nothing"
    assert heading(first.open(f"/session/{session['id']}/login")) == "Log in"
    assert heading(opened(first, session["fullUrl"])) == "Log in"


def _same(answer: httpx.Response) -> tuple[int, str, list[str]]:
    """A page without what differs by nature: its nonce, reference and address."""
    text = re.sub(r"\d{10}\.\d{18}", "REFERENCE", answer.text)
    text = re.sub(r'nonce="[^"]+"', "", text)
    text = re.sub(r'href="/[^"]*lang=', 'href="lang=', text)
    return answer.status_code, text, sorted(set(answer.headers) - {"content-length"})


def test_strangers_learn_nothing_about_a_session(app: App) -> None:
    """SES-11: unknown, waiting, opened, expired, used and finished look the same without the link's secret."""
    created = app.session(login())
    browser, used, _ = login_page(app)
    done_browser, done, _ = login_page(app)
    done_browser.open(f"/session/{done['id']}/leave")
    of_live = app.session({"login": {}}, app.visitor(app.world.live))
    late = app.session(login())
    known = [created, used, done, of_live, late]
    wrong = "JWS." + "x" * 43
    stranger = Browser(app)
    for minutes in (0, 31, 25 * 60):
        app.clock.move(minutes * MINUTE)
        answers = []
        for session_id in (UNKNOWN_ID, *(session["id"] for session in known)):
            answers.append(
                [
                    _same(stranger.open(url))
                    for url in (
                        f"{ENTER}{session_id}",
                        f"{ENTER}{session_id}?sessionToken={wrong}",
                        f"/__members/login?redirectSessionId={session_id}&sessionToken={wrong}",
                        f"{AUTHORIZE}?redirectSessionId={session_id}&entryToken={wrong}",
                        f"{LOGOUT}?redirectSessionId={session_id}&entryToken={wrong}",
                        f"/session/{session_id}/login",
                        f"/session/{session_id}/nothing",
                        f"/session/{session_id}/return",
                        f"/session/{session_id}/leave",
                        f"/session/{session_id}/leave?entryToken={wrong}",
                        f"/session/{session_id}/again",
                    )
                ]
            )
        for seen in answers[1:]:
            for mine, unknown in zip(seen, answers[0], strict=True):
                assert mine == unknown
                assert mine[0] == 404
        assert "Kiln" not in str(answers)
    assert browser.client.cookies


@pytest.mark.parametrize(
    "session_id", ["x", "%00", "..%2f..", "\u00fc", "x" * 4000, "'--", UNKNOWN_ID.upper(), "{}", "%0d%0aset-cookie:x=y"]
)
def test_what_is_no_id_is_not_found(shared_app: App, session_id: str) -> None:
    for path in (f"{ENTER}{session_id}", f"/session/{session_id}/login", f"/__members/login?redirectSessionId={session_id}"):
        answer = Browser(shared_app).open(path)
        assert answer.status_code == (400 if path.endswith("=%00") else 404), "a value that no text has is refused by name"
        assert "x=y" not in str(answer.headers)


def test_the_secret_is_gone_from_the_address_after_entering(app: App) -> None:
    """SES-09: moved into a cookie by a 303; not in the page, not in what follows, not in a Referer."""
    for body in (login(), auth(app.world.shop)):
        session = app.session(body)
        secret = session["sessionToken"] or session["urlDetails"]["searchParams"]["entryToken"]
        browser = Browser(app)
        answer = browser.open(session["fullUrl"])
        assert answer.status_code == 303
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["location"] == f"/session/{session['id']}/login"
        (cookie,) = answer.headers.get_list("set-cookie")
        assert secret not in cookie
        page = browser.follow(answer)[0][-1]
        assert secret not in page.text
        assert page.headers["referrer-policy"] == "no-referrer"
        left = browser.open(f"/session/{session['id']}/leave")
        assert secret not in left.headers["location"]


def test_a_session_token_for_a_page_is_gone_after_entering_too(app: App) -> None:
    """SES-09: the token that a site got from the login API."""
    token = app.register()["sessionToken"]
    session = app.session(auth(app.world.shop, sessionToken=token, prompt="none"))
    back = Browser(app).open(session["fullUrl"]).headers["location"]
    assert token not in back


def test_a_link_that_is_too_old_is_no_use_in_any_way(app: App) -> None:
    """SES-05: on time to the millisecond, whether or not a worker has run."""
    in_time, too_late = app.session(login()), app.session(login())
    app.clock.move(30 * MINUTE - 1)
    assert heading(opened(Browser(app), in_time["fullUrl"])) == "Log in"
    app.clock.move(1)
    browser = Browser(app)
    answer = browser.open(too_late["fullUrl"])
    assert (answer.status_code, heading(answer)) == (410, "This page has expired")
    assert browser.send("POST", too_late["fullUrl"], OWN_FORM).status_code == 410
    (back,) = [link for link in links(answer) if "/leave" in link]
    assert browser.open(back).headers["location"].startswith("https://shop.example/after?")


def test_a_visit_that_takes_too_long_is_over_and_may_start_again(app: App) -> None:
    """SES-05, SES-11: only the browser that had it gets a new one, for the same target."""
    browser, session, page = login_page(app)
    app.clock.move(24 * HOUR)
    for answer in (browser.open(f"/session/{session['id']}/login"), fill(browser, page, email="ann@example.com", password="x")):
        assert (answer.status_code, heading(answer)) == (410, "This page has expired")
    again, hidden = form(answer)
    assert again == f"/session/{session['id']}/again"
    assert Browser(app).submit(again, hidden).status_code == 404
    assert browser.open(again).status_code in (404, 405, 410), "only the form makes a new visit (PAG-03)"
    assert browser.submit(again, {}).status_code == 403
    fresh = browser.follow(fill(browser, answer))[0][-1]
    assert heading(fresh) == "Log in"
    assert str(session["id"]) not in str(fresh.request.url)
    new_id = str(fresh.request.url).split("/")[-2]
    assert browser.open(f"/session/{new_id}/leave").headers["location"].startswith("https://shop.example/after?keep=1")


def test_every_entry_uses_the_form_of_its_own_address(app: App) -> None:
    """The button posts to where it was shown, nowhere else."""
    session = app.session(login())
    action, hidden = form(Browser(app, modern=False).open(session["fullUrl"]))
    assert session["fullUrl"] == app.base + action
    assert hidden == {"csrf": ""}
