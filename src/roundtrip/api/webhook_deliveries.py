"""What was delivered to webhook endpoints, attempt by attempt, and sending it again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from roundtrip.api.operation import KEYS, Call, Operation
from roundtrip.api.settings_calls import change_of
from roundtrip.api.webhooks_wire import AttemptView, DeliveryView, attempt_view, delivery_view, whole_number
from roundtrip.api.wire import Wire
from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.core.ids import is_guid, new_id
from roundtrip.storage.database import Tx
from roundtrip.webhooks.deliveries import again, store
from roundtrip.webhooks.deliveries.again import Asked
from roundtrip.webhooks.deliveries.model import Delivery, DeliveryStatus
from roundtrip.webhooks.endpoints import actions as endpoints

PAGE = 100


class DeliveryPage(Wire, omit_defaults=False):
    """Deliveries, newest event first. `nextCursor` is null on the last page."""

    deliveries: list[DeliveryView]
    next_cursor: str | None


class DeliveryStory(Wire, omit_defaults=False):
    """A delivery with every attempt, oldest first."""

    delivery: DeliveryView
    attempts: list[AttemptView]


class DeliveryAnswer(Wire, omit_defaults=False):
    """One delivery."""

    delivery: DeliveryView


class ResendRange(Wire):
    """What happened from `from` on and before `to`. `everything`: also what arrived. `after` is the answer's `position`, to go on."""

    from_: Annotated[datetime, Meta(tz=True)]
    to: Annotated[datetime, Meta(tz=True)]
    everything: bool = False
    after: Annotated[int, Meta(ge=0, le=2**53)] = 0


class ResendAnswer(Wire, omit_defaults=False):
    """How many are sent again. While `more`, call again with `after` set to `position`."""

    resent: int
    position: int
    more: bool


async def list_(call: Call) -> DeliveryPage:
    """The log of deliveries, with filters."""
    query, limit = call.query, whole_number(call, "limit", 50, 1, PAGE)
    for name in ("cursor", "endpointId"):
        if query.get(name) and not is_guid(query[name]):
            raise invalid_field(name, f"must be a GUID (received {query[name][:50]!r})", "FORMAT")
    status = query.get("status") or None
    if status is not None and status not in tuple(DeliveryStatus):
        raise invalid_field("status", f"must be one of {', '.join(DeliveryStatus)} (received {status[:50]!r})", "INVALID_ENUM_VALUE")
    wanted = store.Wanted(
        endpoint_id=query.get("endpointId") or None,
        status=DeliveryStatus(status) if status else None,
        name=query.get("event") or None,
        entity_id=query.get("entityId") or None,
    )
    found = await call.read(store.search, call.site_id, wanted, before_id=query.get("cursor") or None, limit=limit + 1)
    page = found[:limit]
    return DeliveryPage([delivery_view(one) for one in page], page[-1].id if len(found) > limit else None)


async def get(call: Call) -> DeliveryStory:
    """One delivery and every attempt at it."""
    return await call.read(_story, call)


def _story(tx: Tx, call: Call) -> DeliveryStory:
    wanted = call.path_params["id"].lower()
    found = store.find(tx, call.site_id, wanted)
    if found is None:
        raise AppError(Kind.NOT_FOUND, "DELIVERY_NOT_FOUND", f"There is no delivery {wanted!r} here.", data={"id": wanted})
    return DeliveryStory(delivery_view(found), [attempt_view(one) for one in store.attempts(tx, found.id)])


async def resend(call: Call) -> DeliveryAnswer:
    """Deliver once more, now: same id, new signature."""
    return DeliveryAnswer(delivery_view(await call.write(_resend, call, new_id(call.now))))


def _resend(tx: Tx, call: Call, entry_id: str) -> Delivery:
    return again.resend(tx, call.site_id, call.path_params["id"].lower(), change=change_of(tx, call, entry_id))


async def resend_range(call: Call) -> ResendAnswer:
    """Deliver what did not arrive at an endpoint, or was never told to it."""
    asked = await call.write(_resend_range, call, new_id(call.now))
    return ResendAnswer(asked.resent, asked.position, asked.looked_at == again.MOST_AT_ONCE)


def _resend_range(tx: Tx, call: Call, entry_id: str) -> Asked:
    body: ResendRange = call.body
    endpoint = endpoints.require(tx, call.site_id, call.path_params["id"].lower())
    first, end = (round(one.timestamp() * 1000) for one in (body.from_, body.to))
    change = change_of(tx, call, entry_id)
    return again.resend_range(tx, endpoint, first, end, body.after, everything=body.everything, change=change)


_ALL = "/api/v1/webhook-deliveries"

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="ListWebhookDeliveries",
        method="GET",
        paths=(_ALL,),
        summary="List what was or is being delivered to webhook endpoints, newest first.",
        run=list_,
        permission="webhook.read",
        callers=KEYS,
        response=DeliveryPage,
        query=(
            ("endpointId", "only to this endpoint"),
            ("status", "waiting, delivered or failed"),
            ("event", "an event such as order.paid, or a kind of thing such as order"),
            ("entityId", "only about this thing"),
            ("cursor", "the last page's nextCursor"),
            ("limit", f"1 to {PAGE}, by default 50"),
        ),
        query_schemas={"limit": {"type": "integer", "minimum": 1, "maximum": PAGE}},
    ),
    Operation(
        name="GetWebhookDelivery",
        method="GET",
        paths=(f"{_ALL}/{{id}}",),
        summary="Read one delivery with every attempt.",
        run=get,
        permission="webhook.read",
        callers=KEYS,
        response=DeliveryStory,
        errors=("DELIVERY_NOT_FOUND",),
    ),
    Operation(
        name="ResendWebhookDelivery",
        method="POST",
        paths=(f"{_ALL}/{{id}}/resend",),
        summary="Deliver an event to an endpoint once more.",
        run=resend,
        permission="webhook.manage",
        callers=KEYS,
        response=DeliveryAnswer,
        errors=("DELIVERY_NOT_FOUND", "ENDPOINT_DISABLED", "EVENT_FORGOTTEN"),
    ),
    Operation(
        name="ResendWebhookRange",
        method="POST",
        paths=("/api/v1/webhook-endpoints/{id}/resend",),
        summary="Deliver what happened in a stretch of time and did not arrive at an endpoint, or was never told to it.",
        run=resend_range,
        permission="webhook.manage",
        callers=KEYS,
        request=ResendRange,
        response=ResendAnswer,
        example={"from": "2026-11-01T00:00:00Z", "to": "2026-11-02T00:00:00Z"},
        errors=("ENDPOINT_NOT_FOUND", "ENDPOINT_DISABLED"),
    ),
)
