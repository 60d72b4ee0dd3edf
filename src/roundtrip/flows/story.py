"""Everything an owner wants to know of one redirect session, read in one transaction: who asked, where it may go, and its timeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import msgspec

from roundtrip.flows.create import CALLBACK_FIELDS
from roundtrip.flows.registry import registry
from roundtrip.members import store as members
from roundtrip.redirect_session import actions, store
from roundtrip.redirect_session.model import RedirectSession
from roundtrip.redirect_session.moments import Moment, MomentKind
from roundtrip.redirect_session.timeline import Creation, Entry, EventBeside, Fact, entries
from roundtrip.sites import store as sites
from roundtrip.sites.model import Client, Site
from roundtrip.sites.refusals.advice import Advice, advise
from roundtrip.sites.refusals.marking import Marked, marked
from roundtrip.sites.verdict import Rule
from roundtrip.storage.database import Tx
from roundtrip.webhooks.deliveries import store as deliveries
from roundtrip.webhooks.deliveries.model import Delivery
from roundtrip.webhooks.endpoints import store as endpoints

MOST_DELIVERIES = 200
_details = msgspec.json.Decoder(dict[str, object])


@dataclass(frozen=True, slots=True)
class Target:
    """An address of the session, judged by the lists of today: what a return would meet now."""

    field: str
    rule: Rule
    shown: Marked
    advice: Advice


@dataclass(frozen=True, slots=True)
class Story:
    """One session and all around it. `client` and `site` are None when they are gone; then nothing can be judged."""

    session: RedirectSession
    client: Client | None
    site: Site | None
    caller: tuple[str, str]
    targets: tuple[Target, ...]
    entries: tuple[Entry, ...]
    deliveries: tuple[Delivery, ...] = ()
    """What was told about it to the site's webhook endpoints, in the order of the trip."""
    receivers: Mapping[str, str] = field(default_factory=dict)
    """What these endpoints are called, by id."""


def story(tx: Tx, session: RedirectSession, now: int) -> Story:
    """Read it. Bounded: one session has at most `moments.MOST` moments."""
    found = sites.client_and_site(tx, session.client_id)
    client, site = found or (None, None)
    who, sentence = _asked_by(tx, session, client)
    moments = tuple(_moment(*row) for row in store.moment_rows(tx, session.id))
    creation = Creation(sentence, _facts(session), _created_event(tx, session))
    targets = tuple(_judged(client, site, field, rule, url, now) for field, rule, url in targets_of(session)) if client and site else ()
    wanted = deliveries.Wanted(entity_id=session.id)
    told = tuple(deliveries.search(tx, session.site_id, wanted, before_id=None, limit=MOST_DELIVERIES))
    called = {one.id: one.description or one.url for one in endpoints.of_site(tx, session.site_id)} if told else {}
    trip = entries(session, moments, creation)
    places = {entry.event.id: place for place, entry in enumerate(trip) if entry.event}
    told = tuple(sorted(told, key=lambda one: (places.get(one.event_id, 0), one.id)))
    return Story(session, client, site, who, targets, tuple(trip), told, called)


def targets_of(session: RedirectSession) -> Iterator[tuple[str, Rule, str]]:
    """Every address that a session may send its visitor to: name on the wire, the rule that judges it, the address."""
    flow = registry().flows.get(session.intent)
    if flow is not None:
        params = msgspec.json.decode(session.request.params, type=flow.params)
        for url in flow.own_targets(params):
            yield "redirectUri", flow.returns_to, url
    for name, wire_name in CALLBACK_FIELDS.items():
        url = getattr(session.request.callbacks, name)
        if url:
            yield wire_name, Rule.REDIRECT_DOMAIN, url


def _judged(client: Client, site: Site, field: str, rule: Rule, url: str, now: int) -> Target:
    advice = advise(client, site.mode, rule, url, now=now)
    return Target(field, rule, marked(advice.verdict), advice)


def _moment(moment_id: str, at: int, kind: str, details: str, has_event: object, is_done: object) -> Moment:
    return Moment(moment_id, at, MomentKind(kind), _details.decode(details), bool(is_done) if has_event else None)


def _created_event(tx: Tx, session: RedirectSession) -> EventBeside | None:
    start, end = (actions.first_id_at(session.created_at + more) for more in (0, 1))
    row = store.created_event(tx, session, start, end)
    return EventBeside(row[0], "created", "sent" if row[1] else "waiting") if row else None


def _asked_by(tx: Tx, session: RedirectSession, client: Client | None) -> tuple[tuple[str, str], str]:
    """Who the caller was, as (kind in words, name), and the sentence of the first entry."""
    name, caller_id = (client.name if client else "A client that is gone"), session.caller_id or ""
    match session.caller_kind:
        case "member":
            member = members.member(tx, session.site_id, caller_id)
            who = member.email if member else caller_id
            return ("Member", who), f"{name} asked for it, for the member {who}"
        case "api_key":
            key = sites.api_key_name(tx, session.site_id, caller_id) or caller_id
            return ("API key", key), f"Your own server asked for it, with the API key “{key}”"
        case "app":
            return ("Client", name), f"{name} asked for it, with its secret"
        case "visitor":
            return ("Visitor", caller_id), f"{name} asked for it"
        case _:
            return ("Browser", "without a redirect session"), f"A browser came from {name} without a redirect session, and got one"


def _facts(session: RedirectSession) -> tuple[Fact, ...]:
    facts = [("Intent", session.intent), ("Language", session.language)]
    if session.request.origin:
        facts.append(("The site says it is", session.request.origin))
    return tuple(facts)
