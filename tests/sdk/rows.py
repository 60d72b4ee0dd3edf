"""The calls of the official stores, ecom and bookings modules, each with what it gives: the data of `test_rows.py`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from roundtrip.bookings import seed
from tests.sdk.bridge import Sdk
from tests.sdk.conftest import SHOP

BOOKINGS = "13d21c63-b5ec-5912-8397-c3a5ddb27a97"
CALL, COACHING = seed.service_id(1), seed.service_id(2)
STORES = "215238eb-22a5-4c36-9e7b-e7c08025e04e"
TOTE, SHIRT, PIN = (f"7a1c2f10-0000-4000-8000-00000000000{number}" for number in (1, 2, 5))
FIND: tuple[str, Sequence[object]] = ("find", ())
MANY = [f"01990000-0000-7000-8000-{number:012d}" for number in range(99)]
ANN = {"firstName": "Ann", "lastName": "Lee"}
HOME = {"country": "US", "subdivision": "US-NY", "city": "New York", "postalCode": "10001", "addressLine1": "12 Main Street"}
ALGORITHM = {"_id": "5dd69f67-9ab9-478e-ba7c-10c6c6e7285f", "appId": STORES}


@dataclass
class Front:
    """A visitor's SDK client, with what it can do before a call."""

    sdk: Sdk
    token: str
    waited_for: int = 0

    def cart(self) -> list[str]:
        """A cart with totes in it; the ids of its lines."""
        lines = [{"catalogReference": {"appId": STORES, "catalogItemId": TOTE}, "quantity": 1}]
        return [line["_id"] for line in self.sdk("currentCart.addToCurrentCart", {"lineItems": lines})["cart"]["lineItems"]]

    def checkout(self, *, free: bool = False) -> Any:
        """A checkout of a download; free of charge, it needs nothing to become an order."""
        said = {"billingInfo": {"address": HOME, "contactDetails": ANN}, "buyerInfo": {"email": "ann@rows.example"}}
        lines = [{"catalogReference": {"appId": STORES, "catalogItemId": "7a1c2f10-0000-4000-8000-000000000006"}, "quantity": 1}]
        coupon = {"couponCode": "ALLOFF"} if free else {}
        return self.sdk("checkout.createCheckout", {"lineItems": lines, "channelType": "WEB", "checkoutInfo": said, **coupon})

    def order(self) -> str:
        """An order that costs nothing."""
        return str(self.sdk("checkout.createOrder", self.checkout(free=True)["_id"])["orderId"])

    def slots(self, service_id: str) -> Any:
        """Free times in four days from now, which may still be cancelled and moved."""
        then = datetime.now(UTC) + timedelta(days=2)
        window = {"startDate": then.isoformat(timespec="seconds"), "endDate": (then + timedelta(days=2)).isoformat(timespec="seconds")}
        asked = {"filter": {"serviceId": [service_id], "bookable": True, **window}}
        return self.sdk("availabilityCalendar.queryAvailability", asked, {"timezone": "UTC"})["availabilityEntries"]

    def booking(self, service_id: str) -> Any:
        """A booking that was begun."""
        entity = {"slot": self.slots(service_id)[0]["slot"]}
        who = {"firstName": "Ann", "lastName": "Lee", "email": "ann@rows.example"}
        return self.sdk("bookings.createBooking", {"bookedEntity": entity, "totalParticipants": 1, "contactDetails": who})

    def confirmed(self) -> str:
        """A free one that stands, by an order as templates make it."""
        booking_id = str(self.booking(CALL)["booking"]["_id"])
        lines = [{"catalogReference": {"appId": BOOKINGS, "catalogItemId": booking_id}, "quantity": 1}]
        said = {"buyerInfo": {"email": "ann@rows.example"}}
        made = self.sdk("checkout.createCheckout", {"lineItems": lines, "channelType": "WEB", "checkoutInfo": said})
        self.sdk("checkout.createOrder", made["_id"])
        return booking_id


def first(found: Any) -> Any:
    return found["items"][0]["slug"]


def wait(front: Front, email: str = "") -> Any:
    front.waited_for += 1
    wanted = {"appId": STORES, "catalogItemId": PIN, "options": {"variantId": "00000000-0000-0000-0000-000000000000"}}
    email = email or f"ann{front.waited_for}.{front.token[-8:]}@rows.example"
    asked = {"email": email, "itemUrl": f"{SHOP}/pin", "catalogReference": wanted}
    return front.sdk("backInStockNotifications.createBackInStockNotificationRequest", asked, {"name": "Pin", "price": "5"})


def applied(front: Front) -> Any:
    front.cart()
    front.sdk("currentCart.updateCurrentCart", {"couponCode": "ALLOFF"})
    return front.sdk("currentCart.removeCouponFromCurrentCart")


def more_of_it(front: Front) -> Any:
    made = front.checkout()
    return front.sdk("checkout.updateLineItemsQuantity", made["_id"], [{"_id": made["lineItems"][0]["_id"], "quantity": 4}])


def none_of_it(front: Front) -> Any:
    made = front.checkout()
    return front.sdk("checkout.removeLineItems", made["_id"], [made["lineItems"][0]["_id"]])


@dataclass(frozen=True)
class Row:
    """`call` makes the call, last of all, and `expected` is in what it gives. `long` makes the same too long for an address.

    `again`: what a repetition is refused with, if it is. `changes`: its answers differ from one to the next.
    """

    call: Callable[[Front], Any]
    found: Callable[[Any], Any]
    expected: object
    long: Callable[[Front], Any] | None = None
    changes: bool = False
    again: str = ""


def quantity(cart: Any) -> list[int]:
    return [line["quantity"] for line in cart["cart"]["lineItems"]]


IDS = ("in", ("_id", [*MANY, TOTE]))
IN_V3 = {"filter": {"_id": {"$in": [*MANY, TOTE]}}}
ROWS: dict[str, Row] = {
    "products.queryProducts": Row(
        lambda front: front.sdk.query("products.queryProducts", ("eq", ("slug", "canvas-tote")), FIND),
        first,
        "canvas-tote",
        lambda front: front.sdk.query("products.queryProducts", IDS, FIND),
    ),
    "products.getProduct": Row(lambda front: front.sdk("products.getProduct", TOTE), lambda got: got["product"]["slug"], "canvas-tote"),
    "products.queryProductVariants": Row(
        lambda front: front.sdk("products.queryProductVariants", SHIRT, {"choices": {"Size": "S"}}), lambda got: len(got["variants"]), 2
    ),
    "inventory.queryInventory": Row(
        lambda front: front.sdk("inventory.queryInventory", {"query": {"filter": json.dumps({"productId": TOTE}), "paging": {"limit": 5}}}),
        lambda got: [(one["productId"], one["variants"][0]["quantity"]) for one in got["inventoryItems"]],
        [(TOTE, 40)],
    ),
    "inventory.getInventoryVariants": Row(
        lambda front: front.sdk("inventory.getInventoryVariants", front.sdk("products.getProduct", TOTE)["product"]["inventoryItemId"]),
        lambda got: got["inventoryItem"]["productId"],
        TOTE,
    ),
    "collections.queryCollections": Row(
        lambda front: front.sdk.query("collections.queryCollections", ("eq", ("slug", "apparel")), FIND),
        first,
        "apparel",
        lambda front: front.sdk.query("collections.queryCollections", ("in", ("_id", MANY)), FIND),
    ),
    "collections.getCollectionBySlug": Row(
        lambda front: front.sdk("collections.getCollectionBySlug", "apparel"), lambda got: got["collection"]["name"], "Apparel"
    ),
    "productsV3.queryProducts": Row(
        lambda front: front.sdk.query("productsV3.queryProducts", ("eq", ("slug", "canvas-tote")), FIND),
        first,
        "canvas-tote",
        lambda front: front.sdk.query("productsV3.queryProducts", IDS, FIND),
    ),
    "productsV3.searchProducts": Row(
        lambda front: front.sdk("productsV3.searchProducts", {"filter": {"slug": "canvas-tote"}}, {"fields": ["CURRENCY"]}),
        lambda got: got["products"][0]["slug"],
        "canvas-tote",
        lambda front: front.sdk("productsV3.searchProducts", IN_V3, {"fields": ["CURRENCY", "URL"]}),
    ),
    "productsV3.getProductBySlug": Row(
        lambda front: front.sdk("productsV3.getProductBySlug", "canvas-tote", {"fields": ["CURRENCY", "URL"]}),
        lambda got: got["product"]["_id"],
        TOTE,
    ),
    "productsV3.getProduct": Row(
        lambda front: front.sdk("productsV3.getProduct", TOTE, {"fields": ["CURRENCY", "URL"]}), lambda got: got["slug"], "canvas-tote"
    ),
    "catalogVersioning.getCatalogVersion": Row(
        lambda front: front.sdk("catalogVersioning.getCatalogVersion"), lambda got: got["catalogVersion"], "V1_CATALOG"
    ),
    "currentCart.addToCurrentCart": Row(
        lambda front: front.sdk(
            "currentCart.addToCurrentCart",
            {"lineItems": [{"catalogReference": {"appId": STORES, "catalogItemId": TOTE}, "quantity": 1}]},
        ),
        lambda got: got["cart"]["lineItems"][0]["catalogReference"]["catalogItemId"],
        TOTE,
        changes=True,
    ),
    "currentCart.getCurrentCart": Row(
        lambda front: front.cart() and front.sdk("currentCart.getCurrentCart"), lambda got: got["currency"], "USD"
    ),
    "currentCart.updateCurrentCart": Row(
        lambda front: front.cart() and front.sdk("currentCart.updateCurrentCart", {"cartInfo": {"buyerNote": "Hello"}}),
        lambda got: got["buyerNote"],
        "Hello",
        changes=True,
    ),
    "currentCart.updateCurrentCartLineItemQuantity": Row(
        lambda front: front.sdk("currentCart.updateCurrentCartLineItemQuantity", [{"_id": front.cart()[0], "quantity": 3}]),
        quantity,
        [3],
        changes=True,
    ),
    "currentCart.removeLineItemsFromCurrentCart": Row(
        lambda front: front.sdk("currentCart.removeLineItemsFromCurrentCart", front.cart()), quantity, [], changes=True
    ),
    "currentCart.createCheckoutFromCurrentCart": Row(
        lambda front: front.cart() and front.sdk("currentCart.createCheckoutFromCurrentCart", {"channelType": "WEB"}),
        lambda got: len(got["checkoutId"]),
        36,
    ),
    "currentCart.estimateCurrentCartTotals": Row(
        lambda front: front.cart() and front.sdk("currentCart.estimateCurrentCartTotals", {"shippingAddress": HOME}),
        lambda got: got["currency"],
        "USD",
    ),
    "currentCart.removeCouponFromCurrentCart": Row(applied, lambda got: got["cart"]["appliedDiscounts"], [], changes=True),
    "currentCart.deleteCurrentCart": Row(
        lambda front: front.cart() and front.sdk("currentCart.deleteCurrentCart"), lambda got: got or {}, {}, again="OWNED_CART_NOT_FOUND"
    ),
    "cart.getCart": Row(
        lambda front: front.cart() and front.sdk("cart.getCart", front.sdk("currentCart.getCurrentCart")["_id"]),
        lambda got: got["currency"],
        "USD",
    ),
    "checkout.createCheckout": Row(
        lambda front: front.checkout(), lambda got: got["lineItems"][0]["productName"]["original"], "Album Download", changes=True
    ),
    "checkout.getCheckout": Row(
        lambda front: front.sdk("checkout.getCheckout", front.checkout()["_id"]), lambda got: got["buyerInfo"]["email"], "ann@rows.example"
    ),
    "checkout.updateCheckout": Row(
        lambda front: front.sdk("checkout.updateCheckout", front.checkout()["_id"], {"buyerNote": "Hello"}, {"couponCode": "ALLOFF"}),
        lambda got: (got["buyerNote"], got["priceSummary"]["total"]["amount"]),
        ("Hello", "0.00"),
        changes=True,
    ),
    "checkout.addToCheckout": Row(
        lambda front: front.sdk(
            "checkout.addToCheckout",
            front.checkout()["_id"],
            {"lineItems": [{"catalogReference": {"appId": STORES, "catalogItemId": TOTE}, "quantity": 2}]},
        ),
        lambda got: [one["quantity"] for one in got["checkout"]["lineItems"]],
        [1, 2],
        changes=True,
    ),
    "checkout.updateLineItemsQuantity": Row(more_of_it, lambda got: got["checkout"]["lineItems"][0]["quantity"], 4, changes=True),
    "checkout.removeLineItems": Row(none_of_it, lambda got: got["checkout"]["lineItems"], [], changes=True),
    "checkout.removeCoupon": Row(
        lambda front: front.sdk("checkout.removeCoupon", front.checkout(free=True)["_id"]),
        lambda got: got["checkout"]["priceSummary"]["total"]["amount"],
        "10.00",
        changes=True,
    ),
    "checkout.createOrder": Row(
        lambda front: front.sdk("checkout.createOrder", front.checkout(free=True)["_id"]),
        lambda got: len(got["orderId"]),
        36,
    ),
    "orders.getOrder": Row(lambda front: front.sdk("orders.getOrder", front.order()), lambda got: got["paymentStatus"], "PAID"),
    "orders.searchOrders": Row(
        lambda front: front.order() and front.sdk("orders.searchOrders", {"filter": {"paymentStatus": "PAID"}}),
        lambda got: {order["paymentStatus"] for order in got["orders"]},
        {"PAID"},
    ),
    "plans.queryPublicPlans": Row(
        lambda front: front.sdk.query("plans.queryPublicPlans", ("eq", ("slug", "community")), FIND), first, "community"
    ),
    "services.queryServices": Row(
        lambda front: front.sdk.query("services.queryServices", ("eq", ("name", "Morning Yoga")), FIND),
        lambda got: [one["name"] for one in got["items"]],
        ["Morning Yoga"],
        changes=True,
    ),
    "services.getService": Row(lambda front: front.sdk("services.getService", CALL), lambda got: got["name"], "Intro Call"),
    "availabilityCalendar.queryAvailability": Row(
        lambda front: front.slots(CALL),
        lambda got: {one["bookable"] for one in got},
        {True},
        changes=True,
    ),
    "availabilityTimeSlots.listAvailabilityTimeSlots": Row(
        lambda front: front.sdk(
            "availabilityTimeSlots.listAvailabilityTimeSlots",
            {"serviceId": CALL, "fromLocalDate": "2035-01-01T00:00:00", "toLocalDate": "2035-01-02T00:00:00", "timeZone": "UTC"},
        ),
        lambda got: {one["serviceId"] for one in got["timeSlots"]},
        {CALL},
    ),
    "bookings.createBooking": Row(
        lambda front: front.booking(COACHING),
        lambda got: (got["booking"]["status"], got["booking"]["bookedEntity"]["title"]),
        ("CREATED", "Coaching Session"),
        again="SLOT_NOT_AVAILABLE",
    ),
    "bookings.cancelBooking": Row(
        lambda front: front.sdk("bookings.cancelBooking", front.confirmed(), {"revision": "3"}),
        lambda got: got["booking"]["status"],
        "CANCELED",
        again="BOOKING_STATUS",
    ),
    "bookings.rescheduleBooking": Row(
        lambda front: front.sdk("bookings.rescheduleBooking", front.confirmed(), front.slots(CALL)[-5]["slot"], {"revision": "3"}),
        lambda got: got["booking"]["status"],
        "CONFIRMED",
        again="REVISION_CHANGED",
    ),
    "extendedBookings.queryExtendedBookings": Row(
        lambda front: front.confirmed()
        and front.sdk("extendedBookings.queryExtendedBookings", {"cursorPaging": {"limit": 1}}, {"withBookingAllowedActions": True}),
        lambda got: [(one["booking"]["status"], one["allowedActions"]["cancel"]) for one in got["extendedBookings"]],
        [("CONFIRMED", True)],
        changes=True,
    ),
    "recommendations.getRecommendation": Row(
        lambda front: front.sdk(
            "recommendations.getRecommendation",
            [ALGORITHM],
            {"items": [{"catalogItemId": TOTE, "appId": STORES}], "minimumRecommendedItems": 3},
        ),
        lambda got: (got["recommendation"]["algorithm"], got["recommendation"]["items"][0]["appId"]),
        (ALGORITHM, STORES),
    ),
    "backInStockNotifications.createBackInStockNotificationRequest": Row(
        wait, lambda got: got["status"], "RECEIVED", again="BACK_IN_STOCK_NOTIFICATION_REQUEST_ALREADY_EXISTS"
    ),
}  # fmt: skip
RAW: dict[str, tuple[str, str, object, int, Callable[[Any], Any], object]] = {
    "fetch /stores/v2/orders/query": ("POST", "/stores/v2/orders/query", {"query": {}}, 200, lambda got: got["orders"], []),
    "items.query": (
        "POST",
        "/wix-data/v2/items/query",
        {
            "dataCollectionId": "Menus",
            "query": {"fields": [], "filter": {"slug": "h"}, "sort": []},
            "includeReferences": [{"field": "pages"}],
        },
        404,
        lambda got: got["details"]["applicationError"]["code"],
        "WDE0025",
    ),
}
"""Calls that no installed package makes, as they were recorded: method, path, body, status, and what is in the answer."""
