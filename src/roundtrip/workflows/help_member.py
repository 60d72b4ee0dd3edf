"""What an owner does for a member without deciding about them: a mail for a new password, and an end to all their logins. Audited."""

from __future__ import annotations

from roundtrip.core.errors import AppError, Kind
from roundtrip.credentials import throttle
from roundtrip.members import actions as members
from roundtrip.members import guesses
from roundtrip.members.model import Member, MemberStatus
from roundtrip.members.standing import Decision
from roundtrip.oauth import revocation
from roundtrip.storage import audit
from roundtrip.storage.audit import AuditEntry
from roundtrip.storage.database import Tx
from roundtrip.workflows import ask_for_recovery


def send_recovery(tx: Tx, decision: Decision) -> Member:
    """Mail a member the link and the code for a new password.

    Raises NOT_FOUND `MEMBER_NOT_FOUND`, CONFLICT `MEMBER_STATUS` for a blocked member, LIMITED `TOO_MANY_ATTEMPTS` when they had many.
    """
    member = members.require_member(tx, decision.site.id, decision.member_id)
    if member.status is MemberStatus.BLOCKED:
        text = "This member is blocked, so a new password would not let them in. Unblock them first."
        raise AppError(Kind.CONFLICT, "MEMBER_STATUS", text, data={"status": member.status.value})
    guess = guesses.mail(decision.site.id, member.email, f"{decision.actor.kind} {decision.actor.id}")
    throttle.require(tx, guess, decision.now)
    throttle.failed(tx, guess, decision.now)
    ask_for_recovery.send(tx, decision.site, member, language=None, binding={}, mail_id=decision.mail_id, now=decision.now)
    _note(tx, decision, "member.recovery_sent", member)
    return member


def end_logins(tx: Tx, decision: Decision) -> tuple[Member, tuple[str, ...]]:
    """Log a member out everywhere; they may log in again. Answers the member and the subjects for this node's `RevocationSet`.

    Raises NOT_FOUND `MEMBER_NOT_FOUND`.
    """
    member = members.require_member(tx, decision.site.id, decision.member_id)
    revoked = revocation.end_member(tx, member.id, decision.now)
    _note(tx, decision, "member.logins_ended", member)
    return member, revoked


def _note(tx: Tx, decision: Decision, action: str, member: Member) -> None:
    entry = AuditEntry(decision.entry_id, decision.site.id, decision.now, decision.actor, action, member.id, member.email, None, None)
    audit.record(tx, entry)
