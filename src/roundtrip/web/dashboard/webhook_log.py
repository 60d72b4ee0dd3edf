"""What was delivered to webhook endpoints, attempt by attempt, and sending it again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.core.ids import is_guid
from roundtrip.storage import outbox
from roundtrip.storage.database import Tx
from roundtrip.web.dashboard.desk import Desk, DeskPage, errors_of, is_for_the_form
from roundtrip.web.dashboard.settings import change_of, page_of
from roundtrip.webhooks.catalogue import catalogue
from roundtrip.webhooks.deliveries import again, store
from roundtrip.webhooks.deliveries.model import Delivery, DeliveryStatus
from roundtrip.webhooks.deliveries.store import Wanted
from roundtrip.webhooks.endpoints import actions as endpoints
from roundtrip.webhooks.endpoints import store as endpoint_store
from roundtrip.webhooks.endpoints.model import Endpoint
from roundtrip.webhooks.envelopes.standard import told

PAGE = 50
MOST_ROUNDS = 20
"""Parts of a stretch of time that one form sends again; the page says when there is more."""


async def show(desk: Desk, error: AppError | None = None) -> Response:
    """The log, newest event first, with filters; and the form that sends a stretch of time again."""
    asked = {name: desk.query(name) for name in ("endpoint", "status", "event", "about")}
    before = desk.query("before")
    deliveries, known = await desk.read(_page, desk.here.id, _wanted(asked), before if is_guid(before) else None)
    shown = deliveries[:PAGE]
    narrowed = {name: value for name, value in asked.items() if value}
    older = urlencode(narrowed | {"before": shown[-1].id}) if len(deliveries) > PAGE else ""
    view = {
        "site": desk.here,
        "tab": "webhooks",
        "deliveries": [(one, known.get(one.endpoint_id)) for one in shown],
        "endpoints": list(known.values()),
        "asked": asked,
        "statuses": [one.value for one in DeliveryStatus],
        "entities": list(catalogue()),
        "older": older,
        "is_narrowed": bool(narrowed) or bool(before),
        "errors": errors_of(error) if error else [],
        "resent": _number(desk.query("resent")),
        "has_more": desk.query("more") == "yes",
    }
    return page_of(desk, "desk_deliveries.html", view, error)


def _wanted(asked: dict[str, str]) -> Wanted:
    return Wanted(
        endpoint_id=asked["endpoint"] if is_guid(asked["endpoint"]) else None,
        status=DeliveryStatus(asked["status"]) if asked["status"] in tuple(DeliveryStatus) else None,
        name=asked["event"][:100] or None,
        entity_id=asked["about"][:100] or None,
    )


def _page(tx: Tx, site_id: str, wanted: Wanted, before_id: str | None) -> tuple[list[Delivery], dict[str, Endpoint]]:
    found = store.search(tx, site_id, wanted, before_id=before_id, limit=PAGE + 1)
    return found, {one.id: one for one in endpoint_store.of_site(tx, site_id)}


async def one(desk: Desk, error: AppError | None = None) -> Response:
    """One delivery: what was sent, and every attempt."""
    view = await desk.read(_one, desk)
    return page_of(
        desk, "desk_delivery.html", view | {"errors": errors_of(error) if error else [], "done": desk.query("done") == "resent"}, error
    )


def _one(tx: Tx, desk: Desk) -> dict[str, Any]:
    delivery_id = desk.place("delivery").lower()
    delivery = store.find(tx, desk.here.id, delivery_id)
    if delivery is None:
        raise AppError(Kind.NOT_FOUND, "DELIVERY_NOT_FOUND", "There is no such delivery here (any more).")
    recorded = outbox.one(tx, desk.here.id, delivery.event_id)
    body = told(recorded, is_test=desk.here.is_test) if recorded else None
    return {
        "site": desk.here,
        "tab": "webhooks",
        "delivery": delivery,
        "endpoint": endpoint_store.find(tx, delivery.endpoint_id),
        "attempts": store.attempts(tx, delivery.id),
        "body": json.dumps(body, indent=2, ensure_ascii=False) if body else "",
    }


async def resend(desk: Desk) -> Response:
    """Deliver once more, now."""
    await desk.form()
    change = change_of(desk)
    try:
        await desk.write(again.resend, desk.here.id, desk.place("delivery").lower(), change=change)
    except AppError as error:
        if not is_for_the_form(error):
            raise
        return await one(desk, error)
    return desk.go(desk.here.slug, "settings", "webhooks", "log", desk.place("delivery"), done="resent")


async def resend_range(desk: Desk) -> Response:
    """Deliver what happened in a stretch of time and did not arrive."""
    form = await desk.form()
    change = change_of(desk)
    try:
        first, end = _time("from", form.get("from", "")), _time("to", form.get("to", ""))
        endpoint_id, everything = form.get("endpoint", ""), form.get("everything") == "on"
        resent, position = 0, 0
        for _ in range(MOST_ROUNDS):
            endpoint = await desk.read(endpoints.require, desk.here.id, endpoint_id)
            asked = await desk.write(again.resend_range, endpoint, first, end, position, everything=everything, change=change)
            resent, position = resent + asked.resent, asked.position
            if asked.looked_at < again.MOST_AT_ONCE:
                break
    except AppError as error:
        if not is_for_the_form(error):
            raise
        return await show(desk, error)
    has_more = asked.looked_at == again.MOST_AT_ONCE
    return desk.go(desk.here.slug, "settings", "webhooks", "log", resent=str(resent), more="yes" if has_more else "no")


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _time(name: str, text: str) -> int:
    """A time as forms send it (UTC), in milliseconds. Raises INVALID."""
    try:
        return round(datetime.fromisoformat(text.strip()).replace(tzinfo=UTC).timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise invalid_field(name, "must be a day and a time, such as 2026-11-28T09:00", "FORMAT") from error


PAGES = (
    DeskPage("/{site}/settings/webhooks/log", show),
    DeskPage("/{site}/settings/webhooks/log/resend", resend_range, ("POST",)),
    DeskPage("/{site}/settings/webhooks/log/{delivery}", one),
    DeskPage("/{site}/settings/webhooks/log/{delivery}/resend", resend, ("POST",)),
)
