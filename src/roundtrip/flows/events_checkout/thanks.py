"""How a visit that bought tickets ends: on the site's own page, or here, with the tickets to be shown at the door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from roundtrip.events.event.model import NOT_SAID
from roundtrip.events.issued import store as ticket_store
from roundtrip.events.orders import links
from roundtrip.events.orders import store as orders
from roundtrip.events.orders.model import Order, Status
from roundtrip.flows.base import Context, Leaving, Redirect, Stay
from roundtrip.flows.events_checkout.buying import time_words
from roundtrip.flows.leaving import after_flow
from roundtrip.redirect_session import return_url
from roundtrip.redirect_session.model import Status as VisitStatus
from roundtrip.storage.database import Tx


def leave(tx: Tx, draft: msgspec.Struct, context: Context[Any]) -> Leaving:
    """As every flow; who bought tickets and has no page of the site's own to go to is thanked here. Raises `return_url.NotAllowed`."""
    session = context.session
    number = (session.result or {}).get("orderNumber") if session.outcome == VisitStatus.COMPLETED.value else None
    order = orders.by_number(tx, context.site.id, number) if number else None
    if order is None or session.request.callbacks.thank_you_page_url:
        return after_flow(tx, draft, context)
    url = return_url.after_flow(session, context.client, context.site, member_logged_in=context.login is not None, now=context.now)
    return Stay("tickets_thanks", view(tx, order, context), Redirect(url) if url is not None else None)


def view(tx: Tx, order: Order, context: Context[Any]) -> Mapping[str, object]:
    """What was bought, and the tickets."""
    content = order.content
    own = links.order_path(context.code_key, order.id)
    base = context.site.pages_url or context.issuer
    return {
        "number": order.number,
        "title": content.title,
        "when": time_words(content.starts_at, content.ends_at, content.zone, context.language, is_tbd=content.starts_at == NOT_SAID),
        "place": content.place,
        "total": order.total,
        "to_pay": order.status is Status.OFFLINE_PENDING,
        "email": content.buyer.email,
        "tickets": tickets(tx, order, context.code_key, base),
        "calendar_url": f"{own}/event.ics" if content.starts_at != NOT_SAID else None,
        "own_url": own,
    }


def tickets(tx: Tx, order: Order, code_key: bytes, base_url: str) -> list[dict[str, object]]:
    """Each ticket with its square code, which says the address of its page."""
    return [
        {
            "number": one.number,
            "name": f"{one.content.name} ({one.content.option})" if one.content.option else one.content.name,
            "guest": one.content.guest.name,
            "code": base_url + links.ticket_path(code_key, one.id),
            "url": links.ticket_path(code_key, one.id),
            "is_valid": one.is_valid,
            "is_used": one.checked_in_at is not None,
        }
        for one in ticket_store.of_order(tx, order.site_id, order.id)
    ]
