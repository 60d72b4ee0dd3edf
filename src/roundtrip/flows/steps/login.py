"""The shared login step: log in, or sign up instead. Both leave a member and a login of this browser in the draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import msgspec

from roundtrip.core.errors import AppError, Kind, Violation
from roundtrip.core.secrets import hash_secret
from roundtrip.credentials import passwords
from roundtrip.flows.base import Context, Form, Step, Submitted, Work
from roundtrip.members import actions as members
from roundtrip.members.model import LOGIN_PURPOSE, Credentials, MemberStatus, Profile
from roundtrip.oauth import revocation
from roundtrip.storage.database import Tx
from roundtrip.text.marks import marked

WRONG_CREDENTIALS = marked("The email address or the password isn't right. Check both and try again.")
EMAIL_MISSING = marked("Enter your email address.")
PASSWORD_MISSING = marked("Enter your password.")
SIGN_UP_REFUSED = marked("We couldn't create an account with these details. If you already have an account, log in instead.")


class IdentifiedDraft(msgspec.Struct, frozen=True, omit_defaults=True):
    """A draft that knows who the visitor is. Drafts of flows with a login step extend it."""

    version: int = 1
    member_id: str | None = None
    login_id: str | None = None
    hosted_login: str = ""
    """Why the login page is ours although the site has one of its own (`flows/site_login.py`); empty: it is not."""
    logged_in_outside: bool = False
    """Logged in at the site's own page, perhaps without doing anything there."""


D = TypeVar("D", bound=IdentifiedDraft)


@dataclass(frozen=True, slots=True)
class Verified:
    """What a password check found, and against which stored hash, so that `submit` can tell when it changed meanwhile."""

    password_hash: str
    matches: bool


def needed(draft: IdentifiedDraft) -> bool:
    """Somebody has to log in unless the browser's login was taken over when the visit began."""
    return True


def done(draft: IdentifiedDraft) -> bool:
    """True once the draft names a member."""
    return draft.member_id is not None


def view(tx: Tx, draft: IdentifiedDraft, context: Context[Any]) -> Mapping[str, object]:
    """What both pages show: nothing about any account."""
    return {"client_name": context.client.name}


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
    return msgspec.structs.replace(draft, member_id=member_id, login_id=login.id)


def prepare_login(tx: Tx, draft: IdentifiedDraft, form: Form, context: Context[Any]) -> Work:
    """Names the password check. An unknown address costs the same check against a hash that nothing matches (IDN-03)."""
    email, password = form.get("email", "").strip(), form.get("password", "")
    missing = [Violation(name, text, "REQUIRED_FIELD") for name, text in _missing(email, password)]
    if missing:
        raise AppError(Kind.INVALID, "INVALID_ARGUMENT", missing[0].description, violations=missing)
    found = members.credentials(tx, context.site.id, email)
    return Work(partial(_verify, _hash_of(found), password))


def submit_login(tx: Tx, draft: D, form: Form, context: Context[Any]) -> Submitted[D]:
    """Log in if the check passed and the account is still what it was when it was checked."""
    found = members.credentials(tx, context.site.id, form.get("email", "").strip())
    work = context.work
    passed = isinstance(work, Verified) and work.matches and work.password_hash == _hash_of(found)
    if found is None or not passed or found.status is not MemberStatus.ACTIVE:
        raise _refused("password", WRONG_CREDENTIALS, "WRONG_CREDENTIALS")
    return Submitted(begin_login(tx, draft, context, found.member_id), login_started=True)


def prepare_sign_up(tx: Tx, draft: IdentifiedDraft, form: Form, context: Context[Any]) -> Work:
    """Checks the fields and names the hashing of the new password. Raises with a violation for each field that is wrong."""
    violations: list[Violation] = []
    email = form.get("email", "").strip()
    for field, check in (
        ("email", partial(passwords.check_email, email)),
        ("password", partial(passwords.check_password, form.get("password", ""), email)),
    ):
        try:
            check()
        except AppError as error:
            violations += [Violation(field, violation.description, violation.rule, violation.data) for violation in error.violations]
    if violations:
        raise AppError(Kind.INVALID, "INVALID_ARGUMENT", violations[0].description, violations=violations)
    return Work(partial(passwords.hash_password, form.get("password", "")))


def submit_sign_up(tx: Tx, draft: D, form: Form, context: Context[Any]) -> Submitted[D]:
    """Make the account and log in. An address that is taken gets a text that also fits other causes (decision record 0006)."""
    nickname = form.get("nickname", "").strip()[:100]
    try:
        member = members.register(
            tx,
            site_id=context.site.id,
            email=passwords.check_email(form.get("email", "")),
            password_hash=str(context.work),
            profile=Profile(nickname=nickname or None),
            member_id=context.fresh.member_id,
            now=context.now,
            event_id=context.fresh.event_id,
        )
    except AppError as error:
        if error.kind is Kind.CONFLICT:
            raise _refused("email", SIGN_UP_REFUSED, "SIGN_UP_REFUSED") from error
        raise
    return Submitted(begin_login(tx, draft, context, member.id), login_started=True)


def _missing(email: str, password: str) -> list[tuple[str, str]]:
    return [pair for value, pair in ((email, ("email", EMAIL_MISSING)), (password, ("password", PASSWORD_MISSING))) if not value]


def _hash_of(found: Credentials | None) -> str:
    return (found.password_hash if found else None) or passwords.DUMMY_HASH


def _verify(password_hash: str, password: str) -> Verified:
    return Verified(password_hash, passwords.verify_password(password_hash, password))


def _refused(field: str, text: str, code: str) -> AppError:
    return AppError(Kind.INVALID, code, text, violations=(Violation(field, text),))


SIGN_UP: Step[Any] = Step(name="sign_up", needed=needed, done=done, view=view, prepare=prepare_sign_up, submit=submit_sign_up)
LOGIN: Step[Any] = Step(
    name="login", needed=needed, done=done, view=view, prepare=prepare_login, submit=submit_login, alternatives=(SIGN_UP,)
)
