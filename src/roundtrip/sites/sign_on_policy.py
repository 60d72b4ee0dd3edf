"""What a site asks of those who sign up: a proved address, the owner's approval, both or neither. Members who are in already stay in."""

from __future__ import annotations

from dataclasses import replace

from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.identity import Actor
from roundtrip.sites import store
from roundtrip.sites.model import Site
from roundtrip.storage import audit, outbox
from roundtrip.storage.audit import AuditEntry
from roundtrip.storage.database import Tx


def change(
    tx: Tx,
    site: Site,
    *,
    require_owner_approval: bool | None,
    require_email_verification: bool | None,
    actor: Actor,
    entry_id: str,
    now: int,
) -> Site:
    """Replace what is given of the policy of a site as it was read; None leaves a part as it is.

    Raises CONFLICT `REVISION_CHANGED` when somebody else was quicker.
    """
    changed = replace(
        site,
        require_owner_approval=site.require_owner_approval if require_owner_approval is None else require_owner_approval,
        require_email_verification=site.require_email_verification if require_email_verification is None else require_email_verification,
        revision=site.revision + 1,
    )
    before, after = audit.changed(picture(site), picture(changed))
    if not after:
        return site
    if not store.replace_sign_on_policy(tx, changed, site.revision):
        text = f"The site was changed meanwhile (you read revision {site.revision}); read it again and repeat."
        raise AppError(Kind.CONFLICT, "REVISION_CHANGED", text, data={"revision": site.revision})
    audit.record(tx, AuditEntry(entry_id, site.id, now, actor, "sign_on_policy.updated", site.id, site.name, before, after))
    event = DomainEvent(site.id, "site", "updated", site.id, {"id": site.id, "changed": sorted(after)})
    outbox.record(tx, event, event_id=entry_id, now=now)
    return changed


def change_seen(
    tx: Tx,
    site_id: str,
    revision: int,
    *,
    require_owner_approval: bool | None,
    require_email_verification: bool | None,
    actor: Actor,
    entry_id: str,
    now: int,
) -> Site:
    """The same for somebody who looked at the policy when the site had `revision`, which decides, not what is stored by now."""
    stored = store.site(tx, site_id)
    if stored is None:
        raise AppError(Kind.NOT_FOUND, "NOT_FOUND", "There is no such site (any more).")
    return change(
        tx,
        replace(stored, revision=revision),
        require_owner_approval=require_owner_approval,
        require_email_verification=require_email_verification,
        actor=actor,
        entry_id=entry_id,
        now=now,
    )


def picture(site: Site) -> dict[str, object]:
    """The policy as the audit log writes it."""
    return {"requireOwnerApproval": site.require_owner_approval, "requireEmailVerification": site.require_email_verification}
