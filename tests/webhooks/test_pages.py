"""Webhooks in the dashboard: an endpoint's whole life by forms that work without scripts; the log, and sending again."""

from __future__ import annotations

import re

import pytest

from tests.app_fixture import App
from tests.dashboard.owner_browser import OwnerBrowser, readable
from tests.webhooks.town import Receiver

PAGE = "kiln/settings/webhooks"


@pytest.fixture
def desk(app: App) -> OwnerBrowser:
    """An owner who is logged in."""
    return OwnerBrowser(app)


def tell(app: App) -> None:
    app.runner.run(app.application.webhooks.round())


def made(desk: OwnerBrowser, receiver: Receiver) -> tuple[str, str]:
    """Fill in the form for a new endpoint; answers its page and its secret."""
    wanted = {"url": receiver.url(), "description": "Warehouse", "events": "redirect_session.*", "envelope": "standard"}
    shown = desk.send("/webhooks/new", wanted).text
    (secret,) = re.findall(r"<code>(whsec_[^<]+)</code>", shown)
    (here,) = set(re.findall(r"/dashboard/(kiln/settings/webhooks/[0-9a-f-]{36})/test", shown))
    return here, secret


def test_an_owner_makes_an_endpoint_sees_its_secret_once_and_reads_what_became_of_events(
    app: App, desk: OwnerBrowser, receiver: Receiver
) -> None:
    """OPS-03, WHK-06, WHK-08."""
    assert "Nobody is told yet" in desk.open(PAGE)
    desk.open(f"{PAGE}/new")
    page = desk.refuse("/webhooks/new", {"url": "ftp://x", "events": "no.such", "envelope": "standard"})
    assert 'id="url-error"' in page
    here, secret = made(desk, receiver)
    assert secret not in desk.open(here)
    session = app.session({"login": {}, "callbacks": {"postFlowUrl": "https://shop.example/after"}})
    receiver.answer = lambda got: (503, {})
    tell(app)
    log = desk.open(f"{PAGE}/log?status=waiting&event=redirect_session&about={session['id']}")
    (delivery,) = set(re.findall(r"/dashboard/(kiln/settings/webhooks/log/[0-9a-f-]{36})", log))
    assert "503" in readable(desk.open(delivery))
    assert session["id"] in readable(desk.open(delivery))
    assert "failing since" in readable(desk.open(here))
    assert "redirect_session.created" in desk.open(f"kiln/redirect-sessions/{session['id']}")
    assert "Warehouse" in desk.open(f"kiln/redirect-sessions/{session['id']}"), "deliveries stand beside the trip"
    receiver.answer = lambda got: (200, {})
    app.clock.move(60_000)
    desk.open(delivery)
    assert "on its way again" in desk.save("/resend")
    tell(app)
    assert "delivered" in readable(desk.open(delivery))


def test_an_owner_renews_the_key_tries_the_endpoint_switches_it_off_and_deletes_it(desk: OwnerBrowser, receiver: Receiver) -> None:
    """WHK-06, WHK-08; every refusal stands at its field."""
    desk.open(f"{PAGE}/new")
    here, secret = made(desk, receiver)
    desk.open(here)
    renewed = desk.send("/rotate", {}).text
    assert "whsec_" in renewed
    assert secret not in renewed
    desk.open(here)
    assert "on its way" in desk.save("/test")
    desk.open(here)
    assert "Saved" in desk.save("/switch", act="off")
    assert "You switched it off." in readable(desk.open(here))
    desk.open(f"{PAGE}/log")
    page = desk.refuse("/log/resend", {"endpoint": here.rpartition("/")[2], "from": "yesterday", "to": ""})
    assert 'id="from-error"' in page
    desk.open(here)
    assert "The endpoint was deleted" in desk.save("/delete")
