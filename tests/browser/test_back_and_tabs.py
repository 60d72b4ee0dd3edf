"""The Back button, reloads, several tabs and several browsers: a visit never skips a step, never repeats one and never hangs."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.pages import back_at_site, log_in, sign_up, submit, to_sign_up
from tests.browser.shop import Shop, query_of
from tests.browser_fixtures import NewContext

LOGGED_IN = {"wixMemberLoggedIn": "true"}
NOT_LOGGED_IN = {"wixMemberLoggedIn": "false"}


def heading(page: Page, text: str) -> None:
    """The page says this first."""
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def test_who_left_and_comes_back_by_the_back_button_can_still_log_in(shop: Shop, page: Page) -> None:
    """SES-04."""
    session = shop.login()
    page.goto(session["fullUrl"])
    page.get_by_role("link", name="Back to Kiln & Co").click()
    assert query_of(back_at_site(shop, page)) == NOT_LOGGED_IN

    page.go_back()
    heading(page, "Log in")
    assert shop.status(session["id"])["outcome"] == "abandoned", "looking again changes nothing"
    log_in(page, shop.member())

    assert query_of(back_at_site(shop, page)) == LOGGED_IN
    assert shop.status(session["id"])["outcome"] == "completed"


def test_who_left_can_open_the_same_link_again(shop: Shop, page: Page) -> None:
    """SES-03, SES-04: it is this browser's link."""
    session = shop.login()
    page.goto(session["fullUrl"])
    page.get_by_role("link", name="Back to Kiln & Co").click()
    back_at_site(shop, page)

    page.goto(session["fullUrl"])
    heading(page, "Log in")
    log_in(page, shop.member())
    assert query_of(back_at_site(shop, page)) == LOGGED_IN


def test_back_after_a_finished_login_says_that_it_is_done(shop: Shop, page: Page) -> None:
    """SES-04: no field to fill in in vain, and the way on leads somewhere."""
    page.goto(shop.auth()["fullUrl"])
    log_in(page, shop.member())
    first = query_of(back_at_site(shop, page))["code"]

    page.go_back()
    heading(page, "You have finished here already")
    expect(page.locator("input:not([type=hidden])")).to_have_count(0)
    page.get_by_role("link", name="Back to Kiln & Co").click()

    answer = query_of(back_at_site(shop, page))
    assert answer["state"] == "a-state"
    assert answer.get("code") != first, "a code is never handed out twice"


def test_forward_after_back_is_the_site_again(shop: Shop, page: Page) -> None:
    """SES-04."""
    page.goto(shop.login()["fullUrl"])
    log_in(page, shop.member())
    url = back_at_site(shop, page)
    page.go_back()
    heading(page, "You have finished here already")
    page.go_forward()

    assert page.url == url


def test_a_reload_at_each_step_shows_the_same_step(shop: Shop, page: Page) -> None:
    """SES-04."""
    session = shop.login()
    page.goto(session["fullUrl"])
    page.reload()
    heading(page, "Log in")
    submit(page)
    page.wait_for_selector("#error-summary")
    page.reload()
    heading(page, "Log in")
    to_sign_up(page)
    page.reload()
    heading(page, "Create an account")
    log_in(page, shop.account())
    url = back_at_site(shop, page)

    page.goto(f"{shop.server.origin}/session/{session['id']}/return")
    assert page.url == url, "an answer that was lost on its way can be had again"


def test_two_tabs_of_one_visit_end_in_one_login(shop: Shop, new_context: NewContext) -> None:
    """SES-04: the tab that comes second is taken along."""
    context = new_context()
    first, second = context.new_page(), context.new_page()
    session = shop.login()
    for tab in (first, second):
        tab.goto(session["fullUrl"])
        heading(tab, "Log in")
    log_in(first, shop.member())
    assert query_of(back_at_site(shop, first)) == LOGGED_IN

    log_in(second, shop.member())
    heading(second, "You have finished here already")
    second.get_by_role("link", name="Back to Kiln & Co").click()
    assert query_of(back_at_site(shop, second)) == LOGGED_IN


def test_two_visits_in_two_tabs_do_not_disturb_each_other(shop: Shop, new_context: NewContext) -> None:
    """SES-04."""
    context = new_context()
    first, second = context.new_page(), context.new_page()
    first.goto(shop.login("/first")["fullUrl"])
    second.goto(shop.login("/second")["fullUrl"])
    sign_up(second, shop.account())
    assert back_at_site(shop, second) == f"{shop.site_origin}/second?wixMemberLoggedIn=true"

    log_in(first, shop.member())
    assert back_at_site(shop, first) == f"{shop.site_origin}/first?wixMemberLoggedIn=true"


def test_a_second_browser_sees_a_safe_page_with_a_way_back_and_the_first_goes_on(shop: Shop, new_context: NewContext) -> None:
    """SES-03, SES-11."""
    mine, other = new_context().new_page(), new_context().new_page()
    session = shop.login()
    mine.goto(session["fullUrl"])
    other.goto(session["fullUrl"])
    heading(other, "This link was already opened")
    expect(other.locator("form")).to_have_count(0)
    expect(other.get_by_text("Start again", exact=True)).to_have_count(0)
    other.get_by_role("link", name="Back to Kiln & Co").last.click()
    assert query_of(back_at_site(shop, other)) == NOT_LOGGED_IN

    log_in(mine, shop.member())
    assert query_of(back_at_site(shop, mine)) == LOGGED_IN


def test_the_address_of_a_step_says_nothing_to_another_browser(shop: Shop, new_context: NewContext) -> None:
    """SES-11: neither whose it is nor that it exists."""
    mine, other = new_context().new_page(), new_context().new_page()
    mine.goto(shop.login()["fullUrl"])
    other.goto(mine.url)

    heading(other, "This link doesn't work")
    assert "Kiln" not in other.locator("body").inner_text()


def test_a_visit_that_expired_while_typing_says_so_and_starts_again_with_the_same_target(shop: Shop, page: Page) -> None:
    """SES-05, SES-06, SES-11."""
    session = shop.auth()
    page.goto(session["fullUrl"])
    member = shop.member()
    page.locator("#email").fill(member.email)
    page.locator("#password").fill(member.password)
    shop.expire(session["id"])
    submit(page)
    heading(page, "This page has expired")
    assert shop.status(session["id"])["outcome"] == "expired"

    page.get_by_role("button", name="Start again").click()
    heading(page, "Log in")
    log_in(page, member)
    url = back_at_site(shop, page)
    assert url.startswith(f"{shop.callback}?")
    assert query_of(url)["state"] == "a-state"
    assert shop.redeem(url)["refresh_token"]


def test_the_way_back_works_from_an_expired_page_too(shop: Shop, page: Page) -> None:
    """SES-05, SES-11."""
    session = shop.login()
    page.goto(session["fullUrl"])
    shop.expire(session["id"])
    page.reload()
    heading(page, "This page has expired")
    page.get_by_role("link", name="Back to Kiln & Co").click()

    assert back_at_site(shop, page) == f"{shop.site_origin}/after?wixMemberLoggedIn=false"


def test_a_chosen_language_survives_starting_again(shop: Shop, page: Page) -> None:
    """PAG-07, SES-11."""
    session = shop.login(lang="de")
    page.goto(session["fullUrl"])
    shop.expire(session["id"])
    page.reload()
    page.locator("form[action$='/again'] button").click()

    expect(page.locator("html")).to_have_attribute("lang", "de")
    heading(page, "Anmelden")
    assert re.search("/login$", page.url)
