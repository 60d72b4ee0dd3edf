"""What calls of a site's own callers share: their site, its clients, and who makes a change."""

from __future__ import annotations

from roundtrip.api.operation import Call
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.identity import Actor, ApiKey, App
from roundtrip.sites import clients, store
from roundtrip.sites.change import Change
from roundtrip.sites.model import Client, Site
from roundtrip.storage.database import Tx


def own_site(tx: Tx, call: Call) -> Site:
    """The site of the caller. Raises NOT_FOUND `SITE_NOT_FOUND`."""
    site = store.site(tx, call.caller.site_id) if call.caller is not None else None
    if site is None:
        raise AppError(Kind.NOT_FOUND, "SITE_NOT_FOUND", "The site of this token or key does not exist any more.")
    return site


def client_of(tx: Tx, call: Call) -> tuple[Client, Site]:
    """The client that the path names. Those of other sites do not exist for this key: NOT_FOUND `CLIENT_NOT_FOUND` (RED-20)."""
    client_id = call.path_params["id"]
    found = store.client_and_site(tx, client_id)
    if found is None or call.caller is None or found[0].site_id != call.caller.site_id:
        raise clients.no_such_client(client_id)
    return found


def change_of(tx: Tx, call: Call, entry_id: str) -> Change:
    """The change that this call makes, with the key's name for the audit log and with no more rights than the key has."""
    assert isinstance(call.caller, ApiKey | App)  # the operations are for these two
    return Change(entry_id, actor_of(tx, call), call.now, call.caller.permissions)


def actor_of(tx: Tx, call: Call) -> Actor:
    """Who is named in the audit log."""
    caller = call.caller
    assert isinstance(caller, ApiKey | App)  # the operations are for these two
    if isinstance(caller, ApiKey):
        key = store.live_key(tx, caller.site_id, caller.key_id)
        return Actor("api_key", caller.key_id, key.name if key else "")
    client = store.client(tx, caller.client_id)
    return Actor("app", caller.client_id, client.name if client else "")
