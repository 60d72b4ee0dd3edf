"""What a person does who buys tickets at the demo site: choose, say who comes, pay, come back. In a browser, against the real server."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser_fixtures import NewContext
from tests.examples.conftest import DemoSite
from tests.server_fixtures import Server


@pytest.fixture(scope="session")
def stage(server: Server, demo_site: DemoSite) -> DemoSite:
    """The demo site with something that takes place."""
    server.command("event", "demo", "--site", "demo", "--no-pictures", "--json")
    return demo_site


def test_choose_tickets_pay_on_the_hosted_page_and_come_back_with_number_and_event(
    stage: DemoSite, new_context: NewContext, unique_email: str
) -> None:
    """Without scripts, on a small telephone. What the ticket says leads to its page."""
    page = new_context(scripts=False, viewport={"width": 320, "height": 640}).new_page()
    page.goto(f"{stage.url}/events")
    page.get_by_role("link", name="Tickets for Summer Night Live").click()
    page.get_by_label("General, 25.00 USD").fill("2")
    page.get_by_label("VIP, Student, 40.00 USD").fill("1")
    page.get_by_role("button", name="Buy tickets").click()
    expect(page).to_have_url(re.compile(re.escape(stage.server_url)))
    expect(page.get_by_text("Add your details")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    expect(page.get_by_text("Your tickets are kept for you for another")).to_be_visible()
    page.get_by_label("First name").fill("Ann")
    page.get_by_label("Last name").fill("Example")
    page.get_by_label("Email").fill(unique_email)
    page.get_by_role("button", name="Continue to payment").click()
    expect(page.get_by_role("alert")).to_contain_text("Say that you agree")
    page.get_by_label("I have read this").check()
    page.get_by_role("button", name="Continue to payment").click()
    page.get_by_role("button", name="Pay $97.99").click()
    page.get_by_role("button", name="Pay now").click()
    expect(page).to_have_url(re.compile(r"/events-booked\?"))
    assert re.search(r"orderNumber=[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{3}", page.url)
    assert "eventId=e0e00001-0000-4000-8000-000000000001" in page.url
    expect(page.get_by_text("Your tickets are good.")).to_be_visible()
    page.get_by_role("link", name="Look at the tickets").click()
    expect(page.get_by_role("img", name="Square code of ticket")).to_have_count(3)
    with page.expect_download() as download:
        page.get_by_role("link", name="Tickets to print (PDF)").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    with page.expect_download() as download:
        page.get_by_role("link", name="Add to calendar").click()
    assert b"SUMMARY:Summer Night Live" in download.value.path().read_bytes()


def test_say_that_you_come(stage: DemoSite, new_context: NewContext, unique_email: str) -> None:
    page = new_context(scripts=False).new_page()
    page.goto(f"{stage.url}/events/open-studio-day")
    page.get_by_label("First name").fill("Ann")
    page.get_by_label("Last name").fill("Example")
    page.get_by_label("Email").fill(unique_email)
    page.get_by_role("button", name="I come").click()
    expect(page.get_by_text("See you there.")).to_be_visible()
