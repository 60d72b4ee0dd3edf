"""What is kept in a browser, and which cookies count (IDN-07)."""

from __future__ import annotations

import re

from roundtrip.core.clock import DAY
from tests.app_fixture import NAVIGATION, App, Browser, auth, login
from tests.web.journeys import LOGOUT, fill, heading, logged_in, login_page, opened


def test_cookies_on_https_are_bound_to_the_host(app: App) -> None:
    browser, session, page = login_page(app)
    (visit,) = Browser(app).open(app.session(login())["fullUrl"]).headers.get_list("set-cookie")
    assert re.fullmatch(r"__Host-visit-[0-9a-f-]{36}=[\w-]{43}; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax; Secure", visit)
    answer = fill(browser, page, email=app.register()["email"], password="seven brown owls at noon")
    (kept,) = answer.headers.get_list("set-cookie")
    attributes = r"Path=/; Max-Age=7776000; HttpOnly; SameSite=Lax; Secure"
    assert re.fullmatch(rf"__Host-login-{app.world.site.id}=[\w-]{{43}}; {attributes}", kept)
    assert session["id"] not in kept


def test_cookies_on_plain_http_loopback_do_without(plain_app: App) -> None:
    """IDN-07: browsers refuse the prefix and `Secure` there."""
    browser = Browser(plain_app)
    answer = browser.open(plain_app.session(login())["fullUrl"])
    (visit,) = answer.headers.get_list("set-cookie")
    assert re.fullmatch(r"visit-[0-9a-f-]{36}=[\w-]{43}; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax", visit)
    page = browser.follow(answer)[0][-1]
    assert heading(page) == "Log in"
    sent = fill(browser, page, email=plain_app.register()["email"], password="seven brown owls at noon")
    (kept,) = sent.headers.get_list("set-cookie")
    assert kept.startswith("login-")
    assert "Secure" not in kept
    _, outside = browser.follow(sent)
    assert outside is not None
    assert "wixMemberLoggedIn=true" in outside


def test_a_cookie_that_a_neighbour_could_set_does_not_count(app: App) -> None:
    """IDN-07: a site under the same domain, or plain http, can set a cookie without the prefix, and log visitors in as somebody else."""
    attacker = logged_in(app)
    site = app.world.site.id
    planted = attacker.client.cookies[f"__Host-login-{site}"]
    silent = app.session(auth(app.world.shop, prompt="none"))
    answer = Browser(app).send("GET", silent["fullUrl"], {**NAVIGATION, "cookie": f"login-{site}={planted}"})
    assert "error=login_required" in answer.headers["location"]
    victim = logged_in(app)
    own = victim.client.cookies[f"__Host-login-{site}"]
    victims = app.session(auth(app.world.shop, prompt="none"))
    both = {**NAVIGATION, "cookie": f"__Host-login-{site}={own}; login-{site}={planted}"}
    back = Browser(app).send("GET", victims["fullUrl"], both).headers["location"]
    member = app.get("/members/v1/members/my", app.redeem(back.split("code=")[1].split("&")[0])["access_token"]).json()["member"]
    own_back = victim.open(app.session(auth(app.world.shop, prompt="none"))["fullUrl"]).headers["location"]
    own_member = app.get("/members/v1/members/my", app.redeem(own_back.split("code=")[1].split("&")[0])["access_token"]).json()["member"]
    assert member["id"] == own_member["id"]


def test_a_visits_cookie_without_its_prefix_opens_nothing(app: App) -> None:
    browser, session, _ = login_page(app)
    secret = browser.client.cookies[f"__Host-visit-{session['id']}"]
    answer = Browser(app).send("GET", f"/session/{session['id']}/login", {**NAVIGATION, "cookie": f"visit-{session['id']}={secret}"})
    assert answer.status_code == 404


def test_a_login_gets_a_secret_that_was_never_there_before(app: App) -> None:
    """AUT-15: what somebody planted before the login is worth nothing after it."""
    browser = logged_in(app)
    name = f"__Host-login-{app.world.site.id}"
    first = browser.client.cookies[name]
    logged_in(app, browser)
    assert browser.client.cookies[name] != first
    silent = app.session(auth(app.world.shop, prompt="none"))
    answer = Browser(app).send("GET", silent["fullUrl"], {**NAVIGATION, "cookie": f"{name}={first}"})
    assert "error=login_required" in answer.headers["location"]


def test_logging_out_forgets_the_login_in_the_browser_and_on_the_server(app: App) -> None:
    """IDN-07, IDN-08: a copy of the cookie is worth nothing either."""
    browser = logged_in(app)
    name = f"__Host-login-{app.world.site.id}"
    copied = browser.client.cookies[name]
    answer = fill(browser, opened(browser, f"{LOGOUT}?clientId={app.world.shop.id}"))
    (gone,) = [cookie for cookie in answer.headers.get_list("set-cookie") if "login-" in cookie]
    assert gone.startswith(f"{name}=; Path=/; Max-Age=0;")
    assert name not in browser.client.cookies
    silent = app.session(auth(app.world.shop, prompt="none"))
    back = Browser(app).send("GET", silent["fullUrl"], {**NAVIGATION, "cookie": f"{name}={copied}"})
    assert "error=login_required" in back.headers["location"]


def test_a_login_ends_when_it_is_not_used(app: App) -> None:
    """IDN-07: 14 days idle."""
    browser = logged_in(app)
    app.clock.move(13 * DAY)
    assert "code=" in browser.open(app.session(auth(app.world.shop, prompt="none"))["fullUrl"]).headers["location"]
    app.clock.move(15 * DAY)
    assert "login_required" in browser.open(app.session(auth(app.world.shop, prompt="none"))["fullUrl"]).headers["location"]


def test_a_login_at_one_site_is_none_at_another(app: App) -> None:
    browser = logged_in(app)
    for client, answer in ((app.world.other, "code="), (app.world.foreign, "login_required"), (app.world.live, "login_required")):
        session = app.session(auth(client, prompt="none"), app.visitor(client))
        assert answer in browser.open(session["fullUrl"]).headers["location"]


def test_cookies_of_nonsense_are_ignored(app: App) -> None:
    session = app.session(login())
    for cookie in ("=", ";;;", "\u00ff", f"__Host-visit-{session['id']}=", "__Host-login-x=" + "y" * 8000, "lang=<script>", "a" * 8000):
        headers = [(name.encode(), value.encode()) for name, value in NAVIGATION.items()] + [(b"cookie", cookie.encode("latin-1"))]
        answer = app.request("GET", f"/session/{session['id']}/login", headers=headers)
        assert answer.status_code == 404
        assert "<script>" not in answer.text.replace("<script nonce", "")
