"""The members API: for now, the member behind the token."""

from __future__ import annotations

from typing import Any

import msgspec

from roundtrip.api.operation import VISITORS, Call, Operation
from roundtrip.api.wire import Wire
from roundtrip.core.clock import rfc3339
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.identity import Member as MemberCaller
from roundtrip.members import actions as members
from roundtrip.members.model import Member


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


def full(member: Member) -> dict[str, Any]:
    """A member with every field that clients read without looking (`phones` and its like are always lists)."""
    profile: dict[str, Any] = msgspec.json.decode(member.profile, type=dict[str, Any])
    return {
        "id": member.id,
        "loginEmail": member.email,
        "loginEmailVerified": False,
        "status": "APPROVED" if member.is_active else "BLOCKED",
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
        "lastLoginDate": rfc3339(member.updated_at),
    }


def _texts(value: object) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


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
)
