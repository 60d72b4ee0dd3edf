"""Webhook endpoints over JSON, for owners: make, change, switch, give a new key, test, delete."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from msgspec import Meta

from roundtrip.api.operation import KEYS, Call, Operation
from roundtrip.api.settings_calls import change_of, own_site
from roundtrip.api.webhooks_wire import EndpointView, EnvelopeName, endpoint_view
from roundtrip.api.wire import Empty, Wire
from roundtrip.core.ids import new_id
from roundtrip.storage.database import Tx
from roundtrip.webhooks.endpoints import actions, store
from roundtrip.webhooks.endpoints.actions import Draft
from roundtrip.webhooks.endpoints.model import Endpoint, Envelope, Lane
from roundtrip.webhooks.keys import store as keys
from roundtrip.webhooks.keys.making import KIND_OF, FreshKey, fresh
from roundtrip.webhooks.keys.model import WebhookKey

Events = Annotated[list[str], Meta(max_length=100)]


class NewEndpoint(Wire):
    """An endpoint to be. `events` are names such as `order.paid`, `order.*` or `*`; `clientId` is whose key signs the envelope `jwt`."""

    url: str
    events: Events
    description: str = ""
    envelope: EnvelopeName = "standard"
    client_id: str | None = None


class EndpointAnswer(Wire, omit_defaults=False):
    """One endpoint."""

    endpoint: EndpointView


class EndpointMade(Wire, omit_defaults=False):
    """A new endpoint, or a new key of one. `secret` (`whsec_...`) is in the answer this once; null where receivers need a public key."""

    endpoint: EndpointView
    secret: str | None


class EndpointList(Wire, omit_defaults=False):
    """Every endpoint of the site, oldest first."""

    endpoints: list[EndpointView]


class ChangedEndpoint(Wire):
    """All that can be set; `revision` is the one that was read."""

    url: str
    events: Events
    revision: Annotated[int, Meta(ge=1, le=2**53)]
    description: str = ""


class Revision(Wire):
    """The revision that was read."""

    revision: Annotated[int, Meta(ge=1, le=2**53)]


class NewKey(Wire):
    """`atOnce`: the old key is known to others, and ends now."""

    at_once: bool = False


class TestSent(Wire, omit_defaults=False):
    """The id of the event that is on its way."""

    event_id: str


async def create(call: Call) -> EndpointMade:
    """Make an endpoint. It is told what happens from now on."""
    body: NewEndpoint = call.body
    made = await _fresh(call, Envelope(body.envelope))
    endpoint_id, entry_id = new_id(call.now), new_id(call.now)
    view, is_new = await call.write(_create, call, made, endpoint_id, entry_id)
    return EndpointMade(view, made.shown if is_new and made.public_half is None else None)


def _create(tx: Tx, call: Call, made: FreshKey, endpoint_id: str, entry_id: str) -> tuple[EndpointView, bool]:
    body: NewEndpoint = call.body
    change = change_of(tx, call, entry_id)
    draft = Draft(body.url, body.description, body.events, call.services.webhooks.inside)
    envelope = Envelope(body.envelope)
    endpoint, key = actions.create(tx, own_site(tx, call), draft, envelope, body.client_id, made, endpoint_id=endpoint_id, change=change)
    return _view(tx, call, endpoint), key is not None


async def _fresh(call: Call, envelope: Envelope) -> FreshKey:
    # An RSA key takes a while: not on the event loop.
    return await asyncio.to_thread(fresh, KIND_OF[envelope], call.services.webhooks.sealing_key)


async def list_(call: Call) -> EndpointList:
    """List the endpoints of the site."""
    return EndpointList(await call.read(_listed, call))


def _listed(tx: Tx, call: Call) -> list[EndpointView]:
    found = store.listed(tx, call.site_id)
    return [endpoint_view(one.endpoint, one.lane, _keys(tx, call, one.endpoint), call.now) for one in found]


async def get(call: Call) -> EndpointAnswer:
    """Read one endpoint."""
    return EndpointAnswer(await call.read(lambda tx: _view(tx, call, _own(tx, call))))


async def update(call: Call) -> EndpointAnswer:
    """Change address, description and events."""
    return EndpointAnswer(await call.write(_update, call, new_id(call.now)))


def _update(tx: Tx, call: Call, entry_id: str) -> EndpointView:
    body: ChangedEndpoint = call.body
    draft = Draft(body.url, body.description, body.events, call.services.webhooks.inside)
    change = change_of(tx, call, entry_id)
    return _view(tx, call, actions.update(tx, _own(tx, call), own_site(tx, call), draft, body.revision, change=change))


async def enable(call: Call) -> EndpointAnswer:
    """Switch an endpoint on. What waited when it was switched off goes out now."""
    return EndpointAnswer(await call.write(_switch, call, new_id(call.now), on=True))


async def disable(call: Call) -> EndpointAnswer:
    """Switch an endpoint off."""
    return EndpointAnswer(await call.write(_switch, call, new_id(call.now), on=False))


def _switch(tx: Tx, call: Call, entry_id: str, *, on: bool) -> EndpointView:
    body: Revision = call.body
    return _view(tx, call, actions.switch(tx, _own(tx, call), body.revision, on=on, change=change_of(tx, call, entry_id)))


async def rotate(call: Call) -> EndpointMade:
    """Give an endpoint a new key. The old one goes on beside it for a day."""
    endpoint = await call.read(_own, call)
    made = await _fresh(call, endpoint.envelope)
    view = await call.write(_rotate, call, made, new_id(call.now))
    return EndpointMade(view, made.shown if made.public_half is None else None)


def _rotate(tx: Tx, call: Call, made: FreshKey, entry_id: str) -> EndpointView:
    body: NewKey = call.body
    endpoint = _own(tx, call)
    actions.rotate(tx, endpoint, made, at_once=body.at_once, change=change_of(tx, call, entry_id))
    return _view(tx, call, endpoint)


async def test(call: Call) -> TestSent:
    """Send an event to this endpoint only."""
    return TestSent(await call.write(_test, call, new_id(call.now)))


def _test(tx: Tx, call: Call, entry_id: str) -> str:
    return actions.test(tx, _own(tx, call), change=change_of(tx, call, entry_id))


async def delete(call: Call) -> Empty:
    """Delete an endpoint and what is known of its deliveries."""
    await call.write(_delete, call, new_id(call.now))
    return Empty()


def _delete(tx: Tx, call: Call, entry_id: str) -> None:
    actions.delete(tx, _own(tx, call), change=change_of(tx, call, entry_id))


def _own(tx: Tx, call: Call) -> Endpoint:
    return actions.require(tx, call.site_id, call.path_params["id"].lower())


def _keys(tx: Tx, call: Call, endpoint: Endpoint) -> list[WebhookKey]:
    return keys.of_holder(tx, endpoint.key_holder, call.now)


def _view(tx: Tx, call: Call, endpoint: Endpoint) -> EndpointView:
    found = next((one for one in store.listed(tx, call.site_id) if one.endpoint.id == endpoint.id), None)
    lane = found.lane if found else Lane()
    return endpoint_view(endpoint, lane, _keys(tx, call, endpoint), call.now)


_ALL = "/api/v1/webhook-endpoints"
_ONE = f"{_ALL}/{{id}}"
_EXAMPLE = {"url": "https://shop.example/hooks", "events": ["order.*", "redirect_session.completed"]}


def _act(name: str, run: Any, path: str, summary: str, *errors: str, **more: Any) -> Operation:
    return Operation(
        name=name,
        method="POST",
        paths=(f"{_ONE}/{path}",),
        summary=summary,
        run=run,
        permission="webhook.manage",
        callers=KEYS,
        errors=("ENDPOINT_NOT_FOUND", *errors),
        **more,
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="CreateWebhookEndpoint",
        method="POST",
        paths=(_ALL,),
        summary="Make a webhook endpoint; its secret is in the answer this once.",
        run=create,
        permission="webhook.manage",
        callers=KEYS,
        request=NewEndpoint,
        response=EndpointMade,
        example=_EXAMPLE,
        errors=("TOO_MANY_ENDPOINTS",),
    ),
    Operation(
        name="ListWebhookEndpoints",
        method="GET",
        paths=(_ALL,),
        summary="List the webhook endpoints of a site and how they answer.",
        run=list_,
        permission="webhook.read",
        callers=KEYS,
        response=EndpointList,
    ),
    Operation(
        name="GetWebhookEndpoint",
        method="GET",
        paths=(_ONE,),
        summary="Read one webhook endpoint.",
        run=get,
        permission="webhook.read",
        callers=KEYS,
        response=EndpointAnswer,
        errors=("ENDPOINT_NOT_FOUND",),
    ),
    Operation(
        name="UpdateWebhookEndpoint",
        method="PUT",
        paths=(_ONE,),
        summary="Change address, description and events of a webhook endpoint.",
        run=update,
        permission="webhook.manage",
        callers=KEYS,
        request=ChangedEndpoint,
        response=EndpointAnswer,
        example={**_EXAMPLE, "revision": 1},
        errors=("ENDPOINT_NOT_FOUND", "REVISION_CHANGED"),
    ),
    Operation(
        name="DeleteWebhookEndpoint",
        method="DELETE",
        paths=(_ONE,),
        summary="Delete a webhook endpoint.",
        run=delete,
        permission="webhook.manage",
        callers=KEYS,
        response=Empty,
        errors=("ENDPOINT_NOT_FOUND",),
    ),
    _act(
        "EnableWebhookEndpoint",
        enable,
        "enable",
        "Switch a webhook endpoint on; what waited for it goes out.",
        "REVISION_CHANGED",
        request=Revision,
        response=EndpointAnswer,
        example={"revision": 1},
    ),
    _act(
        "DisableWebhookEndpoint",
        disable,
        "disable",
        "Switch a webhook endpoint off.",
        "REVISION_CHANGED",
        request=Revision,
        response=EndpointAnswer,
        example={"revision": 1},
    ),
    _act(
        "RotateWebhookKey",
        rotate,
        "rotate-key",
        "Give a webhook endpoint a new key; the old one signs beside it for a day.",
        request=NewKey,
        response=EndpointMade,
        example={"atOnce": False},
    ),
    _act(
        "TestWebhookEndpoint",
        test,
        "test",
        "Send an event to one webhook endpoint only, to see whether it works.",
        "ENDPOINT_DISABLED",
        response=TestSent,
    ),
)
