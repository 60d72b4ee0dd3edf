"""Signing up instead of logging in. What a new member still has to wait for, the site decides (`members/standing.py`).

Where the site asks for a proved address, a known and an unknown one look the same from here (IDN-03, decision record 0040): both lead to
the page that asks for a code, and the owner of a known address gets a mail that says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.mail import MailKind, MailRequest
from roundtrip.credentials import passwords, throttle
from roundtrip.credentials.model import Purpose
from roundtrip.flows.base import Context, Form, Step, Submitted, Work
from roundtrip.flows.steps.forgot import field_violations
from roundtrip.flows.steps.identified import D, IdentifiedDraft, all_of, done, issue_code, refused
from roundtrip.flows.steps.verify_code import come_in
from roundtrip.members import actions as members
from roundtrip.members import guesses, standing
from roundtrip.members.model import Member, MemberStatus, Profile
from roundtrip.storage import mail_queue
from roundtrip.storage.database import Tx
from roundtrip.text.marks import marked
from roundtrip.workflows import prove_address
from roundtrip.workflows.ask_owners import ask_owners

SIGN_UP_REFUSED = marked("We couldn't create an account with these details. If you already have an account, log in instead.")


def _view(tx: Tx, draft: IdentifiedDraft, context: Context[Any]) -> Mapping[str, object]:
    return {"client_name": context.client.name, "values": {"email": draft.email}}


def _prepare(tx: Tx, draft: IdentifiedDraft, form: Form, context: Context[Any]) -> Work:
    """Checks the fields and names the hashing of the new password. Raises with a violation for each field that is wrong."""
    email, password = form.get("email", "").strip(), form.get("password", "")
    violations = field_violations("email", partial(passwords.check_email, email))
    violations += field_violations("password", partial(passwords.check_password, password, email))
    if violations:
        raise all_of(violations)
    throttle.require(tx, guesses.sign_up(context.site.id, email, context.address), context.now)
    return Work(partial(passwords.hash_password, password))


def _submit(tx: Tx, draft: D, form: Form, context: Context[Any]) -> Submitted[D]:
    email = passwords.check_email(form.get("email", ""))
    guess = guesses.sign_up(context.site.id, email, context.address)
    throttle.require(tx, guess, context.now)
    known = members.by_email(tx, context.site.id, email)
    if context.site.require_email_verification:
        throttle.failed(tx, guess, context.now)  # not wrong, but each one sends a mail
        return _with_a_code(tx, draft, form, context, email, known)
    if known is None:
        member = _register(tx, form, context, email)
        if member.status is MemberStatus.PENDING_APPROVAL:
            ask_owners(tx, context.site, member, mail_id=context.fresh.mail_id, now=context.now)
        return come_in(tx, draft, context, member)
    throttle.failed(tx, guess, context.now)
    kept = msgspec.structs.replace(draft, email=email)
    return Submitted(kept, refused=refused("email", SIGN_UP_REFUSED, "SIGN_UP_REFUSED"))


def _with_a_code(tx: Tx, draft: D, form: Form, context: Context[Any], email: str, known: Member | None) -> Submitted[D]:
    nickname = form.get("nickname", "").strip()[:100]
    binding: dict[str, Any] = {prove_address.PASSWORD: str(context.work), prove_address.PROFILE: {"nickname": nickname or None}}
    if known is None:
        member: Member | None = _register(tx, form, context, email)
    elif known.status is MemberStatus.PENDING_VERIFICATION:
        member = known
    else:
        member = None
        mail = MailRequest(MailKind.ALREADY_REGISTERED, known.email, context.language, values={"name": known.name})
        mail_queue.request(tx, context.site.id, mail, event_id=context.fresh.mail_id, now=context.now)
    # A code that is sent nowhere opens nothing, so nothing of what was typed is kept with it.
    code = issue_code(tx, context, Purpose.VERIFY_EMAIL, member, binding if member else None)
    return Submitted(msgspec.structs.replace(draft, email=email, awaiting="verify", code_id=code.id, sent_again=False))


def _register(tx: Tx, form: Form, context: Context[Any], email: str) -> Member:
    nickname = form.get("nickname", "").strip()[:100]
    try:
        return members.register(
            tx,
            site_id=context.site.id,
            email=email,
            password_hash=str(context.work),
            profile=Profile(nickname=nickname or None),
            member_id=context.fresh.member_id,
            now=context.now,
            event_id=context.fresh.event_id,
            status=standing.at_registration(context.site),
        )
    except AppError as error:
        if error.kind is Kind.CONFLICT:  # somebody was quicker since we looked
            raise refused("email", SIGN_UP_REFUSED, "SIGN_UP_REFUSED") from error
        raise


SIGN_UP: Step[Any] = Step(name="sign_up", needed=lambda draft: True, done=done, view=_view, prepare=_prepare, submit=_submit)
