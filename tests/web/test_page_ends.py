"""Pages for what went wrong: a reference, a way on, and nothing about our insides or the owner's lists (PAG-09, RED-19, OPS-05)."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from roundtrip.storage.errors import StorageError
from tests.api.shape import INTERNALS
from tests.app_fixture import NAVIGATION, OWN_FORM, PASSWORD, App, Browser, auth, login
from tests.web.journeys import AUTHORIZE, LOGOUT, PAGES, authorize_query, fill, form, heading, links, login_page, opened, tree

ENDS = [
    "expired",
    "already used",
    "not found",
    "nothing here",
    "unlisted way back",
    "unlisted redirect URI",
    "unknown client",
    "no client",
]

PARAMETERS = ("state", "nonce", "scope", "prompt", "redirectUri", "codeChallenge", "responseMode", "idp", "lang", "sessionToken")
HOSTS = ["evil.tld", "pages.example.evil.tld", "pages.example:8443", "www.pages.example", "127.0.0.1", "", "pages.example."]
LANGUAGES = {"de": "de", "he": "he", "iw": "he", "de-AT": "de", "xx": "en", "": "en", "\u00fc<": "en"}


def _is_an_end(answer: httpx.Response, *statuses: int) -> None:
    assert answer.status_code in statuses, answer.text
    assert "location" not in answer.headers
    (reference,) = [code.words for code in tree(answer).all("code") if re.fullmatch(r"\d+\.\d{18}", code.words)]
    assert reference == answer.headers["x-wix-request-id"]
    assert not re.search(INTERNALS.pattern.replace("|<html|<!doctype", "").replace("|roundtrip/", ""), answer.text), answer.text
    assert len(tree(answer).all("h1")) == 1


@pytest.mark.parametrize("kind", ENDS)
def test_an_end_names_a_reference_and_no_internals(app: App, kind: str) -> None:
    """PAG-09."""
    _is_an_end(PAGES[kind](app), 400, 403, 404, 410)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"clientId": ""},
        {"clientId": "x"},
        {"clientId": "\0"},
        {"clientId": "<script>alert(1)</script>"},
        {"redirectSessionId": ""},
        {"redirectSessionId": "x"},
        {"redirectSessionId": "\0", "entryToken": "\0"},
        {"lang": "<script>"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", [AUTHORIZE, "/oauth2/authorize", LOGOUT, "/iam/authentication/v1/logout"])
def test_an_address_that_cannot_be_read_is_a_page(shared_app: App, path: str, query: dict[str, str]) -> None:
    for method, headers in (("GET", NAVIGATION), ("GET", {}), ("HEAD", NAVIGATION), ("POST", OWN_FORM)):
        answer = Browser(shared_app).send(method, path, headers, params=query)
        assert answer.status_code in (400, 404)
        assert "<script>alert" not in answer.text
        if method != "HEAD":
            _is_an_end(answer, 400, 404)


@pytest.mark.parametrize(
    "name", ["state", "nonce", "scope", "prompt", "redirectUri", "codeChallenge", "responseMode", "idp", "lang", "sessionToken"]
)
@pytest.mark.parametrize("value", ["\0", "\u202e", "x" * 5000, "\r\nset-cookie: x=y", "'\"><svg onload=alert(1)>", "%00", "\ud7ff"])
def test_nothing_in_an_authorization_request_breaks_the_page(app_on_each_shared: App, name: str, value: str) -> None:
    for changes in ({name: value}, {name: value, "prompt": "none", "sessionToken": "JWS.x"}):
        query = authorize_query(app_on_each_shared, **changes)
        answer = Browser(app_on_each_shared).send("GET", AUTHORIZE, NAVIGATION, params=query)
        assert answer.status_code in (200, 302, 303, 400), answer.text
        assert "x=y" not in answer.headers.get_list("set-cookie")
        assert "<svg onload" not in answer.text
        if "location" in answer.headers:
            assert answer.headers["location"].startswith(("https://shop.example/cb?", "https://shop.example/cb#", "/session/"))
            assert "\n" not in answer.headers["location"]


def test_a_nul_in_a_nonce_never_becomes_a_fault(app_on_each: App) -> None:
    """PostgreSQL cannot keep one, so a code could not be made: refused at the door instead."""
    query = authorize_query(app_on_each, nonce="a\0b", prompt="none", sessionToken=app_on_each.register()["sessionToken"])
    _is_an_end(Browser(app_on_each).send("GET", AUTHORIZE, NAVIGATION, params=query), 400)


@pytest.mark.parametrize(
    "host", ["evil.tld", "pages.example.evil.tld", "pages.example:8443", "www.pages.example", "127.0.0.1", "", "pages.example."]
)
def test_a_page_under_another_name_is_421(shared_app: App, host: str) -> None:
    """OPS-05: plain text, no link made from the name, nothing moved."""
    session = shared_app.session(login())
    for path in ("/", "/static/x/roundtrip.css", session["fullUrl"], f"{LOGOUT}?clientId=x", AUTHORIZE, "/session/x/login", "/__x"):
        answer = Browser(shared_app).open(path, host=host)
        assert answer.status_code == 421
        assert answer.headers["content-type"].startswith("text/plain")
        assert not host or host not in answer.text
        assert "set-cookie" not in answer.headers
        assert "location" not in answer.headers
        assert answer.headers["x-wix-request-id"]
    assert heading(opened(Browser(shared_app), session["fullUrl"])) == "Log in"


def test_the_api_answers_under_any_name(shared_app: App) -> None:
    """OPS-05: SDK sites arrive under the vendor's host names."""
    for host in ("edge.wixapis.com", "www.wixapis.com", "pages.example"):
        body = {"clientId": shared_app.world.shop.id, "grantType": "anonymous"}
        assert shared_app.post("/oauth2/token", body, host=host).status_code == 200


def test_letters_of_the_host_may_be_large(shared_app: App) -> None:
    assert Browser(shared_app).open("/", host="PAGES.example").status_code == 404


@pytest.mark.parametrize("mode", ["test", "live"])
def test_who_sees_which_rule_refused_an_address(app: App, mode: str) -> None:
    """RED-19: the owner of a test site reads everything; the public of a live one only the received host."""
    client = app.world.shop if mode == "test" else app.world.live
    query = {**authorize_query(app), "clientId": client.id, "redirectUri": "https://www.evil.tld/secret/path?token=1"}
    body = {"login": {}, "callbacks": {"postFlowUrl": f"https://{client.redirect_domains[0]}/deep/path?q=1"}}
    browser, session, _ = login_page_of(app, body, client)
    app.change(client, redirect_domains=("internal.example",), redirect_uris=("https://internal.example/cb",))
    at_authorize = Browser(app).send("GET", AUTHORIZE, NAVIGATION, params=query)
    at_logout = Browser(app).open(f"{LOGOUT}?clientId={client.id}&postLogoutRedirectUri=https://www.evil.tld/secret")
    at_leaving = browser.open(f"/session/{session['id']}/leave")
    for answer, status in ((at_authorize, 400), (at_logout, 400), (at_leaving, 403)):
        _is_an_end(answer, status)
        assert ("internal.example" in answer.text) is (mode == "test"), "an entry of the owner's list"
        if mode == "live":
            (main,) = tree(answer).all("main")
            assert "secret" not in main.words
            assert "/deep/path" not in main.words


def login_page_of(app: App, body: dict[str, Any], client: Any) -> tuple[Browser, dict[str, Any], httpx.Response]:
    """A visit to the login page of another client than the shop."""
    browser = Browser(app)
    session = app.session(body, app.visitor(client))
    return browser, session, opened(browser, session["fullUrl"])


def test_a_fault_of_ours_shows_a_reference_and_nothing_else(
    app: App, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """PAG-09; and the API has its own body for it."""

    async def fails(*args: object, **kwargs: object) -> None:
        raise RuntimeError("secret inside /src/roundtrip/x.py")

    token = app.visitor()
    url = app.session(login(), token)["fullUrl"]
    monkeypatch.setattr(app.application.db, "read", fails)
    monkeypatch.setattr(app.application.db, "write", fails)
    page = Browser(app).open(url)
    _is_an_end(page, 500)
    assert heading(page) == "Something went wrong on our side"
    answer = app.create(login(), token)
    assert answer.status_code == 500
    assert set(answer.json()["details"]["applicationError"]) == {"code", "description", "data"}
    assert answer.headers["access-control-allow-origin"] == "*"
    for text in (page.text, answer.text):
        assert "secret inside" not in text
    assert page.headers["x-wix-request-id"] in {getattr(record, "request_id", None) for record in caplog.records}
    assert answer.headers["x-wix-request-id"] in {getattr(record, "request_id", None) for record in caplog.records}


def test_a_database_that_is_away_is_503(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*args: object, **kwargs: object) -> None:
        raise StorageError("could not write to /var/data/roundtrip.db: disk is full")

    token = app.visitor()
    url = app.session(login(), token)["fullUrl"]
    monkeypatch.setattr(app.application.db, "read", away)
    monkeypatch.setattr(app.application.db, "write", away)
    _is_an_end(Browser(app).open(url), 503)
    answer = app.create(login(), token)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1
    assert "/var/data" not in answer.text
    assert app.get("/health/ready").status_code == 503
    assert app.get("/health/live").status_code == 200


@pytest.mark.parametrize("size", [70_000, 2_000_000])
def test_a_form_that_is_too_large_is_refused(app: App, size: int) -> None:
    browser, _, page = login_page(app)
    action, hidden = form(page)
    answer = browser.submit(action, {**hidden, "email": "x" * size, "password": "x"})
    _is_an_end(answer, 400, 413)
    fresh = app.session(login())
    _is_an_end(browser.submit(fresh["fullUrl"], {"x": "y" * size}), 400, 413)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"csrf=%ff", b"&".join([b"a=b"] * 500), b"%", b"\x00"])
def test_a_form_that_cannot_be_read_is_refused(app: App, content: bytes) -> None:
    browser, _, page = login_page(app)
    headers = {**OWN_FORM, "content-type": "application/x-www-form-urlencoded"}
    _is_an_end(browser.send("POST", form(page)[0], headers, content=content), 400, 403)


def test_fields_with_invisible_characters_are_harmless(app_on_each: App) -> None:
    """A NUL is refused, since PostgreSQL cannot keep one; everything else is somebody's name."""
    browser, session, page = login_page(app_on_each)
    for odd in ({"email": "a\0nn@example.com", "password": "x"}, {"email": "ann@example.com", "password": "\0x\0"}):
        _is_an_end(fill(browser, page, **odd), 400)
    sign_up = browser.open(f"/session/{session['id']}/sign_up")
    _, outside = browser.follow(fill(browser, sign_up, email="ann@example.com", password=PASSWORD, nickname="Ann\u202e<b>"))
    assert outside is not None
    assert "wixMemberLoggedIn=true" in outside


def test_a_refused_form_comes_back_with_what_was_typed_but_no_password(app: App) -> None:
    browser, _, page = login_page(app)
    answer = fill(browser, page, email="\"><script>alert(1)</script>'@example.com", password="hunter2hunter2")
    assert answer.status_code == 400
    assert "hunter2" not in answer.text
    assert "<script>alert" not in answer.text
    (email,) = [field for field in tree(answer).all("input") if field.get("name") == "email"]
    assert email.get("value") == "\"><script>alert(1)</script>'@example.com"


def test_known_and_unknown_addresses_are_told_the_same(app: App) -> None:
    """IDN-03."""
    known = app.register()["email"]
    texts = []
    for email in (known, "nobody@example.com"):
        browser, session, page = login_page(app)
        answer = fill(browser, page, email=email, password="wrong password")
        taken = fill(
            browser, browser.open(f"/session/{session['id']}/sign_up"), email=email if email == known else known, password=PASSWORD
        )
        assert "already exists" not in taken.text
        plain = answer.text.replace(email, "EMAIL").replace(session["id"], "ID").replace(answer.headers["x-wix-request-id"], "")
        texts.append((answer.status_code, re.sub(r'nonce="[^"]+"|name="csrf" value="\w+"', "", plain)))
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("asked", "expected"), [("de", "de"), ("he", "he"), ("iw", "he"), ("de-AT", "de"), ("xx", "en"), ("", "en"), ("\u00fc<", "en")]
)
def test_the_language_is_chosen_and_kept(app: App, asked: str, expected: str) -> None:
    """PAG-07: by `?lang`, for the rest of the visit, on every page of it."""
    browser, session, page = login_page(app)
    start = f"/session/{session['id']}"
    shown = browser.send("GET", f"{start}/login", NAVIGATION, params={"lang": asked})
    assert f'<html lang="{expected}" dir="{"rtl" if expected == "he" else "ltr"}"' in shown.text
    if asked:
        (cookie,) = shown.headers.get_list("set-cookie")
        assert cookie == f"lang={expected}; Path={start}; Max-Age=86400; HttpOnly; SameSite=Lax; Secure"
    for answer in (browser.open(f"{start}/sign_up"), fill(browser, page, email="x", password="")):
        assert f'<html lang="{expected}"' in answer.text
    _, _, other = login_page(app, browser)
    assert '<html lang="en"' in other.text, "a choice is for one visit"


def test_without_a_visit_the_browser_decides_about_the_language(shared_app: App) -> None:
    for header, expected in (
        ("de-DE,de;q=0.9,en;q=0.5", "de"),
        ("he", "he"),
        ("fr-CH, de;q=0.5", "fr"),
        ("ja", "ja"),
        ("pt", "en"),
        ("", "en"),
        (";;,,\u00ff", "en"),
        ("x" * 5000, "en"),
    ):
        answer = Browser(shared_app).send("GET", "/", {"accept-language": header.encode("latin-1")})  # type: ignore[dict-item]
        assert f'<html lang="{expected}"' in answer.text


def test_a_link_to_another_language_keeps_the_address(app: App) -> None:
    session = app.session(auth(app.world.shop))
    page = Browser(app, modern=False).open(session["fullUrl"])
    (german,) = [element.get("href") or "" for element in tree(page).all("a") if element.get("lang") == "de"]
    assert (
        "Sie sind auf dem Weg" in Browser(app, modern=False).open(german).text
        or '<html lang="de"' in Browser(app, modern=False).open(german).text
    )
    assert all(link.startswith(("/", "#")) for link in links(page))
