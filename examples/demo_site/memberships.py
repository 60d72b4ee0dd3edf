"""Plans and the member's account: what is sold, the way to the hosted purchase and back, and the hosted account. The wire is in
`memberships_api.py`."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from examples.demo_site import memberships_api
from examples.demo_site.answers import api_of, go, leave, page, redirect_session, settings_of, visit_of


async def plans(request: Request) -> Response:
    """What is sold. Who comes from a booking brings `planIds`, the ones that pay for it, and `checkoutData`, which leads back there."""
    visit, api = visit_of(request), api_of(request)
    ids = [one for one in request.query_params.get("planIds", "").split(",") if one]
    found = await memberships_api.plans(api, visit.trace, await visit.access_token(api), ids)
    return page(request, "plans.html", plans=found, checkout_data=request.query_params.get("checkoutData", ""), is_for_booking=bool(ids))


async def buy(request: Request) -> Response:
    """Out to the hosted purchase. `checkoutData` goes back to the server as it came: with it, the visitor ends in their booking."""
    form = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
    wanted = {"planId": form.get("plan", ""), **({"checkoutData": form["checkoutData"]} if form.get("checkoutData") else {})}
    site = settings_of(request).site_url
    callbacks = {"thankYouPageUrl": f"{site}/plan-bought", "postFlowUrl": f"{site}/plans", "planListUrl": f"{site}/plans"}
    body = {"paidPlansCheckout": wanted, "callbacks": callbacks}
    return leave(visit_of(request), await redirect_session(request, "A redirect session for a plan", body))


async def bought(request: Request) -> Response:
    """Where a purchase comes back to. The member logs in here silently next: the hosted pages know them already."""
    visit = visit_of(request)
    visit.trace.browser("Came back from the hosted purchase", str(request.url))
    return page(request, "plan_bought.html", order_id=request.query_params.get("planOrderId", ""))


async def account(request: Request) -> Response:
    """Out to the hosted account."""
    body = {
        "memberAccountPage": {"section": "SUBSCRIPTIONS"},
        "callbacks": {"postFlowUrl": f"{settings_of(request).site_url}/account-left"},
    }
    return leave(visit_of(request), await redirect_session(request, "A redirect session for the account", body))


async def account_left(request: Request) -> Response:
    """Where the account comes back to."""
    visit_of(request).trace.browser("Came back from the hosted account", str(request.url))
    return go("/")


ROUTES = (
    Route("/plans", plans),
    Route("/plan-buy", buy, methods=["POST"]),
    Route("/plan-bought", bought),
    Route("/account", account),
    Route("/account-left", account_left),
)
