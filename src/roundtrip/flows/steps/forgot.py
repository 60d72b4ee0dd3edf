"""Forgot the password: ask for the address, then for the code from the mail and a new password, then the visit goes on (IDN-06).

Neither page says whether there is an account: both do the same work for every address, and a code for an unknown one is sent nowhere
(IDN-03). The link in the same mail leads to `web/recovery.py`; when it is followed in another browser, this page learns nothing of it,
because whoever waits here may have asked in somebody else's name. It always offers the way back to the login page.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec

from roundtrip.core.errors import AppError, Refused, Violation
from roundtrip.credentials import passwords, throttle
from roundtrip.credentials.model import Purpose
from roundtrip.flows.base import Context, Form, Step, Submitted, Work
from roundtrip.flows.steps.identified import (
    CODE_MISSING,
    CODE_WRONG,
    D,
    IdentifiedDraft,
    all_of,
    done,
    issue_code,
    refused,
)
from roundtrip.flows.steps.verify_code import SENT_AGAIN, come_in, spend
from roundtrip.members import actions as members
from roundtrip.members import guesses
from roundtrip.members.model import MemberStatus
from roundtrip.storage.database import Tx
from roundtrip.workflows import prove_address


def field_violations(field: str, check: Any) -> list[Violation]:
    """What a check of a password or an address has to say, at the field of our own page."""
    try:
        check()
    except AppError as error:
        return [Violation(field, violation.description, violation.rule, violation.data) for violation in error.violations]
    return []


def _forgot_view(tx: Tx, draft: IdentifiedDraft, context: Context[Any]) -> Mapping[str, object]:
    return {"client_name": context.client.name, "values": {"email": draft.email}}


def _submit_forgot(tx: Tx, draft: D, form: Form, context: Context[Any]) -> Submitted[D]:
    email = form.get("email", "").strip()
    wrong = field_violations("email", partial(passwords.check_email, email))
    if wrong:
        raise all_of(wrong)
    return _send(tx, draft, email, context, sent_again=False)


def _send(tx: Tx, draft: D, email: str, context: Context[Any], *, sent_again: bool) -> Submitted[D]:
    guess = guesses.mail(context.site.id, email, context.address)
    throttle.require(tx, guess, context.now)
    throttle.failed(tx, guess, context.now)
    member = members.by_email(tx, context.site.id, email)
    may = member is not None and member.status is not MemberStatus.BLOCKED
    code = issue_code(tx, context, Purpose.RECOVER, member if may else None)
    return Submitted(msgspec.structs.replace(draft, email=email, awaiting="reset", code_id=code.id, sent_again=sent_again))


def _reset_view(tx: Tx, draft: IdentifiedDraft, context: Context[Any]) -> Mapping[str, object]:
    return {
        "client_name": context.client.name,
        "email": draft.email,
        "notice": SENT_AGAIN if draft.sent_again else None,
    }


def _prepare_reset(tx: Tx, draft: IdentifiedDraft, form: Form, context: Context[Any]) -> Work | None:
    if form.get("again"):
        return None
    code_missing = [] if form.get("code", "").strip() else [Violation("code", CODE_MISSING, "REQUIRED_FIELD")]
    password = form.get("password", "")
    wrong = [*code_missing, *field_violations("password", partial(passwords.check_password, password, draft.email))]
    if wrong:
        raise all_of(wrong)
    return Work(partial(passwords.hash_password, password))


def _submit_reset(tx: Tx, draft: D, form: Form, context: Context[Any]) -> Submitted[D] | Refused:
    if form.get("again"):
        return _send(tx, draft, draft.email, context, sent_again=True)
    code = spend(tx, draft, form, context, Purpose.RECOVER)
    if isinstance(code, AppError):
        return Refused(code)
    changed = prove_address.reset_password(
        tx, context.site, code, str(context.work), event_id=context.fresh.event_id, mail_id=context.fresh.mail_id, now=context.now
    )
    if changed is None:
        return Refused(refused("code", CODE_WRONG, "CODE_WRONG"))
    member, revoked = changed
    came_in = come_in(tx, draft, context, member)
    return Submitted(came_in.draft, came_in.login_started, revoked)


FORGOT: Step[Any] = Step(name="forgot", needed=lambda draft: True, done=done, view=_forgot_view, submit=_submit_forgot)


def reset_step(alternatives: tuple[Step[Any], ...]) -> Step[Any]:
    """Needed from the moment that a code was asked for until somebody is logged in."""
    return Step(
        name="reset",
        needed=lambda draft: draft.awaiting == "reset" and draft.member_id is None,
        done=done,
        view=_reset_view,
        prepare=_prepare_reset,
        submit=_submit_reset,
        alternatives=alternatives,
    )
