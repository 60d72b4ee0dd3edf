"""Pages under the address of a site: which names answer, for whom, and what they say of themselves."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from roundtrip.core.clock import SECOND
from roundtrip.core.identity import COMMAND
from roundtrip.core.ids import new_id
from roundtrip.sites import site_settings, store
from roundtrip.sites.change import Change
from roundtrip.sites.model import Site
from roundtrip.storage.database import Tx
from tests.app_fixture import BASE, PASSWORD, App, Browser, auth, login
from tests.web.journeys import AUTHORIZE, fill, heading, opened

PAGES = "https://pages.shop.example"


def move(app: App, site: Site, url: str | None) -> None:
    """The owner sets the pages address, and a second passes."""

    def change(tx: Tx) -> None:
        found = store.site(tx, site.id)
        assert found is not None
        now = app.clock()
        site_settings.update(tx, site=found, fields={"pagesUrl": url}, change=Change(new_id(now), COMMAND, now))

    app.application.db.write_now(change)
    app.clock.move(SECOND)


def test_new_visits_begin_at_the_sites_own_address_and_stay_there(app_on_each: App) -> None:
    app = app_on_each
    email = app.register()["email"]
    move(app, app.world.site, PAGES)
    session = app.session(login())
    assert session["fullUrl"].startswith(PAGES + "/")
    assert session["urlDetails"]["endpoint"].startswith(PAGES + "/")
    assert session["urlDetails"]["searchParams"]["redirectUrl"].startswith(PAGES + "/")
    app.base = PAGES  # where this browser is
    browser = Browser(app)
    page = opened(browser, session["fullUrl"])
    assert heading(page) == "Log in"
    assert str(page.url).startswith(PAGES)
    _, outside = browser.follow(fill(browser, page, email=email, password=PASSWORD))
    assert outside == "https://shop.example/after?keep=1&wixMemberLoggedIn=true#part"


def test_the_same_visit_works_at_the_servers_address(app: App) -> None:
    move(app, app.world.site, PAGES)
    session = app.session(login())
    assert heading(opened(Browser(app), session["fullUrl"].replace(PAGES, BASE))) == "Log in"


def test_sessions_of_other_sites_do_not_exist_there(app: App) -> None:
    """OPS-05, SES-07: not even for who has the link; and looking spends nothing."""
    move(app, app.world.site, PAGES)
    session = app.session(login(postFlowUrl="https://third.example/"), app.visitor(app.world.foreign))
    there = session["fullUrl"].replace(BASE, PAGES)
    answer = Browser(app).open(there)
    assert answer.status_code == 404
    assert heading(opened(Browser(app), session["fullUrl"])) == "Log in"


def test_the_authorize_address_knows_only_the_sites_clients_there(app: App) -> None:
    move(app, app.world.site, PAGES)
    for client, status in ((app.world.shop, 303), (app.world.other, 303), (app.world.foreign, 404)):
        query = {"client_id": client.id, "response_type": "code", "redirect_uri": client.redirect_uris[0], "state": "s"}
        query |= {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}
        answer = Browser(app).open(str(app.client().build_request("GET", PAGES + AUTHORIZE, params=query).url))
        assert answer.status_code == status, client.name


def test_the_issuer_stays_the_server(app: App) -> None:
    """An `iss` that changed with a cosmetic setting would break every library."""
    move(app, app.world.site, PAGES)
    token = app.register()["sessionToken"]
    session = app.session(auth(app.world.shop, sessionToken=token, prompt="none"))
    back = Browser(app).open(session["fullUrl"]).headers["location"]
    assert f"iss={BASE.replace(':', '%3A').replace('/', '%2F')}" in back


def test_forms_of_the_sites_address_are_its_own(app: App) -> None:
    """PAG-03: the origin that a form may come from is the one it was shown at."""
    move(app, app.world.site, PAGES)
    for origin, status in ((PAGES, 303), (BASE, 403), ("https://evil.example", 403)):
        browser, session = Browser(app, modern=False), app.session(login())
        assert browser.open(session["fullUrl"]).status_code == 200
        answer = browser.send("POST", session["fullUrl"], {"origin": origin, "content-type": "application/x-www-form-urlencoded"})
        assert answer.status_code == status, origin


def test_an_address_that_was_given_up_stops(app: App) -> None:
    move(app, app.world.site, PAGES)
    assert app.get(PAGES + "/favicon.ico").status_code == 200
    move(app, app.world.site, None)
    assert app.get(PAGES + "/favicon.ico").status_code == 421
    assert app.session(login())["fullUrl"].startswith(BASE + "/")


@pytest.mark.parametrize(
    "host", ["evil.example", "pages.shop.example.evil.example", "pages.shop.example:444", "pages.shop.example@evil.example", ""]
)
def test_any_other_name_is_refused_without_a_link(app: App, host: str) -> None:
    """OPS-05"""
    move(app, app.world.site, PAGES)
    answer = app.get("/favicon.ico", host=host)
    assert answer.status_code == 421
    assert "evil" not in answer.text


def test_made_up_names_are_looked_up_once_a_second_for_all_of_them(app: App) -> None:
    """OPS-05: so a flood of them costs one read a second. What was set within that second shows that nobody looked again."""
    for number in range(50):
        assert app.get("/favicon.ico", host=f"n{number}.example").status_code == 421
    app.clock.move(-SECOND)
    move(app, app.world.site, PAGES)
    assert app.get(PAGES + "/favicon.ico").status_code == 421
    app.clock.move(SECOND)
    assert app.get(PAGES + "/favicon.ico").status_code == 200


def test_a_clock_that_was_set_back_hides_no_new_address(app: App) -> None:
    app.get("/favicon.ico", host="n.example")
    move(app, app.world.site, PAGES)
    app.clock.move(-10 * SECOND)
    assert app.get(PAGES + "/favicon.ico").status_code == 200


def test_the_dashboard_is_at_the_servers_address_only(app: App) -> None:
    move(app, app.world.site, PAGES)
    assert app.get(PAGES + "/dashboard").status_code == 421


def test_the_api_ignores_the_name(app: App) -> None:
    """SDK sites arrive under other names."""
    move(app, app.world.site, PAGES)
    assert urlsplit(app.session(login())["fullUrl"]).netloc == "pages.shop.example"
    answer = app.post(PAGES + "/oauth2/token", {"clientId": app.world.shop.id, "grantType": "anonymous"})
    assert answer.status_code == 200
