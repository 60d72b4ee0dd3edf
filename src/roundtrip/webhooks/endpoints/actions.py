"""What owners do with endpoints. Each change is guarded by the revision that was read, and written down without secrets (OPS-02)."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from roundtrip.core import urls
from roundtrip.core.clock import DAY
from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.core.ids import derived_id
from roundtrip.core.public_address import is_public
from roundtrip.core.told import told
from roundtrip.core.urls import Url, UrlRefused
from roundtrip.sites import store as sites
from roundtrip.sites.change import Change, changed_meanwhile
from roundtrip.sites.model import Site
from roundtrip.storage import audit, outbox
from roundtrip.storage.database import Tx
from roundtrip.webhooks.catalogue import check_patterns
from roundtrip.webhooks.deliveries import store as deliveries
from roundtrip.webhooks.endpoints import store
from roundtrip.webhooks.endpoints.model import LONGEST_DESCRIPTION, MOST_ENDPOINTS, Because, Endpoint, Envelope, shortest
from roundtrip.webhooks.keys import store as keys
from roundtrip.webhooks.keys.making import FreshKey
from roundtrip.webhooks.keys.model import OVERLAP, PUBLISHED_BEFORE, KeyKind, WebhookKey

ENTITY = "webhook_endpoint"
_OF_ENDPOINT = "id url description events:texts envelope clientId? enabled:yesno"
EVENTS: Mapping[str, Mapping[str, str]] = {
    ENTITY: {
        "created": told(
            "An owner made a webhook endpoint. Carries its fields, never a secret.",
            _OF_ENDPOINT,
        ),
        "updated": told(
            "An owner changed a webhook endpoint, or switched it on or off.",
            _OF_ENDPOINT,
        ),
        "disabled": told(
            "An endpoint was switched off by the server: it answered 410 (`gone`), or failed for days (`failing`).",
            f"{_OF_ENDPOINT} because",
        ),
        "key_rotated": told(
            "An endpoint has a new key. Carries how the key ends, and from when on it signs.", "id hint signsFrom:time othersEndAt:time"
        ),
        "deleted": told("An owner deleted a webhook endpoint.", _OF_ENDPOINT),
        "tested": told("An owner asked for a test: the event that is sent then, to that endpoint only.", "id url"),
    }
}


@dataclass(frozen=True, slots=True)
class Draft:
    """What an owner says about an endpoint. `inside` are hosts in the operator's network that may be told, of live sites too."""

    url: str
    description: str
    events: Sequence[str]
    inside: frozenset[str] = frozenset()


def create(
    tx: Tx, site: Site, draft: Draft, envelope: Envelope, client_id: str | None, fresh: FreshKey, *, endpoint_id: str, change: Change
) -> tuple[Endpoint, WebhookKey | None]:
    """Make an endpoint that is told from now on, and keep its key; None: its client has one, which its receivers know already.

    Raises INVALID for an address or events that cannot be, CONFLICT `TOO_MANY_ENDPOINTS`.
    """
    if len(store.of_site(tx, site.id)) >= MOST_ENDPOINTS:
        text = f"The site has {MOST_ENDPOINTS} webhook endpoints, and that is the limit. Delete one that nobody uses any more first."
        raise AppError(Kind.CONFLICT, "TOO_MANY_ENDPOINTS", text, data={"limit": MOST_ENDPOINTS})
    if envelope is Envelope.JWT:
        found = sites.client(tx, client_id or "")
        if found is None or found.site_id != site.id:
            raise invalid_field("clientId", "must be one of the site's clients: its key signs the envelope jwt", "REQUIRED_FIELD")
    made = Endpoint(
        id=endpoint_id,
        site_id=site.id,
        url=check_url(draft, site),
        description=_description(draft.description),
        events=shortest(check_patterns(draft.events)),
        envelope=envelope,
        client_id=client_id if envelope is Envelope.JWT else None,
        disabled_at=None,
        disabled_because=None,
        revision=1,
        created_at=change.now,
        changed_at=change.now,
    )
    store.insert(tx, made)
    has_one = envelope is Envelope.JWT and bool(keys.of_holder(tx, made.key_holder, change.now))
    key = None if has_one else _keep_key(tx, made, fresh, change.now, change)
    _note(tx, made, "created", change, after=picture(made))
    return made, key


def update(tx: Tx, endpoint: Endpoint, site: Site, draft: Draft, revision: int, *, change: Change) -> Endpoint:
    """Change address, description and events. Raises INVALID, CONFLICT `REVISION_CHANGED`."""
    wanted = replace(
        endpoint,
        url=check_url(draft, site),
        description=_description(draft.description),
        events=shortest(check_patterns(draft.events)),
    )
    return _replace(tx, endpoint, wanted, revision, change)


def switch(tx: Tx, endpoint: Endpoint, revision: int, *, on: bool, change: Change) -> Endpoint:
    """Tell it or not. What waited when it was switched off goes out when it is switched on; what happens meanwhile is not kept for it
    (`deliveries.again.resend_range` fetches it). Raises CONFLICT `REVISION_CHANGED`.
    """
    if endpoint.is_enabled is on:
        return endpoint
    off_at, because = (None, None) if on else (change.now, Because.OWNER)
    changed = _replace(tx, endpoint, replace(endpoint, disabled_at=off_at, disabled_because=because), revision, change)
    store.forget_failures(tx, endpoint.id)
    if on and deliveries.next_due(tx, endpoint.id) is not None:
        store.bring_forward(tx, endpoint.id, change.now)
    return changed


def rotate(tx: Tx, endpoint: Endpoint, fresh: FreshKey, *, at_once: bool, change: Change) -> WebhookKey:
    """Give an endpoint a new key. Secrets sign together for a day; a token's key is shown for a day and then takes over (WHK-06).

    `at_once`: the old one is known to others and ends now.
    """
    has_one_signature = fresh.kind is KeyKind.RS256
    signs_from = change.now + (PUBLISHED_BEFORE if has_one_signature and not at_once else 0)
    key = _keep_key(tx, endpoint, fresh, signs_from, change)
    ends_at = change.now if at_once else signs_from + (DAY if has_one_signature else OVERLAP)
    keys.end(tx, endpoint.key_holder, fresh.kind, key.id, ends_at)
    body = {"id": endpoint.id, "hint": key.hint, "signsFrom": key.signs_from, "othersEndAt": ends_at}
    change.note(
        tx, site_id=endpoint.site_id, action=f"{ENTITY}.key_rotated", object_id=endpoint.id, object_name=_name(endpoint), after=body
    )
    change.tell(tx, DomainEvent(endpoint.site_id, ENTITY, "key_rotated", endpoint.id, body))
    return key


def test(tx: Tx, endpoint: Endpoint, *, change: Change) -> str:
    """Let an event happen that is for this endpoint only; answers its id. Raises CONFLICT `ENDPOINT_DISABLED`."""
    if not endpoint.is_enabled:
        raise AppError(
            Kind.CONFLICT, "ENDPOINT_DISABLED", "The endpoint is switched off. Switch it on first.", data={"endpointId": endpoint.id}
        )
    change.tell(tx, DomainEvent(endpoint.site_id, ENTITY, "tested", endpoint.id, {"id": endpoint.id, "url": endpoint.url}))
    return change.id


def delete(tx: Tx, endpoint: Endpoint, *, change: Change) -> None:
    """Remove an endpoint. Its log goes with it, bit by bit (`tidy.py`). Raises NOT_FOUND `ENDPOINT_NOT_FOUND`."""
    if not store.delete(tx, endpoint.id):
        raise no_such_endpoint(endpoint.id)
    keys.delete(tx, endpoint.id)
    _note(tx, endpoint, "deleted", change, before=picture(endpoint))


def require(tx: Tx, site_id: str, endpoint_id: str) -> Endpoint:
    """A site's endpoint. Those of other sites do not exist here: NOT_FOUND `ENDPOINT_NOT_FOUND`."""
    found = store.find(tx, endpoint_id)
    if found is None or found.site_id != site_id:
        raise no_such_endpoint(endpoint_id)
    return found


def say_disabled(tx: Tx, endpoint: Endpoint, because: Because, event_id: str, now: int) -> None:
    """The server switched it off: the event about it, for the site's other endpoints and the feed."""
    body = {**picture(endpoint), "id": endpoint.id, "because": because.value}
    outbox.record(tx, DomainEvent(endpoint.site_id, ENTITY, "disabled", endpoint.id, body), event_id=event_id, now=now)


def no_such_endpoint(endpoint_id: str) -> AppError:
    """The refusal for an endpoint that is not the site's."""
    return AppError(
        Kind.NOT_FOUND, "ENDPOINT_NOT_FOUND", f"There is no webhook endpoint {endpoint_id!r} here.", data={"endpointId": endpoint_id}
    )


def picture(endpoint: Endpoint) -> dict[str, Any]:
    """What the audit log and the events say about an endpoint."""
    return {
        "url": endpoint.url,
        "description": endpoint.description,
        "events": list(endpoint.events),
        "envelope": endpoint.envelope.value,
        "clientId": endpoint.client_id,
        "enabled": endpoint.is_enabled,
    }


def check_url(draft: Draft, site: Site) -> str:
    """The address as it is kept. Raises INVALID. Where its name leads to is looked at for each connection (`worker/posting.py`)."""
    try:
        url = urls.parse(draft.url.strip())
    except UrlRefused as error:
        raise invalid_field("url", f"can't be used: {error.sentence}", "FORMAT") from error
    is_inside = url.host in draft.inside or f"{url.host}:{url.port}" in draft.inside
    if url.scheme not in ("https", "http") or (url.scheme == "http" and not (site.is_test or is_inside)):
        raise invalid_field("url", "must begin with https://" + ("" if not site.is_test else " or http://"), "FORMAT")
    if url.fragment is not None:
        raise invalid_field("url", "must not have a part behind #: that is never sent", "FORMAT")
    if not (site.is_test or is_inside) and _is_private_literal(url):
        raise invalid_field("url", "must be reachable from the internet: a live site tells nobody in private networks", "FORMAT")
    return url.href


def _is_private_literal(url: Url) -> bool:
    try:
        return not is_public(str(ipaddress.ip_address(url.host.strip("[]"))))
    except ValueError:
        return url.host == "localhost" or url.host.endswith(".localhost")


def _description(text: str) -> str:
    text = text.strip()
    if len(text) > LONGEST_DESCRIPTION:
        raise invalid_field(
            "description", f"must have at most {LONGEST_DESCRIPTION} characters", "MAX_LENGTH", threshold=LONGEST_DESCRIPTION
        )
    return text


def _replace(tx: Tx, endpoint: Endpoint, wanted: Endpoint, revision: int, change: Change) -> Endpoint:
    wanted = replace(wanted, changed_at=change.now)
    before, after = audit.changed(picture(endpoint), picture(wanted))
    if not after:
        return endpoint
    if endpoint.revision != revision or not store.replace(tx, wanted, revision):
        raise changed_meanwhile("webhook endpoint", revision)
    _note(tx, wanted, "updated", change, before=before, after=after)
    return replace(wanted, revision=revision + 1)


def _keep_key(tx: Tx, endpoint: Endpoint, fresh: FreshKey, signs_from: int, change: Change) -> WebhookKey:
    key = WebhookKey(
        id=derived_id(change.id, "webhook key"),
        holder_id=endpoint.key_holder,
        kind=fresh.kind,
        sealed=fresh.sealed,
        public_half=fresh.public_half,
        hint=fresh.hint,
        created_at=change.now,
        signs_from=signs_from,
        expires_at=None,
    )
    keys.insert(tx, key)
    return key


def _note(
    tx: Tx, endpoint: Endpoint, verb: str, change: Change, before: Mapping[str, Any] | None = None, after: Mapping[str, Any] | None = None
) -> None:
    action = f"{ENTITY}.{verb}"
    change.note(tx, site_id=endpoint.site_id, action=action, object_id=endpoint.id, object_name=_name(endpoint), before=before, after=after)
    body = {"id": endpoint.id, **picture(endpoint)}
    change.tell(tx, DomainEvent(endpoint.site_id, ENTITY, verb, endpoint.id, body))


def _name(endpoint: Endpoint) -> str:
    return endpoint.description or endpoint.url
