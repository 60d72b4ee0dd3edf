"""The end of a purchase: back to the site's own thank-you page, or ours with a button that leads to the site."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from roundtrip.bookings.book import links
from roundtrip.bookings.book import store as bookings
from roundtrip.ecom.orders import store as orders
from roundtrip.ecom.orders.model import Order
from roundtrip.flows.base import Context, Leaving, Redirect, Stay
from roundtrip.flows.leaving import after_flow
from roundtrip.flows.steps.buying import summary_of_order
from roundtrip.redirect_session import return_url
from roundtrip.redirect_session.model import Status
from roundtrip.storage.database import Tx


def leave(tx: Tx, draft: msgspec.Struct, context: Context[Any]) -> Leaving:
    """As every flow; who bought something and has no page of the site's own to go to is thanked here. Raises `return_url.NotAllowed`."""
    session = context.session
    order_id = (session.result or {}).get("orderId") if session.outcome == Status.COMPLETED.value else None
    order = orders.get(tx, context.site.id, order_id) if order_id else None
    if order is None or session.request.callbacks.thank_you_page_url:
        return after_flow(tx, draft, context)
    url = return_url.after_flow(session, context.client, context.site, member_logged_in=context.login is not None, now=context.now)
    booked = [links.path(context.code_key, one.id) for one in bookings.of_order(tx, context.site.id, order.id)]
    return Stay("thank_you", {**view(order), "booked": booked}, Redirect(url) if url is not None else None)


def view(order: Order) -> Mapping[str, object]:
    """What was bought, how it is paid, and where it goes."""
    content = order.content
    return {
        "summary": summary_of_order(order),
        "number": order.number,
        "email": content.email,
        "is_paid": order.is_paid,
        "costs": bool(order.total),
        "total": order.total,
        "delivery": content.delivery,
        "address": content.shipping.address if content.shipping else None,
        "person": content.shipping.contact if content.shipping else None,
    }
