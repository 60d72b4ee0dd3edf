"""Webhook endpoints in the settings: make one, change it, give it a new key, switch it, try it. Secrets are shown once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from roundtrip.core.errors import AppError
from roundtrip.core.ids import new_id
from roundtrip.flows.base import Form
from roundtrip.sites import store as site_store
from roundtrip.storage.database import Tx
from roundtrip.web.dashboard.desk import Desk, DeskPage, errors_of, is_for_the_form
from roundtrip.web.dashboard.settings import change_of, page_of, revision_of, saved
from roundtrip.webhooks.catalogue import catalogue
from roundtrip.webhooks.deliveries import store as deliveries
from roundtrip.webhooks.deliveries.store import Wanted
from roundtrip.webhooks.endpoints import actions, store
from roundtrip.webhooks.endpoints.actions import Draft
from roundtrip.webhooks.endpoints.model import Because, Endpoint, Envelope
from roundtrip.webhooks.keys import store as keys
from roundtrip.webhooks.keys.making import KIND_OF, FreshKey, fresh

ENVELOPES: Mapping[Envelope, str] = {
    Envelope.STANDARD: "Standard Webhooks, with a shared secret",
    Envelope.STANDARD_ASYMMETRIC: "Standard Webhooks, with a public key (ed25519)",
    Envelope.JWT: "One signed token (RS256), as the official SDK reads it",
}
BECAUSE: Mapping[Because, str] = {
    Because.OWNER: "You switched it off.",
    Because.GONE: "It answered 410: it is gone.",
    Because.FAILING: "It failed for five days without one success.",
}
NEWEST = 10


async def show(desk: Desk) -> Response:
    """The endpoints of the site and how they answer."""
    found, done = await desk.read(lambda tx: (store.listed(tx, desk.here.id), saved(tx, desk)))
    view = {"site": desk.here, "tab": "webhooks", "endpoints": found, "because": BECAUSE, "saved": done, "errors": []}
    return desk.page("desk_webhooks.html", view)


async def new(desk: Desk, typed: Form | None = None, error: AppError | None = None) -> Response:
    """The form for one more."""
    clients = await desk.read(site_store.clients_of_site, desk.here.id)
    view = {
        "site": desk.here,
        "tab": "webhooks",
        "typed": typed or {"events": "*", "envelope": Envelope.STANDARD.value},
        "envelopes": [(one.value, words) for one, words in ENVELOPES.items()],
        "clients": [(one.id, one.name) for one in clients],
        "kinds": catalogue(),
        "errors": errors_of(error) if error else [],
    }
    return page_of(desk, "desk_webhook_new.html", view, error)


async def create(desk: Desk) -> Response:
    """Make an endpoint, and show its key."""
    form = await desk.form()
    envelope = _envelope(form)
    made, endpoint_id, change = await _fresh(desk, envelope), new_id(desk.now), change_of(desk)
    client_id = form.get("clientId") or None
    try:
        endpoint, key = await desk.write(
            actions.create, desk.here, _draft(desk, form), envelope, client_id, made, endpoint_id=endpoint_id, change=change
        )
    except AppError as error:
        if not is_for_the_form(error):
            raise
        return await new(desk, form, error)
    return await _shown(desk, endpoint.id, secret=made.shown if key and made.public_half is None else "")


async def one(desk: Desk) -> Response:
    """One endpoint: how it answers, its keys, and its settings."""
    return await _shown(desk, desk.place("endpoint"), told=desk.query("told"))


async def _shown(
    desk: Desk, endpoint_id: str, *, secret: str = "", typed: Mapping[str, str] | None = None, error: AppError | None = None, told: str = ""
) -> Response:
    view = await desk.read(_one, desk, endpoint_id)
    endpoint: Endpoint = view["endpoint"]
    settings = {"url": endpoint.url, "description": endpoint.description, "events": "\n".join(endpoint.events)}
    view |= {"secret": secret, "typed": typed or settings, "errors": errors_of(error) if error else [], "told": told}
    return page_of(desk, "desk_webhook.html", view, error)


def _one(tx: Tx, desk: Desk, endpoint_id: str) -> dict[str, Any]:
    endpoint = actions.require(tx, desk.here.id, endpoint_id)
    listed = next(one for one in store.listed(tx, desk.here.id) if one.endpoint.id == endpoint.id)
    return {
        "site": desk.here,
        "tab": "webhooks",
        "endpoint": endpoint,
        "lane": listed.lane,
        "because": BECAUSE.get(endpoint.disabled_because) if endpoint.disabled_because else None,
        "envelope": ENVELOPES[endpoint.envelope],
        "keys": keys.of_holder(tx, endpoint.key_holder, desk.now),
        "newest": deliveries.search(tx, desk.here.id, Wanted(endpoint_id=endpoint.id), before_id=None, limit=NEWEST),
        "kinds": catalogue(),
        "saved": saved(tx, desk),
    }


async def save(desk: Desk) -> Response:
    """Change address, description and events."""
    form = await desk.form()
    change = change_of(desk)
    try:
        await desk.write(_save, desk, _draft(desk, form), revision_of(form), change)
    except AppError as error:
        if not is_for_the_form(error):
            raise
        return await _shown(desk, desk.place("endpoint"), typed=form, error=error)
    return desk.go(desk.here.slug, "settings", "webhooks", desk.place("endpoint"), saved=change.id)


def _save(tx: Tx, desk: Desk, draft: Draft, revision: int, change: Any) -> Endpoint:
    return actions.update(tx, _own(tx, desk), desk.here, draft, revision, change=change)


async def switch(desk: Desk) -> Response:
    """Switch it on or off."""
    form = await desk.form()
    change = change_of(desk)
    try:
        await desk.write(
            lambda tx: actions.switch(tx, _own(tx, desk), revision_of(form), on=form.get("act") == "on", change=change),
        )
    except AppError as error:
        if not is_for_the_form(error):
            raise
        return await _shown(desk, desk.place("endpoint"), error=error)
    return desk.go(desk.here.slug, "settings", "webhooks", desk.place("endpoint"), saved=change.id)


async def rotate(desk: Desk) -> Response:
    """Give it a new key, and show that one."""
    form = await desk.form()
    endpoint = await desk.read(_own, desk)
    made, change = await _fresh(desk, endpoint.envelope), change_of(desk)
    await desk.write(actions.rotate, endpoint, made, at_once=form.get("atOnce") == "on", change=change)
    return await _shown(desk, endpoint.id, secret=made.shown if made.public_half is None else "", told="rotated")


async def test(desk: Desk) -> Response:
    """Send it an event of its own."""
    await desk.form()
    change = change_of(desk)
    try:
        await desk.write(lambda tx: actions.test(tx, _own(tx, desk), change=change))
    except AppError as error:
        if not is_for_the_form(error):
            raise
        return await _shown(desk, desk.place("endpoint"), error=error)
    return desk.go(desk.here.slug, "settings", "webhooks", desk.place("endpoint"), told="tested")


async def delete(desk: Desk) -> Response:
    """Delete it for good, with its log."""
    await desk.form()
    change = change_of(desk)
    await desk.write(lambda tx: actions.delete(tx, _own(tx, desk), change=change))
    return desk.go(desk.here.slug, "settings", "webhooks", saved=change.id)


def _own(tx: Tx, desk: Desk) -> Endpoint:
    return actions.require(tx, desk.here.id, desk.place("endpoint"))


def _draft(desk: Desk, form: Form) -> Draft:
    events = form.get("events", "").replace(",", "\n").split("\n")
    return Draft(form.get("url", ""), form.get("description", ""), events, desk.services.web.webhooks.inside)


def _envelope(form: Form) -> Envelope:
    wanted = form.get("envelope", "")
    return Envelope(wanted) if wanted in tuple(Envelope) else Envelope.STANDARD


async def _fresh(desk: Desk, envelope: Envelope) -> FreshKey:
    # An RSA key takes a while: not on the event loop.
    return await asyncio.to_thread(fresh, KIND_OF[envelope], desk.services.web.webhooks.sealing_key)


_ONE = "/{site}/settings/webhooks/{endpoint}"
PAGES = (
    DeskPage("/{site}/settings/webhooks", show),
    DeskPage("/{site}/settings/webhooks/new", new),
    DeskPage("/{site}/settings/webhooks/new", create, ("POST",)),
    DeskPage(_ONE, one),
    DeskPage(_ONE, save, ("POST",)),
    DeskPage(f"{_ONE}/switch", switch, ("POST",)),
    DeskPage(f"{_ONE}/rotate", rotate, ("POST",)),
    DeskPage(f"{_ONE}/test", test, ("POST",)),
    DeskPage(f"{_ONE}/delete", delete, ("POST",)),
)
