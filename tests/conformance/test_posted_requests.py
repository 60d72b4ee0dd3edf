"""Requests that a client's page sends as a form (OpenID Connect Core 3.1.2.1, RP-Initiated Logout 2).

Our cookies do not come with a form of another site (`SameSite=Lax`), so nothing is decided on it: a page of ours sends the same once more.
"""

from __future__ import annotations

import httpx
import pytest

from tests.app_fixture import App, Browser, query
from tests.conformance.conftest import AFTER_LOGOUT, CALLBACK, Party
from tests.web.journeys import FOREIGN_FORM, fill, form, heading, tree
from tests.web.test_page_headers import policy

ORIGIN = "https://rp.example"


def _sent(party: Party, browser: Browser, **params: str | None) -> httpx.Response:
    """The client's own form, as a browser sends it: without our cookies."""
    path, _, _ = party.address().partition("?")
    kept = browser.client.cookies
    browser.client.cookies = httpx.Cookies()
    answer = browser.send("POST", path, FOREIGN_FORM, data=query(party.address(**params)))
    assert not browser.client.cookies
    browser.client.cookies = kept
    return answer


def _sessions(app: App) -> int:
    return len(app.get("/api/v1/redirect-sessions", app.world.key).json()["redirectSessions"])


def test_a_posted_request_of_a_new_visitor_comes_to_the_login_page_and_back(party: Party, browser: Browser, email: str) -> None:
    page = _sent(party, browser, state="s & <1>")
    assert (page.status_code, heading(page)) == (200, "You are on your way")
    assert "location" not in page.headers
    assert _sessions(party.app) == 0, "nothing is decided before the request comes from our own host"
    login = browser.follow(fill(browser, page))[0][-1]
    assert heading(login) == "Log in"
    _, outside = browser.follow(fill(browser, login, email=email, password="seven brown owls at noon"))
    back = query(outside or "")
    assert back["state"] == "s & <1>"
    assert party.redeem(back["code"]).status_code == 200


def test_a_posted_request_finds_the_login_of_this_browser(party: Party, browser: Browser, email: str) -> None:
    """AUT-10: `prompt=none` too, once the cookies have come."""
    party.tokens(browser, email)
    answer = fill(browser, _sent(party, browser, prompt="none"))
    _, outside = browser.follow(answer)
    assert answer.status_code == 303
    assert (outside or "").startswith(f"{CALLBACK}?")
    assert party.redeem(query(outside or "")["code"]).status_code == 200


def test_the_page_in_between_goes_on_by_itself_and_may_lead_to_listed_addresses_only(party: Party, browser: Browser) -> None:
    """PAG-01: Chromium holds redirects after a form against `form-action`, so the client's address is in it if it is listed."""
    page = _sent(party, browser)
    (found,) = tree(page).all("form")
    assert "data-at-once" in found.attributes
    assert tree(page).all("button")
    assert form(page)[0] == "/oauth2/authorize"
    assert policy(page)["form-action"] == ["'self'", ORIGIN]
    assert page.headers["x-frame-options"] == "DENY"
    unlisted = _sent(party, browser, redirect_uri="https://evil.tld/callback")
    assert policy(unlisted)["form-action"] == ["'self'"]
    refused = fill(browser, unlisted)
    assert (refused.status_code, refused.headers.get("location")) == (400, None)
    assert _sessions(party.app) == 0


def test_a_browser_that_does_not_say_who_it_is_gets_the_same_with_a_button(party: Party, app: App) -> None:
    """Decision record 0007: a program that only looks presses nothing, whatever scripts it runs."""
    old = Browser(app, modern=False)
    page = old.open(party.address())
    (found,) = tree(page).all("form")
    assert "data-at-once" not in found.attributes
    assert policy(page)["form-action"] == ["'self'", ORIGIN]
    assert heading(old.follow(fill(old, page))[0][-1]) == "Log in"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"client_id": "x"}, 400),
        ({"client_id": "01990000-0000-7000-8000-000000000000"}, 200),
        ({"state": "a\0b"}, 400),
        ({"state": "x" * 70_000}, 400),
    ],
)
def test_a_posted_request_that_cannot_be_one_is_a_page_that_says_so(
    party: Party, browser: Browser, change: dict[str, str], status: int
) -> None:
    page = _sent(party, browser, **change)
    assert page.status_code == status
    if status == 200:
        page = fill(browser, page)
        assert page.status_code == 404
    assert "location" not in page.headers
    assert _sessions(party.app) == 0


def test_what_is_posted_counts_before_what_the_address_says(party: Party, browser: Browser) -> None:
    """A client's form that goes to an address with parameters of its own: each has one value, and the page shows which."""
    answer = browser.send("POST", party.address(state="of the address"), FOREIGN_FORM, data={"state": "of the form"})
    assert form(answer)[1]["state"] == "of the form"


def test_a_posted_logout_ends_the_login_of_this_browser(party: Party, browser: Browser, email: str) -> None:
    """RP-Initiated Logout 2: by POST as by GET; the hint is about this browser's login, so nobody is asked (IDN-08)."""
    tokens = party.tokens(browser, email)
    fields = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": AFTER_LOGOUT, "state": "bye"}
    page = browser.send("POST", party.server["end_session_endpoint"], FOREIGN_FORM, data=fields)
    assert party.userinfo(tokens).status_code == 200
    assert policy(page)["form-action"] == ["'self'", ORIGIN]
    _, outside = browser.follow(fill(browser, page))
    assert outside == f"{AFTER_LOGOUT}?state=bye"
    assert party.userinfo(tokens).status_code == 401
