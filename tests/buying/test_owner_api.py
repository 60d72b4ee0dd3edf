"""What an owner's server code does with API keys: coupons, delivery, taxes, how the shop sells, and what becomes of orders."""

from __future__ import annotations

import pytest

from tests.api.shape import refused, violated
from tests.buying.conftest import CHECKOUTS, Json, Till, item
from tests.buying.test_checkout_api import paid_later, placed, ready
from tests.ecom.shelf import MUG, NOW

COUPONS = "/stores/v2/coupons"
SHIPPING = "/ecom/v1/shipping-options"
TAXES = "/api/v1/tax-rates"
TEN: Json = {
    "name": "Ten off",
    "code": "Ten",
    "percentOffRate": 12.5,
    "usageLimit": 5,
    "startTime": str(NOW),
    "scope": {"namespace": "stores"},
}


def coupon(till: Till, **more: object) -> str:
    return str(till.owner("POST", COUPONS, {"specification": {**TEN, **more}})["id"])


def test_a_coupon_is_made_read_changed_by_mask_and_deleted(till: Till) -> None:
    made = coupon(till)
    kept = till.owner("GET", f"{COUPONS}/{made}")["coupon"]
    assert kept["specification"]["percentOffRate"] == 12.5
    assert (kept["specification"]["code"], kept["numberOfUsages"], kept["expired"]) == ("Ten", 0, False)
    same = till.call("PATCH", f"{COUPONS}/{made}", {"specification": {"name": "Other"}}, token=till.app.world.key)
    assert "Nothing was changed" in same.headers["x-roundtrip-notice"]
    body = {"specification": {"name": "Other", "active": False, "usageLimit": None}, "fieldMask": {"paths": ["name", "usageLimit"]}}
    changed = till.owner("PATCH", f"{COUPONS}/{made}", body)["coupon"]["specification"]
    assert (changed["name"], changed["active"], changed.get("usageLimit")) == ("Other", True, None)
    assert till.owner("POST", f"{COUPONS}/query", {"query": {"filter": {"specification.code": "TEN"}}})["totalResults"] == 1
    till.owner("DELETE", f"{COUPONS}/{made}")
    refused(till.call("GET", f"{COUPONS}/{made}", token=till.app.world.key), 404, "COUPON_NOT_FOUND")
    refused(till.call("DELETE", f"{COUPONS}/{made}", token=till.app.world.key), 404, "COUPON_NOT_FOUND")
    assert till.owner("POST", f"{COUPONS}/query", {})["coupons"] == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"percentOffRate": 0}, "specification.percentOffRate"),
        ({"percentOffRate": 101}, "specification.percentOffRate"),
        ({"moneyOffAmount": 5}, "specification"),
        ({"percentOffRate": None, "moneyOffAmount": 1.999}, "specification.moneyOffAmount"),
        ({"percentOffRate": None, "moneyOffAmount": "1e3"}, "specification.moneyOffAmount"),
        ({"percentOffRate": None, "moneyOffAmount": -1}, "specification.moneyOffAmount"),
        ({"percentOffRate": None}, "specification"),
        ({"buyXGetY": {"x": 1}}, "specification.buyXGetY"),
        ({"code": "x" * 21}, "specification.code"),
        ({"code": "  "}, "specification.code"),
        ({"expirationTime": "1"}, "specification.expirationTime"),
        ({"scope": {"namespace": "bookings"}}, "specification.scope"),
        ({"startTime": "soon"}, "specification.startTime"),
    ],
)
def test_a_coupon_that_makes_no_sense_is_refused_at_its_field(till: Till, change: Json, field: str) -> None:
    answer = till.call("POST", COUPONS, {"specification": {**TEN, **change}}, token=till.app.world.key)
    if change.get("moneyOffAmount") == "1e3":
        assert answer.status_code == 200, "a thousand is an amount"
        return
    assert [one["field"] for one in refused(answer, 400)["fieldViolations"]] == [field]


def test_coupons_are_listed_newest_first_on_each_database(till_on_each: Till) -> None:
    """OPS-11"""
    made = [coupon(till_on_each, code=f"Ten{number}") for number in range(3)]
    found = till_on_each.owner("POST", f"{COUPONS}/query", {"query": {"paging": {"limit": 2, "offset": 0}}})
    assert ({one["id"] for one in found["coupons"]} <= set(made), len(found["coupons"]), found["totalResults"]) == (True, 2, 3)


@pytest.mark.parametrize("text", ["{", "[" * 100_000])
def test_a_filter_in_a_text_is_read_with_the_care_of_any_other(till: Till, text: str) -> None:
    """TST-09"""
    violated(till.call("POST", f"{COUPONS}/query", {"query": {"filter": text}}, token=till.app.world.key), "query.filter", "FORMAT")


def test_a_code_is_taken_in_every_spelling_and_a_kind_stays(till: Till) -> None:
    made = coupon(till)
    key = till.app.world.key
    refused(till.call("POST", COUPONS, {"specification": {**TEN, "code": " tEN "}}, token=key), 409, "COUPON_CODE_TAKEN")
    other = coupon(till, code="B")
    mask = {"fieldMask": {"paths": ["code"]}}
    refused(till.call("PATCH", f"{COUPONS}/{other}", {"specification": {"code": "ten"}, **mask}, token=key), 409, "COUPON_CODE_TAKEN")
    change = {"specification": {"moneyOffAmount": 1}, "fieldMask": {"paths": ["moneyOffAmount"]}}
    refused(till.call("PATCH", f"{COUPONS}/{made}", change, token=key), 409, "COUPON_KIND_FIXED")
    foreign = till.call("GET", f"{COUPONS}/{made}", token=till.app.world.foreign_key)
    refused(foreign, 404, "COUPON_NOT_FOUND")


def test_a_way_of_delivery_is_offered_where_its_owner_says(till: Till) -> None:
    till.owner("DELETE", f"{SHIPPING}/{till.owner('POST', f'{SHIPPING}/query', {})['shippingOptions'][0]['id']}")
    rates = [{"amount": "0", "conditions": [{"type": "BY_TOTAL_PRICE", "operator": "GTE", "value": "25"}]}, {"amount": "4.00"}]
    regions = [{"country": "us", "subdivisions": ["NY"]}, {"country": "DE"}]
    made = till.owner("POST", SHIPPING, {"shippingOption": {"title": "Post", "rates": rates, "regions": regions}})["shippingOption"]
    assert made["regions"][0] == {"country": "US", "subdivisions": ["US-NY"]}
    assert made["rates"][0]["amount"] == "0.00"

    def offered(quantity: int, country: str, subdivision: str = "") -> list[str]:
        there = {"address": {"country": country, "subdivision": subdivision}}
        body = {"lineItems": [item(quantity=quantity)], "checkoutInfo": {"shippingInfo": {"shippingDestination": there}}}
        found = till.post(CHECKOUTS, body)["checkout"]["shippingInfo"].get("carrierServiceOptions", [])
        return [option["cost"]["price"]["amount"] for carrier in found for option in carrier["shippingOptions"]]

    assert [offered(1, "US", "NY"), offered(2, "DE"), offered(1, "US", "CA"), offered(1, "FR")] == [["4.00"], ["0.00"], [], []]
    change = {"shippingOption": {"revision": made["revision"], "active": False}}
    assert till.owner("PATCH", f"{SHIPPING}/{made['id']}", change)["shippingOption"]["title"] == "Post"
    refused(till.call("PATCH", f"{SHIPPING}/{made['id']}", change, token=till.app.world.key), 409, "REVISION_CHANGED")
    assert offered(1, "DE") == []
    till.owner("DELETE", f"{SHIPPING}/{made['id']}")
    refused(till.call("GET", f"{SHIPPING}/{made['id']}", token=till.app.world.key), 404, "SHIPPING_OPTION_NOT_FOUND")


def test_the_closest_tax_rate_counts_and_may_be_in_the_price(till: Till) -> None:
    for rate, place in (("20", {}), ("7", {"country": "US"}), ("0", {"country": "US", "taxGroup": "books"})):
        till.owner("POST", TAXES, {"taxRate": {"name": f"{rate} %", "rate": rate, **place}})
    rates = till.owner("POST", f"{TAXES}/query", {})["taxRates"]
    assert [one["rate"] for one in rates] == ["20", "7", "0", "8.875"]

    def tax(country: str, subdivision: str = "") -> tuple[str, str]:
        body = {"lineItems": [item()], "checkoutInfo": {"billingInfo": {"address": {"country": country, "subdivision": subdivision}}}}
        summary = till.post(CHECKOUTS, body)["checkout"]["priceSummary"]
        return summary["tax"]["amount"], summary["total"]["amount"]

    assert [tax("US", "NY"), tax("US", "CA"), tax("FR")] == [("1.11", "13.61"), ("0.88", "13.38"), ("2.50", "15.00")]
    for group, due in (("books", ("0.00", "12.50")), (None, ("0.88", "13.38"))):
        till.owner("PATCH", f"/stores/v1/products/{MUG}", {"product": {"taxGroup": group}, "mask": {"paths": ["taxGroup"]}})
        assert tax("US", "CA") == due, "books are not taxed there"
    till.owner("PATCH", "/api/v1/shop-settings", {"shopSettings": {"taxIncludedInPrices": True}})
    assert tax("FR") == ("2.08", "12.50")
    key = till.app.world.key
    again = {"taxRate": {"name": "x", "rate": "1", "country": "us"}}
    refused(till.call("POST", TAXES, again, token=key), 409, "TAX_RATE_EXISTS")
    violated(till.call("POST", TAXES, {"taxRate": {"name": "x", "rate": "100.5"}}, token=key), "taxRate.rate", "FORMAT")
    violated(
        till.call("POST", TAXES, {"taxRate": {"name": "x", "rate": "1", "subdivision": "NY"}}, token=key), "taxRate.subdivision", "OTHER"
    )
    changed = till.owner("PATCH", f"{TAXES}/{rates[0]['id']}", {"taxRate": {"rate": "21", "revision": "1"}})["taxRate"]
    assert (changed["rate"], changed["name"], changed["revision"]) == ("21", "20 %", "2")
    till.owner("DELETE", f"{TAXES}/{rates[0]['id']}")
    refused(till.call("DELETE", f"{TAXES}/{rates[0]['id']}", token=key), 404, "TAX_RATE_NOT_FOUND")


def test_how_the_shop_sells_is_set_field_by_field(till: Till) -> None:
    fields = {"checkoutFields": [{"title": "Floor", "required": True}], "ordersEmail": "orders@shop.example"}
    first = till.owner("PATCH", "/api/v1/shop-settings", {"shopSettings": {**fields, "revision": "0"}})["shopSettings"]
    assert (first["currency"], first["revision"], first["checkoutFields"]) == ("USD", "1", [{"title": "Floor", "required": True}])
    key = till.app.world.key
    refused(till.call("PATCH", "/api/v1/shop-settings", {"shopSettings": {"revision": "0"}}, token=key), 409, "REVISION_CHANGED")
    till.owner("PATCH", "/api/v1/shop-settings", {"shopSettings": {"weightUnit": "LB"}})
    kept = till.owner("GET", "/api/v1/shop-settings")["shopSettings"]
    assert (kept["weightUnit"], kept["ordersEmail"], kept["giftNote"]) == ("LB", "orders@shop.example", True)
    codes = [one["code"] for one in ready(till)["calculationErrors"]["orderValidationErrors"]]
    assert codes == ["CUSTOM_FIELD_MISSING"]


def test_an_order_is_paid_sent_and_refunded(till: Till) -> None:
    paid_later(till)
    order_id = placed(till, item(quantity=2))
    key = till.app.world.key
    order = f"/ecom/v1/orders/{order_id}"
    mark = f"/ecom/v1/payments-collector/orders/{order_id}/mark-as-paid"
    refused(till.call("POST", f"/api/v1/orders/{order_id}/refund", {}, token=key), 409, "ORDER_STATUS")
    assert till.owner("POST", mark)["order"]["paymentStatus"] == "PAID"
    refused(till.call("POST", mark, token=key), 409, "ALREADY_PAID")
    line = till.get(order)["order"]["lineItems"][0]["id"]
    send = f"/ecom/v1/fulfillments/orders/{order_id}"
    sent = till.owner("POST", f"{send}/create-fulfillment", {"fulfillment": {"lineItems": [{"id": line, "quantity": 1}]}})
    assert till.get(order)["order"]["fulfillmentStatus"] == "PARTIALLY_FULFILLED"
    till.owner("POST", f"{send}/create-fulfillment", {})
    parcels = till.owner("GET", send)["orderWithFulfillments"]["fulfillments"]
    assert sent["fulfillmentId"] in [one["id"] for one in parcels]
    assert len(parcels) == 2
    assert till.get(order)["order"]["fulfillmentStatus"] == "FULFILLED"
    refused(till.call("POST", f"{order}/cancel", {}, token=key), 409, "ORDER_STATUS")
    part = {"amount": {"amount": "10.00"}, "reason": "Broken", "refundKey": "claim 7"}
    for _ in range(2):
        refunded = till.owner("POST", f"/api/v1/orders/{order_id}/refund", part)
    assert refunded["order"]["balanceSummary"]["refunded"]["amount"] == "10.00"
    assert refunded["refund"]["summary"]["status"] == "PENDING"
    violated(till.call("POST", f"/api/v1/orders/{order_id}/refund", {"amount": {"amount": "1.999"}}, token=key), "amount.amount", "FORMAT")
    refused(till.call("POST", f"/api/v1/orders/{order_id}/refund", {"amount": {"amount": "30"}}, token=key), 409, "REFUND_TOO_HIGH")
    assert till.owner("POST", f"/api/v1/orders/{order_id}/refund", {})["order"]["paymentStatus"] == "FULLY_REFUNDED"
    money = till.owner("GET", f"/ecom/v1/payments/orders/{order_id}")["orderTransactions"]
    assert ([one["amount"]["amount"] for one in money["payments"]], len(money["refunds"])) == (["32.66"], 2)
    types = [one["type"] for one in till.get(order)["order"]["activities"]]
    assert types == ["ORDER_PLACED", "ORDER_PAID", "ORDER_FULFILLED", "ORDER_FULFILLED", "ORDER_REFUNDED", "ORDER_REFUNDED"]


def test_an_order_is_corrected_put_away_and_cancelled(till: Till) -> None:
    paid_later(till)
    order_id = placed(till)
    correction = {"recipientInfo": {"address": {"country": "DE", "city": "Ulm", "addressLine": "Weg 1"}}, "archived": True}
    corrected = till.owner("PATCH", f"/ecom/v1/orders/{order_id}", {"order": correction})["order"]
    assert (corrected["archived"], corrected["recipientInfo"]["address"]["city"]) == (True, "Ulm")
    assert corrected["priceSummary"]["total"]["amount"] == "19.05"
    cancelled = till.owner("POST", f"/ecom/v1/orders/{order_id}/cancel", {"customMessage": "Broken in the kiln"})["order"]
    assert (cancelled["status"], cancelled["paymentStatus"]) == ("CANCELED", "NOT_PAID")
    assert till.another().put(item(quantity=3))["lineItems"][0]["availability"]["status"] == "AVAILABLE"


def test_a_key_needs_the_permission_for_each_of_these(till: Till) -> None:
    for path in (COUPONS, SHIPPING, TAXES):
        refused(till.call("POST", path, {}, token=till.app.world.reading_key), 403, "PERMISSION_DENIED")
        refused(till.call("POST", path, {}), 403, "PERMISSION_DENIED")
