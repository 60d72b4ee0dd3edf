"""The shop: what is for sale, the cart, the way to the hosted checkout, and the page that thanks. The wire is in `shop_api.py`.

The cart and the order belong to the visitor's token, so nothing about them is kept here but how many things are in the cart.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from examples.demo_site import shop_api
from examples.demo_site.answers import api_of, go, leave, page, redirect_session, settings_of, visit_of
from examples.demo_site.api import ApiError
from examples.demo_site.visits import Visit

CHOICE = "choice "
"""Form fields of options are named after the option: `choice Size`."""


async def shelf(request: Request) -> Response:
    """Everything that is for sale."""
    visit, api = visit_of(request), api_of(request)
    found = await shop_api.products(api, visit.trace, await visit.access_token(api))
    return page(request, "shop.html", products=found, sized=shop_api.sized)


async def product(request: Request) -> Response:
    """One product, to choose and put into the cart."""
    visit, api = visit_of(request), api_of(request)
    found = await shop_api.products(api, visit.trace, await visit.access_token(api), slug=request.path_params["slug"])
    if not found:
        return page(request, "not_sold.html", status=404)
    return page(request, "product.html", product=found[0], description=_plain(found[0].description), sized=shop_api.sized, choice=CHOICE)


async def cart(request: Request) -> Response:
    """What is in the cart. Also where the hosted checkout comes back to when nothing was bought."""
    visit, api = visit_of(request), api_of(request)
    if "wixMemberLoggedIn" in request.query_params:
        visit.trace.browser("Came back from the hosted checkout", str(request.url))
        visit.notice = "Nothing was bought. Your cart is as you left it."
        return go("/cart")
    found = _counted(visit, await shop_api.cart(api, visit.trace, await visit.access_token(api)))
    return page(request, "cart.html", cart=found, sized=shop_api.sized)


async def add(request: Request) -> Response:
    """Put a product into the cart, or say why it cannot be."""
    visit, api, form = visit_of(request), api_of(request), await _form(request)
    choices = {name.removeprefix(CHOICE): text for name, text in form.items() if name.startswith(CHOICE)}
    try:
        token = await visit.access_token(api)
        _counted(visit, await shop_api.add_to_cart(api, visit.trace, token, form.get("product", ""), choices, _quantity(form) or 1))
    except ApiError as problem:
        return _told(visit, problem, f"/shop/{quote(form.get('slug', ''), safe='')}")
    return go("/cart")


async def change(request: Request) -> Response:
    """Another quantity of a line; 0 takes it out."""
    visit, api, form = visit_of(request), api_of(request), await _form(request)
    quantity = 0 if "remove" in form else _quantity(form)
    if quantity is None:
        visit.notice = "Enter how many you want, as a number."
        return go("/cart")
    try:
        token = await visit.access_token(api)
        _counted(visit, await shop_api.set_quantity(api, visit.trace, token, form.get("line", ""), quantity))
    except ApiError as problem:
        return _told(visit, problem, "/cart")
    return go("/cart")


async def checkout(request: Request) -> Response:
    """Make a checkout of the cart, and out to the hosted page; the order comes back to `/thank-you`."""
    visit, api = visit_of(request), api_of(request)
    try:
        checkout_id = await shop_api.create_checkout(api, visit.trace, await visit.access_token(api))
    except ApiError as problem:
        return _told(visit, problem, "/cart")
    body = {"ecomCheckout": {"checkoutId": checkout_id}, "callbacks": _callbacks(request)}
    return leave(visit, await redirect_session(request, "A redirect session for the checkout", body))


async def buy_now(request: Request) -> Response:
    """Out to the product's page over there, which goes on to the checkout without a cart."""
    form = await _form(request)
    body = {"storesProduct": {"productSlug": form.get("slug", "")}, "callbacks": _callbacks(request)}
    return leave(visit_of(request), await redirect_session(request, "A redirect session for a product page", body))


async def thank_you(request: Request) -> Response:
    """Where a bought order comes back to. The id in the address is looked up with the visitor's own token: a made-up one shows nothing."""
    visit, api = visit_of(request), api_of(request)
    order_id = request.query_params.get("orderId", "")
    visit.trace.browser("Came back from the hosted checkout", str(request.url))
    token = await visit.access_token(api)
    try:
        found = await shop_api.order(api, visit.trace, token, order_id)
    except ApiError as problem:
        if problem.status not in (400, 404):
            raise
        return page(request, "no_order.html", status=404)
    _counted(visit, await shop_api.cart(api, visit.trace, token))
    return page(request, "thank_you.html", order=found, sized=shop_api.sized)


def _callbacks(request: Request) -> Mapping[str, str]:
    """The ways back: bought, not bought, and the cart."""
    site = settings_of(request).site_url
    return {"thankYouPageUrl": f"{site}/thank-you", "postFlowUrl": f"{site}/cart", "cartPageUrl": f"{site}/cart"}


def _counted(visit: Visit, found: shop_api.Cart) -> shop_api.Cart:
    visit.cart_pieces = found.pieces
    return found


def _told(visit: Visit, problem: ApiError, where: str) -> Response:
    """What the server refuses about a cart is said where it was asked for; anything else is a page of its own."""
    if problem.status is None or problem.status == 401 or problem.status >= 500:
        raise problem
    visit.notice = problem.description
    return go(where)


async def _form(request: Request) -> Mapping[str, str]:
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))


def _quantity(form: Mapping[str, str]) -> int | None:
    text = form.get("quantity", "").strip()
    return int(text) if re.fullmatch("[0-9]{1,5}", text) else None


def _plain(description: str) -> str:
    """A description is HTML from elsewhere; this site shows its words only."""
    return html.unescape(re.sub(r"<[^>]*>", " ", description)).strip()


ROUTES = (
    Route("/shop", shelf),
    Route("/shop/{slug}", product),
    Route("/cart", cart),
    Route("/cart/add", add, methods=["POST"]),
    Route("/cart/change", change, methods=["POST"]),
    Route("/checkout", checkout, methods=["POST"]),
    Route("/buy-now", buy_now, methods=["POST"]),
    Route("/thank-you", thank_you),
)
