"""The shared login step: log in, or sign up, or ask for a new password. All leave a member and a login of this browser in the draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from roundtrip.core.errors import Violation
from roundtrip.credentials import passwords, throttle
from roundtrip.flows.base import Context, Form, Step, Submitted, Work
from roundtrip.flows.steps.forgot import FORGOT, reset_step
from roundtrip.flows.steps.identified import D, IdentifiedDraft, all_of, begin_login, done, refused
from roundtrip.flows.steps.sign_up import SIGN_UP
from roundtrip.flows.steps.verify_code import PENDING_APPROVAL, come_in, verify_step
from roundtrip.members import actions as members
from roundtrip.members import guesses
from roundtrip.members.model import Credentials, MemberStatus
from roundtrip.storage.database import Tx
from roundtrip.text.marks import marked

__all__ = ["LOGIN", "LOGIN_STEPS", "IdentifiedDraft", "Verified", "begin_login"]

WRONG_CREDENTIALS = marked("The email address or the password isn't right. Check both and try again.")
EMAIL_MISSING = marked("Enter your email address.")
PASSWORD_MISSING = marked("Enter your password.")


@dataclass(frozen=True, slots=True)
class Verified:
    """What a password check found, and against which stored hash, so that `submit` can tell when it changed meanwhile."""

    password_hash: str
    matches: bool


def needed(draft: IdentifiedDraft) -> bool:
    """Somebody has to log in unless they were known when the visit began; not while a code or the owner is awaited."""
    return draft.asks_who and not draft.known_before and (draft.awaiting is None or done(draft))


def view(tx: Tx, draft: IdentifiedDraft, context: Context[Any]) -> Mapping[str, object]:
    """What the pages show: nothing about any account."""
    return {"client_name": context.client.name, "values": {"email": draft.email}}


def prepare_login(tx: Tx, draft: IdentifiedDraft, form: Form, context: Context[Any]) -> Work:
    """Names the password check. An unknown address costs the same check against a hash that nothing matches (IDN-03).

    Raises LIMITED `TOO_MANY_ATTEMPTS` before anything is hashed.
    """
    email, password = form.get("email", "").strip(), form.get("password", "")
    missing = [Violation(name, text, "REQUIRED_FIELD") for name, text in _missing(email, password)]
    if missing:
        raise all_of(missing)
    throttle.require(tx, guesses.login(context.site.id, email, context.address), context.now)
    found = members.credentials(tx, context.site.id, email)
    return Work(partial(_verify, _hash_of(found), password))


def submit_login(tx: Tx, draft: D, form: Form, context: Context[Any]) -> Submitted[D]:
    """Log in if the check passed and the account is still what it was when it was checked. A wrong one is counted, and kept (IDN-02).

    Asked for the pause a second time: of many guesses sent at once only those before the pause are told whether they were right.
    """
    email = form.get("email", "").strip()
    guess = guesses.login(context.site.id, email, context.address)
    throttle.require(tx, guess, context.now)
    found = members.credentials(tx, context.site.id, email)
    work = context.work
    passed = isinstance(work, Verified) and work.matches and work.password_hash == _hash_of(found)
    if found is None or not passed or found.status is MemberStatus.BLOCKED:
        throttle.failed(tx, guess, context.now)
        kept = msgspec.structs.replace(draft, email=email[:254])
        return Submitted(kept, refused=refused("password", WRONG_CREDENTIALS, "WRONG_CREDENTIALS"))
    throttle.succeeded(tx, guess)
    return come_in(tx, draft, context, members.require_member(tx, context.site.id, found.member_id), password_hash=found.password_hash)


def _missing(email: str, password: str) -> list[tuple[str, str]]:
    return [pair for value, pair in ((email, ("email", EMAIL_MISSING)), (password, ("password", PASSWORD_MISSING))) if not value]


def _hash_of(found: Credentials | None) -> str:
    return (found.password_hash if found else None) or passwords.DUMMY_HASH


def _verify(password_hash: str, password: str) -> Verified:
    return Verified(password_hash, passwords.verify_password(password_hash, password))


LOGIN: Step[Any] = Step(
    name="login", needed=needed, done=done, view=view, prepare=prepare_login, submit=submit_login, alternatives=(SIGN_UP, FORGOT)
)
RESET: Step[Any] = reset_step(alternatives=(LOGIN, SIGN_UP, FORGOT))
VERIFY_CODE: Step[Any] = verify_step(alternatives=(LOGIN, SIGN_UP, FORGOT))
LOGIN_STEPS: tuple[Step[Any], ...] = (RESET, VERIFY_CODE, PENDING_APPROVAL, LOGIN)
"""What stands for `LOGIN` in a flow: the pages in which somebody waits for a code or the owner come before it, when they are needed."""
