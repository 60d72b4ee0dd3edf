"""The demo site's shop: from the shelf to the thanks in a browser, and its own care over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.examples.conftest import DemoSite

NO_ORDER = "01990000-0000-7000-8000-000000000000"


@pytest.fixture
def visitor(shop_site: DemoSite) -> Iterator[httpx.Client]:
    """One browser as far as cookies go; it follows redirects within the site."""
    with httpx.Client(base_url=shop_site.url, follow_redirects=True, timeout=20) as browser:
        browser.get("/shop")
        yield browser


def test_from_the_shelf_to_the_thanks(shop_site: DemoSite, page: Page, visitor: httpx.Client, unique_email: str) -> None:
    """The site knows no price and no address, and shows the order that its visitor made; nobody else sees it."""
    page.goto(f"{shop_site.url}/shop")
    page.get_by_role("link", name="Demo T-Shirt").click()
    page.get_by_label("Size").select_option("M")
    page.get_by_label("Color").select_option("White")
    page.get_by_role("button", name="Add to cart").click()
    page.get_by_label("Quantity of Demo T-Shirt").fill("2")
    page.get_by_role("button", name="Update Demo T-Shirt").click()
    expect(page.get_by_role("region", name="Total")).to_contain_text("$50.00")
    expect(page.get_by_role("link", name="Cart 2")).to_be_visible()
    page.get_by_role("button", name="Check out").click()

    for label, text in (("Email", unique_email), ("First name", "Ann"), ("Last name", "Example")):
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Country").select_option("DE")
    for label, text in (("Street and number", "Konviktstra\u00dfe 12"), ("Postal code", "79098"), ("City", "Freiburg")):
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Pay $55.00").click()
    page.get_by_role("button", name="Pay now").click()

    expect(page).to_have_url(re.compile(re.escape(f"{shop_site.url}/thank-you?orderId=")))
    card = page.get_by_role("main")
    expect(card).to_contain_text(re.compile(r"Your order has the number \d{5,}\. It is paid, and a confirmation goes to"))
    expect(card).to_contain_text("$55.00")
    expect(page.get_by_role("link", name="Cart", exact=True)).to_be_visible()
    assert visitor.get(page.url).status_code == 404


def test_who_turns_round_finds_the_cart_as_it_was(shop_site: DemoSite, page: Page) -> None:
    page.goto(f"{shop_site.url}/shop/canvas-tote")
    page.get_by_role("button", name="Buy now on the hosted page").click()
    expect(page.get_by_role("heading", name="Canvas Tote")).to_be_visible()
    page.get_by_role("link", name="Back to Kiln & Co").first.click()

    expect(page).to_have_url(f"{shop_site.url}/cart")
    expect(page.get_by_role("status")).to_contain_text("Nothing was bought")


def test_what_is_sold_out_or_unknown_is_said(visitor: httpx.Client) -> None:
    assert "Sold out" in visitor.get("/shop/enamel-pin").text
    assert visitor.get("/shop/no-such-thing").status_code == 404
    assert visitor.get("/thank-you", params={"orderId": NO_ORDER}).status_code == 404
    assert "nothing in it yet" in visitor.get("/cart").text
    unknown = visitor.post("/cart/add", data={"product": NO_ORDER, "slug": "canvas-tote", "quantity": "1"})
    assert unknown.url.path == "/shop/canvas-tote"
    assert 'role="status"' in unknown.text, "the server's reason"


def test_a_quantity_that_is_no_number_changes_nothing(visitor: httpx.Client) -> None:
    found = re.search(r'name="product" value="([^"]+)"', visitor.get("/shop/canvas-tote").text)
    assert found
    cart = visitor.post("/cart/add", data={"product": found[1], "slug": "canvas-tote", "quantity": "3"})
    line = re.search(r'name="line" value="([^"]+)"', cart.text)
    assert line
    assert "as a number" in visitor.post("/cart/change", data={"line": line[1], "quantity": "a few"}).text
    assert "$45.00" in visitor.get("/cart").text
    assert "nothing in it yet" in visitor.post("/cart/change", data={"line": line[1], "remove": "yes"}).text
