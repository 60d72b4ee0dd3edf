"""Every call of the official stores and ecom modules that this server answers, one by one as `docs/reference/business-apis.md` lists them.

Each is made with the unmodified packages, as they ask their maker's host and as they ask any other; what they sent is then sent again
to every address of the operation and in every shape that it may have. `test_buying.py` and `test_stores.py` tell whole stories instead.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from roundtrip.api.operation import Operation, Router
from roundtrip.api.operations import OPERATIONS
from tests.sdk.bridge import Sdk, SdkError
from tests.sdk.conftest import SHOP
from tests.server_fixtures import Server

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "business-apis.md"
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


@cache
def listed() -> dict[str, list[str]]:
    """The calls of the page, each with the operations that answer it."""
    found = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) >= 4 and (call := re.fullmatch(r"`([a-zA-Z3]+\.[a-zA-Z]+|fetch [^`]+)`", cells[1])):
            found[call[1]] = re.findall(r"`([A-Z]\w+)`", cells[2])
    return found


ROUTER = Router(OPERATIONS)
NAMED: Mapping[str, Operation] = {operation.name: operation for operation in OPERATIONS}


def test_every_call_that_the_page_lists_is_made_here() -> None:
    assert set(listed()) == {*ROWS, *RAW}
    assert {name for names in listed().values() for name in names} <= set(NAMED)


@pytest.fixture(scope="module")
def fronts(server: Server, buying_client: str, node_processes: None) -> Iterator[tuple[Front, Front]]:
    """Two clients of a site that sells the demo products: one asks the maker's host, one another."""
    made = [Sdk(server, buying_client, api_host=host) for host in (None, "api.selfhost.example")]
    tokens = [server.secret(sdk("auth.generateVisitorTokens")["accessToken"]["value"]) for sdk in made]
    found = []
    for sdk, token in zip(made, tokens, strict=True):
        sdk("auth.setTokens", {"accessToken": {"value": token, "expiresAt": 4102444800}, "refreshToken": {"value": "", "role": "visitor"}})
        found.append(Front(sdk, token))
    yield found[0], found[1]
    for sdk in made:
        sdk.close()


@dataclass(frozen=True)
class Sent:
    """What the SDK sent last: to which operation, with which message."""

    operation: Operation
    path_params: Mapping[str, str]
    message: Mapping[str, Any]


def sent_last(front: Front) -> Sent:
    last = front.sdk.requests()[-1]
    parts = urlsplit(last["url"])
    found = ROUTER.find(parts.path)
    assert found is not None, f"nothing answers {parts.path}"
    given = parse_qs(parts.query, keep_blank_values=True)
    if ".r" in given:
        message = json.loads(base64.urlsafe_b64decode(given[".r"][0] + "=="))
    else:
        message = json.loads(last["body"]) if last["body"] else {name: values[-1] for name, values in given.items()}
    return Sent(found[0][last["method"]], found[1], message)


def flat(message: Mapping[str, Any], before: str = "") -> list[tuple[str, str]] | None:
    """A message as plain parameters; None when it has what they cannot say."""
    pairs: list[tuple[str, str]] = []
    for name, value in message.items():
        if isinstance(value, dict):
            inner = flat(value, f"{before}{name}.") if value and not any(key.startswith("$") for key in value) else None
            if inner is None:
                return None
            pairs += inner
        elif isinstance(value, list):
            if not all(isinstance(one, str) for one in value):
                return None
            pairs += [(before + name, one) for one in value]
        else:
            pairs.append((before + name, json.dumps(value) if not isinstance(value, str) else value))
    return pairs


def repeated(front: Front, sent: Sent, names: Sequence[str]) -> Iterator[tuple[str, httpx.Response]]:
    """The same message to every address of the row's operations, in every shape that each takes."""
    headers = {"Authorization": front.token}
    with httpx.Client(base_url=front.sdk.server.origin, headers=headers, timeout=20) as plain:
        for operation in [NAMED[name] for name in names]:
            for template in operation.paths:
                path = template
                for name, value in sent.path_params.items():
                    path = path.replace(f"{{{name}}}", value)
                if operation.request is not None or operation.method != "GET":
                    yield f"{operation.method} {path}", plain.request(operation.method, path, json=dict(sent.message))
                elif operation.query:
                    packed = base64.urlsafe_b64encode(json.dumps(sent.message).encode()).decode().rstrip("=")
                    yield f"GET {path}?.r", plain.get(f"{path}?.r={packed}")
                    pairs = flat(sent.message)
                    if pairs is not None:
                        yield f"GET {path} flat", plain.get(f"{path}?{urlencode(pairs)}")
                else:
                    yield f"GET {path}", plain.get(path)


@pytest.mark.parametrize("name", ROWS)
def test_the_official_packages_are_answered_at_every_address(name: str, fronts: tuple[Front, Front]) -> None:
    """TST-01."""
    row, names = ROWS[name], listed()[name]
    for front in fronts:
        front.sdk.requests()
        got = row.call(front)
        found = row.found(got)
        assert found == row.expected
        sent = sent_last(front)
        assert sent.operation.name in names
        answers = dict(repeated(front, sent, names))
        assert len(answers) >= sum(len(NAMED[one].paths) for one in names)
        bodies = []
        for where, answer in answers.items():
            refused = row.again and answer.json().get("details", {}).get("applicationError", {}).get("code") == row.again
            assert refused or answer.status_code == 200, f"{where}: {answer.status_code} {answer.text}"
            bodies.append(answer.json())
        if not row.changes and not row.again:
            assert all(body == bodies[0] for body in bodies), "every address and every shape asks for the same"
        if row.long is not None:
            row.long(front)
            last = sent_last(front)
            assert (last.operation.method, last.operation.name in names) == ("POST", True)


@pytest.mark.parametrize("name", RAW)
def test_what_no_package_sends_is_answered_as_it_was_recorded(name: str, fronts: tuple[Front, Front]) -> None:
    method, path, body, status, find, expected = RAW[name]
    found = ROUTER.find(path)
    assert found is not None
    assert found[0][method].name in listed()[name]
    origin, token = fronts[0].sdk.server.origin, app_token(fronts[0])
    answer = httpx.request(method, origin + path, json=body, headers={"Authorization": token}, timeout=20)
    assert (answer.status_code, find(answer.json())) == (status, expected)


def app_token(front: Front) -> str:
    """A visitor who never bought anything."""
    other = httpx.post(
        f"{front.sdk.server.origin}/oauth2/token", json={"clientId": front.sdk.client_id, "grantType": "anonymous"}, timeout=20
    ).json()
    return front.sdk.server.secret(other["access_token"])


def test_the_sdk_gets_the_codes_that_templates_look_for(fronts: tuple[Front, Front]) -> None:
    front, email = fronts[0], f"cora.{fronts[0].token[-8:]}@rows.example"

    def asks(product_id: str) -> str:
        reference = {"appId": STORES, "catalogItemId": product_id, "options": {}}
        asked = {"email": email, "itemUrl": f"{SHOP}/pin", "catalogReference": reference}
        with pytest.raises(SdkError) as caught:
            front.sdk("backInStockNotifications.createBackInStockNotificationRequest", asked, {"name": "Pin"})
        return str(caught.value.application_error["code"])

    wait(front, email)
    assert asks(PIN) == "BACK_IN_STOCK_NOTIFICATION_REQUEST_ALREADY_EXISTS"
    assert asks(TOTE) == "ITEM_IN_STOCK"
    none = front.sdk("recommendations.getRecommendation", [ALGORITHM], {"items": []})
    assert not none.get("recommendation"), "shop fronts show none then"


def test_an_owners_program_sees_who_waits_and_deletes_it(fronts: tuple[Front, Front], owner_key: str) -> None:
    front, email = fronts[0], f"dora.{fronts[0].token[-8:]}@rows.example"
    made = wait(front, email)
    owner = Sdk(front.sdk.server, "", api_key=owner_key)
    try:
        call = "backInStockNotifications.queryBackInStockNotificationRequests"
        (found,) = owner.query(call, ("eq", ("email", email)), ("limit", (5,)), FIND)["items"]
        assert (found["_id"], found["status"], found["_createdDate"]) == (made["_id"], "RECEIVED", made["_createdDate"])
        assert owner("backInStockNotifications.getBackInStockNotificationRequest", made["_id"])["email"] == email
        owner("backInStockNotifications.deleteBackInStockNotificationRequest", made["_id"])
        assert owner.query(call, ("eq", ("email", email)), FIND)["items"] == []
    finally:
        owner.close()
