"""What can be done with refusals: keep a batch, allow an address, put one aside. Called alike by the API and the dashboard."""

from __future__ import annotations

from roundtrip.core.errors import AppError, Kind, Violation
from roundtrip.core.identity import Actor
from roundtrip.core.ids import new_id
from roundtrip.sites import allow_list, clients
from roundtrip.sites import store as site_store
from roundtrip.sites.change import Change
from roundtrip.sites.entries import FIELDS as LIST_FIELDS
from roundtrip.sites.model import Client, Site
from roundtrip.sites.refusals import store
from roundtrip.sites.refusals.advice import Advice, advise
from roundtrip.sites.refusals.model import KEEP_PER_CLIENT, Refusal
from roundtrip.sites.refusals.tally import Batch
from roundtrip.sites.verdict import Rule
from roundtrip.storage import audit
from roundtrip.storage.audit import AuditEntry
from roundtrip.storage.database import Tx

LISTS = {Rule.REDIRECT_URI: "redirect_uris", Rule.REDIRECT_DOMAIN: "redirect_domains", Rule.POST_LOGOUT_URI: "post_logout_uris"}


def keep(tx: Tx, batch: Batch, now: int) -> None:
    """Write what a process has gathered. Clients that are gone are passed over."""
    clients: dict[str, str] = {}
    # In a fixed order, so that two processes with the same addresses never wait for each other in a circle.
    for key in sorted(batch, key=lambda key: (key.client_id, key.rule, key.address)):
        found = site_store.client(tx, key.client_id) if key.client_id not in clients else None
        if found is not None:
            clients[key.client_id] = found.site_id
        if key.client_id in clients:
            store.add(tx, new_id(now), clients[key.client_id], key, batch[key])
    for client_id in clients:
        store.keep_newest(tx, client_id, KEEP_PER_CLIENT)


def advice_about(tx: Tx, refusal: Refusal, now: int) -> tuple[Client, Site, Advice] | None:
    """A refusal with the lists of today; None when its client is gone."""
    found = site_store.client_and_site(tx, refusal.client_id)
    if found is None:
        return None
    client, site = found
    return client, site, advise(client, site.mode, refusal.rule, refusal.address, left_out=refusal.left_out, now=now)


def approve(tx: Tx, *, site_id: str, refusal_id: str, typed_host: str, revision: int, actor: Actor, now: int) -> tuple[Client, str]:
    """Add exactly the entry that lets the address pass, worked out here from what was kept; answers the client and the entry.

    `revision` is that of the client as the owner saw it (OPS-04). Raises NOT_FOUND `REFUSAL_NOT_FOUND`, CONFLICT `APPROVAL_NOT_SAFE` when
    no entry would do, INVALID for a host that was not typed, CONFLICT `REVISION_CHANGED`.
    """
    refusal = require(tx, site_id, refusal_id)
    found = advice_about(tx, refusal, now)
    if found is None:
        raise _unknown()
    client, site, advice = found
    if advice.add is None:
        raise AppError(Kind.CONFLICT, "APPROVAL_NOT_SAFE", f"Nothing was added. {advice.why_not}", data={"reason": advice.why_not})
    if advice.type_host is not None and typed_host.strip().lower() != advice.type_host:
        text = f"Type the host {advice.type_host} to confirm that it is yours: no address of its domain is listed yet"
        raise AppError(Kind.INVALID, "HOST_NOT_TYPED", text, violations=[Violation("host", text, "OTHER", {"expected": advice.type_host})])
    # Written on condition that nobody changed the client since the owner saw it.
    change = Change(new_id(now), actor, now)
    wanted = {LIST_FIELDS[refusal.rule]: (*getattr(client, LISTS[refusal.rule]), advice.add)}
    changed = clients.update(
        tx, client=client, site=site, fields=wanted, change=change, revision=revision, action="client.address_approved"
    )
    if refusal.left_out == "" and not allow_list.judge(changed, site.mode, refusal.rule, refusal.address, now=now).allowed:
        raise AppError(Kind.CONFLICT, "APPROVAL_NOT_SAFE", "Nothing was added: the address would still be refused.")
    if not store.delete(tx, refusal.id):
        raise _unknown()
    return changed, advice.add


def dismiss(tx: Tx, *, site_id: str, refusal_id: str, actor: Actor, now: int) -> None:
    """Put a refusal aside; it comes back when it happens again. Raises NOT_FOUND `REFUSAL_NOT_FOUND`."""
    refusal = require(tx, site_id, refusal_id)
    if not store.delete(tx, refusal.id):
        raise _unknown()
    client = site_store.client(tx, refusal.client_id)
    if client is not None:
        _note(tx, client, actor, "client.refusal_dismissed", now, {"address": refusal.address}, {})


def require(tx: Tx, site_id: str, refusal_id: str) -> Refusal:
    """A refusal of this site. Raises NOT_FOUND `REFUSAL_NOT_FOUND`."""
    refusal = store.get(tx, site_id, refusal_id)
    if refusal is None:
        raise _unknown()
    return refusal


def _unknown() -> AppError:
    text = "There is no such refusal (any more): it was allowed, put aside, or is too old."
    return AppError(Kind.NOT_FOUND, "REFUSAL_NOT_FOUND", text)


def _note(tx: Tx, client: Client, actor: Actor, action: str, now: int, before: dict[str, object], after: dict[str, object]) -> None:
    audit.record(tx, AuditEntry(new_id(now), client.site_id, now, actor, action, client.id, client.name, before, after))
