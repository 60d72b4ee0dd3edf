"""Taking back one change of settings: the same actions with the values from before, guarded, and written down as a change of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roundtrip.core.errors import AppError, Kind
from roundtrip.sites import client_fields, clients, sign_on_policy, site_settings, store
from roundtrip.sites.change import Change
from roundtrip.storage import audit
from roundtrip.storage.audit import AuditEntry
from roundtrip.storage.database import Tx

UNDOABLE = frozenset({"client.updated", "client.address_approved", "site.updated", "sign_on_policy.updated"})


def undo(tx: Tx, *, site_id: str, entry_id: str, change: Change) -> AuditEntry:
    """Set the fields of an entry back, if they still are what the entry made them. Answers that entry.

    Raises NOT_FOUND `ENTRY_NOT_FOUND` and CONFLICT `UNDO_TOO_LATE`.
    """
    entry = audit.entry(tx, entry_id)
    if entry is None or entry.site_id != site_id or entry.action not in UNDOABLE:
        raise AppError(Kind.NOT_FOUND, "ENTRY_NOT_FOUND", "There is no such change of this site that could be undone.")
    before, after = dict(entry.before or {}), dict(entry.after or {})
    found = store.client_and_site(tx, entry.object_id) if entry.action.startswith("client.") else None
    site = store.site(tx, site_id)
    if site is None or (found is None and entry.action.startswith("client.")):
        raise _too_late(entry, "it was deleted")
    if found is not None:
        client, site = found
        _require_unchanged(entry, client_fields.picture(client), after)
        clients.update(tx, client=client, site=site, fields=before, change=change)
    elif entry.action == "sign_on_policy.updated":
        _require_unchanged(entry, sign_on_policy.picture(site), after)
        sign_on_policy.change(
            tx,
            site,
            require_owner_approval=before.get("requireOwnerApproval"),
            require_email_verification=before.get("requireEmailVerification"),
            actor=change.actor,
            entry_id=change.id,
            now=change.now,
        )
    else:
        _require_unchanged(entry, site_settings.picture(site), after)
        site_settings.update(tx, site=site, fields=before, change=change)
    return entry


def _require_unchanged(entry: AuditEntry, now: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    changed = [name for name, value in after.items() if now.get(name) != value]
    if changed:
        raise _too_late(entry, f"{', '.join(changed)} changed again meanwhile")


def _too_late(entry: AuditEntry, why: str) -> AppError:
    return AppError(
        Kind.CONFLICT,
        "UNDO_TOO_LATE",
        f"This can't be undone any more: {why}. The audit log has the old values; set them by hand.",
        data={"entryId": entry.id},
    )
