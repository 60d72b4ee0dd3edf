"""Editing any parameter of an address changes nothing about where a visit ends (SES-08, AUT-17, decision 10)."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest

from tests.app_fixture import PASSWORD, POST_FLOW, App, Browser, Json, auth, login, query
from tests.web.journeys import AUTHORIZE, LOGOUT, fill, heading, logged_in, opened

EVIL = "https://evil.tld/"
KEYS = {"redirectSessionId", "entryToken", "sessionToken"}
EXPECTED = "https://shop.example/after?keep=1&wixMemberLoggedIn=true#part"


def edited(url: str, **changes: str | None) -> str:
    """The address with parameters replaced, added, or (None) taken out."""
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in changes]
    added = [(name, value) for name, value in changes.items() if value is not None]
    return urlunsplit(parts._replace(query=urlencode([*kept, *added])))


def _bodies(app: App) -> dict[str, Json]:
    shop = app.world.shop
    return {
        "login": login(state="s"),
        "auth": auth(shop, nonce="n"),
        "logout": {"logout": {"clientId": shop.id}, "callbacks": {"postFlowUrl": POST_FLOW}},
    }


@pytest.mark.parametrize("where", ["fullUrl", "redirectUrl"])
def test_a_login_ends_where_it_was_asked_to(app: App, where: str) -> None:
    email = app.register()["email"]
    sample = app.session(login())
    names = set(query(sample["fullUrl"] if where == "fullUrl" else sample["urlDetails"]["searchParams"]["redirectUrl"]))
    for name in (names - KEYS) | {"postFlowUrl", "thankYouPageUrl", "state", "next", "prompt", "clientId", "wixMemberLoggedIn"}:
        for value in (EVIL, "", None):
            session = app.session(login())
            url = session["fullUrl"] if where == "fullUrl" else session["urlDetails"]["searchParams"]["redirectUrl"]
            browser = Browser(app)
            page = opened(browser, edited(url, **{name: value}))
            assert heading(page) == "Log in", (name, value)
            _, outside = browser.follow(fill(browser, page, email=email, password=PASSWORD, postFlowUrl=EVIL, redirectUrl=EVIL))
            assert outside == EXPECTED, (name, value)


def test_the_path_of_the_inner_address_says_nothing_either(app: App) -> None:
    """SES-08: which page it is follows from the session; a made-up page's address is only another door to it."""
    for path in ("/__ecom/checkout", "/__members/login", "/__x", "/__"):
        session = app.session(login())
        inner = session["urlDetails"]["searchParams"]["redirectUrl"]
        assert heading(opened(Browser(app), urlunsplit(urlsplit(inner)._replace(path=path)))) == "Log in"


@pytest.mark.parametrize("prompt", ["login", "none", None])
def test_an_authorization_ends_where_it_was_asked_to(app: App, prompt: str | None) -> None:
    """AUT-17: what was fixed at creation counts, whatever the address says."""
    browser = logged_in(app)
    for name, value in (
        ("redirectUri", EVIL),
        ("redirectUri", None),
        ("clientId", app.world.other.id),
        ("clientId", None),
        ("responseMode", "fragment"),
        ("responseMode", "web_message"),
        ("responseType", "token"),
        ("state", "another"),
        ("scope", "openid"),
        ("codeChallenge", "x" * 43),
        ("codeChallengeMethod", "plain"),
        ("nonce", "another"),
        ("prompt", "none"),
        ("prompt", "login"),
        ("sessionToken", app.register()["sessionToken"]),
    ):
        session = app.session(auth(app.world.shop, prompt=prompt, nonce="n"))
        answer = browser.open(edited(session["fullUrl"], **{name: value}))
        if prompt == "login":
            assert answer.headers["location"] == f"/session/{session['id']}/login", (name, value)
            continue
        back = answer.headers["location"]
        assert back.startswith("https://shop.example/cb?"), (name, value)
        assert "code=" in back
        assert query(back)["state"] == "a-state"


def test_a_logout_ends_where_it_was_asked_to(app: App) -> None:
    for name, value in (
        ("postLogoutRedirectUri", EVIL),
        ("postLogoutRedirectUri", None),
        ("post_logout_redirect_uri", EVIL),
        ("clientId", app.world.other.id),
        ("clientId", None),
    ):
        session = app.session(_bodies(app)["logout"])
        back = Browser(app).open(edited(session["fullUrl"], **{name: value})).headers["location"]
        assert back == "https://shop.example/after?keep=1&wixMemberLoggedIn=false#part", (name, value)


@pytest.mark.parametrize("intent", ["login", "auth", "logout"])
def test_without_its_secret_an_address_opens_nothing(app: App, intent: str) -> None:
    other = app.session(_bodies(app)[intent])
    for change in (None, "", "x", query(other["fullUrl"]).get("entryToken", other["sessionToken"])):
        session = app.session(_bodies(app)[intent])
        name = "sessionToken" if intent == "login" else "entryToken"
        answer = Browser(app).open(edited(session["fullUrl"], **{name: change}))
        assert answer.status_code == 404
        assert "set-cookie" not in answer.headers
        assert app.get(f"/api/v1/redirect-sessions/{session['id']}", app.world.key).json()["status"] == "created"


def test_without_its_session_an_address_is_judged_as_if_typed(app: App) -> None:
    """A standard client's request: nothing of the session that it was cut from counts."""
    session = app.session(auth(app.world.shop))
    bare = edited(session["fullUrl"], redirectSessionId=None, entryToken=None)
    assert Browser(app).open(edited(bare, redirectUri=EVIL)).status_code == 400
    assert heading(opened(Browser(app), bare)) == "Log in"
    out = app.session(_bodies(app)["logout"])
    bare = edited(out["fullUrl"], redirectSessionId=None, entryToken=None)
    assert Browser(app).open(edited(bare, postLogoutRedirectUri=EVIL)).status_code == 400


def test_a_session_opens_at_any_of_its_doors_but_only_as_itself(app: App) -> None:
    """An `auth` session stays one at the logout address, and the other way round."""
    session = app.session(auth(app.world.shop))
    at_logout = session["fullUrl"].replace(AUTHORIZE, LOGOUT)
    assert Browser(app).open(at_logout).headers["location"] == f"/session/{session['id']}/login"
    out = app.session(_bodies(app)["logout"])
    browser = logged_in(app)
    answer = browser.open(out["fullUrl"].replace(LOGOUT, AUTHORIZE))
    assert "code=" not in answer.headers["location"]


def test_no_form_field_decides_more_than_its_label_says(app: App) -> None:
    """SES-08: hidden or made-up fields change nothing."""
    browser = Browser(app)
    member = app.register()
    page = opened(browser, app.session(login())["fullUrl"])
    answer = fill(
        browser, page, email=member["email"], password=PASSWORD, member_id="x", login_id="x", confirmed="true", site_id="x", step="return"
    )
    _, outside = browser.follow(answer)
    assert outside == EXPECTED
