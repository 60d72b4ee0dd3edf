"""What happens to buyers between the demo site's cart and its thanks when they turn round, reload, wait too long or come too late."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.examples.conftest import DemoSite
from tests.server_fixtures import Server

BUYER = (("First name", "Ann"), ("Last name", "Example"))
HOME = (("Street and number", "Konviktstraße 12"), ("Postal code", "79098"), ("City", "Freiburg"))


@dataclass(frozen=True)
class Owner:
    """Whoever looks after the shop, with a key of theirs."""

    server: Server
    key: str

    def ask(self, method: str, path: str, body: object) -> Any:
        """One call of the owner's own server."""
        answer = httpx.request(method, self.server.origin + path, json=body, headers={"authorization": self.key}, timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def shelve(self, name: str, quantity: int) -> str:
        """Offer something; its id."""
        product = {"name": name, "price": "10.00", "stock": {"quantity": quantity}}
        return str(self.ask("POST", "/stores/v1/products", {"product": product})["product"]["id"])

    def sell_out(self, product_id: str) -> None:
        """Somebody else takes the last one."""
        self.ask("PUT", f"/api/v1/products/{product_id}/stock", {"quantity": 0})

    def expire(self, page: Page) -> None:
        """Let the visit that a page belongs to run out."""
        session_id = urlsplit(page.url).path.split("/")[2]
        self.ask("POST", f"/api/v1/redirect-sessions/{session_id}/expire", {})


@pytest.fixture(scope="module")
def owner(server: Server, shop_site: DemoSite) -> Owner:
    """That of the demo site's shop."""
    made = json.loads(server.command("key", "create", "--site", "kiln", "--name", "Shelves", "--json"))
    return Owner(server, server.secret(made["key"]))


@pytest.fixture
def to_checkout(shop_site: DemoSite, page: Page) -> Callable[..., None]:
    """Put these into the cart, and go out to the hosted checkout."""

    def go(*slugs: str) -> None:
        for slug in slugs:
            page.goto(f"{shop_site.url}/shop/{slug}")
            page.get_by_role("button", name="Add to cart").click()
        page.get_by_role("button", name="Check out").click()
        heading(page, "Who is this for?")

    return go


def heading(page: Page, text: str) -> None:
    """The page says this first."""
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def go_on(page: Page) -> None:
    """The main button of a step."""
    page.get_by_role("button", name="Continue").click()


def reload(page: Page) -> None:
    """As impatient people do; the page is the same one."""
    before = page.url, page.get_by_role("heading", level=1).inner_text(), page.locator(".progress").all_inner_texts()
    page.reload()
    assert (page.url, page.get_by_role("heading", level=1).inner_text(), page.locator(".progress").all_inner_texts()) == before


def fill_contact(page: Page, email: str) -> None:
    """Who buys."""
    page.get_by_label("Email").fill(email)
    for label, text in BUYER:
        page.get_by_label(label).fill(text)
    go_on(page)
    heading(page, "Where should we send it?")


def fill_address(page: Page) -> None:
    """To Freiburg, where this shop adds no tax."""
    page.get_by_label("Country").select_option("DE")
    for label, text in HOME:
        page.get_by_label(label).fill(text)
    go_on(page)
    heading(page, "How should it get to you?")


def choose_express(page: Page) -> None:
    """From the review, as somebody who is in a hurry after all."""
    page.get_by_role("button", name="Change Delivery", exact=True).click()
    page.get_by_label(re.compile("Express")).check()
    go_on(page)


def pay_at_the_second_try(page: Page) -> None:
    """The card is refused first; the same page says so, and takes it then."""
    heading(page, "Test payment")
    reload(page)
    page.get_by_label("Declined").check()
    page.get_by_role("button", name="Use this outcome").click()

    heading(page, "Pay $30.00")
    expect(page.get_by_text("The payment was refused, and nothing was charged.")).to_be_visible()
    expect(page.locator(".progress")).to_contain_text("Step 5 of 5: Payment")
    reload(page)
    page.get_by_role("button", name="Pay $30.00").click()
    page.get_by_role("button", name="Pay now").click()


def test_turning_round_reloading_two_tabs_and_a_refused_card_end_in_one_order(
    shop_site: DemoSite, to_checkout: Callable[..., None], page: Page, unique_email: str
) -> None:
    """PAY-05, PAY-08, PAG-08, SES-04."""
    to_checkout("canvas-tote")
    page.get_by_role("link", name="Back to Kiln & Co").first.click()
    expect(page).to_have_url(f"{shop_site.url}/cart")
    expect(page.get_by_role("status")).to_contain_text("Nothing was bought")
    expect(page.get_by_role("main")).to_contain_text("Canvas Tote")
    expect(page.get_by_role("region", name="Total")).to_contain_text("$15.00")

    page.get_by_role("button", name="Check out").click()
    reload(page)
    fill_contact(page, unique_email)
    reload(page)
    fill_address(page)
    expect(page.locator(".progress")).to_contain_text("Step 3 of 5")
    expect(page.locator(".sums")).to_contain_text("Standard")
    expect(page.locator(".sum-total")).to_contain_text("$20.00")
    reload(page)
    go_on(page)
    heading(page, "Is everything right?")
    reload(page)

    other = page.context.new_page()
    other.goto(page.url)
    choose_express(other)
    expect(other.get_by_role("button", name="Pay $30.00")).to_be_visible()
    page.get_by_role("button", name="Pay $20.00").click()
    expect(page.get_by_role("alert")).to_contain_text("Something has changed since you saw it.")
    page.get_by_role("button", name="Pay $30.00").click()
    pay_at_the_second_try(page)
    heading(page, "Thank you")
    expect(page.get_by_role("main")).to_contain_text("It is paid")
    reload(page)
    other.reload()
    heading(other, "You have finished here already")
    other.get_by_role("main").get_by_role("link", name="Back to Kiln & Co").click()
    expect(other).to_have_url(page.url)
    other.goto(f"{shop_site.url}/cart")
    expect(other.get_by_role("main")).to_contain_text("There is nothing in it yet.")


def test_a_visit_that_took_too_long_says_so_and_the_cart_is_still_there(
    shop_site: DemoSite, owner: Owner, to_checkout: Callable[..., None], page: Page, unique_email: str
) -> None:
    """SES-06: also for a form that was open when the time ran out, and what was typed before is not asked for again."""
    to_checkout("field-notebook")
    fill_contact(page, unique_email)
    owner.expire(page)
    page.get_by_label("City").fill("Freiburg")
    go_on(page)
    heading(page, "This page has expired")
    page.get_by_role("main").get_by_role("link", name="Kiln & Co").first.click()
    expect(page).to_have_url(re.compile(re.escape(shop_site.url)))
    page.goto(f"{shop_site.url}/cart")
    expect(page.get_by_role("main")).to_contain_text("Field Notebook")
    page.get_by_role("button", name="Check out").click()
    heading(page, "Where should we send it?")


def test_what_is_sold_out_at_the_last_look_is_said_and_the_rest_can_be_had(
    shop_site: DemoSite, owner: Owner, to_checkout: Callable[..., None], page: Page, unique_email: str
) -> None:
    """PAY-06: nobody pays for what is not there."""
    jug, bowl = owner.shelve("Last Jug", 1), owner.shelve("Last Bowl", 1)
    to_checkout("last-jug", "last-bowl")
    page.goto(f"{page.url}?lang=ja")
    assert page.locator(".pair input").evaluate_all("all => all.map(one => one.name)") == ["last_name", "first_name"]
    page.goto(page.url.replace("=ja", "=en"))
    fill_contact(page, unique_email)
    fill_address(page)
    go_on(page)
    owner.sell_out(jug)
    page.get_by_role("button", name="Pay $25.00").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator(".is-short")).to_contain_text("Sold out")
    expect(page.get_by_role("button", name=re.compile("^Pay"))).to_have_count(0)
    page.get_by_role("button", name="Go on with what is there").click()
    expect(page.get_by_role("button", name="Pay $15.00")).to_be_visible()

    owner.sell_out(bowl)
    page.get_by_role("button", name="Pay $15.00").click()
    expect(page.locator(".is-short")).to_contain_text("Sold out")
    expect(page.get_by_role("button", name=re.compile("^Pay|^Go on"))).to_have_count(0)
    expect(page.get_by_text("Nothing of it is left. Nothing was ordered.")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Back to Kiln & Co").click()
    expect(page).to_have_url(f"{shop_site.url}/cart")
    expect(page.get_by_role("main").get_by_text("Sold out")).to_have_count(2)
