"""What a member does who subscribes at the demo site: from a class to a plan and back, a year of renewals, a refused card, the account."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser_fixtures import NewContext
from tests.examples.conftest import DemoSite
from tests.server_fixtures import Server


@pytest.fixture(scope="session")
def studio(server: Server, demo_site: DemoSite) -> DemoSite:
    """The demo site with something to book, and plans that pay for it."""
    server.command("service", "demo", "--site", "demo", "--no-pictures", "--json")
    server.command("plan", "demo", "--site", "demo", "--no-member", "--json")
    return demo_site


def sign_up(page: Page, email: str) -> None:
    """A new member, with what is bought beside the form."""
    expect(page.get_by_text("Order summary")).to_have_count(1)
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill("a blue door in may")
    page.get_by_role("button", name="Create an account").click()


def agree(page: Page) -> None:
    """To the terms, and on to the payment page."""
    page.get_by_label("I agree to the terms of this plan.").check()
    page.get_by_role("button", name="Start the free trial").click()


def passes(server: Server, days: int) -> None:
    """Time passes for the plans of the site."""
    server.command("clock", "advance", f"{days}d", "--site", "demo", "--json")


def test_a_class_a_plan_a_year_and_the_end_of_it(studio: DemoSite, server: Server, new_context: NewContext, unique_email: str) -> None:
    """Without scripts, on a small telephone: the class stops for a plan and goes on with it; then the account shows what becomes of it."""
    page = new_context(scripts=False, viewport={"width": 320, "height": 640}).new_page()
    page.goto(f"{studio.url}/studio/morning-yoga")
    page.locator("button[name=time]").last.click()
    expect(page.get_by_text("Booking Details")).to_have_count(1)
    page.get_by_role("link", name="Buy a plan that pays for this").click()
    expect(page).to_have_url(re.compile(re.escape(f"{studio.url}/plans?")))
    page.get_by_role("button", name="Choose Monthly Unlimited").click()
    sign_up(page, unique_email)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    agree(page)
    expect(page.get_by_text("Nothing is paid now.")).to_be_visible()
    page.get_by_role("button", name="Keep a test card").click()

    expect(page.get_by_text("Booking Details")).to_have_count(1)
    page.get_by_label("First name").fill("Ann")
    page.get_by_label("Last name").fill("Example")
    page.get_by_label("Email").fill(unique_email)
    expect(page.get_by_label(re.compile("Monthly Unlimited"))).to_be_checked()
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url(re.compile(r"/studio-booked\?.*bookingId="))

    page.goto(f"{studio.url}/account")
    expect(page.get_by_text("Free trial")).to_be_visible()
    passes(server, 8)
    page.reload()
    expect(page.get_by_text("Active")).to_be_visible()
    expect(page.get_by_text(re.compile(r"\$79\.00 on"))).to_have_count(2)
    page.get_by_role("link", name="Bookings").click()
    expect(page.get_by_text("with your plan")).to_be_visible()
    page.get_by_role("link", name="Look at it, move or cancel it").click()
    expect(page.get_by_text("Your booking is confirmed.")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="Plans").click()
    page.get_by_text("Cancel the plan").first.click()
    page.get_by_role("button", name="Cancel the plan").click()
    expect(page.get_by_text("Ends, and is not renewed")).to_be_visible()
    passes(server, 31)
    page.reload()
    expect(page.get_by_text("Cancelled")).to_be_visible()


def test_a_card_that_works_once_is_seen_in_the_account(studio: DemoSite, server: Server, page: Page, unique_email: str) -> None:
    """From the site's own list, with the order's id on the way back; the refusal is shown with the day of the next try."""
    page.goto(f"{studio.url}/plans")
    page.get_by_role("button", name="Choose Monthly Unlimited").click()
    sign_up(page, unique_email)
    agree(page)
    page.get_by_label("Works once").check()
    page.get_by_role("button", name="Use this outcome").click()
    expect(page).to_have_url(re.compile(r"/plan-bought\?.*planOrderId="))
    passes(server, 7)
    page.goto(f"{studio.url}/account")
    expect(page.get_by_text("The card was refused")).to_be_visible()
    expect(page.get_by_text(re.compile("the card is tried again on"))).to_be_visible()
