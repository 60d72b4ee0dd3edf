"""A shop front with the official ecom module: a cart, a checkout and an order, as templates use them; and the owner's server code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sdk.bridge import Sdk, SdkError
from tests.sdk.conftest import Account, NewSdk, sign_in
from tests.server_fixtures import Server

STORES = "1380b703-ce81-ff05-f115-39571d94dfcd"
HOME = {"country": "US", "subdivision": "US-NY", "city": "New York", "postalCode": "10001", "addressLine1": "12 Main Street"}


@pytest.fixture
def buyer(new_sdk: NewSdk, buying_client: str) -> Sdk:
    """A visitor's SDK client."""
    return new_sdk(buying_client)


@pytest.fixture
def owner(server: Server, owner_key: str) -> Iterator[Sdk]:
    """The owner's SDK client, with an API key."""
    sdk = Sdk(server, "", api_key=owner_key)
    yield sdk
    sdk.close()


def line(sdk: Sdk, slug: str = "canvas-tote", quantity: int = 1, **options: object) -> dict[str, Any]:
    product = sdk.query("products.queryProducts", ("eq", ("slug", slug)), ("find", ()))["items"][0]
    reference: dict[str, Any] = {"appId": STORES, "catalogItemId": product["_id"]}
    return {"catalogReference": reference | ({"options": options} if options else {}), "quantity": quantity}


def test_a_cart_is_filled_changed_and_read_as_templates_do(buyer: Sdk) -> None:
    with pytest.raises(SdkError) as nothing:
        buyer("currentCart.getCurrentCart")
    assert nothing.value.application_error["code"] == "OWNED_CART_NOT_FOUND"
    assert "OWNED_CART_NOT_FOUND" in nothing.value.message
    shirt = line(buyer, "demo-tshirt", options={"Size": "S", "Color": "Black"})
    cart = buyer("currentCart.addToCurrentCart", {"lineItems": [line(buyer), shirt]})["cart"]
    assert cart["subtotal"]["formattedAmount"] == "$40.00"
    tote, tee = cart["lineItems"]
    assert (tote["productName"]["translated"], tote["price"]["amount"], tote["quantity"]) == ("Canvas Tote", "15.00", 1)
    assert tee["url"].endswith("/product-page/demo-tshirt"), "the last part is the slug"
    assert tee["image"]
    assert [one["name"]["original"] for one in tee["descriptionLines"]] == ["Size", "Color"]
    changed = buyer("currentCart.updateCurrentCartLineItemQuantity", [{"_id": tote["_id"], "quantity": 3}])["cart"]
    assert changed["lineItems"][0]["quantity"] == 3
    left = buyer("currentCart.removeLineItemsFromCurrentCart", [tee["_id"]])["cart"]
    assert [one["_id"] for one in left["lineItems"]] == [tote["_id"]]
    read = buyer("currentCart.getCurrentCart")
    assert (read["_id"], read["currency"], len(read["lineItems"])) == (cart["_id"], "USD", 1)
    there = buyer("currentCart.estimateCurrentCartTotals", {"shippingAddress": HOME})
    assert there["priceSummary"]["total"]["formattedAmount"] == "$50.00"
    buyer("currentCart.deleteCurrentCart")
    with pytest.raises(SdkError):
        buyer("currentCart.getCurrentCart")


def test_the_same_cart_leads_to_the_same_checkout(buyer: Sdk) -> None:
    buyer("currentCart.addToCurrentCart", {"lineItems": [line(buyer)]})
    made = [buyer("currentCart.createCheckoutFromCurrentCart", {"channelType": "WEB"})["checkoutId"] for _ in range(2)]
    assert made[0] == made[1]
    found = buyer("checkout.getCheckout", made[0])
    assert (found["_id"], found["lineItems"][0]["productName"]["original"]) == (made[0], "Canvas Tote")
    assert found["cartId"] == buyer("currentCart.getCurrentCart")["_id"]
    buyer("currentCart.updateCurrentCart", {"couponCode": "SHIPFREE"})
    with pytest.raises(SdkError) as unknown:
        buyer("currentCart.updateCurrentCart", {"couponCode": "NOPE"})
    assert unknown.value.application_error["code"] == "ERROR_COUPON_DOES_NOT_EXIST"


def test_a_checkout_becomes_an_order_that_its_buyer_reads_and_its_owner_sends(
    buyer: Sdk, owner: Sdk, new_sdk: NewSdk, buying_client: str
) -> None:
    said = {
        "billingInfo": {"address": HOME, "contactDetails": {"firstName": "Ann", "lastName": "Lee"}},
        "buyerInfo": {"email": "ann@buy.example"},
    }
    options = {"lineItems": [line(buyer, "album-download")], "channelType": "WEB", "checkoutInfo": said}
    made = buyer("checkout.createCheckout", options)
    assert made["priceSummary"]["total"]["amount"] == "10.00"
    with pytest.raises(SdkError) as unpaid:
        buyer("checkout.createOrder", made["_id"])
    assert unpaid.value.application_error["code"] == "SITE_NOT_ACCEPTING_PAYMENTS"
    updated = buyer("checkout.updateCheckout", made["_id"], {"buyerNote": "Thank you"}, {"couponCode": "ALLOFF"})
    assert (updated["_id"], updated["priceSummary"]["total"]["amount"]) == (made["_id"], "0.00")
    order_id = buyer("checkout.createOrder", made["_id"])["orderId"]
    order = buyer("orders.getOrder", order_id)
    assert (order["status"], order["paymentStatus"], order["buyerNote"]) == ("APPROVED", "PAID", "Thank you")
    assert order["billingInfo"]["address"]["addressLine1"] == "12 Main Street"
    assert order["billingInfo"]["contactDetails"]["firstName"] == "Ann"
    assert order["priceSummary"]["total"]["formattedAmount"] == "$0.00"
    assert int(order["number"]) > 10_000
    with pytest.raises(SdkError) as strange:
        new_sdk(buying_client)("orders.getOrder", order_id)
    assert strange.value.application_error["code"] == "ORDER_NOT_FOUND"
    sent = owner("orderFulfillments.createFulfillment", order_id, {"lineItems": [{"_id": order["lineItems"][0]["_id"], "quantity": 1}]})
    assert sent["orderWithFulfillments"]["fulfillments"][0]["_id"] == sent["fulfillmentId"]
    found = owner("orders.searchOrders", {"filter": {"fulfillmentStatus": "FULFILLED"}})
    assert order_id in [one["_id"] for one in found["orders"]]


def test_a_visitors_cart_is_the_members_after_a_login(new_sdk: NewSdk, buying_client: str, account: Account) -> None:
    site = new_sdk(buying_client)
    site("auth.register", {"email": account.email, "password": account.password})
    site("currentCart.addToCurrentCart", {"lineItems": [line(site, quantity=2)]})
    sign_in(site, site("auth.login", {"email": account.email, "password": account.password})["data"]["sessionToken"])
    cart = site("currentCart.getCurrentCart")
    assert [one["quantity"] for one in cart["lineItems"]] == [2]
    assert cart["buyerInfo"]["memberId"]
