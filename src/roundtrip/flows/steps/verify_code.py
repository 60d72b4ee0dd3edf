"""The pages on which a new member waits: for the code from the mail, and for the owner of the site."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from roundtrip.core.errors import AppError, Refused
from roundtrip.credentials import one_time_code, throttle
from roundtrip.credentials.model import OneTimeCode, Purpose
from roundtrip.flows.base import Context, Form, Step, Submitted
from roundtrip.flows.steps.identified import (
    CODE_MISSING,
    CODE_WRONG,
    SESSION,
    D,
    IdentifiedDraft,
    begin_login,
    done,
    issue_code,
    refused,
)
from roundtrip.members import actions as members
from roundtrip.members import guesses
from roundtrip.members.model import Member, MemberStatus
from roundtrip.storage.database import Tx
from roundtrip.text.marks import marked
from roundtrip.workflows import prove_address

SENT_AGAIN = marked("We have sent you a new code. It can take a minute to arrive.")


def come_in(tx: Tx, draft: D, context: Context[Any], member: Member, *, password_hash: str | None = None) -> Submitted[D]:
    """What happens to somebody who has proved to be `member`: in, or to the page on which they wait.

    `password_hash` is that of the password which was shown; a code that is mailed now is bound to it.
    """
    if member.status is MemberStatus.PENDING_APPROVAL:
        return Submitted(msgspec.structs.replace(draft, awaiting="approval", code_id=None, email=member.email))
    if member.status is MemberStatus.PENDING_VERIFICATION:
        guess = guesses.mail(context.site.id, member.email, context.address)
        throttle.require(tx, guess, context.now)
        throttle.failed(tx, guess, context.now)
        code = issue_code(tx, context, Purpose.VERIFY_EMAIL, member, {prove_address.PASSWORD: password_hash})
        return Submitted(msgspec.structs.replace(draft, awaiting="verify", code_id=code.id, email=member.email, sent_again=False))
    return Submitted(begin_login(tx, draft, context, member.id), login_started=True)


def _view(tx: Tx, draft: IdentifiedDraft, context: Context[Any]) -> Mapping[str, object]:
    return {
        "client_name": context.client.name,
        "email": draft.email,
        "notice": SENT_AGAIN if draft.sent_again else None,
        "confirmed": _confirmed_by_link(tx, draft, context) is not None,
    }


def _submit(tx: Tx, draft: D, form: Form, context: Context[Any]) -> Submitted[D] | Refused:
    confirmed = _confirmed_by_link(tx, draft, context)
    if confirmed is not None:
        return come_in(tx, draft, context, confirmed)
    if form.get("again"):
        return _send_again(tx, draft, context)
    code = spend(tx, draft, form, context, Purpose.VERIFY_EMAIL)
    if isinstance(code, AppError):
        return Refused(code)
    member = prove_address.prove_address(
        tx, context.site, code, event_id=context.fresh.event_id, mail_id=context.fresh.mail_id, now=context.now
    )
    if member is None:
        return Refused(refused("code", CODE_WRONG, "CODE_WRONG"))
    return come_in(tx, draft, context, member)


def spend(tx: Tx, draft: IdentifiedDraft, form: Form, context: Context[Any], purpose: Purpose) -> OneTimeCode | AppError:
    """The code of this visit, if its digits were typed; else what is wrong, which is counted and has to be kept (IDN-04)."""
    typed = form.get("code", "").strip()
    if not typed:
        return refused("code", CODE_MISSING, "CODE_MISSING")
    guess = guesses.code(context.site.id, draft.email, context.address)
    throttle.require(tx, guess, context.now)
    code = one_time_code.spend_digits(tx, context.code_key, draft.code_id or "", purpose, typed, context.now)
    if code is None or code.binding.get(SESSION) != context.session.id:
        throttle.failed(tx, guess, context.now)
        return refused("code", CODE_WRONG, "CODE_WRONG")
    throttle.succeeded(tx, guess)
    return code


def _send_again(tx: Tx, draft: D, context: Context[Any]) -> Submitted[D]:
    """A new code for the same registration: the same password goes with it."""
    guess = guesses.mail(context.site.id, draft.email, context.address)
    throttle.require(tx, guess, context.now)
    throttle.failed(tx, guess, context.now)
    old = one_time_code.newest(tx, draft.code_id or "", Purpose.VERIFY_EMAIL)
    member = members.member(tx, context.site.id, old.subject_id) if old and old.subject_id else None
    waits = member is not None and member.status is MemberStatus.PENDING_VERIFICATION
    code = issue_code(tx, context, Purpose.VERIFY_EMAIL, member if waits else None, dict(old.binding) if old else None)
    return Submitted(msgspec.structs.replace(draft, code_id=code.id, sent_again=True))


def _confirmed_by_link(tx: Tx, draft: IdentifiedDraft, context: Context[Any]) -> Member | None:
    """The member, when the link of this visit's mail was followed in another browser: then nothing is left to type here.

    Whoever waits here chose the password of the account, so going on gives them nothing that they could not have by logging in.
    """
    code = one_time_code.newest(tx, draft.code_id or "", Purpose.VERIFY_EMAIL)
    if code is None or code.used_at is None or not code.subject_id:
        return None
    member = members.member(tx, context.site.id, code.subject_id)
    if member is None or member.email_verified_at != code.used_at or member.status is MemberStatus.BLOCKED:
        return None
    # Codes of other visits end in the same moment; only the one whose password became the account's was followed.
    known = members.credentials(tx, context.site.id, member.email)
    return member if known and known.password_hash == code.binding.get(prove_address.PASSWORD) else None


def verify_step(alternatives: tuple[Step[Any], ...]) -> Step[Any]:
    """Needed from the moment that a code was mailed until somebody is logged in."""
    return Step(
        name="verify_code",
        needed=lambda draft: draft.awaiting == "verify" and draft.member_id is None,
        done=done,
        view=_view,
        submit=_submit,
        alternatives=alternatives,
    )


def _approval_view(tx: Tx, draft: IdentifiedDraft, context: Context[Any]) -> Mapping[str, object]:
    return {"client_name": context.client.name, "email": draft.email}


def _look_again(tx: Tx, draft: D, form: Form, context: Context[Any]) -> Submitted[D]:
    """Nothing on this page is sent; logging in, once the owner has agreed, starts from the login page."""
    return Submitted(msgspec.structs.replace(draft, awaiting=None))


PENDING_APPROVAL: Step[Any] = Step(
    name="pending_approval",
    needed=lambda draft: draft.awaiting == "approval" and draft.member_id is None,
    done=done,
    view=_approval_view,
    submit=_look_again,
)
