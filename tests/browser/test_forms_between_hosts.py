"""A client that posts its authorization request and wants the answer as a form: both forms cross from one site to the other."""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import watch_page
from tests.browser.pages import log_in, submit
from tests.browser.shop import VERIFIER, Shop
from tests.browser_fixtures import NewContext
from tests.site_fixture import Site


def _start(shop: Shop, site: Site) -> str:
    """A page of the client with a form, as libraries make it when a request is long."""
    wanted = {**shop.authorization(), "responseMode": "form_post", "nonce": "n" * 500}
    fields = "".join(f"<input type=hidden name='{name}' value='{escape(value)}'>" for name, value in wanted.items())
    form = f"<form method=post action='{shop.server.origin}/oauth2/authorize'>{fields}<button type=submit>Log in</button></form>"
    return site.page("/start", f"<!doctype html><html lang=en><title>Client</title><link rel=icon href='data:,'>{form}")


def _answer(site: Site, page: Page) -> dict[str, str]:
    page.wait_for_url(f"{site.origin}/callback")
    (came,) = [seen for seen in site.seen if seen.path == "/callback"]
    site.seen.remove(came)
    return dict(parse_qsl(came.form))


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_request_and_its_answer_travel_as_forms(shop: Shop, site: Site, new_context: NewContext, scripts: bool) -> None:
    """AUT-06, PAG-01, PAG-06: with scripts nobody presses anything but what they came for; without, one button each way."""
    page = new_context(scripts=scripts).new_page()
    watched = watch_page(page)
    start = _start(shop, site)

    def press_on() -> None:
        if not scripts:
            page.wait_for_selector("h1:has-text('on your way'), h1:has-text('Almost there')")
            submit(page)

    page.goto(start)
    submit(page)
    press_on()
    log_in(page, shop.member())
    press_on()
    first = _answer(site, page)
    assert set(first) == {"code", "state", "iss"}

    page.goto(start)  # once more, with the login that this browser has now
    submit(page)
    press_on()
    press_on()
    second = _answer(site, page)
    assert (second["state"], second["code"] != first["code"]) == ("a-state", True)
    body = {"clientId": shop.client_id, "grantType": "authorization_code", "redirectUri": shop.callback, "codeVerifier": VERIFIER}
    assert shop.post("/oauth2/token", {**body, "code": shop.server.secret(second["code"])}).status_code == 200
    assert watched.complaints == []
    if scripts:
        page.go_back()
        page.wait_for_url(start)  # nobody is caught between pages that send each other on
