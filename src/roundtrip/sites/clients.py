"""What can be done with clients after they were made: change fields, add and remove one entry, delete. Each change is guarded by the
revision that was read, and written down in the same transaction (OPS-02, OPS-04).

Making one, and finding one, is in `actions.py`; which values are fine is in `client_fields.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.told import told
from roundtrip.sites import store
from roundtrip.sites.change import Change, changed_meanwhile
from roundtrip.sites.client_fields import KIND_OF_LIST, picture, with_fields
from roundtrip.sites.entries import check_entry
from roundtrip.sites.model import Client, Site
from roundtrip.storage import audit
from roundtrip.storage.database import Tx

ENTITY = "oauth_app"
EVENTS: Mapping[str, Mapping[str, str]] = {
    "site": {"updated": told("An owner changed the settings of a site. Carries the names of those that changed.", "id changed:texts")},
    "api_key": {
        "created": told(
            "An API key was made. Carries its name, what it may do and how it ends, never the key.", "id name permissions:texts hint"
        ),
        "revoked": told("An API key was revoked, and works nowhere any more.", "id name permissions:texts hint"),
    },
    "client_secret": {
        "added": told("A client got a secret. Carries how it ends, never the secret.", "id clientId hint"),
        "expired": told("A secret of a client ended, or ends soon.", "id clientId hint"),
    },
    "oauth_app": {
        "created": told("A client was made. Carries its fields, never a secret.", "oAuthApp:map"),
        "updated": told(
            "Fields of a client were changed. Carries all fields and the names of those that changed.", "oAuthApp:map changedFields:texts"
        ),
        "deleted": told("A client was deleted; its tokens are dead.", "oAuthApp:map"),
    },
}
"""What is told to the world about a client, by slug. The name is that of the API."""
ATTEMPTS = 20


def update(
    tx: Tx,
    *,
    client: Client,
    site: Site,
    fields: Mapping[str, Any],
    change: Change,
    revision: int | None = None,
    action: str = "client.updated",
) -> Client:
    """Set fields of a client as it was read. `revision` is the one that the caller had read, if it knew; `action` names the audit entry.

    Nothing that differs: nothing is written. Raises INVALID for a value, FORBIDDEN `PERMISSION_TOO_WIDE`, and CONFLICT `REVISION_CHANGED`
    when somebody else was quicker.
    """
    if revision is not None and revision != client.revision:
        raise changed_meanwhile("client", revision)
    wanted = with_fields(client, site.mode, fields, change.now)
    before, after = audit.changed(picture(client), picture(wanted))
    if not after:
        return client
    require_tokens_within(change, wanted)
    if not store.replace_client(tx, wanted, client.revision):
        raise changed_meanwhile("client", client.revision)
    changed = replace(wanted, revision=client.revision + 1)
    note(tx, changed, "updated", change, before, after, action)
    return changed


def add_entry(tx: Tx, *, client: Client, site: Site, field: str, entry: str, change: Change) -> Client:
    """Add one entry to one list; there already is fine. Two who add at once both succeed. Raises INVALID."""
    text = check_entry(KIND_OF_LIST[field], entry, site.mode).text
    return _with_list(tx, client, site, field, change, lambda entries: entries if text in entries else (*entries, text))


def remove_entry(tx: Tx, *, client: Client, site: Site, field: str, entry: str, change: Change) -> Client:
    """Remove one entry, as it is stored, from one list; not there any more is fine."""
    return _with_list(tx, client, site, field, change, lambda entries: tuple(one for one in entries if one != entry))


def _with_list(tx: Tx, client: Client, site: Site, field: str, change: Change, edit: Any) -> Client:
    # What is added or removed does not depend on the rest of the list, so a lost race is run again on what is stored now.
    for _ in range(ATTEMPTS):
        entries = picture(client)[field]
        try:
            return update(tx, client=client, site=site, fields={field: edit(tuple(entries))}, change=change)
        except AppError as error:
            if error.code != "REVISION_CHANGED":
                raise
        found = store.client_and_site(tx, client.id)
        if found is None:
            raise no_such_client(client.id)
        client, site = found
    raise changed_meanwhile("client", client.revision)


def delete(tx: Tx, *, client: Client, change: Change) -> None:
    """Delete a client with its secrets; whoever comes second gets NOT_FOUND. Its tokens: `workflows/delete_client.py`."""
    if not store.delete_client(tx, client.id):
        raise no_such_client(client.id)
    note(tx, client, "deleted", change, picture(client), None)


def require_tokens_within(change: Change, client: Client) -> None:
    """What a client may get by its secret must not be more than its maker may do."""
    if "client_credentials" in client.tokens.grant_types:
        change.require_may_give(client.tokens.permissions, f"The client {client.name}, by its secret,")


def note(
    tx: Tx,
    client: Client,
    slug: str,
    change: Change,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    action: str = "",
) -> None:
    """The audit entry and the domain event of a change. `action` is what the entry says, when it says more than the event."""
    change.note(
        tx,
        site_id=client.site_id,
        action=action or f"client.{slug}",
        object_id=client.id,
        object_name=client.name,
        before=before,
        after=after,
    )
    body: dict[str, object] = {"oAuthApp": {"id": client.id, "revision": client.revision, **picture(client)}}
    if slug == "updated":
        body["changedFields"] = list(after or ())
    change.tell(tx, DomainEvent(client.site_id, ENTITY, slug, client.id, body))


def no_such_client(client_id: str) -> AppError:
    """There is none (any more)."""
    return AppError(Kind.NOT_FOUND, "CLIENT_NOT_FOUND", f"There is no client with the id {client_id}.", data={"clientId": client_id})
