"""The current cart as sites use it: every field that they read without looking is there, and nothing they do at once breaks it."""

from __future__ import annotations

from functools import partial
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.api.shape import refused, violated
from tests.app_fixture import Browser, auth
from tests.buying.conftest import CARTS, HOME, SHIRT, Till, item
from tests.ecom.shelf import MUG


def test_a_visitor_without_a_cart_is_told_by_the_code_that_sites_know(till: Till) -> None:
    refused(till.call("GET", CARTS), 404, "OWNED_CART_NOT_FOUND")
    for method, path, body in (
        ("DELETE", CARTS, None),
        ("PATCH", CARTS, {"cartInfo": {"buyerNote": "x"}}),
        ("POST", f"{CARTS}/update-line-items-quantity", {"lineItems": []}),
        ("POST", f"{CARTS}/remove-line-items", {"lineItemIds": []}),
        ("POST", f"{CARTS}/remove-coupon", None),
        ("POST", f"{CARTS}/estimate-totals", {}),
        ("POST", f"{CARTS}/create-checkout", {"channelType": "WEB"}),
    ):
        refused(till.call(method, path, body), 404, "OWNED_CART_NOT_FOUND")


def test_a_cart_has_every_field_that_sites_read(till: Till) -> None:
    till.put(item(quantity=2), item(SHIRT, options={"Size": "S", "Color": "Black"}))
    cart = till.get(CARTS)["cart"]
    assert (cart["currency"], cart["subtotal"]["formattedAmount"], cart["subtotal"]["amount"]) == ("USD", "$50.00", "50.00")
    assert cart["subtotalAfterDiscounts"]["amount"] == "50.00"
    assert set(cart["buyerInfo"]) == {"visitorId"}
    mug, shirt = cart["lineItems"]
    assert mug["productName"] == {"original": "Mug", "translated": "Mug"}
    assert mug["catalogReference"]["catalogItemId"] == MUG
    assert mug["price"] == {
        "amount": "12.50",
        "convertedAmount": "12.50",
        "formattedAmount": "$12.50",
        "formattedConvertedAmount": "$12.50",
    }
    assert mug["lineItemPrice"]["amount"] == "25.00"
    assert mug["availability"] == {"status": "AVAILABLE", "quantityAvailable": 3}
    assert (mug["image"]["id"], mug["image"]["width"], mug["image"]["height"]) == ("mug~mv2.png", 600, 400)
    assert mug["url"]["relativePath"] == "/product-page/mug"
    assert [line["name"]["original"] for line in shirt["descriptionLines"]] == ["Size", "Color"]
    assert shirt["descriptionLines"][1]["colorInfo"] == {"original": "Black", "translated": "Black", "code": "#000000"}
    assert shirt["catalogReference"]["options"] == {"options": {"Size": "S", "Color": "Black"}}, "what was sent is sent back"
    assert shirt["image"]["id"], "media helpers of sites fail without an id"


def test_lines_are_changed_by_their_ids(till: Till) -> None:
    line = till.put(item(quantity=2))["lineItems"][0]["id"]
    changed = till.post(f"{CARTS}/update-line-items-quantity", {"lineItems": [{"id": line, "quantity": 9}]})["cart"]
    assert changed["lineItems"][0]["quantity"] == 9
    assert changed["lineItems"][0]["availability"] == {"status": "PARTIALLY_AVAILABLE", "quantityAvailable": 3}
    violated(
        till.call("POST", f"{CARTS}/update-line-items-quantity", {"lineItems": [{"id": line, "quantity": 0}]}),
        "lineItems[0].quantity",
        "OTHER",
    )
    assert till.post(f"{CARTS}/remove-line-items", {"lineItemIds": [line]})["cart"]["lineItems"] == []
    assert till.call("DELETE", CARTS).json() == {}


def test_a_price_that_a_client_names_is_nobodys_price(till: Till) -> None:
    sent = {"lineItems": [item() | {"price": {"amount": "0.01"}, "priceBeforeDiscounts": "0.01"}]}
    assert till.post(f"{CARTS}/add-to-cart", sent)["cart"]["subtotal"]["amount"] == "12.50"
    violated(till.call("POST", f"{CARTS}/add-to-cart", {"customLineItems": [{"price": "0.01", "quantity": 1}]}), "customLineItems", "OTHER")


@pytest.mark.parametrize(
    "line",
    [
        item("00000000-0000-4000-8000-00000000dead"),
        item(SHIRT),
        {"catalogReference": {"appId": "x", "catalogItemId": MUG}, "quantity": 1},
        {"catalogReference": {"appId": "é" * 100, "catalogItemId": "'; DROP TABLE cart; --"}, "quantity": 1},
    ],
)
def test_what_is_not_sold_is_named(till: Till, line: dict[str, object]) -> None:
    error = refused(till.call("POST", f"{CARTS}/add-to-cart", {"lineItems": [line]}), 404, "ITEM_NOT_FOUND_IN_CATALOG")
    assert error["data"]["field"] == "lineItems[0].catalogReference"


def test_a_cart_belongs_to_one_visitor(till: Till) -> None:
    cart = till.put()
    stranger = till.another()
    refused(stranger.call("GET", CARTS), 404, "OWNED_CART_NOT_FOUND")
    refused(stranger.call("GET", f"/ecom/v1/carts/{cart['id']}"), 404, "OWNED_CART_NOT_FOUND")
    assert till.get(f"/ecom/v1/carts/{cart['id']}")["cart"]["id"] == cart["id"]
    assert till.owner("GET", f"/ecom/v1/carts/{cart['id']}")["cart"]["id"] == cart["id"]


def test_an_estimate_adds_up_with_delivery_and_tax_once_it_is_known_where_it_goes(till: Till) -> None:
    till.put(item(quantity=2))
    bare = till.post(f"{CARTS}/estimate-totals")
    assert [bare["priceSummary"][name]["amount"] for name in ("subtotal", "shipping", "tax", "total")] == ["25.00", "0.00", "0.00", "25.00"]
    there = till.post(f"{CARTS}/estimate-totals", {"shippingAddress": {"country": "US", "subdivision": "US-NY"}})
    assert [there["priceSummary"][name]["amount"] for name in ("subtotal", "shipping", "tax", "total")] == [
        "25.00",
        "5.00",
        "2.66",
        "32.66",
    ]
    assert there["shippingInfo"]["selectedCarrierServiceOption"]["title"] == "Standard"
    assert there["payNow"] == there["priceSummary"]
    assert there["calculatedLineItems"][0]["pricesBreakdown"]["totalPriceAfterTax"]["amount"] == "27.22"


def test_a_coupon_is_used_and_taken_out(till: Till) -> None:
    till.owner("POST", "/stores/v2/coupons", {"specification": {"name": "Ten", "code": "TEN", "percentOffRate": 10}})
    till.put(item(quantity=2))
    refused(till.call("PATCH", CARTS, {"couponCode": "NOPE"}), 404, "ERROR_COUPON_DOES_NOT_EXIST")
    cart = till.patch(CARTS, {"couponCode": "ten"})["cart"]
    assert cart["appliedDiscounts"][0]["coupon"]["code"] == "TEN"
    assert (cart["subtotal"]["amount"], cart["subtotalAfterDiscounts"]["amount"]) == ("25.00", "22.50")
    assert till.post(f"{CARTS}/remove-coupon")["cart"]["appliedDiscounts"] == []


def test_a_burst_of_first_calls_and_a_self_test_that_deletes_the_cart_never_break_it(till_on_each: Till) -> None:
    till = till_on_each
    client, headers = till.app.client(), {"authorization": till.token}
    add = partial(client.post, f"{CARTS}/add-to-cart", json={"lineItems": [item()]}, headers=headers)
    drop = partial(client.request, "DELETE", CARTS, headers=headers)
    look = partial(client.get, CARTS, headers=headers)
    answers = till.app.at_once(*[add, look, drop, add, look, add] * 3)
    assert {answer.status_code for answer in answers} <= {200, 404}


def test_a_cart_follows_its_visitor_through_a_login(till: Till) -> None:
    """The code is exchanged once, and so the carts are merged once; a repeated exchange changes nothing."""
    till.put(item(quantity=2))
    app, client = till.app, till.app.world.shop
    person = app.register()
    session = app.session(auth(client, sessionToken=person["sessionToken"], scope="offline_access", prompt="none"), till.token)
    code = dict(parse_qsl(urlsplit(Browser(app).open(session["fullUrl"]).headers["location"]).query))["code"]
    member = Till(app, app.redeem(code)["access_token"])
    cart = member.get(CARTS)["cart"]
    assert [line["quantity"] for line in cart["lineItems"]] == [2]
    assert cart["buyerInfo"] == {"memberId": person["id"]}
    refused(till.call("GET", CARTS), 404, "OWNED_CART_NOT_FOUND")
    till.put()
    app.post("/oauth2/token", {"clientId": client.id, "grantType": "authorization_code", "code": code})
    assert [line["quantity"] for line in till.get(CARTS)["cart"]["lineItems"]] == [1], "a visitor who goes on has a cart of their own"


def test_notes_and_addresses_stay_until_they_are_taken_back(till: Till) -> None:
    till.put()
    info = {
        "buyerNote": "Ring twice",
        "contactInfo": HOME,
        "buyerInfo": {"email": "ann@shop.example"},
        "overrideCheckoutUrl": "https://shop.example/c/{checkoutId}",
    }
    cart = till.patch(CARTS, {"cartInfo": info})["cart"]
    assert (cart["buyerNote"], cart["buyerInfo"]["email"]) == ("Ring twice", "ann@shop.example")
    assert cart["contactInfo"]["address"]["subdivision"] == "US-NY"
    assert till.patch(CARTS, {"cartInfo": {"buyerInfo": {"email": "bea@shop.example"}}})["cart"]["buyerNote"] == "Ring twice"
    assert "buyerNote" not in till.patch(CARTS, {"cartInfo": {"buyerNote": None}})["cart"]
