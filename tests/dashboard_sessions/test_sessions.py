"""Redirect sessions in the dashboard: the list, the trip of one, ending one, and finding things."""

from __future__ import annotations

import html
import re

import pytest

from roundtrip.core.clock import MINUTE, SECOND
from roundtrip.redirect_session import store
from roundtrip.redirect_session.store import Wanted
from tests.app_fixture import PASSWORD, App, Browser, auth, login
from tests.dashboard_sessions.at_desk import Owner
from tests.web.test_dashboard_door import token_in


def visit(app: App, session: dict[str, str]) -> Browser:
    """Open it, type a wrong thing, then log in, and come back."""
    browser = Browser(app)
    account = app.register()
    first, _ = browser.follow(browser.open(session["fullUrl"], referer="https://shop.example/cart"))
    app.clock.move(4 * SECOND)
    path = str(first[-1].request.url)
    assert browser.submit(path, {"csrf": token_in(first[-1]), "email": account["email"], "password": ""}).status_code == 400
    app.clock.move(2 * MINUTE)
    sent = browser.submit(path, {"csrf": token_in(first[-1]), "email": account["email"], "password": PASSWORD})
    _, target = browser.follow(sent)
    assert target
    assert target.startswith("https://shop.example/")
    return browser


def trip(page: str) -> list[str]:
    return [
        html.unescape(words) for words in re.findall(r"<h3[^>]*>(.*?)</h3>", page.split('class="trip"')[1].split("</ol>", maxsplit=1)[0])
    ]


def test_the_trip_of_a_visit_reads_as_sentences(app_on_each: App) -> None:
    """SES-02: every move, in order, without anything that was typed."""
    session = app_on_each.session(auth(app_on_each.world.shop))
    visit(app_on_each, session)
    page = Owner(app_on_each).text(f"/redirect-sessions/{session['id']}")
    assert trip(page) == [
        "shop.example asked for it",
        "A browser opened it, from https://shop.example",
        "The form of the page “login” came back: password was empty",
        "Logged in",
        "The flow was completed",
        "Went back to https://shop.example/cb with code, state, iss",
    ]
    assert "2 min 0 s" in page
    assert "redirect_session.returned" in page
    assert PASSWORD not in page
    assert "a-state" not in page


def test_being_sent_to_the_sites_own_login_page_is_told(app: App) -> None:
    """SES-02, SES-09: it is no move, and part of the trip all the same."""
    session = app.session(login(loginUrl="https://shop.example/log-in?secret=word"))
    browser = Browser(app)
    _, target = browser.follow(browser.open(session["fullUrl"], referer="https://shop.example/cart"))
    assert target
    assert target.startswith("https://shop.example/log-in?")
    page = Owner(app).text(f"/redirect-sessions/{session['id']}")
    assert trip(page)[2:3] == ["Sent to the site's own login page, https://shop.example/log-in"]
    assert "secret=word" not in page


def test_a_second_browser_and_a_way_back_that_was_closed_are_told(app: App) -> None:
    """RED-08, RED-19, SES-03: with the part that differs marked, and without the values of the query."""
    session = app.session(login(postFlowUrl="https://shop.example/after?secret=1"))
    app.change(app.world.shop, redirect_domains=("shop.example:8443",))
    browser, account = Browser(app), app.register()
    first, _ = browser.follow(browser.open(session["fullUrl"]))
    sent = browser.submit(str(first[-1].request.url), {"csrf": token_in(first[-1]), "email": account["email"], "password": PASSWORD})
    seen, target = browser.follow(sent)
    assert (seen[-1].status_code, target) == (403, None)
    assert Browser(app).open(session["fullUrl"]).status_code == 410
    owner = Owner(app)
    page = owner.text(f"/redirect-sessions/{session['id']}")
    assert trip(page)[-2:] == [
        "Was not sent on: the address isn't listed as an allowed redirect domain",
        "The link was opened again, in another browser, which saw only a way back",
    ]
    assert "secret=1" not in page
    assert '<mark class="gap">' in page  # the port that is listed is missing
    assert "A return would be refused now" in page
    assert "its session" in owner.text("/refusals")


def test_an_owner_ends_a_session(app: App) -> None:
    """SES-06: after one more question, and the timeline says who did."""
    session = app.session(login())
    owner = Owner(app)
    path = f"/redirect-sessions/{session['id']}"
    assert "Expire this session?" in owner.text(f"{path}/expire")
    assert owner.send(f"{path}/expire").headers["location"].endswith("?saved=expired")
    assert trip(owner.text(path))[-1] == "Ann ended it"
    assert owner.send(f"{path}/expire").headers["location"].endswith("?saved=late")
    assert Browser(app).open(session["fullUrl"]).status_code == 410


def test_the_list_is_narrowed_by_its_address_and_goes_on(app_on_each: App) -> None:
    for _ in range(52):
        app_on_each.session(login())
    app_on_each.clock.move(SECOND)  # the order of ids is that of time, and of nothing within one millisecond
    session = app_on_each.session(auth(app_on_each.world.shop))
    owner = Owner(app_on_each)
    first = owner.text("/redirect-sessions")
    assert len(re.findall(r"<td>login</td>", first)) == 49
    older = re.search(r'href="(\?before=[^"]+)"', first)
    assert older
    assert len(re.findall(r"<td>login</td>", owner.text("/redirect-sessions" + html.unescape(older[1])))) == 3
    only = owner.text("/redirect-sessions?intent=auth&status=created&since=hour&client=" + app_on_each.world.shop.id)
    assert session["id"] in only
    assert "<td>login</td>" not in only
    assert "<rect" in first


def test_a_rare_filter_costs_no_more_than_its_bound(app_on_each: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page may be empty and still have a next one; going on finds what there is."""
    db, site = app_on_each.application.db, app_on_each.world.site.id
    wanted = app_on_each.session(auth(app_on_each.world.shop))["id"]
    for _ in range(7):
        app_on_each.clock.move(SECOND)
        app_on_each.session(login())
    monkeypatch.setattr(store, "LOOK_AT", 3)
    before, pages = None, []
    for _ in range(5):
        found, before = db.read_now(store.search, site, Wanted(intent="auth"), before=before, limit=10, now=app_on_each.clock.now)
        pages.append([one.id for one in found])
        if before is None:
            break
    assert pages == [[], [], [wanted]]


def test_an_empty_list_says_how_to_send_the_first_visitor(app: App) -> None:
    page = Owner(app).text("/redirect-sessions")
    assert "No visitor was sent yet" in page
    assert app.world.shop.id in page


def test_the_search_box_finds_what_it_is_given(app: App) -> None:
    session, member = app.session(login()), app.register()
    visitor = app.application.db.read_now(store.get, session["id"])
    assert visitor is not None
    owner = Owner(app)
    for text, place in (
        (session["id"], f"/redirect-sessions/{session['id']}"),
        (session["id"].upper(), f"/redirect-sessions/{session['id']}"),
        (str(visitor.caller_id), f"/redirect-sessions?caller={visitor.caller_id}"),
        (app.world.shop.id, f"/settings/clients/{app.world.shop.id}"),
        ("other.exa", f"/settings/clients/{app.world.other.id}"),
        (member["email"].upper(), f"/members/{member['id']}"),
        ("https://x.example/cb", "/refusals?url=https%3A%2F%2Fx.example%2Fcb"),
    ):
        answer = owner.open(f"/find?q={text}")
        assert answer.headers["location"] == f"/dashboard/kiln{place}"
    assert "other.example" in owner.open("/find?q=example").text
    assert "Nothing found" in owner.text("/find?q=nobody")
    assert "Nothing found" in owner.text(f"/find?q={app.world.foreign.id}")


def test_a_session_of_another_site_is_not_there(app: App) -> None:
    """AUT-14."""
    session = app.session(login(postFlowUrl="https://third.example/"), app.visitor(app.world.foreign))
    owner = Owner(app)
    assert owner.open(f"/redirect-sessions/{session['id']}").status_code == 404
    assert owner.send(f"/redirect-sessions/{session['id']}/expire").status_code == 404
    assert app.get(f"/api/v1/redirect-sessions/{session['id']}/timeline", app.world.key).status_code == 404


def test_the_timeline_over_the_api(app: App) -> None:
    session = app.session(auth(app.world.shop))
    visit(app, session)
    answer = app.get(f"/api/v1/redirect-sessions/{session['id']}/timeline", app.world.reading_key).json()
    assert [entry["kind"] for entry in answer["entries"]] == ["created", "opened", "step_refused", "step_done", "completed", "returned"]
    assert answer["entries"][0]["event"]["slug"] == "created"
    assert answer["entries"][2]["event"] is None
    assert [target["allowed"] for target in answer["targets"]] == [True]
    assert app.get(f"/api/v1/redirect-sessions/{session['id']}/timeline", app.visitor()).status_code == 403
