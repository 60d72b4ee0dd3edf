"""What can be done with members, logins and session tokens: each function is one part of a transaction.

What is not here: hashing and checking passwords (`passwords.py`, slow, done before the transaction) and ending the tokens that were made
from a login (`oauth/revocation.py`, which calls `end_login`).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

import msgspec

from roundtrip.core.clock import DAY
from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.ids import new_id
from roundtrip.members import store
from roundtrip.members.model import (
    LOGIN_HARD_END,
    LOGIN_IDLE,
    LOGIN_KEPT,
    Credentials,
    Login,
    Member,
    MemberStatus,
    Profile,
    SessionToken,
    email_key,
)
from roundtrip.storage import outbox
from roundtrip.storage.database import Tx

LOOK_AT = 2000
"""Members that one page of a search looks at, at most: it costs no more than this, however many members there are."""
EMAIL_TAKEN = "-19995"
"""The code by which the official SDK recognises this refusal (decision record 0006)."""


def register(
    tx: Tx,
    *,
    site_id: str,
    email: str,
    password_hash: str | None,
    profile: Profile,
    member_id: str,
    now: int,
    event_id: str,
    status: MemberStatus = MemberStatus.ACTIVE,
) -> Member:
    """Make a new member (`standing.at_registration` says with which status), of an address that `passwords.check_email` has passed.

    Raises `AppError` (conflict, `-19995`) when the site already has a member with this address; of two that register at once exactly
    one succeeds. Whether a visitor may be told is for the caller to decide (IDN-03).
    """
    new = Member(
        id=member_id,
        site_id=site_id,
        email=email,
        email_key=email_key(email),
        status=status,
        nickname=profile.nickname,
        first_name=profile.first_name,
        last_name=profile.last_name,
        slug=_slug(profile, member_id),
        profile=msgspec.json.encode(profile.more).decode(),
        revision=1,
        created_at=now,
        updated_at=now,
    )
    if not store.add_member(tx, new, password_hash):
        raise AppError(Kind.CONFLICT, EMAIL_TAKEN, "A member with this e-mail address already exists; log in instead, or use another.")
    outbox.record(tx, _created(new), event_id=event_id, now=now, person=new.id)
    return new


def member(tx: Tx, site_id: str, member_id: str) -> Member | None:
    """A member of this site, whatever its status."""
    return store.member(tx, site_id, member_id)


def require_member(tx: Tx, site_id: str, member_id: str) -> Member:
    """A member of this site. Raises NOT_FOUND `MEMBER_NOT_FOUND`."""
    found = store.member(tx, site_id, member_id)
    if found is None:
        raise AppError(
            Kind.NOT_FOUND, "MEMBER_NOT_FOUND", f"There is no member {member_id!r} on this site.", data={"memberId": member_id[:50]}
        )
    return found


def by_email(tx: Tx, site_id: str, email: str) -> Member | None:
    """The member with this address, however it is written."""
    return store.member_by_email(tx, site_id, email_key(email))


def page(
    tx: Tx, *, site_id: str, limit: int, status: MemberStatus | None = None, email: str | None = None, before_id: str | None = None
) -> list[Member]:
    """Up to `limit` members of a site, newest first, older than `before_id`."""
    key = email_key(email) if email is not None else None
    return store.page(tx, site_id=site_id, status=status and status.value, email_key=key, before_id=before_id, limit=limit)


def search(
    tx: Tx, *, site_id: str, text: str, status: MemberStatus | None, before_id: str | None, limit: int
) -> tuple[list[Member], str | None]:
    """Up to `limit` members whose address or name contains a text, newest first, and where the next page starts (None: nowhere).

    A whole address is found by an index. Parts are looked for among the newest `LOOK_AT` members of each page, so a page may be short,
    even empty, and still have a next one (decision record 0044).
    """
    wanted = email_key(text)
    if "@" in wanted and before_id is None:
        found = store.member_by_email(tx, site_id, wanted)
        if found is not None:
            return ([found] if status in (None, found.status) else []), None
    seen = store.page(tx, site_id=site_id, status=status and status.value, email_key=None, before_id=before_id, limit=LOOK_AT)
    hits = [member for member in seen if _contains(member, wanted)]
    if len(hits) > limit:
        return hits[:limit], hits[limit - 1].id
    return hits, seen[-1].id if len(seen) == LOOK_AT else None


def _contains(member: Member, wanted: str) -> bool:
    names = (member.email_key, member.nickname, f"{member.first_name or ''} {member.last_name or ''}")
    return any(wanted in email_key(name) for name in names if name)


def number_waiting(tx: Tx, site_id: str, most: int) -> int:
    """How many members wait for the owner; counting stops at `most`."""
    return store.number(tx, site_id, MemberStatus.PENDING_APPROVAL.value, most)


def set_password(tx: Tx, member_id: str, password_hash: str | None, now: int) -> None:
    """Replace the password, or take it away. What else has to end is in `workflows/reset_password.py`."""
    store.set_password(tx, member_id, password_hash, now)


def update_profile(tx: Tx, known: Member, profile: Profile, now: int) -> Member:
    """Take over what is said about a member; what is not said stays."""
    more = {**msgspec.json.decode(known.profile, type=dict[str, object]), **profile.more}
    changed = replace(
        known,
        nickname=profile.nickname or known.nickname,
        first_name=profile.first_name or known.first_name,
        last_name=profile.last_name or known.last_name,
        profile=msgspec.json.encode(more).decode(),
    )
    if changed == known:
        return known
    store.set_profile(tx, changed, now)
    event = DomainEvent(known.site_id, "member", "updated", known.id, {"id": known.id, "revision": known.revision + 1})
    outbox.record(tx, event, event_id=new_id(now), now=now, person=known.id)
    return replace(changed, revision=known.revision + 1, updated_at=now)


def end_logins(tx: Tx, member_id: str, now: int, *, keep: str | None = None) -> list[str]:
    """End a member's logins but one, and spend their session tokens. `oauth.revocation.end_member` also ends what was made from them."""
    store.spend_session_tokens(tx, member_id, now)
    return store.end_logins(tx, member_id, now, keep=keep)


def credentials(tx: Tx, site_id: str, email: str) -> Credentials | None:
    """What a password is checked against. None means: check against `passwords.DUMMY_HASH`, so that it takes as long (IDN-03)."""
    return store.credentials(tx, site_id, email_key(email))


def start_login(tx: Tx, *, site_id: str, member_id: str, login_id: str, secret_hash: str, now: int, previous: Login | None = None) -> Login:
    """Remember a browser as logged in, under a secret it never had before (AUT-15).

    When the browser was logged in as the same member (`previous`), that login goes on with the new secret and a new beginning, so that
    tokens which other clients hold from it stay good. What becomes of a login as somebody else is for the caller to decide. Use the id
    that is answered: it is `login_id` only for a login that is new.
    """
    store.note_login(tx, member_id, now)
    expires_at = now + min(LOGIN_IDLE, LOGIN_HARD_END)
    login = Login(login_id, site_id, member_id, secret_hash, created_at=now, seen_at=now, expires_at=expires_at, ended_at=None)
    if previous is not None and previous.member_id == member_id and previous.site_id == site_id:
        renewed = replace(login, id=previous.id)
        if store.renew_login(tx, renewed):
            return renewed
    store.add_login(tx, login)
    return login


def find_login(tx: Tx, site_id: str, secret_hash: str, now: int) -> Login | None:
    """The login behind a browser's secret, if it is alive now: not ended, not expired, member still active."""
    return store.live_login(tx, site_id, secret_hash, now)


def login(tx: Tx, login_id: str) -> Login | None:
    """A login by its id, ended and expired ones too: for asking whether tokens made from it may go on."""
    return store.login(tx, login_id)


def touch(tx: Tx, login: Login, now: int) -> bool:
    """Note that a login was used, which moves its idle end. Writes at most once an hour; True when it wrote."""
    return login.needs_touch(now) and store.touch_login(tx, login.id, now)


def end_login(tx: Tx, login_id: str, now: int) -> bool:
    """End a login; True for the one caller that ended it. `oauth.revocation.end_login` also ends the tokens made from it."""
    return store.end_login(tx, login_id, now)


def issue_session_token(tx: Tx, *, token_hash: str, client_id: str, member_id: str, login_id: str | None, now: int) -> None:
    """Keep the hash of a token that stands for a member for five minutes, once, at one client (AUT-16)."""
    store.note_login(tx, member_id, now)
    store.add_session_token(tx, token_hash=token_hash, client_id=client_id, member_id=member_id, login_id=login_id, now=now)


def spend_session_token(tx: Tx, *, token_hash: str, client_id: str, now: int) -> SessionToken | None:
    """What the token stood for, for the first caller in time from the right client; None for everybody else (AUT-16)."""
    return store.spend_session_token(tx, token_hash=token_hash, client_id=client_id, now=now)


def forget_expired(tx: Tx, now: int, limit: int) -> int:
    """Delete rows that can no longer change any answer; the number of rows deleted, at most twice `limit`."""
    return store.forget_session_tokens(tx, now - DAY, limit) + store.forget_logins(tx, now - LOGIN_KEPT, limit)


def _slug(profile: Profile, member_id: str) -> str:
    """A readable, unique name for addresses. Never made from the e-mail address: a slug is public."""
    wished = profile.slug or profile.nickname or profile.first_name or "member"
    plain = unicodedata.normalize("NFKD", wished).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].rstrip("-")
    return f"{words or 'member'}-{member_id[-8:]}"


def _created(new: Member) -> DomainEvent:
    body = {
        "id": new.id,
        "email": new.email,
        "status": new.status.value,
        "nickname": new.nickname,
        "firstName": new.first_name,
        "lastName": new.last_name,
        "slug": new.slug,
        "createdAt": new.created_at,
    }
    return DomainEvent(site_id=new.site_id, entity="member", slug="created", entity_id=new.id, body=body)
