"""A site's own login and logout pages, over HTTP: addresses, cookies and headers."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from roundtrip.sites.model import Client
from tests.app_fixture import BASE, LOGIN, PASSWORD, App, Browser, auth, login, query
from tests.sites.attack_corpus import ALLOWED_DOMAIN, DOMAIN_ATTACKS
from tests.web.journeys import heading, opened

OWN = "https://shop.example/log-in"
OUT = "https://shop.example/log-out"


def set_pages(app: App, client: Client, *, login_url: str | None = None, logout_url: str | None = None) -> None:
    """The owner names pages of the client's own."""
    changed = "UPDATE client SET login_url = :login_url, logout_url = :logout_url WHERE id = :id"
    app.application.db.write_now(lambda tx: tx.execute(changed, login_url=login_url, logout_url=logout_url, id=client.id))


def sent_out(app: App, browser: Browser, **callbacks: str) -> str:
    """Open a visit, be sent to the site's page, and answer where to come back to."""
    seen, outside = browser.follow(browser.open(app.session(login(loginUrl=OWN, **callbacks))["fullUrl"]))
    assert outside is not None
    assert outside.startswith(OWN)
    assert seen[-1].status_code == 302
    return query(outside)["redirectUrl"]


def test_the_whole_trip_by_the_identity_api(app_on_each: App) -> None:
    """SES-09: the token is spent and leaves the address at once."""
    app, browser = app_on_each, Browser(app_on_each)
    email = app.register()["email"]
    back = sent_out(app, browser)
    answer = app.post(LOGIN, {"loginId": {"email": email}, "password": PASSWORD}, app.visitor())
    there = browser.open(f"{back}?sessionToken={answer.json()['sessionToken']}")
    assert there.status_code == 303
    assert "sessionToken" not in there.headers["location"]
    assert there.headers["referrer-policy"] == "no-referrer"
    assert any("login-" in cookie for cookie in there.headers.get_list("set-cookie"))
    _, outside = browser.follow(there)
    assert outside == "https://shop.example/after?keep=1&wixMemberLoggedIn=true#part"


def test_without_a_token_the_hosted_page_says_so_and_links_there(app: App) -> None:
    browser = Browser(app)
    page = opened(browser, sent_out(app, browser))
    assert heading(page) == "Log in"
    assert "You came back without being logged in." in page.text
    link = f"/session/{page.url.path.split('/')[2]}/outside"
    assert f'href="{link}"' in page.text
    assert browser.open(BASE + link).headers["location"].startswith(OWN)


def test_a_page_is_never_shown_under_a_token(app: App) -> None:
    """SES-09: whatever is wrong, the answer is a redirect."""
    mine, stranger = Browser(app), Browser(app)
    back = sent_out(app, mine)
    token = app.register()["sessionToken"]
    answer = stranger.open(f"{back}?sessionToken={token}")
    assert answer.status_code == 303
    assert stranger.open(BASE + answer.headers["location"]).status_code == 404
    unknown = f"{BASE}/session/01990000-0000-7000-8000-000000000000/resume/x?sessionToken={token}"
    assert mine.open(unknown).status_code == 303
    app.clock.move(3 * 24 * 3600_000)
    answer = mine.open(f"{back}?sessionToken={token}")
    assert answer.status_code == 303


def test_a_token_of_another_site_is_worth_nothing(app: App) -> None:
    """AUT-16, RED-20"""
    for client in (app.world.foreign, app.world.other):
        browser = Browser(app)
        token = app.register(client)["sessionToken"]
        page = opened(browser, f"{sent_out(app, browser)}?sessionToken={token}")
        assert heading(page) == "Log in"


def test_whoever_only_looks_spends_nothing(app: App) -> None:
    """SES-03"""
    browser = Browser(app)
    back = f"{sent_out(app, browser)}?sessionToken={app.register()['sessionToken']}"
    assert browser.send("HEAD", back, {}).status_code == 405
    assert (
        browser.send("GET", back, {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "sec-purpose": "prefetch"}).status_code
        == 204
    )
    assert browser.send("GET", back, {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}).status_code == 204
    assert browser.follow(browser.open(back))[1] is not None


@pytest.mark.parametrize("extra", ["redirectUrl", "url", "next", "postFlowUrl", "returnTo", "loginUrl"])
def test_no_parameter_of_the_way_back_chooses_where_to_go(app: App, extra: str) -> None:
    """RED-12"""
    browser = Browser(app)
    back = f"{sent_out(app, browser)}?sessionToken={app.register()['sessionToken']}&{extra}=https%3A%2F%2Fevil.example%2F"
    _, outside = browser.follow(browser.open(back))
    assert outside == "https://shop.example/after?keep=1&wixMemberLoggedIn=true#part"


@pytest.mark.parametrize("key", ["..%2F..%2F..%2Fevil", "%2F%2Fevil.example", "x%0d%0aLocation:%20https://evil.example", "%00"])
def test_no_path_of_the_way_back_chooses_where_to_go(app: App, key: str) -> None:
    """RED-12"""
    browser = Browser(app)
    start = sent_out(app, browser).rpartition("/")[0]
    answer = browser.open(f"{start}/{key}?sessionToken={app.register()['sessionToken']}")
    assert answer.status_code in (303, 404)
    assert urlsplit(answer.headers.get("location", "/")).netloc == ""
    assert "evil" not in answer.headers.get("location", "")


def test_no_address_of_the_attack_corpus_is_ever_a_login_or_logout_page(app: App) -> None:
    """RED-01 to RED-08: an owner may enter what they like; what is not on the list is not used."""
    shop, back = app.world.shop, f"https://{ALLOWED_DOMAIN}/"
    app.change(shop, redirect_domains=(ALLOWED_DOMAIN,))
    for attack in DOMAIN_ATTACKS:
        set_pages(app, shop, login_url=attack.url, logout_url=attack.url)
        page = opened(Browser(app), app.session(login(postFlowUrl=back))["fullUrl"])
        assert heading(page) == "Log in", attack
        token = app.member()["access_token"]
        out = app.session({"logout": {"clientId": shop.id}, "callbacks": {"postFlowUrl": back}}, token)
        assert Browser(app).open(out["fullUrl"]).headers["location"] == f"{back}?wixMemberLoggedIn=false", attack


def test_the_forms_csp_lets_a_visit_go_to_the_clients_page(app: App) -> None:
    """PAG-01: Chromium applies `form-action` to the redirects after a POST."""
    set_pages(app, app.world.shop, login_url="https://shop.example/x")
    browser = Browser(app)
    page = opened(browser, app.session(auth(app.world.shop, sessionToken="spent"))["fullUrl"])
    assert "form-action 'self' https://shop.example" in page.headers["content-security-policy"]


def test_the_note_against_circles_is_short_lived_and_goes_with_a_login(app: App) -> None:
    browser = Browser(app)
    set_pages(app, app.world.shop, login_url=OWN)
    seen, outside = browser.follow(browser.open(app.session(login())["fullUrl"]))
    note = [cookie for cookie in seen[-1].headers.get_list("set-cookie") if "away-" in cookie]
    assert note == [f"__Host-away-{app.world.shop.id}=1; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure"]
    assert outside is not None
    back = query(outside)["redirectUrl"]
    again = browser.open(app.session(auth(app.world.shop))["fullUrl"], referer="https://shop.example/")
    assert heading(browser.follow(again)[0][-1]) == "Log in"
    done = browser.open(f"{back}?sessionToken={app.register()['sessionToken']}")
    assert any("away-" in cookie and "Max-Age=0" in cookie for cookie in done.headers.get_list("set-cookie"))


def test_logging_out_tells_the_clients_page_and_goes_on_by_itself(app_on_each: App) -> None:
    """IDN-08, PAG-01"""
    app = app_on_each
    set_pages(app, app.world.shop, logout_url=OUT)
    token = app.member()["access_token"]
    out = app.session({"logout": {"clientId": app.world.shop.id}, "callbacks": {"postFlowUrl": "https://shop.example/"}}, token)
    page = Browser(app).open(out["fullUrl"])
    assert page.status_code == 200
    assert heading(page) == "You are logged out"
    assert page.headers["refresh"] == "1; url=https://shop.example/?wixMemberLoggedIn=false"
    assert 'href="https://shop.example/?wixMemberLoggedIn=false"' in page.text
    assert "frame-src https://shop.example;" in page.headers["content-security-policy"]
    assert 'sandbox="allow-scripts allow-same-origin"' in page.text
    assert f'src="{OUT}?iss=' in page.text


def test_other_pages_frame_nothing_and_go_nowhere(app: App) -> None:
    """PAG-01"""
    page = opened(Browser(app), app.session(login())["fullUrl"])
    assert "frame-src" not in page.headers["content-security-policy"]
    assert "refresh" not in page.headers
