"""Where a registration or login by the identity API stands: in, or waiting for a code or for the owner.

A site's own forms call these through `api/identity*.py`; hosted pages have steps of their own for the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from roundtrip.core.errors import AppError, Kind, Refused
from roundtrip.core.mail import MailKind, MailRequest
from roundtrip.credentials import one_time_code, throttle
from roundtrip.credentials.model import Purpose
from roundtrip.members import actions as members
from roundtrip.members import guesses, standing
from roundtrip.members.actions import EMAIL_TAKEN
from roundtrip.members.model import Member, MemberStatus, Profile
from roundtrip.oauth import revocation
from roundtrip.sites.model import Site
from roundtrip.storage import mail_queue
from roundtrip.storage.database import Tx
from roundtrip.workflows import prove_address
from roundtrip.workflows.ask_owners import ask_owners

NO_SUCH_MEMBER = "-19999"
WRONG_PASSWORD = "-19976"  # noqa: S105  a code of the wire


class State(StrEnum):
    """As the wire names them."""

    SUCCESS = "SUCCESS"
    OWNER = "REQUIRE_OWNER_APPROVAL"
    EMAIL = "REQUIRE_EMAIL_VERIFICATION"


@dataclass(frozen=True, slots=True)
class Asking:
    """One call of the identity API: through which client, from where, and the ids and the secret that it may need."""

    site: Site
    client_id: str
    address: str
    code_key: bytes
    now: int
    token_hash: str
    member_id: str
    event_id: str
    mail_id: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The answer. `state_token` is there while a code is awaited; what the caller may know of the member only otherwise."""

    state: State
    member: Member
    state_token: str | None = None


def no_such_member() -> AppError:
    """Unlike hosted pages, this API tells (decision record 0006)."""
    return AppError(Kind.NOT_FOUND, NO_SUCH_MEMBER, "There is no member with this email address.")


def register(tx: Tx, asking: Asking, email: str, password_hash: str, profile: Profile) -> Standing | Refused:
    """A new member, as far as the site lets them in. An address that waits for its proof may be registered again, by somebody else too."""
    guess = guesses.sign_up(asking.site.id, email, asking.address)
    throttle.require(tx, guess, asking.now)
    known = members.by_email(tx, asking.site.id, email)
    if known is not None and known.status is not MemberStatus.PENDING_VERIFICATION:
        throttle.failed(tx, guess, asking.now)
        text = "A member with this e-mail address already exists; log in instead, or use another."
        return Refused(AppError(Kind.CONFLICT, EMAIL_TAKEN, text))
    member = known or members.register(
        tx,
        site_id=asking.site.id,
        email=email,
        password_hash=password_hash,
        profile=profile,
        member_id=asking.member_id,
        now=asking.now,
        event_id=asking.event_id,
        status=standing.at_registration(asking.site),
    )
    if member.status is MemberStatus.PENDING_APPROVAL:
        ask_owners(tx, asking.site, member, mail_id=asking.mail_id, now=asking.now)
    said: dict[str, object] = {"nickname": profile.nickname, "first_name": profile.first_name, "last_name": profile.last_name}
    return settle(tx, asking, member, {prove_address.PASSWORD: password_hash, prove_address.PROFILE: {**said, "more": profile.more}})


def log_in(tx: Tx, asking: Asking, email: str, checked_hash: str, matches: bool) -> Standing | Refused:
    """`checked_hash` is what the password was checked against, outside; a hash that changed meanwhile was not what was checked."""
    guess = guesses.login(asking.site.id, email, asking.address)
    throttle.require(tx, guess, asking.now)
    found = members.credentials(tx, asking.site.id, email)
    if found is None or found.status is MemberStatus.BLOCKED:
        throttle.failed(tx, guess, asking.now)
        return Refused(no_such_member())
    if not matches or found.password_hash != checked_hash:
        throttle.failed(tx, guess, asking.now)
        return Refused(AppError(Kind.UNAUTHENTICATED, WRONG_PASSWORD, "The password is wrong."))
    throttle.succeeded(tx, guess)
    member = members.require_member(tx, asking.site.id, found.member_id)
    return settle(tx, asking, member, {prove_address.PASSWORD: found.password_hash})


def settle(tx: Tx, asking: Asking, member: Member, binding: Mapping[str, Any] | None = None) -> Standing:
    """What somebody gets who has shown to be `member`: a session token, or word of what is missing."""
    if member.status is MemberStatus.PENDING_APPROVAL:
        return Standing(State.OWNER, member)
    if member.status is MemberStatus.PENDING_VERIFICATION:
        return Standing(State.EMAIL, member, send_code(tx, asking, member, {**(binding or {})}))
    members.issue_session_token(
        tx, token_hash=asking.token_hash, client_id=asking.client_id, member_id=member.id, login_id=None, now=asking.now
    )
    return Standing(State.SUCCESS, member)


def send_code(tx: Tx, asking: Asking, member: Member, binding: Mapping[str, Any], *, first_id: str | None = None) -> str:
    """Mail a code to a member; answers the state token that has to come back with its digits. Raises LIMITED `TOO_MANY_ATTEMPTS`."""
    guess = guesses.mail(asking.site.id, member.email, asking.address)
    throttle.require(tx, guess, asking.now)
    throttle.failed(tx, guess, asking.now)
    language = member.language or asking.site.language
    kept = {**binding, "client_id": asking.client_id, "language": language, **({"first": first_id} if first_id else {})}
    one_time_code.issue(
        tx,
        code_id=asking.mail_id,
        purpose=Purpose.VERIFY_EMAIL,
        site_id=asking.site.id,
        subject_id=member.id,
        binding=kept,
        now=asking.now,
        keep_others=True,
    )
    mail = MailRequest(MailKind.VERIFY_EMAIL, member.email, language, asking.mail_id, {"name": member.name})
    mail_queue.request(tx, asking.site.id, mail, event_id=asking.mail_id, now=asking.now)
    return one_time_code.state_token(asking.code_key, first_id or asking.mail_id, asking.client_id)


def verify(tx: Tx, asking: Asking, state_token: str, typed: str) -> Standing | Refused:
    """The digits from the mail, for whoever has the state token of the same registration (IDN-04)."""
    _, code_id, member = _waiting(tx, asking, state_token)
    guess = guesses.code(asking.site.id, member.email, asking.address)
    throttle.require(tx, guess, asking.now)
    code = one_time_code.spend_digits(tx, asking.code_key, code_id, Purpose.VERIFY_EMAIL, typed, asking.now)
    if code is None:
        throttle.failed(tx, guess, asking.now)
        return Refused(_failed("The code is wrong or too old. Check the mail, or ask for a new code."))
    throttle.succeeded(tx, guess)
    proved = prove_address.prove_address(tx, asking.site, code, event_id=asking.event_id, mail_id=asking.mail_id, now=asking.now)
    return Refused(_failed("The code is wrong or too old.")) if proved is None else settle(tx, asking, proved)


def send_again(tx: Tx, asking: Asking, state_token: str) -> None:
    """A new code for the same registration; the state token stays the same."""
    first_id, _, member = _waiting(tx, asking, state_token)
    old = one_time_code.newest(tx, first_id, Purpose.VERIFY_EMAIL)
    if old is not None and (member.status is MemberStatus.PENDING_VERIFICATION or prove_address.PASSWORD not in old.binding):
        send_code(tx, asking, member, old.binding, first_id=first_id)


def recover(tx: Tx, asking: Asking, token: str, password_hash: str | None) -> tuple[Standing, tuple[str, ...]]:
    """A new password by the link of a mail; what else was logged in is not any more. Answers the subjects that ended, too."""
    code = one_time_code.spend_link(tx, asking.code_key, token, Purpose.RECOVER, asking.now)
    if code is None or code.site_id != asking.site.id:
        raise wrong_link()
    member = members.member(tx, asking.site.id, code.subject_id)
    if password_hash is None and member is not None and not member.is_verified:
        text = "is required: nobody has proved yet that the address of this account is theirs, so its old password can't stay"
        raise AppError(Kind.INVALID, "PASSWORD_REQUIRED", f"password {text}.")
    ids = {"event_id": asking.event_id, "mail_id": asking.mail_id}
    changed = prove_address.reset_password(tx, asking.site, code, password_hash, **ids, now=asking.now)
    if changed is None:
        raise wrong_link()
    return settle(tx, asking, changed[0]), changed[1]


def sign_on(tx: Tx, asking: Asking, email: str, profile: Profile, *, verified: bool) -> tuple[Standing, tuple[str, ...]]:
    """The site's own server vouches for somebody: their member, made or brought up to date, whatever the sign-on policy asks.

    When the site says that the address is proved, a password that was set before that is not: it may be a stranger's, who registered with
    this address in advance. It goes, and so do the logins made with it. Raises FORBIDDEN `MEMBER_BLOCKED`.
    """
    known = members.by_email(tx, asking.site.id, email)
    if known is None:
        known = members.register(
            tx,
            site_id=asking.site.id,
            email=email,
            password_hash=None,
            profile=profile,
            member_id=asking.member_id,
            now=asking.now,
            event_id=asking.event_id,
        )
        member = standing.verify(tx, asking.site, known, event_id=asking.mail_id, now=asking.now) if verified else known
        return settle(tx, asking, member), ()
    if known.status is MemberStatus.BLOCKED:
        raise AppError(Kind.FORBIDDEN, "MEMBER_BLOCKED", "This member is blocked. Unblock them before they sign on.")
    revoked: tuple[str, ...] = ()
    if verified and not known.is_verified:
        members.set_password(tx, known.id, None, asking.now)
        revoked = revocation.end_member(tx, known.id, asking.now)
        known = standing.verify(tx, asking.site, known, event_id=asking.mail_id, now=asking.now)
    member = standing.admit(tx, members.update_profile(tx, known, profile, asking.now), asking.now)
    return settle(tx, asking, member), revoked


def wrong_link() -> AppError:
    """What is said about a recovery token that is unknown, used, too old, or another site's."""
    return AppError(
        Kind.INVALID,
        "RECOVERY_TOKEN_INVALID",
        "This recovery token is unknown, used or too old. Ask for a new mail with sendRecoveryEmail.",
    )


def _waiting(tx: Tx, asking: Asking, state_token: str) -> tuple[str, str, Member]:
    first_id = one_time_code.id_in_state(asking.code_key, state_token, asking.client_id)
    newest = one_time_code.newest(tx, first_id, Purpose.VERIFY_EMAIL) if first_id else None
    member = members.member(tx, asking.site.id, newest.subject_id) if newest else None
    if first_id is None or newest is None or member is None:
        raise _failed("The state token is unknown or too old, or was made for another client. Register or log in again.")
    return first_id, newest.id, member


def _failed(text: str) -> AppError:
    return AppError(Kind.INVALID, "VERIFICATION_FAILED", text)
