"""A client may want its visitors back only when its own server knows what they did: for a moment, on a page that works without scripts."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest

from roundtrip.core.clock import SECOND
from roundtrip.core.identity import COMMAND
from roundtrip.core.ids import new_id
from roundtrip.sites import clients
from roundtrip.sites.change import Change
from roundtrip.storage.database import Tx
from roundtrip.web import steps
from roundtrip.webhooks.endpoints import actions as endpoints
from roundtrip.webhooks.endpoints.actions import Draft
from roundtrip.webhooks.endpoints.model import Envelope
from roundtrip.webhooks.keys.making import fresh
from roundtrip.webhooks.keys.model import KeyKind
from tests.app_fixture import PASSWORD, App, Browser, login
from tests.webhooks.town import Receiver


def prepared(app: App, receiver: Receiver) -> None:
    """The shop waits, and its server is told."""
    setup = app.application.api._services.webhooks

    def make(tx: Tx) -> None:
        change = Change(new_id(app.clock()), COMMAND, app.clock())
        clients.update(tx, client=app.world.shop, site=app.world.site, fields={"waitForWebhook": True}, change=change)
        draft = Draft(receiver.url(), "", ("redirect_session.completed",))
        made = Change(new_id(app.clock()), COMMAND, app.clock())
        key = fresh(KeyKind.V1, setup.sealing_key)
        endpoints.create(tx, app.world.site, draft, Envelope.STANDARD, None, key, endpoint_id=new_id(app.clock()), change=made)

    app.application.db.write_now(make)
    tell(app)


def tell(app: App) -> None:
    app.runner.run(app.application.webhooks.round())


def completed(app: App) -> tuple[Browser, str]:
    """A visitor has logged in on the hosted page; answers the browser and the address that leads back."""
    email = app.register()["email"]
    browser = Browser(app)
    page = browser.follow(browser.open(app.session(login())["fullUrl"]))[0][-1]
    token = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert token
    done = browser.submit(str(page.request.url), {"csrf": token[1], "email": email, "password": PASSWORD})
    assert done.headers["location"].endswith("/return"), done.text
    return browser, app.base + done.headers["location"]


def test_a_return_waits_until_the_sites_server_has_taken_it_and_not_for_ever(
    app: App, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page asks again by itself. Ten seconds after the completion the visitor goes back whatever the server does."""
    monkeypatch.setattr(steps, "HOLD_SECONDS", 0.1)
    prepared(app, receiver)
    receiver.answer = lambda got: (500, {})
    browser, back = completed(app)
    tell(app)
    waiting = browser.open(back)
    assert waiting.status_code == 200
    assert waiting.headers["refresh"] == f"1; url={httpx.URL(back).path}"
    assert "One moment, please" in waiting.text
    assert "<script" not in waiting.text.partition("<main")[2]
    assert browser.open(back).status_code == 200, "it was told and did not take it"
    app.clock.move(10 * SECOND)
    assert browser.open(back).status_code == 302


def test_who_is_told_meanwhile_sees_no_page_in_between(app: App, receiver: Receiver) -> None:
    prepared(app, receiver)
    browser, back = completed(app)

    async def both() -> httpx.Response:
        going = asyncio.create_task(browser.client.get(back, headers={"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}))
        await asyncio.sleep(0)
        await app.application.webhooks.round()
        return await going

    answer = app.runner.run(both())
    assert answer.status_code == 302
    assert len(receiver.got) == 1
