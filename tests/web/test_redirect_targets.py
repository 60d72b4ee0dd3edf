"""The attack corpus against everything that takes an address, and the ways back when a rule was removed (TST-02)."""

from __future__ import annotations

import httpx
import pytest

from roundtrip.storage.database import Tx
from tests.api.shape import refused
from tests.app_fixture import NAVIGATION, OWN_FORM, PASSWORD, POST_FLOW, App, Browser, Json, auth, login
from tests.sites.attack_corpus import ATTACKS, DOMAIN_ATTACKS, Attack
from tests.web.journeys import (
    AUTHORIZE,
    LOGOUT,
    UNKNOWN_ID,
    authorize_query,
    fill,
    heading,
    is_within,
    links,
    logged_in,
    login_page,
    opened,
)

CALLBACKS = ("postFlowUrl", "thankYouPageUrl", "loginUrl", "cartPageUrl", "bookingsServiceListUrl", "planListUrl", "plansListUrl")
each_attack = pytest.mark.parametrize("attack", ATTACKS, ids=[attack.why for attack in ATTACKS])
each_domain_attack = pytest.mark.parametrize("attack", DOMAIN_ATTACKS, ids=[attack.why for attack in DOMAIN_ATTACKS])


def _stays(answer: httpx.Response, *statuses: int) -> None:
    """A page on our host that leads nowhere else (RED-09, RED-10)."""
    assert answer.status_code in statuses, answer.text
    assert "location" not in answer.headers
    assert "refresh" not in answer.headers
    assert answer.headers["content-type"].startswith("text/html")
    assert not [link for link in links(answer) if not link.startswith(("/", "#"))], "a refused address is never a link"
    assert not [cookie for cookie in answer.headers.get_list("set-cookie") if "visit-" in cookie]


@each_domain_attack
def test_no_callback_of_a_creation_takes_an_attack(shared_app: App, attack: Attack) -> None:
    """RED-02, RED-03, RED-06, RED-08."""
    token = shared_app.visitor()
    if not attack.url:
        return  # an empty callback is an absent one
    for name in CALLBACKS:
        refused(shared_app.create({"login": {}, "callbacks": {name: attack.url}}, token), 400)
    refused(shared_app.create({"logout": {"clientId": shared_app.world.shop.id}, "callbacks": {"postFlowUrl": attack.url}}, token), 400)


@each_attack
@pytest.mark.parametrize("mode", ["query", "fragment", "web_message"])
def test_no_redirect_uri_of_a_creation_takes_an_attack(shared_app: App, attack: Attack, mode: str) -> None:
    """RED-01, RED-07."""
    refused(shared_app.create(auth(shared_app.world.shop, redirectUri=attack.url, responseMode=mode)), 400)


@each_attack
def test_the_authorize_page_sends_nobody_to_an_attack(shared_app: App, attack: Attack) -> None:
    """RED-01, RED-09: neither an answer nor an error goes there, by no method and in no spelling."""
    browser = Browser(shared_app)
    camel = authorize_query(shared_app, redirectUri=attack.url)
    snake = {**authorize_query(shared_app, redirectUri=None), "redirect_uri": attack.url}
    for query in (
        camel,
        snake,
        {**camel, "prompt": "none"},
        {**camel, "responseMode": "fragment"},
        {**camel, "responseType": "token"},
        {**camel, "codeChallengeMethod": "plain"},
        {**camel, "scope": '"'},
    ):
        _stays(browser.send("GET", AUTHORIZE, NAVIGATION, params=query), 400)
    _stays(browser.send("GET", "/oauth2/authorize", NAVIGATION, params=camel), 400)
    _stays(browser.send("POST", AUTHORIZE, OWN_FORM, params=camel), 400)


@each_domain_attack
def test_the_logout_page_sends_nobody_to_an_attack(shared_app: App, attack: Attack) -> None:
    """RED-02, IDN-08."""
    if not attack.url:
        return  # an empty address is an absent one
    browser = Browser(shared_app)
    for name in ("postLogoutRedirectUri", "post_logout_redirect_uri"):
        query = {"clientId": shared_app.world.shop.id, name: attack.url}
        _stays(browser.send("GET", LOGOUT, NAVIGATION, params=query), 400)
        _stays(browser.send("POST", LOGOUT, OWN_FORM, params=query), 400)


@each_domain_attack
def test_an_origin_that_is_an_attack_is_a_hint_only(shared_app: App, attack: Attack) -> None:
    """Without a callback the way home is judged like any other (RED-08)."""
    body = {"login": {}, "origin": attack.url[:2048]}
    answer = shared_app.create(body)
    if answer.status_code != 200:
        refused(answer, 400)
        return
    browser = Browser(shared_app)
    opened(browser, answer.json()["redirectSession"]["fullUrl"])
    left = browser.open(f"/session/{answer.json()['redirectSession']['id']}/leave")
    assert is_within(left.headers["location"], shared_app), left.headers["location"]


def test_a_rule_that_was_removed_stops_every_way_back(app: App) -> None:
    """RED-08, RED-10: nothing leaves, and no other address takes its place."""
    shop = app.world.shop
    walking, session, page = login_page(app)
    member = app.register()
    done, done_session, done_page = login_page(app)
    after = fill(done, done_page, email=member["email"], password=PASSWORD)
    silent = app.session(auth(shop, prompt="none"))
    silent_ok = app.session(auth(shop, prompt="none", sessionToken=app.register()["sessionToken"]))
    gone = app.session({"logout": {"clientId": shop.id}, "callbacks": {"postFlowUrl": POST_FLOW}})
    held = app.session(login())
    Browser(app).open(held["fullUrl"])
    app.change(shop, redirect_domains=("elsewhere.example",), redirect_uris=("https://elsewhere.example/cb",))
    _stays(walking.open(f"/session/{session['id']}/leave"), 403)
    assert after.headers["location"] == f"/session/{done_session['id']}/return"
    answer = done.open(after.headers["location"])
    _stays(answer, 403)
    assert "isn't listed as an allowed redirect domain" in answer.text
    for silent_session in (silent, silent_ok):
        _stays(Browser(app).open(silent_session["fullUrl"]), 403)
    _stays(opened(Browser(app), gone["fullUrl"]), 403)
    stranger = Browser(app)
    (back,) = [link for link in links(stranger.open(held["fullUrl"])) if "/leave" in link]
    _stays(stranger.open(back), 403)
    assert heading(page) == "Log in"
    app.change(shop, redirect_domains=("shop.example",), redirect_uris=(shop.redirect_uris[0],))
    assert done.open(after.headers["location"]).headers["location"].startswith("https://shop.example/after?keep=1&")


def _codes(tx: Tx) -> int:
    return len(tx.all("SELECT code_hash FROM authorization_code LIMIT 10"))


def test_a_visitor_who_may_not_go_back_gets_no_code(app: App) -> None:
    """RED-09: the code would be lost, or found by somebody."""
    session = app.session(auth(app.world.shop, prompt="none", sessionToken=app.register()["sessionToken"]))
    app.change(app.world.shop, redirect_uris=("https://elsewhere.example/cb",))
    before = app.application.db.read_now(_codes)
    Browser(app).open(session["fullUrl"])
    assert app.application.db.read_now(_codes) == before == 0


def _logout(app: App) -> Json:
    return {"logout": {"clientId": app.world.shop.id}, "callbacks": {"postFlowUrl": POST_FLOW}}


def _everything_that_redirects(app: App) -> list[httpx.Response]:
    shop = app.world.shop
    seen: list[httpx.Response] = []
    evil = "redirectUrl=https://evil.tld/&origin=https://evil.tld&next=//evil.tld&returnTo=https://evil.tld&url=https://evil.tld&state=x"
    browser, session, page = login_page(app)
    seen += browser.follow(fill(browser, page, email=app.register()["email"], password=PASSWORD))[0]
    for path in ("login", "sign_up", "return", "leave", "again", "nothing"):
        seen += browser.follow(browser.open(f"/session/{session['id']}/{path}?{evil}"))[0]
    bodies = [auth(shop, prompt="none"), auth(shop), auth(shop, responseMode="fragment"), _logout(app), login(), {"login": {}}]
    for body in bodies:
        for one in (Browser(app), logged_in(app)):
            seen += one.follow(one.open(f"{app.session(body)['fullUrl']}&{evil}"))[0]
    for query in (authorize_query(app), authorize_query(app, codeChallenge=None), authorize_query(app, prompt="none")):
        hostile = {**query, "next": "//evil.tld"}
        seen.append(Browser(app).send("GET", AUTHORIZE, {**NAVIGATION, "referer": "https://evil.tld/"}, params=hostile))
    seen += [Browser(app).open(f"{LOGOUT}?clientId={shop.id}&{evil}&postLogoutRedirectUri=https://shop.example/x")]
    seen += [Browser(app).open(f"/session/{UNKNOWN_ID}/return?{evil}"), Browser(app).open(f"//evil.tld/?{evil}")]
    return seen


def test_every_location_is_ours_or_listed(app: App) -> None:
    """RED-12: a walk through everything that redirects, with hostile parameters added everywhere."""
    answers = [answer for answer in _everything_that_redirects(app) if "location" in answer.headers]
    assert len(answers) >= 20
    for answer in answers:
        assert is_within(answer.headers["location"], app), f"{answer.request.url} -> {answer.headers['location']}"
        assert "evil" not in answer.headers["location"]
        assert answer.headers["location"].isascii()
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"


def test_after_a_post_it_is_303_and_never_307_or_308(app: App) -> None:
    """RED-13: a redirect may not repeat a password."""
    answers = _everything_that_redirects(app)
    old = Browser(app, modern=False)
    for body in (auth(app.world.shop), login(), _logout(app)):
        answers.append(fill(old, old.open(app.session(body)["fullUrl"])))
    posts = [answer for answer in answers if answer.request.method == "POST"]
    assert len(posts) >= 4
    for answer in answers:
        assert answer.status_code not in (301, 307, 308)
    for answer in posts:
        assert "location" not in answer.headers or answer.status_code == 303


def test_a_callback_keeps_its_own_query_and_fragment(app: App) -> None:
    """RED-07, RED-11."""
    browser, session, _ = login_page(app, body=login(state="s&t=1"))
    back = browser.open(f"/session/{session['id']}/leave").headers["location"]
    assert back == "https://shop.example/after?keep=1&wixMemberLoggedIn=false&state=s%26t%3D1#part"
