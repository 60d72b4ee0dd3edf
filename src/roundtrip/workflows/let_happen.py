"""Lets something happen on a test site, so that who is told can be tried out."""

from __future__ import annotations

import msgspec

from roundtrip.core.clock import HOUR
from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.core.ids import derived_id
from roundtrip.core.secrets import hash_secret
from roundtrip.core.told import example, fields_of
from roundtrip.redirect_session import actions
from roundtrip.redirect_session.model import Lifetimes, RedirectSession, Request, Status
from roundtrip.sites import store as sites
from roundtrip.sites.model import Site
from roundtrip.storage import outbox
from roundtrip.storage.database import Tx
from roundtrip.webhooks.catalogue import catalogue

SAMPLE_SECRET = "nobody has this one"  # noqa: S105  its hash opens nothing: no browser is ever given the session


def let_happen(tx: Tx, site: Site, name: str, *, first_id: str, now: int) -> str:
    """Let the event `name` happen; answers the id of the thing it is about.

    A redirect session is made and moved as a visitor would; of other things the event alone is told, with made-up fields. Raises INVALID
    for a name that is none, FORBIDDEN `TEST_MODE_ONLY`, NOT_FOUND `CLIENT_NOT_FOUND` for a visit without a client.
    """
    if not site.is_test:
        raise AppError(Kind.FORBIDDEN, "TEST_MODE_ONLY", f"The site {site.slug} is live: nothing happens there that nobody did.")
    entity, _, slug = name.partition(".")
    sentence = catalogue().get(entity, {}).get(slug)
    if sentence is None:
        raise invalid_field("event", f"names {name[:100]!r}, which no event is called; see docs/reference/events.md", "INVALID_ENUM_VALUE")
    entity_id = derived_id(first_id, "entity")
    if entity == actions.ENTITY:
        return _visit(tx, site, slug, entity_id, first_id, now)
    body = {**example(fields_of(sentence) or ""), "id": entity_id}
    outbox.record(tx, DomainEvent(site.id, entity, slug, entity_id, body), event_id=first_id, now=now)
    return entity_id


def _visit(tx: Tx, site: Site, slug: str, session_id: str, event_id: str, now: int) -> str:
    """A visit to log in, as far as it has to go for this event."""
    clients = sites.clients_of_site(tx, site.id)
    if not clients:
        raise AppError(Kind.NOT_FOUND, "CLIENT_NOT_FOUND", f"The site {site.slug} has no client yet. Make one first.")
    session = _session(site, clients[0].id, session_id, now)
    announced = {**example(fields_of(catalogue()[actions.ENTITY]["created"]) or ""), "id": session_id, "clientId": session.client_id}
    actions.create(tx, session, announced={**announced, "intent": session.intent}, event_id=event_id)
    if slug == "created":
        return session_id
    if slug == "expired":
        actions.expire(tx, session, now, by="The command line")
        return session_id
    opened = actions.open_(tx, session, browser_secret=SAMPLE_SECRET + session_id, lifetimes=Lifetimes(), now=now)
    if opened is not None and slug == "abandoned":
        actions.abandon(tx, opened, now)
    if opened is not None and slug in ("completed", "returned"):
        actions.complete(tx, opened, {}, now)
    if opened is not None and slug == "returned":
        actions.mark_returned(tx, msgspec.structs.replace(opened, status=Status.COMPLETED, outcome=Status.COMPLETED.value), now)
    return session_id


def _session(site: Site, client_id: str, session_id: str, now: int) -> RedirectSession:
    entry_hash = hash_secret(actions.ENTRY_PURPOSE, SAMPLE_SECRET + session_id)
    return RedirectSession(
        id=session_id,
        site_id=site.id,
        client_id=client_id,
        intent="login",
        status=Status.CREATED,
        outcome=None,
        caller_kind="browser",
        caller_id=None,
        caller_grant_id=None,
        caller_login_id=None,
        language=site.language,
        request=Request(msgspec.Raw(b"{}")),
        entry_hash=entry_hash,
        browser_hash=None,
        draft=None,
        draft_revision=0,
        result=None,
        created_at=now,
        changed_at=now,
        expires_at=now + HOUR,
    )
