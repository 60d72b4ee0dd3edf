"""What the pages around logging in share: the draft that knows who the visitor is, how a login begins, and what counts as a guess."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import msgspec

from roundtrip.core.email import email_key
from roundtrip.core.errors import AppError, Kind, Violation
from roundtrip.core.mail import MailKind, MailRequest
from roundtrip.core.secrets import hash_secret
from roundtrip.credentials import one_time_code
from roundtrip.credentials.model import OneTimeCode, Purpose
from roundtrip.flows.base import Began, Context
from roundtrip.members import actions as members
from roundtrip.members.model import LOGIN_PURPOSE, Member
from roundtrip.oauth import revocation
from roundtrip.storage import mail_queue
from roundtrip.storage.database import Tx
from roundtrip.text.marks import marked

CODE_WRONG = marked("This code isn't right, or it is too old. Check the mail, or ask for a new code.")
CODE_MISSING = marked("Enter the six digits from the mail.")
SESSION = "session_id"
"""Where a code's binding keeps the redirect session whose page asked for it."""


class IdentifiedDraft(msgspec.Struct, frozen=True, omit_defaults=True):
    """A draft that knows who the visitor is. Drafts of flows with a login step extend it.

    `email` is what was typed last, for the next page. `awaiting` says what stands before the login: a code for a new password, a code for
    a new account, or the owner; `code_id` names the code that was mailed, or one that was sent nowhere (IDN-03).
    """

    version: int = 1
    member_id: str | None = None
    login_id: str | None = None
    email: str = ""
    awaiting: Literal["reset", "verify", "approval"] | None = None
    code_id: str | None = None
    sent_again: bool = False
    hosted_login: str = ""
    """Why the login page is ours although the site has one of its own (`flows/site_login.py`); empty: it is not."""
    known_before: bool = False
    """Known when the visit began, so that nobody was asked."""
    logged_in_outside: bool = False
    """Logged in at the site's own page, perhaps without doing anything there."""

    @property
    def asks_who(self) -> bool:
        """True when the visit needs to know who it is; flows in which only some visitors log in say when."""
        return True

    @property
    def person(self) -> str | None:
        """Whom the draft names (`flows.base.NamesSomebody`)."""
        return email_key(self.email) if self.email else self.member_id


D = TypeVar("D", bound=IdentifiedDraft)


def done(draft: IdentifiedDraft) -> bool:
    """True once the draft names a member."""
    return draft.member_id is not None


def begin_login(tx: Tx, draft: D, context: Context[Any], member_id: str) -> D:
    """Log this browser in as `member_id`, under a secret it never had before (AUT-15).

    Logging in again as the same member goes on with the same login (decision record 0015); as somebody else ends the one before.
    """
    if context.login is not None and context.login.member_id != member_id:
        revocation.end_login(tx, context.login.id, context.now)
    login = members.start_login(
        tx,
        site_id=context.site.id,
        member_id=member_id,
        login_id=context.fresh.login_id,
        secret_hash=hash_secret(LOGIN_PURPOSE, context.fresh.login_secret),
        now=context.now,
        previous=context.login,
    )
    return msgspec.structs.replace(draft, member_id=member_id, login_id=login.id, awaiting=None, code_id=None, sent_again=False)


def carried_over(tx: Tx, draft: D, context: Context[Any]) -> Began[D]:
    """A visit that begins with who is known already.

    The member whose own token asked for this visit is logged in here as well, as by a session token (decision record 0016): a browser that
    is logged in as somebody else keeps that login, and this visit is the caller's all the same. Otherwise the browser's login counts.
    """
    session, login = context.session, context.login
    if session.caller_kind != "member" or not session.caller_id:
        if login is None:
            return Began(draft)
        return Began(msgspec.structs.replace(draft, member_id=login.member_id, login_id=login.id, known_before=True))
    member = members.member(tx, context.site.id, session.caller_id)
    if member is None or not member.is_active:
        return Began(draft)
    if login is not None and login.member_id != member.id:
        return Began(msgspec.structs.replace(draft, member_id=member.id, known_before=True))
    return Began(begin_login(tx, msgspec.structs.replace(draft, known_before=True), context, member.id), login_started=True)


def issue_code(
    tx: Tx, context: Context[Any], purpose: Purpose, member: Member | None, binding: dict[str, Any] | None = None
) -> OneTimeCode:
    """A code for this visit, and the mail with it. Without a member it is sent nowhere, and nothing else is different (IDN-03)."""
    language = context.language
    code = one_time_code.issue(
        tx,
        code_id=context.fresh.mail_id,
        purpose=purpose,
        site_id=context.site.id,
        subject_id=member.id if member else "",
        binding={**(binding or {}), SESSION: context.session.id, "language": language},
        now=context.now,
        keep_others=True,
    )
    if member is not None:
        kind = MailKind.RECOVER if purpose is Purpose.RECOVER else MailKind.VERIFY_EMAIL
        mail = MailRequest(kind, member.email, language, code.id, {"name": member.name})
        mail_queue.request(tx, context.site.id, mail, event_id=context.fresh.mail_id, now=context.now)
    return code


def refused(field: str, text: str, code: str) -> AppError:
    """A refusal that is shown at one field."""
    return AppError(Kind.INVALID, code, text, violations=(Violation(field, text),))


def all_of(violations: list[Violation]) -> AppError:
    """A refusal that is shown at several fields."""
    return AppError(Kind.INVALID, "INVALID_ARGUMENT", violations[0].description, violations=violations)
