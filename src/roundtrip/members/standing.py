"""Whether a member may come in: what a site asks at registration, and what owners decide later.

```
registration ──> pending_verification ──verify──> pending_approval ──approve──> active ──block──> blocked
                                        └────────────────────────────────────────^  ^──unblock────┘
pending_approval ──decline──> blocked          pending_verification, pending_approval ──block──> blocked
```
Each move is one conditional update, with its domain event; a move by an owner has its audit entry too. Ending logins and tokens needs
another room and is in `workflows/block_member.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.identity import Actor
from roundtrip.core.mail import MailKind, MailRequest
from roundtrip.members import actions, store
from roundtrip.members.model import Member, MemberStatus
from roundtrip.sites.model import Site
from roundtrip.storage import audit, mail_queue, outbox
from roundtrip.storage.audit import AuditEntry
from roundtrip.storage.database import Tx

WAITING = (MemberStatus.PENDING_VERIFICATION, MemberStatus.PENDING_APPROVAL)


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decides about which member, and the ids of what is written about it, made before the transaction."""

    site: Site
    member_id: str
    actor: Actor
    now: int
    entry_id: str
    event_id: str
    mail_id: str


def at_registration(site: Site, *, verified: bool = False) -> MemberStatus:
    """What a new member of this site starts as; `verified` once their address is proved."""
    if site.require_email_verification and not verified:
        return MemberStatus.PENDING_VERIFICATION
    return MemberStatus.PENDING_APPROVAL if site.require_owner_approval else MemberStatus.ACTIVE


def verify(tx: Tx, site: Site, member: Member, *, event_id: str, now: int) -> Member:
    """The member has shown that they read mail to their address. Who waited for that only comes in, or waits for the owner now."""
    is_first = store.verify_email(tx, member.id, now)
    if member.status is MemberStatus.PENDING_VERIFICATION:
        store.move(tx, member.id, old=member.status, new=at_registration(site, verified=True), now=now)
    if is_first:
        outbox.record(tx, _event(member, "verified", now), event_id=event_id, now=now, person=member.id)
    return store.member(tx, site.id, member.id) or member


def admit(tx: Tx, member: Member, now: int) -> Member:
    """Let somebody in for whom the site's own server vouches: what they waited for is settled by that."""
    if member.status not in WAITING:
        return member
    store.move(tx, member.id, old=member.status, new=MemberStatus.ACTIVE, now=now)
    return store.member(tx, member.site_id, member.id) or member


def approve(tx: Tx, decision: Decision) -> Member:
    """Let a waiting member in, and tell them by mail. Raises CONFLICT `MEMBER_STATUS` for anybody who does not wait for it."""
    approved = _move(tx, decision, "approved", (MemberStatus.PENDING_APPROVAL,), MemberStatus.ACTIVE)
    values = {"name": approved.name, **({"url": decision.site.home_url} if decision.site.home_url else {})}
    mail = MailRequest(MailKind.APPROVED, approved.email, approved.language or decision.site.language, values=values)
    mail_queue.request(tx, decision.site.id, mail, event_id=decision.mail_id, now=decision.now)
    return approved


def decline(tx: Tx, decision: Decision) -> Member:
    """Refuse a waiting member. The address stays taken, so that asking again changes nothing; `unblock` lets them in after all."""
    return _move(tx, decision, "declined", (MemberStatus.PENDING_APPROVAL,), MemberStatus.BLOCKED)


def block(tx: Tx, decision: Decision) -> Member:
    """Shut a member out. Use `workflows.block_member`, which also ends what they have open."""
    return _move(tx, decision, "blocked", (MemberStatus.ACTIVE, *WAITING), MemberStatus.BLOCKED)


def unblock(tx: Tx, decision: Decision) -> Member:
    """Let a blocked member in again. Their address has to be proved first where the site asks for that; the owner's approval is this."""
    member = actions.require_member(tx, decision.site.id, decision.member_id)
    unproved = decision.site.require_email_verification and not member.is_verified
    new = MemberStatus.PENDING_VERIFICATION if unproved else MemberStatus.ACTIVE
    return _move(tx, decision, "unblocked", (MemberStatus.BLOCKED,), new)


def _move(tx: Tx, decision: Decision, verb: str, old: tuple[MemberStatus, ...], new: MemberStatus) -> Member:
    member = actions.require_member(tx, decision.site.id, decision.member_id)
    if member.status not in old or not store.move(tx, member.id, old=member.status, new=new, now=decision.now):
        wanted = " or ".join(status.value for status in old)
        raise AppError(
            Kind.CONFLICT,
            "MEMBER_STATUS",
            f"This member is {member.status.value}; only a member who is {wanted} can be {verb}.",
            data={"status": member.status.value},
        )
    moved = replace(member, status=new, revision=member.revision + 1, updated_at=decision.now)
    entry = AuditEntry(
        decision.entry_id,
        decision.site.id,
        decision.now,
        decision.actor,
        f"member.{verb}",
        member.id,
        member.email,
        {"status": member.status.value},
        {"status": new.value},
    )
    audit.record(tx, entry)
    outbox.record(tx, _event(moved, verb, decision.now), event_id=decision.event_id, now=decision.now, person=moved.id)
    return moved


def _event(member: Member, slug: str, now: int) -> DomainEvent:
    body = {"id": member.id, "email": member.email, "status": member.status.value, "changedAt": now}
    return DomainEvent(site_id=member.site_id, entity="member", slug=slug, entity_id=member.id, body=body)
