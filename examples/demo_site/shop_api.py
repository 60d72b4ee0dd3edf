"""Buying on the public wire: products, the cart, the checkout made of it, the order. Every function raises `ApiError`.

A browser never sends a price: what things cost is the server's word, and this site repeats it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from examples.demo_site.api import Api, ApiError, mapping
from examples.demo_site.trace import Trace

STORES_APP = "215238eb-22a5-4c36-9e7b-e7c08025e04e"
"""Products are in the catalogue of this app: half of every reference to one."""

PRODUCTS_PATH = "/stores/v1/products/query"
CART_PATH = "/ecom/v1/carts/current"


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose. `choices` are texts for people, which the cart takes as they are, and whether there is any left."""

    name: str
    choices: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Product:
    """A product as this site shows it. `full_price` is empty unless it costs less now."""

    id: str
    slug: str
    name: str
    description: str
    price: str
    full_price: str
    is_from: bool
    ribbon: str
    is_available: bool
    options: tuple[Option, ...]
    picture: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a cart or an order. `trouble` says why it can't be had as it is; empty when it can."""

    id: str
    name: str
    details: str
    quantity: int
    total: str
    picture: str
    trouble: str


@dataclass(frozen=True, slots=True)
class Cart:
    """What lies in the cart. Delivery and tax are known later, on the hosted checkout."""

    lines: tuple[Line, ...] = ()
    subtotal: str = ""

    @property
    def pieces(self) -> int:
        """How many things there are."""
        return sum(line.quantity for line in self.lines)


@dataclass(frozen=True, slots=True)
class Order:
    """What the hosted checkout made."""

    number: str
    total: str
    is_paid: bool
    email: str
    delivery: str
    lines: tuple[Line, ...]


async def products(api: Api, trace: Trace, token: str, *, slug: str = "") -> list[Product]:
    """Everything that is sold, oldest first; with `slug` the one product, or nothing."""
    query: dict[str, object] = {"paging": {"limit": 100}}
    if slug:
        query["filter"] = {"slug": slug}
    answer = await api.call(trace, "What is for sale?", "POST", PRODUCTS_PATH, body={"query": query}, access_token=token)
    return [_product(one) for one in _objects(answer.get("products"))]


async def cart(api: Api, trace: Trace, token: str) -> Cart:
    """The visitor's cart. Who has put nothing in has none, which the server says by an error."""
    try:
        answer = await api.call(trace, "What is in the cart?", "GET", CART_PATH, access_token=token)
    except ApiError as problem:
        if problem.code == "OWNED_CART_NOT_FOUND":
            return Cart()
        raise
    return _cart(answer)


async def add_to_cart(api: Api, trace: Trace, token: str, product_id: str, choices: Mapping[str, str], quantity: int) -> Cart:
    """Put a product in, with what was chosen of each option."""
    reference: dict[str, object] = {"appId": STORES_APP, "catalogItemId": product_id}
    if choices:
        reference["options"] = {"options": dict(choices)}
    body = {"lineItems": [{"catalogReference": reference, "quantity": quantity}]}
    return _cart(await api.call(trace, "Into the cart", "POST", f"{CART_PATH}/add-to-cart", body=body, access_token=token))


async def set_quantity(api: Api, trace: Trace, token: str, line_id: str, quantity: int) -> Cart:
    """So many of a line; with 0 it is taken out."""
    path = "remove-line-items" if quantity == 0 else "update-line-items-quantity"
    body: dict[str, object] = {"lineItemIds": [line_id]} if quantity == 0 else {"lineItems": [{"id": line_id, "quantity": quantity}]}
    return _cart(await api.call(trace, "Change the cart", "POST", f"{CART_PATH}/{path}", body=body, access_token=token))


async def create_checkout(api: Api, trace: Trace, token: str) -> str:
    """The id of a checkout with what is in the cart. Asked again for the same cart, it is the same one."""
    answer = await api.call(
        trace, "A checkout from the cart", "POST", f"{CART_PATH}/create-checkout", body={"channelType": "WEB"}, access_token=token
    )
    return str(answer["checkoutId"])


async def order(api: Api, trace: Trace, token: str, order_id: str) -> Order:
    """The order with this id, if it is this visitor's: an id in an address proves nothing, the token does."""
    path = f"/ecom/v1/orders/{quote(order_id, safe='')}"
    found = mapping((await api.call(trace, "The order", "GET", path, access_token=token)).get("order"))
    total = mapping(mapping(found.get("priceSummary")).get("total"))
    return Order(
        number=_text(found.get("number")),
        total=_text(total.get("formattedAmount")),
        is_paid=found.get("paymentStatus") == "PAID",
        email=_text(mapping(found.get("buyerInfo")).get("email")),
        delivery=_text(mapping(found.get("shippingInfo")).get("title")),
        lines=tuple(_line(one) for one in _objects(found.get("lineItems"))),
    )


def sized(url: str, width: int, height: int) -> str:
    """The same picture in another size: the server fits it to whatever its address asks for."""
    whole = url.partition("/v1/")[0]
    return f"{whole}/v1/fill/w_{width},h_{height},al_c,q_85,enc_auto/picture.jpg" if whole else ""


def _product(found: Mapping[str, Any]) -> Product:
    price = mapping(found.get("priceData"))
    now, words = mapping(price.get("formatted")).get("discountedPrice"), mapping(price.get("formatted")).get("price")
    span = mapping(found.get("priceRange"))
    image = mapping(mapping(mapping(found.get("media")).get("mainMedia")).get("image"))
    return Product(
        id=_text(found.get("id")),
        slug=_text(found.get("slug")),
        name=_text(found.get("name")),
        description=_text(found.get("description")),
        price=_text(now),
        full_price=_text(words) if words != now else "",
        is_from=span.get("minValue") != span.get("maxValue"),
        ribbon=_text(found.get("ribbon")),
        is_available=bool(mapping(found.get("stock")).get("inStock")),
        options=tuple(_option(one) for one in _objects(found.get("productOptions"))),
        picture=_text(image.get("url")),
    )


def _option(found: Mapping[str, Any]) -> Option:
    choices = [one for one in _objects(found.get("choices")) if one.get("visible", True)]
    return Option(_text(found.get("name")), tuple((_text(one.get("description")), bool(one.get("inStock"))) for one in choices))


def _cart(answer: Mapping[str, object]) -> Cart:
    found = mapping(answer.get("cart"))
    return Cart(
        lines=tuple(_line(one) for one in _objects(found.get("lineItems"))),
        subtotal=_text(mapping(found.get("subtotal")).get("formattedAmount")),
    )


def _line(found: Mapping[str, Any]) -> Line:
    chosen = [_words(one.get("plainText")) or _words(one.get("colorInfo")) for one in _objects(found.get("descriptionLines"))]
    image = mapping(found.get("image"))
    return Line(
        id=_text(found.get("id")),
        name=_words(found.get("productName")),
        details=", ".join(chosen),
        quantity=int(found.get("quantity") or 0),
        total=_text(mapping(found.get("lineItemPrice")).get("formattedAmount")),
        # A product without a picture has the address of an empty one, so that sites need not ask.
        picture="" if image.get("id") == "no-picture.png" else _text(image.get("url")),
        trouble=_trouble(mapping(found.get("availability")).get("status", "AVAILABLE")),
    )


def _trouble(status: object) -> str:
    match status:
        case "AVAILABLE":
            return ""
        case "PARTIALLY_AVAILABLE":
            return "There are fewer left"
        case "NOT_AVAILABLE":
            return "Sold out"
        case _:
            return "Not sold any more"


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _words(value: object) -> str:
    return _text(mapping(value).get("translated"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
