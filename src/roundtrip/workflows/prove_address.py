"""What a code from a mail is good for: a new password for whoever forgot theirs, and a proved address for whoever registers.

Both are used by hosted pages, by the links in the mails and by the identity API. Whoever presents a code has spent it already
(`credentials/one_time_code.py`), so each of these happens once.
"""

from __future__ import annotations

from roundtrip.core.mail import MailKind, MailRequest
from roundtrip.credentials import one_time_code
from roundtrip.credentials.model import OneTimeCode, Purpose
from roundtrip.members import actions as members
from roundtrip.members import standing
from roundtrip.members.model import Member, MemberStatus, Profile
from roundtrip.oauth import revocation
from roundtrip.sites.model import Site
from roundtrip.storage import mail_queue
from roundtrip.storage.database import Tx
from roundtrip.workflows.ask_owners import ask_owners

PASSWORD = "password_hash"  # noqa: S105  a name
PROFILE = "profile"
"""Where the binding of a VERIFY_EMAIL code keeps what whoever asked for it chose and said: the hash of a password, and a profile."""


def reset_password(
    tx: Tx, site: Site, code: OneTimeCode, password_hash: str | None, *, event_id: str, mail_id: str, now: int
) -> tuple[Member, tuple[str, ...]] | None:
    """A new password for the member of a spent RECOVER code; None when they are gone or blocked by now.

    The address is proved by this, every login and all tokens end, and a mail tells the member (IDN-06). Without a password the old one
    stays: the code alone opens the account once. Answers the subjects that ended.
    """
    member = members.member(tx, site.id, code.subject_id)
    if member is None or member.status is MemberStatus.BLOCKED:
        return None
    proved = _verified(tx, site, member, event_id=event_id, mail_id=mail_id, now=now)
    for purpose in Purpose:
        one_time_code.retire(tx, member.id, purpose, now)
    if password_hash is None:
        return proved, ()
    if member.status is MemberStatus.PENDING_VERIFICATION:  # nobody had come in with the old one, so there is nothing to tell or to end
        members.set_password(tx, member.id, password_hash, now)
        return proved, ()
    return proved, change_password(tx, site, proved, password_hash, mail_id=mail_id, now=now)


def change_password(
    tx: Tx,
    site: Site,
    member: Member,
    password_hash: str,
    *,
    mail_id: str,
    now: int,
    keep_login_id: str | None = None,
    keep_grant_id: str | None = None,
) -> tuple[str, ...]:
    """A new password; whoever is logged in with the old one is not any more, but for the login and the grant that are kept."""
    members.set_password(tx, member.id, password_hash, now)
    mail = MailRequest(MailKind.PASSWORD_CHANGED, member.email, member.language or site.language, values={"name": member.name})
    mail_queue.request(tx, site.id, mail, event_id=mail_id, now=now)
    return revocation.end_member(tx, member.id, now, keep_login_id=keep_login_id, keep_grant_id=keep_grant_id)


def prove_address(tx: Tx, site: Site, code: OneTimeCode, *, event_id: str, mail_id: str, now: int) -> Member | None:
    """The member of a spent VERIFY_EMAIL code, who reads their mail; None when they are gone or blocked by now.

    The password becomes the one of whoever asked for this code: somebody else may have registered with the same address before or since,
    and must not keep a key to an account that another person proved to be theirs.
    """
    member = members.member(tx, site.id, code.subject_id)
    if member is None or member.status is MemberStatus.BLOCKED:
        return None
    password_hash = code.binding.get(PASSWORD)
    if member.status is MemberStatus.PENDING_VERIFICATION and isinstance(password_hash, str):
        members.set_password(tx, member.id, password_hash, now)
        member = members.update_profile(tx, member, Profile(**code.binding.get(PROFILE, {})), now)
    one_time_code.retire(tx, member.id, Purpose.VERIFY_EMAIL, now)
    return _verified(tx, site, member, event_id=event_id, mail_id=mail_id, now=now)


def _verified(tx: Tx, site: Site, member: Member, *, event_id: str, mail_id: str, now: int) -> Member:
    proved = standing.verify(tx, site, member, event_id=event_id, now=now)
    if proved.status is MemberStatus.PENDING_APPROVAL and member.status is not proved.status:
        ask_owners(tx, site, proved, mail_id=mail_id, now=now)
    return proved
