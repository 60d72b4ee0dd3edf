"""The members API: the member behind the token, and the owner's list of members with what can be decided about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from roundtrip.api.operation import KEYS, VISITORS, Call, Operation, Run
from roundtrip.api.settings_calls import actor_of, own_site
from roundtrip.api.wire import Wire
from roundtrip.core.clock import rfc3339
from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.core.identity import Member as MemberCaller
from roundtrip.core.ids import new_id
from roundtrip.members import actions as members
from roundtrip.members import standing
from roundtrip.members.model import Member, MemberStatus
from roundtrip.members.standing import Decision
from roundtrip.storage.database import Tx
from roundtrip.workflows import help_member
from roundtrip.workflows.block_member import block_member

T = TypeVar("T")
PAGE_LIMIT = 100
LONGEST_SEARCH = 254


class MemberView(Wire, omit_defaults=False):
    """A member as the owner sees them. `emailVerifiedDate` is null until somebody proved to read mail to the address."""

    id: str
    email: str
    email_verified_date: str | None
    status: str
    name: str
    created_date: str
    updated_date: str
    last_login_date: str | None


class MemberPage(Wire, omit_defaults=False):
    """One page; `nextCursor` is null on the last one."""

    members: list[MemberView]
    next_cursor: str | None


class CurrentMember(Wire, omit_defaults=False):
    """The wrapper that clients unpack."""

    member: dict[str, Any]


async def current(call: Call) -> CurrentMember:
    """The member behind the token, always in full. A visitor's token names no member: NOT_FOUND."""
    if not isinstance(call.caller, MemberCaller):
        raise AppError(Kind.NOT_FOUND, "NOT_FOUND", "This token is a visitor's; nobody is logged in. Authenticate first.")
    member = await call.read(members.member, call.caller.site_id, call.caller.member_id)
    if member is None:
        raise AppError(Kind.NOT_FOUND, "NOT_FOUND", "The member behind this token does not exist any more.")
    return CurrentMember(full(member))


_STATUS = {
    MemberStatus.ACTIVE: "APPROVED",
    MemberStatus.BLOCKED: "BLOCKED",
    MemberStatus.PENDING_VERIFICATION: "PENDING",
    MemberStatus.PENDING_APPROVAL: "PENDING",
}


def full(member: Member) -> dict[str, Any]:
    """A member with every field that clients read without looking (`phones` and its like are always lists)."""
    profile: dict[str, Any] = msgspec.json.decode(member.profile, type=dict[str, Any])
    return {
        "id": member.id,
        "loginEmail": member.email,
        "loginEmailVerified": member.is_verified,
        "status": _STATUS[member.status],
        "contactId": member.id,
        "contact": {
            "firstName": member.first_name or "",
            "lastName": member.last_name or "",
            "phones": _texts(profile.get("phones")),
            "emails": _texts(profile.get("emails")),
            "addresses": [],
            "customFields": {},
        },
        "profile": {"nickname": member.nickname or member.name, "slug": member.slug, "title": ""},
        "privacyStatus": "PRIVATE",
        "activityStatus": "ACTIVE",
        "createdDate": rfc3339(member.created_at),
        "updatedDate": rfc3339(member.updated_at),
        "lastLoginDate": rfc3339(member.last_login_at or member.created_at),
    }


def _texts(value: object) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def view(member: Member) -> MemberView:
    """A member as our own API shows it to the owner."""
    return MemberView(
        id=member.id,
        email=member.email,
        email_verified_date=rfc3339(member.email_verified_at) if member.email_verified_at is not None else None,
        status=member.status.value,
        name=member.name,
        created_date=rfc3339(member.created_at),
        updated_date=rfc3339(member.updated_at),
        last_login_date=rfc3339(member.last_login_at) if member.last_login_at is not None else None,
    )


async def list_(call: Call) -> MemberPage:
    """The members of the caller's site, newest first."""
    status, email, cursor = (call.query.get(name) for name in ("status", "email", "cursor"))
    if status is not None and status not in list(MemberStatus):
        raise invalid_field("status", f"must be one of {', '.join(MemberStatus)} (received {status[:50]!r})", "INVALID_ENUM_VALUE")
    limit = _limit(call)
    wanted, text = MemberStatus(status) if status is not None else None, call.query.get("q", "").strip()[:LONGEST_SEARCH]
    if text:
        hits, older = await call.read(members.search, site_id=call.site_id, text=text, status=wanted, before_id=cursor, limit=limit)
        return MemberPage([view(member) for member in hits], older)
    found = await call.read(
        members.page,
        site_id=call.site_id,
        status=wanted,
        email=email,
        before_id=cursor,
        limit=limit + 1,
    )
    shown, more = found[:limit], len(found) > limit
    return MemberPage([view(member) for member in shown], shown[-1].id if more else None)


async def get(call: Call) -> MemberView:
    """One member of the caller's site."""
    return view(await call.read(members.require_member, call.site_id, call.path_params["id"].lower()))


async def approve(call: Call) -> MemberView:
    """Let a waiting member in; they get a mail."""
    return view(await call.write(_decide, call, _ids(call), standing.approve))


async def decline(call: Call) -> MemberView:
    """Refuse a waiting member."""
    return view(await call.write(_decide, call, _ids(call), standing.decline))


async def unblock(call: Call) -> MemberView:
    """Let a blocked member in again."""
    return view(await call.write(_decide, call, _ids(call), standing.unblock))


async def block(call: Call) -> MemberView:
    """Shut a member out, and end all their logins and tokens."""
    blocked, revoked = await call.write(_decide, call, _ids(call), block_member)
    for subject in revoked:
        call.services.revocations.add(subject, call.now)
    return view(blocked)


async def send_recovery(call: Call) -> MemberView:
    """Mail a member the way to a new password."""
    return view(await call.write(_decide, call, _ids(call), help_member.send_recovery))


async def end_logins(call: Call) -> MemberView:
    """Log a member out everywhere."""
    member, revoked = await call.write(_decide, call, _ids(call), help_member.end_logins)
    for subject in revoked:
        call.services.revocations.add(subject, call.now)
    return view(member)


def _ids(call: Call) -> tuple[str, str, str]:
    return new_id(call.now), new_id(call.now), new_id(call.now)


def _decide(tx: Tx, call: Call, ids: tuple[str, str, str], decide: Callable[[Tx, Decision], T]) -> T:
    return decide(tx, Decision(own_site(tx, call), call.path_params["id"].lower(), actor_of(tx, call), call.now, *ids))


def _limit(call: Call) -> int:
    text = call.query.get("limit", "50")
    if not text.isdecimal() or len(text) > len(str(PAGE_LIMIT)) or not 1 <= int(text) <= PAGE_LIMIT:
        raise invalid_field("limit", f"must be a whole number from 1 to {PAGE_LIMIT} (received {text[:50]!r})", "FORMAT")
    return int(text)


_OWN = "/api/v1/members"


def _decision(name: str, run: Run, path: str, summary: str, *errors: str) -> Operation:
    return Operation(
        name=name,
        method="POST",
        paths=(f"{_OWN}/{{id}}/{path}",),
        summary=summary,
        run=run,
        permission="member.manage",
        callers=KEYS,
        response=MemberView,
        errors=tuple(dict.fromkeys(("MEMBER_NOT_FOUND", *(errors or ("MEMBER_STATUS",))))),
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="GetMyMember",
        method="GET",
        paths=("/members/v1/members/my", "/_api/members/v1/members/my"),
        summary="Read the member behind the token.",
        run=current,
        permission="member.read",
        callers=VISITORS,
        response=CurrentMember,
        errors=("NOT_FOUND",),
    ),
    Operation(
        name="ListMembers",
        method="GET",
        paths=(_OWN,),
        summary="List the members of a site, newest first.",
        run=list_,
        permission="member.manage",
        callers=KEYS,
        response=MemberPage,
        query=(
            ("status", "Only members with this status."),
            ("email", "Only the member with this address."),
            ("q", f"Only members whose address or name contains this. A page looks at {members.LOOK_AT} members: follow `nextCursor`."),
            ("cursor", "`nextCursor` of the page before."),
            ("limit", f"1 to {PAGE_LIMIT}; 50 if not given."),
        ),
    ),
    Operation(
        name="GetMember",
        method="GET",
        paths=(f"{_OWN}/{{id}}",),
        summary="Read one member.",
        run=get,
        permission="member.manage",
        callers=KEYS,
        response=MemberView,
        errors=("MEMBER_NOT_FOUND",),
    ),
    _decision("ApproveMember", approve, "approve", "Let a member in who waits for the owner."),
    _decision("DeclineMember", decline, "decline", "Refuse a member who waits for the owner."),
    _decision("BlockMember", block, "block", "Shut a member out, and end all their logins and tokens."),
    _decision("UnblockMember", unblock, "unblock", "Let a blocked member in again."),
    _decision(
        "SendMemberRecoveryEmail",
        send_recovery,
        "send-recovery-email",
        "Mail a member the way to a new password.",
        "MEMBER_STATUS",
        "TOO_MANY_ATTEMPTS",
    ),
    _decision("EndMemberLogins", end_logins, "end-logins", "Log a member out everywhere; they may log in again.", "MEMBER_NOT_FOUND"),
)
