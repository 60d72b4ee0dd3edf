"""What a person does with the demo: sign up, come back, log out, see why a way back was refused. In a browser, against the real server."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser_fixtures import NewContext
from tests.examples.conftest import DemoSite

PASSWORD = "porcelain and patience"


def sign_up(page: Page, email: str, name: str = "Ann") -> None:
    """On the hosted page: from the login form to a new account."""
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("What should we call you?").fill(name)
    page.get_by_role("button", name="Create an account").click()


def on_the_hosted_pages(page: Page, site: DemoSite) -> None:
    """The browser has left the site."""
    expect(page).to_have_url(re.compile(re.escape(site.server_url)))


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_sign_up_come_back_log_out_and_see_why_a_callback_was_refused(
    demo_site: DemoSite, new_context: NewContext, unique_email: str, scripts: bool
) -> None:
    """The round trip of the README (RED-19, AUT-05, IDN-08)."""
    page = new_context(scripts=scripts).new_page()
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))

    page.goto(demo_site.url)
    expect(page.get_by_role("heading", name="You are a visitor")).to_be_visible()
    page.get_by_role("button", name="Log in", exact=True).click()
    on_the_hosted_pages(page, demo_site)
    sign_up(page, unique_email)

    expect(page).to_have_url(f"{demo_site.url}/")
    expect(page.get_by_role("status")).to_have_text("Welcome, Ann.")
    expect(page.get_by_text(unique_email)).to_be_visible()

    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(f"{demo_site.url}/signed-out?wixMemberLoggedIn=false")
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()

    page.get_by_role("link", name="Why refused?").click()
    verdict = page.get_by_role("listitem").filter(has_text="A slash at the end")
    expect(verdict).to_contain_text("refused")
    expect(verdict).to_contain_text(f"{demo_site.url}/callback/")
    expect(verdict).to_contain_text(re.compile(r"\badd ", re.IGNORECASE))
    assert asked == {urlsplit(demo_site.url).netloc, urlsplit(demo_site.server_url).netloc}, "no third party is asked (PAG-05)"


def test_the_hosted_login_page_brings_a_new_member_home_through_a_silent_login(demo_site: DemoSite, page: Page, unique_email: str) -> None:
    page.goto(demo_site.url)
    page.get_by_role("button", name="Sign up or log in with the hosted page").click()
    on_the_hosted_pages(page, demo_site)
    sign_up(page, unique_email, "Ben")

    expect(page).to_have_url(f"{demo_site.url}/")
    expect(page.get_by_role("heading", name="Ben")).to_be_visible()


def test_a_silent_login_without_a_login_says_so_and_shows_no_page(demo_site: DemoSite, page: Page) -> None:
    """AUT-10."""
    page.goto(f"{demo_site.url}/silent")

    expect(page).to_have_url(f"{demo_site.url}/")
    expect(page.get_by_role("status")).to_contain_text("no login on the hosted pages")


def test_whoever_turns_round_on_the_login_page_comes_back_as_a_visitor(demo_site: DemoSite, page: Page) -> None:
    page.goto(demo_site.url)
    page.get_by_role("button", name="Log in", exact=True).click()
    on_the_hosted_pages(page, demo_site)
    page.get_by_role("link", name=re.compile("Back to")).first.click()

    expect(page.get_by_role("heading", name="You came back without logging in")).to_be_visible()


def test_every_common_mistake_is_refused_with_a_difference_and_a_fix(demo_site: DemoSite, page: Page) -> None:
    """RED-19."""
    page.goto(f"{demo_site.url}/why-refused")

    verdicts = page.locator(".verdicts > li")
    expect(verdicts).to_have_count(8)
    for verdict in verdicts.all():
        expect(verdict.locator(".tag")).to_have_text("refused")
        expect(verdict).to_contain_text("First difference")
        expect(verdict).to_contain_text("Closest entry")
        expect(verdict).to_contain_text(re.compile(r"\badd ", re.IGNORECASE))


def test_an_address_of_your_own_can_be_tried(demo_site: DemoSite, page: Page) -> None:
    page.goto(f"{demo_site.url}/why-refused")
    page.get_by_label("Try an address of your own").fill(f"{demo_site.url}/callback")
    page.get_by_role("button", name="Try it").click()

    expect(page.locator(".verdicts > li").first.locator(".tag")).to_have_text("allowed")


def test_inside_shows_the_messages_of_the_visit_and_no_whole_secret(demo_site: DemoSite, page: Page, unique_email: str) -> None:
    """OPS-07, for a page that is made to show requests."""
    codes: list[str] = []
    page.on("request", lambda request: codes.extend(re.findall(r"[?&]code=([^&]+)", request.url)))
    page.goto(demo_site.url)
    page.get_by_role("button", name="Log in", exact=True).click()
    sign_up(page, unique_email)
    expect(page.get_by_role("status")).to_be_visible()
    page.goto(f"{demo_site.url}/inside")

    shown = page.content()
    assert codes
    assert codes[0] not in shown
    assert not re.search(r"JWS\.[\w.-]{20}", shown)
    for title in ("A token for a new visitor", "A redirect session for a login", "Came back to the redirect URI", "The code for tokens"):
        expect(page.get_by_role("heading", name=title)).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/why-refused", "/inside", "/signed-out", "/callback", "/shop", "/cart", "/thank-you"])
def test_no_page_is_wider_than_the_screen(demo_site: DemoSite, page: Page, path: str) -> None:
    page.goto(demo_site.url + path)
    for width in (320, 768, 1440):
        page.set_viewport_size({"width": width, "height": 800})

        assert page.evaluate("document.documentElement.scrollWidth") <= width
