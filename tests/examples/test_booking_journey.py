"""What a person does who books at the demo site: choose a time, say who comes, pay, come back. In a browser, against the real server."""

from __future__ import annotations

import json
import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser_fixtures import NewContext
from tests.examples.conftest import DemoSite
from tests.server_fixtures import Server


@pytest.fixture(scope="session")
def studio(server: Server, demo_site: DemoSite) -> DemoSite:
    """The demo site with something to book."""
    server.command("service", "demo", "--site", "demo", "--no-pictures", "--json")
    return demo_site


def who(page: Page, email: str) -> None:
    """Fill in the booking form."""
    expect(page.get_by_text("Booking Details")).to_have_count(1)
    page.get_by_label("First name").fill("Ann")
    page.get_by_label("Last name").fill("Example")
    page.get_by_label("Email").fill(email)


def link_in_mail(server: Server, email: str) -> str:
    """The address of the booking's page in the confirmation, once the worker has caught it."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        mails = json.loads(server.command("mailbox", "list", "--site", "demo", "--json"))
        found = [one for one in mails if one["to"] == email and one["kind"] == "booking_confirmed"]
        if found:
            text = server.command("mailbox", "show", "--site", "demo", found[0]["id"])
            link = re.search(r"https?://\S+/booking/\S+", text)
            assert link, text
            return link[0]
    raise AssertionError("no mail came")


def test_pick_a_time_pay_on_the_hosted_page_and_come_back_with_ids(studio: DemoSite, new_context: NewContext, unique_email: str) -> None:
    """Without scripts, on a small telephone."""
    page = new_context(scripts=False, viewport={"width": 320, "height": 640}).new_page()
    page.goto(f"{studio.url}/studio/coaching-session")
    page.locator("button[name=time]").last.click()
    expect(page).to_have_url(re.compile(re.escape(studio.server_url)))
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    who(page, unique_email)
    page.get_by_role("button", name="Continue to payment").click()
    page.get_by_label("Country").select_option("DE")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Is everything right?")).to_be_visible()
    page.get_by_role("button", name=re.compile("Pay ")).click()
    page.get_by_role("button", name="Pay now").click()
    expect(page).to_have_url(re.compile(r"/studio-booked\?.*bookingId="))
    assert "orderId=" in page.url
    expect(page.get_by_text("It is confirmed and paid.")).to_be_visible()


def test_choose_everything_on_the_hosted_pages_by_keyboard_then_move_and_cancel_by_link(
    studio: DemoSite, server: Server, page: Page, unique_email: str
) -> None:
    page.goto(f"{studio.url}/studio")
    page.get_by_role("button", name="Book on the hosted pages").press("Enter")
    page.get_by_role("button", name=re.compile("Intro Call")).press("Enter")
    expect(page.get_by_role("heading", name="Choose a time")).to_be_visible()
    page.locator("button[name=day]:not([disabled])").nth(3).press("Enter")
    page.locator("button[name=time]").first.press("Enter")
    who(page, unique_email)
    page.get_by_role("button", name="Book", exact=True).press("Enter")
    expect(page.get_by_role("heading", name="See you there")).to_be_visible()

    page.goto(link_in_mail(server, unique_email))
    expect(page.get_by_text("Your booking is confirmed.")).to_be_visible()
    before = page.locator("dd").nth(1).inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="Add to calendar").click()
    assert b"BEGIN:VEVENT" in download.value.path().read_bytes()
    page.get_by_role("link", name="Choose another time").click()
    page.locator("button[name=day]:not([disabled])").nth(4).click()
    page.locator("button[name=time]").last.click()
    expect(page.get_by_role("heading", name="Your booking")).to_be_visible()
    assert page.locator("dd").nth(1).inner_text() != before
    page.get_by_text("Cancel the booking").first.click()
    page.get_by_role("button", name="Cancel the booking").click()
    expect(page.get_by_text("This booking was cancelled.")).to_be_visible()
