"""Checkouts and orders as sites use them: made from a cart or directly, changed, placed, read by their buyer and by nobody else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from roundtrip.core.ids import new_id
from roundtrip.ecom.catalogue import store as catalogue
from roundtrip.ecom.product_shelf import ProductShelf
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows.place_order import place
from roundtrip.workflows.shop import open_shop
from tests.api.shape import refused, violated
from tests.app_fixture import NOW
from tests.buying.conftest import CARTS, CHECKOUTS, HOME, SHIRT, STORES, Json, Till, item
from tests.ecom.shelf import MUG, mug

ANN = {"buyerInfo": {"email": "ann@shop.example"}, "billingInfo": HOME, "shippingInfo": {"shippingDestination": HOME}}


def standard(till: Till) -> str:
    return str(till.owner("POST", "/ecom/v1/shipping-options/query", {})["shippingOptions"][0]["id"])


def ready(till: Till, *lines: Json, **more: object) -> Json:
    shipping = {"shippingDestination": HOME, "selectedCarrierServiceOption": {"code": standard(till)}}
    info = {**ANN, "shippingInfo": shipping}
    body = {"lineItems": list(lines) or [item()], "channelType": "WEB", "checkoutInfo": info, **more}
    return dict(till.post(CHECKOUTS, body)["checkout"])


def paid_later(till: Till) -> None:
    site = till.app.world.site

    def switch_on(tx: object) -> None:
        tx.execute(  # type: ignore[attr-defined]
            "INSERT INTO payment_settings (site_id, offline, offline_instructions, revision, changed_at) VALUES (:id, :on, 'Cash', 1, 1)",
            id=site.id,
            on=True,
        )

    till.app.application.db.write_now(switch_on)


def placed(till: Till, *lines: Json) -> str:
    return str(till.post(f"{CHECKOUTS}/{ready(till, *lines)['id']}/create-order")["orderId"])


def unpaid(tx: Tx, till: Till, checkout_id: str) -> str:
    """An order that waits for its money."""
    return place(tx, open_shop(tx, till.app.world.site), checkout_id, moment=Moment(NOW, new_id(NOW))).order.id


def sells_gold(tx: Tx, till: Till) -> str:
    """A thing that costs almost as much as anything can."""
    site_id, number = till.app.world.site.id, 2000
    gold = replace(mug("900000000000.00"), id="90d00000-0000-4000-8000-00000000901d", slug="gold", site_id=site_id, number=number)
    assert catalogue.insert_product(tx, gold)
    return gold.id


def test_the_same_cart_has_the_same_checkout_brought_up_to_date(till: Till) -> None:
    till.put(item(quantity=1))
    first = till.post(f"{CARTS}/create-checkout", {"channelType": "WEB"})["checkoutId"]
    till.put(item(quantity=1))
    assert till.post(f"{CARTS}/create-checkout", {"channelType": "WEB", "email": "ann@shop.example"})["checkoutId"] == first
    checkout = till.get(f"{CHECKOUTS}/{first}")["checkout"]
    assert [line["quantity"] for line in checkout["lineItems"]] == [2]
    assert checkout["buyerInfo"]["email"] == "ann@shop.example"
    assert checkout["cartId"] == till.get(CARTS)["cart"]["id"]
    assert till.get(CARTS)["cart"]["checkoutId"] == first


def test_a_checkout_shows_what_it_costs_and_what_it_lacks(till: Till) -> None:
    till.owner("POST", "/stores/v2/coupons", {"specification": {"name": "Five", "code": "FIVE", "moneyOffAmount": 5}})
    checkout = ready(till, item(quantity=2), couponCode="FIVE")
    assert {name: checkout["priceSummary"][name]["amount"] for name in ("subtotal", "discount", "shipping", "tax", "total")} == {
        "subtotal": "25.00",
        "discount": "5.00",
        "shipping": "5.00",
        "tax": "2.22",
        "total": "27.22",
    }
    assert checkout["appliedDiscounts"][0] == {
        "discountType": "GLOBAL",
        "lineItemIds": [checkout["lineItems"][0]["id"]],
        "coupon": checkout["appliedDiscounts"][0]["coupon"],
    }
    assert checkout["shippingInfo"]["selectedCarrierServiceOption"]["cost"]["totalPriceAfterTax"]["amount"] == "5.44"
    assert checkout["lineItems"][0]["media"]["id"] == "mug~mv2.png"
    assert checkout["calculationErrors"] == {}
    bare = till.post(CHECKOUTS, {"lineItems": [item()], "channelType": "WEB"})["checkout"]
    codes = [one["code"] for one in bare["calculationErrors"]["orderValidationErrors"]]
    assert codes == ["BUYER_EMAIL_MISSING", "SHIPPING_ADDRESS_MISSING", "BILLING_ADDRESS_MISSING", "SHIPPING_OPTION_NOT_CHOSEN"]


def test_an_update_changes_what_is_sent_and_nothing_else(till: Till) -> None:
    till.owner("POST", "/stores/v2/coupons", {"specification": {"name": "Ship", "code": "SHIP", "freeShipping": True}})
    checkout = ready(till)
    path = f"{CHECKOUTS}/{checkout['id']}"
    sent = {"checkoutId": checkout["id"], "id": checkout["id"], "buyerNote": "Ring twice", "discountCode": "x", "giftNote": "For you"}
    answer = till.patch(path, {"checkout": {**sent, "customFields": [{"title": "Floor", "value": 3}]}, "couponCode": "SHIP"})
    changed = answer["checkout"]
    assert changed["checkoutId"] == checkout["id"], "one site looks for it there"
    assert (changed["buyerNote"], changed["giftNote"], changed["customFields"][0]["value"]) == ("Ring twice", "For you", "3")
    assert changed["appliedDiscounts"][0]["discountType"] == "SHIPPING"
    assert changed["priceSummary"]["shipping"]["amount"] == "0.00"
    assert changed["buyerInfo"]["email"] == "ann@shop.example"
    assert till.post(f"{path}/remove-coupon")["checkout"]["priceSummary"]["shipping"]["amount"] == "5.00"
    refused(till.call("PATCH", path, {"couponCode": "NOPE"}), 404, "ERROR_COUPON_DOES_NOT_EXIST")


def test_lines_of_a_checkout_are_added_changed_and_taken_out(till: Till) -> None:
    path = f"{CHECKOUTS}/{ready(till)['id']}"
    both = till.post(f"{path}/add-to-checkout", {"lineItems": [item(), item(SHIRT, variantId="va000001")]})["checkout"]["lineItems"]
    assert [line["quantity"] for line in both] == [2, 1]
    changed = till.post(f"{path}/update-line-items-quantity", {"lineItems": [{"id": both[0]["id"], "quantity": 3}]})["checkout"][
        "lineItems"
    ]
    assert [line["quantity"] for line in changed] == [3, 1]
    left = till.post(f"{path}/remove-line-items", {"lineItemIds": [both[0]["id"]]})["checkout"]["lineItems"]
    assert [line["catalogReference"]["catalogItemId"] for line in left] == [SHIRT]


def test_a_checkout_is_for_who_made_it(till: Till) -> None:
    checkout = ready(till)
    stranger = till.another()
    for method, rest in (("GET", ""), ("PATCH", ""), ("POST", "/create-order"), ("POST", "/remove-coupon"), ("GET", "/checkout-url")):
        refused(stranger.call(method, f"{CHECKOUTS}/{checkout['id']}{rest}", {}), 404, "CHECKOUT_NOT_FOUND")
    assert till.owner("GET", f"{CHECKOUTS}/{checkout['id']}")["checkout"]["id"] == checkout["id"]
    foreign = till.call("GET", f"{CHECKOUTS}/{checkout['id']}", token=till.app.world.foreign_key)
    refused(foreign, 404, "CHECKOUT_NOT_FOUND")


def test_a_page_of_the_sites_own_gets_the_checkouts_id(till: Till) -> None:
    mine = ready(till, overrideCheckoutUrl="https://shop.example/pay/{checkoutId}")
    assert till.get(f"{CHECKOUTS}/{mine['id']}/checkout-url")["checkoutUrl"] == f"https://shop.example/pay/{mine['id']}"
    refused(till.call("GET", f"{CHECKOUTS}/{ready(till)['id']}/checkout-url"), 404, "NO_CHECKOUT_URL")


def test_what_costs_something_is_not_placed_without_paying(till: Till) -> None:
    path = f"{CHECKOUTS}/{ready(till)['id']}/create-order"
    refused(till.call("POST", path, {}), 409, "SITE_NOT_ACCEPTING_PAYMENTS")
    paid_later(till)
    order = till.post(path)["orderId"]
    assert till.post(path)["orderId"] == order, "repeating it answers the same order"


def test_a_site_that_cannot_be_paid_makes_no_checkout(till: Till) -> None:
    app = till.app
    live = Till(app, app.visitor(app.world.live))

    def goods(tx: object) -> None:
        from_mug = "INSERT INTO catalogue SELECT :id, currency, products, last_number FROM catalogue"
        tx.execute(from_mug, id=app.world.live_site.id)  # type: ignore[attr-defined]

    app.application.db.write_now(goods)
    refused(live.call("POST", CHECKOUTS, {"lineItems": [item()]}), 404, "ITEM_NOT_FOUND_IN_CATALOG")


def test_an_order_has_every_field_that_sites_read(till: Till) -> None:
    paid_later(till)
    till.put(item(quantity=1))
    order_id = placed(till, item(quantity=2))
    order = till.get(f"/ecom/v1/orders/{order_id}")["order"]
    assert (order["number"], order["status"], order["paymentStatus"], order["fulfillmentStatus"]) == (
        "10001",
        "APPROVED",
        "NOT_PAID",
        "NOT_FULFILLED",
    )
    assert order["priceSummary"]["total"] == {"amount": "32.66", "formattedAmount": "$32.66"}
    assert order["billingInfo"]["contactDetails"]["firstName"] == "Ann"
    assert order["shippingInfo"]["logistics"]["shippingDestination"]["address"]["addressLine"] == "12 Main Street"
    line = order["lineItems"][0]
    assert (line["productName"]["translated"], line["price"]["amount"], line["quantity"], line["image"]["id"]) == (
        "Mug",
        "12.50",
        2,
        "mug~mv2.png",
    )
    assert [one["type"] for one in order["activities"]] == ["ORDER_PLACED"]
    assert order["balanceSummary"]["balance"]["amount"] == "32.66"
    refused(till.another().call("GET", f"/ecom/v1/orders/{order_id}"), 404, "ORDER_NOT_FOUND")
    refused(till.call("GET", "/ecom/v1/orders/nothing"), 404, "ORDER_NOT_FOUND")
    assert till.get(CARTS)["cart"]["lineItems"], "a checkout without a cart leaves the cart alone"


def test_buyers_search_their_own_orders_and_owners_all(till: Till) -> None:
    paid_later(till)
    orders = [placed(till) for _ in range(2)]
    other = till.another()
    placed(other)
    found = till.post(
        "/ecom/v1/orders/search", {"search": {"sort": [{"fieldName": "number", "order": "ASC"}], "cursorPaging": {"limit": 1}}}
    )
    assert [one["id"] for one in found["orders"]] == orders[:1]
    again = {"search": {"cursorPaging": {"limit": 1, "cursor": found["metadata"]["cursors"]["next"]}}}
    assert [one["id"] for one in till.post("/ecom/v1/orders/search", again)["orders"]] == orders[1:]
    assert len(till.owner("POST", "/ecom/v1/orders/search", {})["orders"]) == 3
    by_mail = {"search": {"filter": {"buyerInfo.email": "ann@shop.example", "paymentStatus": {"$in": ["NOT_PAID"]}, "number": "10002"}}}
    assert [one["number"] for one in till.owner("POST", "/ecom/v1/orders/search", by_mail)["orders"]] == ["10002"]
    violated(
        till.call("POST", "/ecom/v1/orders/search", {"search": {"filter": {"nothing": 1}}}), "search.filter.nothing", "INVALID_ENUM_VALUE"
    )


def test_every_page_of_unpaid_orders_is_there(till: Till) -> None:
    """What the first page was asked for holds for all that follow, though they are asked for by a cursor alone."""
    waiting = [till.app.application.db.write_now(unpaid, till, ready(till)["id"]) for _ in range(2)]
    first = till.post("/ecom/v1/orders/search", {"search": {"filter": {"status": "INITIALIZED"}, "cursorPaging": {"limit": 1}}})
    further = {"search": {"cursorPaging": {"limit": 1, "cursor": first["metadata"]["cursors"]["next"]}}}
    found = [*first["orders"], *till.post("/ecom/v1/orders/search", further)["orders"]]
    assert sorted(one["id"] for one in found) == sorted(waiting)
    assert till.post("/ecom/v1/orders/search", {"search": {"filter": {"buyerInfo.email": "status"}}})["orders"] == []
    assert till.post("/ecom/v1/orders/search")["orders"] == [], "unpaid ones are not listed unless they are asked for"


def test_more_than_anybody_can_pay_is_not_ordered_and_spoils_nothing(till: Till) -> None:
    """PAY-10: a total above 10^12 is refused in words; carts, checkouts and lists of orders stay readable."""
    paid_later(till)
    gold = till.app.application.db.write_now(sells_gold, till)
    till.put(item(gold, 2))
    assert till.get(CARTS)["cart"]["lineItems"][0]["quantity"] == 2
    checkout = ready(till, item(gold, 2))
    assert [one["code"] for one in checkout["calculationErrors"]["orderValidationErrors"]] == ["TOTAL_TOO_HIGH"]
    refused(till.call("POST", f"{CHECKOUTS}/{checkout['id']}/create-order", {}), 409, "TOTAL_TOO_HIGH")
    one_piece = placed(till, item(gold))
    assert [one["id"] for one in till.post("/ecom/v1/orders/search")["orders"]] == [one_piece]


def test_a_member_lists_their_orders_in_the_old_shape(till: Till) -> None:
    paid_later(till)
    assert till.post("/stores/v2/orders/query", {"query": {}})["orders"] == []
    member = Till(till.app, till.app.member()["access_token"])
    placed(member, item(SHIRT, options={"Size": "S", "Color": "Black"}))
    answer = member.post("/stores/v2/orders/query", {"query": {}})
    [order] = answer["orders"]
    assert (order["number"], order["totals"]["total"], order["lineItems"][0]["name"]) == (10001, "32.66", "Shirt")
    assert order["lineItems"][0]["options"] == [{"option": "Size", "selection": "S"}, {"option": "Color", "selection": "Black"}]
    assert (answer["totalResults"], answer["metadata"]) == (1, {"items": 1, "offset": 0})


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"lineItems": [{"quantity": 1}]}, "lineItems[0].catalogReference"),
        ({"lineItems": [item(quantity=-1)]}, "lineItems[0].quantity"),
        ({"lineItems": [{"catalogReference": {"appId": STORES, "catalogItemId": MUG}, "quantity": 1.5}]}, "lineItems[0].quantity"),
        ({"lineItems": [item()], "checkoutInfo": {"buyerNote": "x" * 1001}}, "checkoutInfo.buyerNote"),
        ({"lineItems": [item(big="x" * 9000)]}, "lineItems[0].catalogReference.options"),
        ({"lineItems": [item()] * 101}, "lineItems"),
    ],
)
def test_what_is_wrong_with_a_request_is_named(till: Till, body: Json, field: str) -> None:
    details = refused(till.call("POST", CHECKOUTS, body), 400)
    assert [one["field"] for one in details["fieldViolations"]] == [field]


def test_a_checkout_of_nothing_is_refused(till: Till) -> None:
    refused(till.call("POST", CHECKOUTS, {"lineItems": []}), 400, "EMPTY_CHECKOUT")
    line = till.put()["lineItems"][0]["id"]
    till.post(f"{CARTS}/remove-line-items", {"lineItemIds": [line]})
    refused(till.call("POST", f"{CARTS}/create-checkout", {"channelType": "WEB"}), 400, "EMPTY_CHECKOUT")


def test_buyer_and_owner_get_a_mail_that_says_what_was_ordered(till: Till) -> None:
    paid_later(till)
    till.owner("PATCH", "/api/v1/shop-settings", {"shopSettings": {"ordersEmail": "orders@shop.example"}})
    order_id = placed(till, item(quantity=2))
    till.owner(
        "POST", f"/ecom/v1/fulfillments/orders/{order_id}/create-fulfillment", {"fulfillment": {"trackingInfo": {"trackingNumber": "1Z9"}}}
    )
    app = till.app
    app.runner.run(app.application.mails.round())
    caught = {one["to"] + " " + one["subject"]: one["id"] for one in till.owner("GET", "/api/v1/mailbox")["mails"]}
    assert set(caught) == {
        "ann@shop.example Your order 10001 at Kiln & Co.",
        "ann@shop.example Your order 10001 is on its way",
        "orders@shop.example New order 10001 at Kiln & Co.",
    }
    words = till.owner("GET", f"/api/v1/mailbox/{caught['ann@shop.example Your order 10001 at Kiln & Co.']}")["text"].splitlines()
    for line in ("Hello Ann Lee,", "2 × Mug: $25.00", "Delivery (Standard): $5.00", "Tax: $2.66", "Total: $32.66"):
        assert line in words


def test_goods_are_looked_up_once_in_a_call(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cart is as quick to change as it is to read: what was found is what is added up."""
    looks: list[int] = []
    find = ProductShelf.find

    def counted(*args: Any) -> Any:
        looks.append(1)
        return find(*args)

    monkeypatch.setattr(ProductShelf, "find", counted)
    till.put()
    made = till.post(CHECKOUTS, {"lineItems": [item()], "channelType": "WEB"})["checkout"]["id"]
    for path, body in (
        (f"{CARTS}/estimate-totals", {}),
        (CHECKOUTS, {"lineItems": [item(), item()], "channelType": "WEB"}),
        (f"{CHECKOUTS}/{made}/add-to-checkout", {"lineItems": [item()]}),
    ):
        looks.clear()
        till.post(path, body)
        assert len(looks) == 1, path
