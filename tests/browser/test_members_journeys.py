"""Becoming a member with a mailed code, a forgotten password, and an owner who lets somebody in: in a real browser, by mail."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import PASSWORD, invitation, join
from tests.browser.pages import back_at_site, log_in, sign_up, submit
from tests.browser.shop import Account, Shop
from tests.browser_fixtures import PHONE, NewContext
from tests.own_site import OwnSite, own_site
from tests.server_fixtures import StartServer
from tests.site_fixture import Site


@dataclass(frozen=True)
class Own:
    """A site of its own: `shop` is what its visitors see, `site` its policy and its mailbox."""

    site: OwnSite
    shop: Shop


@pytest.fixture(scope="module")
def own(start_server: StartServer, site_for_all_tests: Site) -> Iterator[Own]:
    """On a server of its own: what its site asks of new members must not touch other tests."""
    server = start_server()
    origin = site_for_all_tests.origin
    site = own_site(server, redirect_uris=[f"{origin}/callback"], redirect_domains=[origin])
    server.secret(PASSWORD)
    shop = Shop(server, origin, site.client_id, site.client_id, site.client_id, site.key)
    yield Own(site, shop)
    shop.http.close()


def member_of(own: Own) -> Account:
    """Somebody who has an account already."""
    own.site.ask()
    return own.shop.member()


def test_signing_up_with_a_mailed_code_brings_the_visitor_back_as_a_member(own: Own, page: Page) -> None:
    """IDN-04: a wrong code first; what was typed stays, and the focus is on what is wrong."""
    own.site.ask(verification=True)
    account = own.shop.account()
    page.goto(own.shop.login()["fullUrl"])
    sign_up(page, account)
    page.wait_for_url(re.compile("/verify_code$"))
    letter = own.site.letter(account.email, "verify_email")
    page.fill("#code", "000000" if letter.digits != "000000" else "111111")
    page.press("#code", "Enter")
    expect(page.locator("#error-summary")).to_be_focused()
    page.fill("#code", letter.digits)
    page.press("#code", "Enter")
    assert "wixMemberLoggedIn=true" in back_at_site(own.shop, page)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_forgotten_password_is_replaced_by_the_link_in_the_mail(own: Own, new_context: NewContext, scripts: bool) -> None:
    """IDN-05, IDN-06: the link goes on with the visit in the browser that asked; a phone, where nothing may be wider than the screen."""
    account = member_of(own)
    new = own.site.server.secret(f"Other-{uuid.uuid4().hex[:12]}-9!")
    page = new_context(scripts=scripts, viewport=PHONE).new_page()
    page.goto(own.shop.login()["fullUrl"])
    page.get_by_role("link", name="Forgot").click()
    page.fill("#email", account.email)
    submit(page)
    page.wait_for_url(re.compile("/reset$"))
    page.goto(own.site.letter(account.email, "recover").link)
    page.fill("#password", "short")
    submit(page)
    expect(page.locator("#password-error")).to_be_visible()
    if scripts:
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.fill("#password", new)
    submit(page)
    assert "wixMemberLoggedIn=true" in back_at_site(own.shop, page)

    other = new_context(scripts=scripts).new_page()
    other.goto(own.shop.login()["fullUrl"])
    log_in(other, account)
    expect(other.locator("#error-summary")).to_be_visible()
    log_in(other, Account(account.email, new))
    assert "wixMemberLoggedIn=true" in back_at_site(own.shop, other)


def test_the_owner_lets_somebody_in_who_waits(own: Own, new_context: NewContext) -> None:
    """OPS-02: seen from both sides."""
    own.site.ask(approval=True)
    account = own.shop.account()
    waiting = new_context().new_page()
    waiting.goto(own.shop.login()["fullUrl"])
    sign_up(waiting, account)
    waiting.wait_for_url(re.compile("/pending_approval$"))

    desk = new_context().new_page()
    join(desk, invitation(own.site.server), f"desk-{uuid.uuid4().hex[:8]}@kiln.example")
    desk.goto(f"{own.site.server.origin}/dashboard/{own.site.slug}")
    desk.get_by_role("link", name="Decide").click()
    desk.get_by_role("link", name=account.email).click()
    desk.get_by_role("button", name="Approve").click()
    expect(desk.get_by_role("status").first).to_contain_text("The member is in")

    assert own.site.letter(account.email, "approved").subject
    waiting.goto(own.shop.login()["fullUrl"])
    log_in(waiting, account)
    assert "wixMemberLoggedIn=true" in back_at_site(own.shop, waiting)
