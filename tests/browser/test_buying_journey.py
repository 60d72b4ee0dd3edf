"""Buying as a visitor lives it: from the site's cart through every hosted page to the site's thanks, and what can go wrong on the way."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watch
from tests.browser.pages import back_at_site
from tests.browser.shop import Shop, query_of
from tests.browser_fixtures import PHONE, NewContext
from tests.server_fixtures import Server
from tests.site_fixture import Site

STORES = "215238eb-22a5-4c36-9e7b-e7c08025e04e"
MAIN = "form button[type=submit].button"
"""The button that says what happens next."""

PAY = ".decide button >> nth=0"
"""The same at the last look, where there are other forms above."""


@pytest.fixture(scope="session")
def seller(server: Server, site_for_all_tests: Site) -> Shop:
    """A site of its own that sells the demo products, as `make demo` has them but for the pictures."""
    server.command("site", "create", "seller", "--name", "Kiln & Co", "--json")
    server.command("product", "demo", "--site", "seller", "--shop", "--no-pictures", "--json")
    key = json.loads(server.command("key", "create", "--site", "seller", "--name", "Till", "--json"))["key"]
    origin = site_for_all_tests.origin
    client_id = server.client("Front", redirect_domains=[origin], site="seller")
    return Shop(server, origin, client_id, preview="", bare="", key=server.secret(key))


@dataclass(frozen=True)
class Buyer:
    """One visitor: their token at the site's server, and their browser."""

    shop: Shop
    token: str
    email: str

    def ask(self, method: str, path: str, body: object = None, *, token: str | None = None) -> Any:
        """One call of the site's server."""
        headers = {"authorization": token or self.token}
        answer = self.shop.http.request(method, self.shop.server.origin + path, json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def product(self, slug: str) -> Any:
        """What the site shows."""
        return self.ask("POST", "/stores/v1/products/query", {"query": {"filter": {"slug": slug}}})["products"][0]

    def go_to_checkout(self, page: Page, slug: str, quantity: int = 1, **choices: str) -> None:
        """Into the cart, and out to the hosted checkout."""
        reference: dict[str, Any] = {"appId": STORES, "catalogItemId": self.product(slug)["id"], "options": {"options": choices}}
        lines = [{"catalogReference": reference, "quantity": quantity}]
        self.ask("POST", "/ecom/v1/carts/current/add-to-cart", {"lineItems": lines})
        made = self.ask("POST", "/ecom/v1/carts/current/create-checkout", {"channelType": "WEB"})
        self.leave(page, {"ecomCheckout": {"checkoutId": made["checkoutId"]}})

    def leave(self, page: Page, intent: dict[str, Any]) -> None:
        """To the hosted pages, with all ways back."""
        origin = self.shop.site_origin
        callbacks = {"postFlowUrl": f"{origin}/cart", "cartPageUrl": f"{origin}/cart", "thankYouPageUrl": f"{origin}/thanks"}
        page.goto(self.shop.session({**intent, "callbacks": callbacks}, token=self.token)["fullUrl"])

    def bought(self, page: Page) -> Any:
        """The order that the browser brought home, as this visitor may read it."""
        url = back_at_site(self.shop, page)
        assert url.startswith(f"{self.shop.site_origin}/thanks?"), url
        return self.ask("GET", f"/ecom/v1/orders/{query_of(url)['orderId']}")["order"]

    def orders(self) -> list[Any]:
        """All orders under this buyer's address, as the owner sees them."""
        found = self.ask("POST", "/ecom/v1/orders/search", {"search": {"cursorPaging": {"limit": 100}}}, token=self.shop.key)["orders"]
        return [one for one in found if one["buyerInfo"].get("email") == self.email]


@pytest.fixture
def buyer(seller: Shop, unique_email: str) -> Buyer:
    """Somebody who has never been here."""
    return Buyer(seller, seller.visitor(), unique_email)


def heading(page: Page, text: str) -> None:
    """The page says this first."""
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def press(page: Page) -> None:
    """The main button."""
    page.locator(MAIN).first.click()


def pay(page: Page) -> None:
    """Agree at the last look."""
    page.locator(PAY).click()


def fill_contact(page: Page, buyer: Buyer) -> None:
    """Who buys."""
    heading(page, "Who is this for?")
    page.get_by_label("Email").fill(buyer.email)
    page.get_by_label("First name").fill("Ann")
    page.get_by_label("Last name").fill("Example")
    press(page)


def fill_address(page: Page) -> None:
    """To New York, where there is a tax."""
    heading(page, "Where should we send it?")
    page.get_by_label("Country").select_option("US")
    page.get_by_label("Street and number").fill("12 Main Street")
    page.get_by_label("Postal code").fill("10001")
    page.get_by_label("City").fill("New York")
    page.get_by_label("State or province").fill("NY")
    press(page)


def to_review(page: Page, buyer: Buyer) -> None:
    """From the first page to the last look, with the delivery that is offered first."""
    fill_contact(page, buyer)
    fill_address(page)
    heading(page, "How should it get to you?")
    press(page)
    heading(page, "Is everything right?")


def test_from_the_cart_to_the_sites_thanks_with_a_slip_a_coupon_and_a_tax(buyer: Buyer, page: Page, watch: Callable[[Page], Watch]) -> None:
    """PAY-01, PAY-05, PAG-05."""
    watched = watch(page)
    buyer.go_to_checkout(page, "canvas-tote", 2)
    expect(page.locator("#SITE_CONTAINER")).to_be_visible()
    expect(page.get_by_text("Canvas Tote$15.00")).to_have_count(1)
    expect(page.get_by_text("Canvas Tote$15.00")).to_be_visible()
    expect(page.get_by_text("Canvas Tote")).to_have_count(1)
    page.get_by_label("Email").fill("ann@")
    press(page)
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("#email")).to_have_value("ann@")
    fill_contact(page, buyer)
    fill_address(page)

    heading(page, "How should it get to you?")
    page.get_by_label(re.compile("Express")).check()
    press(page)
    expect(page.locator(".sums")).to_contain_text("$15.00")
    page.get_by_text("I have a coupon").click()
    page.get_by_label("Code").fill("expired5")
    page.get_by_role("button", name="Use it").click()
    expect(page.locator("#coupon-error")).to_have_text("This coupon isn't good any more.")
    page.get_by_label("Code").fill("welcome10")
    page.get_by_role("button", name="Use it").click()

    # 30.00 less 3.00, and 8.875 % of that and of the 15.00 for delivery: 2.40 and 1.33.
    page.get_by_role("button", name="Pay $45.73").click()
    heading(page, "Test payment")
    page.get_by_role("button", name="Pay now").click()
    order = buyer.bought(page)
    assert (order["paymentStatus"], order["status"]) == ("PAID", "APPROVED")
    assert order["priceSummary"]["total"]["formattedAmount"] == "$45.73"
    assert watched.origins() == {buyer.shop.server.origin, buyer.shop.site_origin}
    assert len(buyer.orders()) == 1


def test_without_scripts_on_a_phone_by_keyboard_and_after_a_refusal(buyer: Buyer, new_context: NewContext) -> None:
    """PAG-02, PAY-05: a refused payment is said, costs nothing, and is tried again with the same order."""
    page = new_context(scripts=False, viewport=PHONE).new_page()
    buyer.go_to_checkout(page, "ceramic-mug", Color="Red")
    for field, text in (("email", buyer.email), ("first_name", "Ann"), ("last_name", "Example")):
        tab_to(page, field)
        page.keyboard.type(text)
    page.keyboard.press("Enter")
    fill_address(page)
    press(page)
    heading(page, "Is everything right?")
    page.get_by_role("button", name="Pay $19.05").click()
    page.get_by_label("Declined").check()
    page.get_by_role("button", name="Use this outcome").click()

    heading(page, "Pay $19.05")
    expect(page.get_by_text("The payment was refused, and nothing was charged.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert buyer.orders() == [], "nothing was sold yet"
    page.get_by_role("button", name="Pay $19.05").click()
    page.get_by_role("button", name="Pay now").click()
    assert buyer.bought(page)["paymentStatus"] == "PAID"
    assert len(buyer.orders()) == 1


def tab_to(page: Page, field: str) -> None:
    """Press the tab key until the field has the focus."""
    for _ in range(30):
        if page.evaluate("document.activeElement.id") == field:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the tab key does not lead to {field}")


def test_from_a_products_page_to_the_same_checkout_in_the_language_that_was_chosen(buyer: Buyer, page: Page) -> None:
    """PAG-07: the payment page and the order speak as the buyer reads."""
    buyer.leave(page, {"storesProduct": {"productSlug": "rain-jacket"}})
    heading(page, "Rain Jacket")
    page.get_by_label("Size").select_option(label="L")
    page.get_by_label("Quantity").fill("99")
    press(page)
    expect(page.locator("#quantity-error")).to_have_text("There are fewer left than you want.")
    expect(page.get_by_label("Size")).to_have_value(page.get_by_label("Size").locator("option", has_text="L").get_attribute("value") or "")
    page.get_by_label("Quantity").fill("1")
    press(page)
    expect(page.get_by_text("Rain Jacket$105.00")).to_have_count(1)
    to_review(page, buyer)

    page.goto(f"{page.url}?lang=de")
    pay(page)
    heading(page, "Testzahlung")
    expect(page.locator(".sum-total dt")).to_contain_text("Bestellung")
    press(page)
    assert buyer.bought(page)["buyerLanguage"] == "de"


def test_a_double_click_two_tabs_and_the_back_button_make_one_order(buyer: Buyer, new_context: NewContext) -> None:
    """PAY-08, PAG-08, SES-04."""
    context = new_context()
    first, second = context.new_page(), context.new_page()
    buyer.go_to_checkout(first, "field-notebook", Paper="Lined")
    to_review(first, buyer)
    second.goto(first.url)
    heading(second, "Is everything right?")
    first.locator(PAY).dblclick()
    heading(first, "Test payment")
    pay(second)
    heading(second, "Pay $15.24")
    press(second)
    heading(second, "Test payment")
    assert first.url == second.url, "one order, one payment"

    first.get_by_role("button", name="Pay now").dblclick()
    order = buyer.bought(first)
    second.get_by_role("button", name="Pay now").click()
    heading(second, "You have finished here already")
    second.get_by_role("main").get_by_role("link", name="Back to Kiln & Co").click()
    assert buyer.bought(second)["id"] == order["id"]
    first.go_back()
    heading(first, "You have finished here already")
    expect(first.get_by_role("button", name=re.compile("^Pay"))).to_have_count(0)
    assert [one["paymentStatus"] for one in buyer.orders()] == ["PAID"]
