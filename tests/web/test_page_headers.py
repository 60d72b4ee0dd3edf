"""The headers of every page, as a snapshot (PAG-01, PAG-02, TST-07)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import httpx
import pytest

from tests.app_fixture import BASE, PASSWORD, App, Browser, Json, auth, login
from tests.web.journeys import FRAMED, IN_FRAME, PAGES, fill, heading, login_page, tree

FIXED = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
}
UNFRAMED = {"x-frame-options": "DENY", "cross-origin-opener-policy": "same-origin"}
ACCIDENTAL = {"content-length", "content-type", "set-cookie", "x-wix-request-id", "content-security-policy"}
SHOP = "https://shop.example"
STRANGERS = ["https://evil.tld/", "https://shop.example.evil.tld/", "http://shop.example/", "https://shop.example:444/", "x", None]


def policy(answer: httpx.Response) -> dict[str, list[str]]:
    """The content security policy, read."""
    directives = [part.split() for part in answer.headers["content-security-policy"].split(";")]
    assert len({name for name, *_ in directives}) == len(directives), "the second of two equal directives does not count"
    return {name: values for name, *values in directives}


def nonce(answer: httpx.Response) -> str:
    """The nonce of this one answer."""
    (found,) = re.findall(r"'nonce-([A-Za-z0-9_-]+)'", " ".join(policy(answer)["script-src"]))
    return str(found)


@pytest.mark.parametrize("kind", list(PAGES))
def test_each_page_has_these_headers_and_no_others(app: App, kind: str) -> None:
    answer = PAGES[kind](app)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text.lower().lstrip().startswith("<!doctype html>")
    expected = {**FIXED, **({} if kind in FRAMED else UNFRAMED)}
    assert {name: value for name, value in answer.headers.items() if name not in ACCIDENTAL} == expected
    assert answer.headers["x-wix-request-id"]


@pytest.mark.parametrize("kind", list(PAGES))
def test_each_page_has_this_content_security_policy(app: App, kind: str) -> None:
    answer = PAGES[kind](app)
    found = policy(answer)
    number = f"'nonce-{nonce(answer)}'"
    framed_by = {"web message": SHOP, "pre-warm": SHOP}.get(kind, "'none'")
    assert {name: values for name, values in found.items() if name != "form-action"} == {
        "default-src": ["'none'"],
        "script-src": [number],
        "style-src": ["'self'", number],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-ancestors": [framed_by],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
    assert found["form-action"][0] == "'self'"
    for element in tree(answer).all("script", "style"):
        assert element.get("nonce") == nonce(answer), "a script or style without this answer's nonce does not run"
    for element in tree(answer).walk():
        assert not [name for name in element.attributes if name.startswith("on") or name == "style"], element


@pytest.mark.parametrize("kind", list(PAGES))
def test_a_nonce_is_new_each_time(app: App, kind: str) -> None:
    first, second = nonce(PAGES[kind](app)), nonce(PAGES[kind](app))
    assert first != second
    assert len(first) >= 22, "128 bits"


def _sources(app: App, body: Json) -> list[str]:
    browser = Browser(app)
    # From the site's own login page, where there is one: such a visit logs in on ours.
    answer = browser.open(app.session(body)["fullUrl"], referer="https://login.example:8443/x")
    return policy(browser.follow(answer)[0][-1])["form-action"]


def test_forms_may_lead_to_this_sessions_callbacks_and_nowhere_else(app: App) -> None:
    """PAG-01: not to what another session of the client named, and not to all that the client lists."""
    shop = app.world.shop
    app.change(shop, redirect_domains=("shop.example", "thanks.example", "login.example:8443", "cart.example"))
    app.change(shop, redirect_uris=(shop.redirect_uris[0], "https://auth.example/cb", "com.example.app:/cb"))
    assert _sources(app, login()) == ["'self'", SHOP]
    several = login(
        thankYouPageUrl="https://thanks.example/a", loginUrl="https://login.example:8443/x?y", postFlowUrl="https://shop.example/p;q"
    )
    assert _sources(app, several) == ["'self'", SHOP, "https://thanks.example", "https://login.example:8443"]
    assert _sources(app, auth(shop, redirectUri="https://auth.example/cb")) == ["'self'", "https://auth.example"]
    assert _sources(app, auth(shop, redirectUri="com.example.app:/cb")) == ["'self'", "com.example.app:"]


@pytest.mark.parametrize("body", ["with callbacks", "without callbacks", "with an origin only"])
def test_the_way_back_after_a_form_is_one_that_its_policy_allows(app: App, body: str) -> None:
    """PAG-01: Chromium applies `form-action` to the redirects after a POST too, so a missing source strands the visitor."""
    bodies: dict[str, Json] = {
        "with callbacks": login(),
        "without callbacks": {"login": {}},
        "with an origin only": {"login": {}, "origin": SHOP},
    }
    browser, _, page = login_page(app, body=bodies[body])
    seen, outside = browser.follow(fill(browser, page, email=app.register()["email"], password=PASSWORD))
    targets = [answer.headers["location"] for answer in seen if "location" in answer.headers]
    assert outside is not None
    for target in targets:
        origin = f"{urlsplit(target).scheme}://{urlsplit(target).netloc}"
        assert target.startswith("/") or origin in policy(page)["form-action"], target


@pytest.mark.parametrize(
    "referrer", ["https://evil.tld/", "https://shop.example.evil.tld/", "http://shop.example/", "https://shop.example:444/", "x", None]
)
def test_a_message_goes_to_one_listed_origin_whoever_frames_the_page(app: App, referrer: str | None) -> None:
    """AUT-07, decision record 0005."""
    headers = {**IN_FRAME, **({"referer": referrer} if referrer else {})}
    with_uri = app.session(auth(app.world.shop, prompt="none", responseMode="web_message"))
    answer = Browser(app).send("GET", with_uri["fullUrl"], headers)
    assert policy(answer)["frame-ancestors"] == [SHOP]
    assert f"}}, '{SHOP}')" in answer.text
    without = app.session(auth(app.world.shop, prompt="none", responseMode="web_message", redirectUri=None))
    refused = Browser(app).send("GET", without["fullUrl"], headers)
    assert refused.status_code == 400
    assert policy(refused)["frame-ancestors"] == ["'none'"]
    assert "postMessage" not in refused.text


def test_a_message_holds_the_answer_and_nothing_else(app: App) -> None:
    """AUT-07, PAG-04: whatever the site put into `state` stays a string of the script."""
    state = "</script><script>alert(1)</script>'\"\\\u2028&<!--"
    token = app.register()["sessionToken"]
    session = app.session(auth(app.world.shop, prompt="none", responseMode="web_message", sessionToken=token, state=state))
    answer = Browser(app).send("GET", session["fullUrl"], {**IN_FRAME, "referer": "https://shop.example/"})
    (script,) = tree(answer).all("script")
    assert set(re.findall(r"'(\w+)': '", script.words)) == {"code", "state", "iss"}
    assert answer.text.count("<script") == 1
    assert "alert(1)</script" not in answer.text


def test_the_static_files_may_be_kept_and_are_not_sniffed(shared_app: App) -> None:
    page = Browser(shared_app).open("/")
    addresses = [element.get("href") or element.get("src") or "" for element in tree(page).all("link", "script")]
    assert len(addresses) == 3
    for address in addresses:
        answer = Browser(shared_app).open(address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in answer.headers
        old = Browser(shared_app).open(re.sub(r"/static/\w+/", "/static/0000/", address))
        assert old.headers["cache-control"] == "public, max-age=60"
    for wrong in ("/static/x/..%2f..%2fapp.py", "/static/x/nothing.css", "/static/x/roundtrip.css/", "/static/", "/static/x/%00"):
        assert Browser(shared_app).open(wrong).status_code == 404


def test_on_plain_http_there_is_no_hsts(plain_app: App) -> None:
    answer = Browser(plain_app).open("/")
    assert "strict-transport-security" not in answer.headers
    assert answer.headers["x-frame-options"] == "DENY"


def test_a_theme_cannot_widen_the_policy_beyond_its_logo(app: App) -> None:
    """PAG-04: the origin of a logo is added for pictures and for nothing else."""
    browser, _, page = login_page(app)
    assert heading(page) == "Log in"
    assert all(source in ("'self'", "data:") for source in policy(page)["img-src"])
    assert BASE not in page.headers["content-security-policy"]
    assert browser.client.cookies
