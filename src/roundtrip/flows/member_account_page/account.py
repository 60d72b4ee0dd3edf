"""The account itself: names, a new password, where one is logged in, and all that is kept about its member, to be had or erased."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec
from msgspec.structs import replace

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.identity import Actor
from roundtrip.core.ids import derived_id
from roundtrip.credentials import throttle
from roundtrip.flows.base import Context, Download, Form, Redirect, Stay, Submitted
from roundtrip.flows.member_account_page import menu
from roundtrip.flows.member_account_page.draft import AccountDraft
from roundtrip.flows.member_account_page.params import MemberAccountPage
from roundtrip.flows.steps.person import LONGEST_NAME, PHONE_WRONG, TOO_LONG, is_phone, said
from roundtrip.flows.steps.refused import refused
from roundtrip.members import actions as members
from roundtrip.members import guesses
from roundtrip.members import store as member_store
from roundtrip.members.model import Member, Profile
from roundtrip.oauth import revocation
from roundtrip.redirect_session import return_url
from roundtrip.storage.database import Tx
from roundtrip.text import when
from roundtrip.text.marks import marked
from roundtrip.workflows import ask_for_recovery, personal_record
from roundtrip.workflows.personal_record import Who

SAVED = marked("Saved.")
MAILED = marked("We have sent you a mail with a link to choose a new password.")
LOGGED_OUT = marked("You are logged out everywhere else.")
WORD_MISSING = marked("Type your email address to erase your account.")
ORDERS_OPEN = marked("An order of yours is not finished yet. Ask the business to finish or cancel it first.")
MOST_LOGINS = 20
ACTOR_KIND = "system"


def view(tx: Tx, draft: AccountDraft, context: Context[MemberAccountPage]) -> Mapping[str, object]:
    """Who the member is, and where they are logged in."""
    member = menu.looking(tx, draft, context).member
    logins = [one for one in member_store.logins_of(tx, member.id, limit=MOST_LOGINS) if not one.is_ended and one.expires_at > context.now]
    here = f"/session/{context.session.id}/"
    return {
        **menu.view(draft, context, menu.INFO),
        "email": member.email,
        "since": when.day(member.created_at, "UTC", context.language),
        "logins": [
            {
                "since": when.day(one.created_at, "UTC", context.language),
                "seen": when.day(one.seen_at, "UTC", context.language),
                "is_here": context.login is not None and one.id == context.login.id,
            }
            for one in logins
        ],
        "record_url": here + RECORD,
        "erase_url": here + ERASE,
        "values": {
            "first_name": member.first_name or "",
            "last_name": member.last_name or "",
            "nickname": member.nickname or "",
            "phone": _phone(member),
        },
    }


RECORD, FILE, ERASE = "account_record", "account_file", "account_erase"


def _phone(member: Member) -> str:
    phones = msgspec.json.decode(member.profile, type=dict[str, object]).get("phones")
    first = phones[0] if isinstance(phones, list) and phones else ""
    return first if isinstance(first, str) else ""


def submit(tx: Tx, draft: AccountDraft, form: Form, context: Context[MemberAccountPage]) -> Submitted[AccountDraft]:
    """Save the names, ask for a new password, or end all other logins."""
    act = _ACTS.get(form.get("do", ""), _save)
    return act(tx, replace(draft, section=menu.INFO), form, context)


def _save(tx: Tx, draft: AccountDraft, form: Form, context: Context[MemberAccountPage]) -> Submitted[AccountDraft]:
    wrong = list(_wrong(form))
    if wrong:
        raise refused(*wrong)
    member = menu.looking(tx, draft, context).member
    phone = said(form, "phone")
    profile = Profile(
        nickname=said(form, "nickname") or None,
        first_name=said(form, "first_name") or None,
        last_name=said(form, "last_name") or None,
        more={"phones": [phone] if phone else []},
    )
    members.update_profile(tx, member, profile, context.now)
    return Submitted(replace(draft, said=SAVED))


def _wrong(form: Form) -> Iterator[tuple[str, str]]:
    for field in ("first_name", "last_name", "nickname"):
        if len(said(form, field)) > LONGEST_NAME:
            yield field, TOO_LONG
    if not is_phone(said(form, "phone")):
        yield "phone", PHONE_WRONG


def _mail_recovery(tx: Tx, draft: AccountDraft, form: Form, context: Context[MemberAccountPage]) -> Submitted[AccountDraft]:
    """Counted like every mail that somebody can ask for (IDN-02). Raises LIMITED `TOO_MANY_ATTEMPTS`."""
    member = menu.looking(tx, draft, context).member
    guess = guesses.mail(context.site.id, member.email, context.address)
    throttle.require(tx, guess, context.now)
    throttle.failed(tx, guess, context.now)
    ask_for_recovery.send(tx, context.site, member, language=context.language, binding={}, mail_id=context.fresh.mail_id, now=context.now)
    return Submitted(replace(draft, said=MAILED))


def _log_out_elsewhere(tx: Tx, draft: AccountDraft, form: Form, context: Context[MemberAccountPage]) -> Submitted[AccountDraft]:
    """The login of this browser stays, with the tokens that were made from it."""
    kept = context.login.id if context.login is not None else None
    revoked = revocation.end_member(tx, draft.member_id or "", context.now, keep_login_id=kept)
    return Submitted(replace(draft, said=LOGGED_OUT), revoked=revoked)


_Act = Callable[[Tx, AccountDraft, Form, Context[MemberAccountPage]], Submitted[AccountDraft]]
_ACTS: Mapping[str, _Act] = {"save": _save, "recover": _mail_recovery, "end-logins": _log_out_elsewhere}


def record_view(tx: Tx, draft: AccountDraft, context: Context[MemberAccountPage]) -> Mapping[str, object]:
    """Everything that is kept about the member, to be read here."""
    here = f"/session/{context.session.id}/"
    return {
        **menu.view(draft, context, menu.INFO),
        "text": _record(tx, draft, context).decode(),
        "file_url": here + FILE,
        "account_url": here + menu.page_name(menu.INFO),
    }


def file_view(tx: Tx, draft: AccountDraft, context: Context[MemberAccountPage]) -> Mapping[str, object]:
    """The same as a file."""
    return {"download": Download("my-data.json", _record(tx, draft, context), "application/json")}


def _record(tx: Tx, draft: AccountDraft, context: Context[MemberAccountPage]) -> bytes:
    member = menu.looking(tx, draft, context).member
    return msgspec.json.format(msgspec.json.encode(personal_record.look(tx, context.site, member.id)), indent=2)


def record_submit(tx: Tx, draft: AccountDraft, form: Form, context: Context[MemberAccountPage]) -> Submitted[AccountDraft]:
    """Nothing is sent from there."""
    return Submitted(draft)


def erase_view(tx: Tx, draft: AccountDraft, context: Context[MemberAccountPage]) -> Mapping[str, object]:
    """What will be gone."""
    member = menu.looking(tx, draft, context).member
    account_url = f"/session/{context.session.id}/{menu.page_name(menu.INFO)}"
    return {**menu.view(draft, context, menu.INFO), "email": member.email, "account_url": account_url, "values": {}}


def erase_submit(tx: Tx, draft: AccountDraft, form: Form, context: Context[MemberAccountPage]) -> Submitted[AccountDraft]:
    """Erase everything, this visit too. The way back is made before, because nothing is left to make it of."""
    member = menu.looking(tx, draft, context).member
    if said(form, "email").casefold() != member.email.casefold():
        raise refused(("email", WORD_MISSING))
    url = return_url.after_flow(context.session, context.client, context.site, member_logged_in=False, now=context.now)
    ids = {"entry_id": derived_id(context.fresh.event_id, "erased"), "event_id": context.fresh.event_id}
    actor = Actor(ACTOR_KIND, member.id, "")
    try:
        erased = personal_record.erase(tx, Who(context.site, member.id), actor=actor, now=context.now, **ids)
    except AppError as error:
        if error.kind is not Kind.CONFLICT:
            raise
        raise refused(("", ORDERS_OPEN)) from error
    return Submitted(draft, gone=Redirect(url) if url is not None else Stay("signed_out"), revoked=erased.revoked)
