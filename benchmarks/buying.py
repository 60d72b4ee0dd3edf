"""What shop fronts and their buyers do: list products, read one, and buy something through every hosted page."""

from __future__ import annotations

import json
import random
from urllib.parse import parse_qs, urlsplit

from benchmarks.browser import Browser
from benchmarks.journeys import CREATE, DOMAIN, Journey, Server, json_request
from benchmarks.wire import Answer, Connection, WrongAnswerError, request

STORES = "215238eb-22a5-4c36-9e7b-e7c08025e04e"
PAGE_OF_PRODUCTS = 20
PRODUCTS_V1 = "/stores-reader/v1/products/query"
PRODUCTS_V3 = "/stores/v3/products/query"
THANKS = f"{DOMAIN}/thanks"
_HOME = {"country": "DE", "line": "Konviktstraße 12", "postal_code": "79098", "city": "Freiburg"}


def slug_of(number: int) -> str:
    """Of the products that `shelves` puts there, counted from 0."""
    return f"benchmark-{number:05}"


def _any_slug(server: Server) -> str:
    return slug_of(random.randrange(server.products))


def _token(server: Server, number: int) -> str:
    return server.tokens[number % len(server.tokens)]


async def _asked(server: Server, connection: Connection, number: int, target: str, body: object) -> Answer:
    return (await connection.send(json_request(server, target, body, _token(server, number)))).expect(200)


async def products_v1(server: Server, connection: Connection, number: int) -> None:
    """The first page of a shop front, as version 1 shows it, counted."""
    body = {"query": {"paging": {"limit": PAGE_OF_PRODUCTS}}}
    _expect_a_page((await _asked(server, connection, number, PRODUCTS_V1, body)).body)


async def products_v3(server: Server, connection: Connection, number: int) -> None:
    """The same by version 3, which pages by cursor."""
    body = {"query": {"cursorPaging": {"limit": PAGE_OF_PRODUCTS}}}
    _expect_a_page((await _asked(server, connection, number, PRODUCTS_V3, body)).body)


def _expect_a_page(body: bytes) -> None:
    # Decoding twenty products costs the generator more than it may spend; every product has this field once.
    if body.count(b'"slug":"') != PAGE_OF_PRODUCTS:
        raise WrongAnswerError(f"expected {PAGE_OF_PRODUCTS} products, got {body[:2000].decode()}")


async def product_by_slug(server: Server, connection: Connection, number: int) -> None:
    """The page of any one product, as templates ask for it: a query of version 1 with the slug as its filter."""
    slug = _any_slug(server)
    answer = await _asked(server, connection, number, PRODUCTS_V1, {"query": {"filter": {"slug": slug}}})
    if f'"slug":"{slug}"'.encode() not in answer.body:
        raise WrongAnswerError(f"expected {slug}, got {answer.body[:2000].decode()}")


async def checkout_round_trip(server: Server, connection: Connection, number: int) -> None:
    """Cart, checkout, redirect session, five pages with their posts, a test payment, back at the site, and the order read there."""
    url = await _out_to_the_checkout(server, connection, number)
    browser = Browser(server.base)
    url, answer = await browser.follow(connection, url, await browser.get(connection, url), DOMAIN)
    buyer = {"email": f"buyer-{number}@bench.example", "first_name": "Ann", "last_name": "Example"}
    # Each page is known by a field that no other has; what is offered there stays chosen, and `choice` is the test payment's.
    for named, typed in (("first_name", buyer), ("country", _HOME), ("delivery", {}), ("seen", {}), ("choice", {})):
        if url.startswith(DOMAIN):
            raise WrongAnswerError(f"sent away to {url} before the page with {named!r}")
        url, answer = await browser.submit(connection, url, answer, named, typed)
        url, answer = await browser.follow(connection, url, answer, DOMAIN)
    await _expect_paid(server, connection, number, url)


async def _out_to_the_checkout(server: Server, connection: Connection, number: int) -> str:
    found = await _asked(server, connection, number, PRODUCTS_V1, {"query": {"filter": {"slug": _any_slug(server)}}})
    product_id = json.loads(found.body)["products"][0]["id"]
    line = {"catalogReference": {"appId": STORES, "catalogItemId": product_id}, "quantity": 1}
    await _asked(server, connection, number, "/ecom/v1/carts/current/add-to-cart", {"lineItems": [line]})
    made = await _asked(server, connection, number, "/ecom/v1/carts/current/create-checkout", {"channelType": "WEB"})
    callbacks = {"postFlowUrl": f"{DOMAIN}/cart", "thankYouPageUrl": THANKS}
    intent = {"ecomCheckout": {"checkoutId": json.loads(made.body)["checkoutId"]}, "callbacks": callbacks}
    return str(json.loads((await _asked(server, connection, number, CREATE, intent)).body)["redirectSession"]["fullUrl"])


async def _expect_paid(server: Server, connection: Connection, number: int, url: str) -> None:
    order_id = parse_qs(urlsplit(url).query).get("orderId", [""])[0]
    if not url.startswith(THANKS) or not order_id:
        raise WrongAnswerError(f"no order came back: {url}")
    headers = {"Accept": "application/json", "Authorization": _token(server, number)}
    answer = (await connection.send(request("GET", server.base, f"/ecom/v1/orders/{order_id}", headers))).expect(200)
    order = json.loads(answer.body)["order"]
    if order["paymentStatus"] != "PAID":
        raise WrongAnswerError(f"order {order_id} is {order['paymentStatus']}")


JOURNEYS: dict[str, Journey] = {journey.__name__: journey for journey in (products_v1, products_v3, product_by_slug, checkout_round_trip)}
