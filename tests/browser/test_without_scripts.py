"""The whole way for a browser that runs no scripts: log in, sign up, log out, turn back (PAG-06)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import back_at_site, become_logged_in, log_in, sign_up, submit, to_sign_up, without_fetch_metadata
from tests.browser.shop import Account, Shop, query_of
from tests.browser_fixtures import NewContext


@pytest.fixture
def page(new_context: NewContext) -> Page:
    """A page in a profile without scripts."""
    return new_context(scripts=False).new_page()


def test_a_member_logs_in_after_a_typing_mistake(shop: Shop, page: Page) -> None:
    """PAG-06: the mistake is named beside the field, and what was typed is kept, except the password."""
    member = shop.member()
    page.goto(shop.login()["fullUrl"])
    log_in(page, Account(member.email, "not the password"))

    expect(page.locator("#password-error")).to_contain_text("isn't right")
    expect(page.locator("#email")).to_have_value(member.email)
    expect(page.locator("#password")).to_have_value("")
    expect(page.locator(".reveal")).to_be_hidden()

    log_in(page, member)
    assert query_of(back_at_site(shop, page)) == {"wixMemberLoggedIn": "true"}


def test_a_new_member_signs_up_and_the_site_gets_a_code(shop: Shop, page: Page) -> None:
    """PAG-06, AUT-05."""
    page.goto(shop.auth()["fullUrl"])
    sign_up(page, shop.account())

    url = back_at_site(shop, page)
    assert query_of(url)["state"] == "a-state"
    assert shop.redeem(url)["refresh_token"]


def test_a_member_logs_out_without_being_asked(shop: Shop, page: Page) -> None:
    """PAG-06, IDN-08: the caller's own login needs no question."""
    tokens = shop.redeem(become_logged_in(shop, page))
    page.goto(shop.logout(tokens["access_token"])["fullUrl"])

    assert page.url == f"{shop.site_origin}/bye?wixMemberLoggedIn=false"
    assert shop.refresh(tokens).status_code == 400


def test_a_strangers_logout_link_asks_first_and_no_is_an_answer(shop: Shop, page: Page) -> None:
    """PAG-06, IDN-08."""
    tokens = shop.redeem(become_logged_in(shop, page))
    page.goto(shop.direct_logout(postLogoutRedirectUri=f"{shop.site_origin}/bye"))
    page.get_by_role("link", name="Stay logged in").click()

    assert query_of(back_at_site(shop, page)) == {"wixMemberLoggedIn": "true"}
    assert shop.refresh(tokens).status_code == 200

    page.goto(shop.direct_logout(postLogoutRedirectUri=f"{shop.site_origin}/bye"))
    page.get_by_role("button", name="Log out").click()
    assert query_of(back_at_site(shop, page)) == {"wixMemberLoggedIn": "false"}
    assert shop.refresh(tokens).status_code == 400


@pytest.mark.parametrize("where", ["login", "sign-up"])
def test_a_visitor_turns_back_without_logging_in(shop: Shop, page: Page, where: str) -> None:
    """PAG-06."""
    session = shop.login()
    page.goto(session["fullUrl"])
    if where == "sign-up":
        to_sign_up(page)
    page.get_by_role("link", name="Back to Kiln & Co").click()

    assert back_at_site(shop, page) == f"{shop.site_origin}/after?wixMemberLoggedIn=false"
    assert shop.status(session["id"])["outcome"] == "abandoned"


def test_an_old_browser_presses_one_button_more(shop: Shop, page: Page) -> None:
    """PAG-06, SES-03."""
    session = shop.login()
    without_fetch_metadata(page, session["fullUrl"])
    assert shop.status(session["id"])["status"] == "created"
    submit(page)
    page.wait_for_url(re.compile("/login$"))

    log_in(page, shop.member())
    assert query_of(back_at_site(shop, page)) == {"wixMemberLoggedIn": "true"}


def test_the_language_menu_opens_and_the_choice_lasts(shop: Shop, page: Page) -> None:
    """PAG-06, PAG-07."""
    page.goto(shop.login()["fullUrl"])
    page.locator(".languages summary").click()
    page.get_by_role("link", name="עברית").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")

    to_sign_up(page)
    expect(page.locator("html")).to_have_attribute("lang", "he")
    submit(page)
    expect(page.locator("html")).to_have_attribute("lang", "he")


def test_an_impatient_double_click_logs_in_once(shop: Shop, page: Page) -> None:
    """PAG-06, SES-04: nothing stops the second click without scripts, and it does no harm."""
    page.goto(shop.login()["fullUrl"])
    to_sign_up(page)
    account = shop.account()
    page.locator("#email").fill(account.email)
    page.locator("#password").fill(account.password)
    page.locator("form button[type=submit]").dblclick()

    assert query_of(back_at_site(shop, page)).keys() == {"wixMemberLoggedIn"}
