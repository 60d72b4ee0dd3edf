"""What members change about themselves over the API. The owner's view of members is in `members.py`."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from roundtrip.api.members import CurrentMember, full
from roundtrip.api.operation import VISITORS, Call, Operation
from roundtrip.api.wire import Wire
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.identity import Member as MemberCaller
from roundtrip.members import actions as members
from roundtrip.members.model import Member, Profile
from roundtrip.storage.database import Tx

Name = Annotated[str, Meta(max_length=100)]


class ContactIn(Wire):
    """How somebody is reached; what is not sent stays."""

    first_name: Name | None = None
    last_name: Name | None = None
    phones: Annotated[list[Annotated[str, Meta(max_length=50)]], Meta(max_length=10)] | None = None


class ProfileIn(Wire):
    """How somebody is called."""

    nickname: Annotated[str, Meta(max_length=80)] | None = None


class MemberIn(Wire):
    """What changes about a member."""

    contact: ContactIn | None = None
    profile: ProfileIn | None = None


class MemberBody(Wire):
    """The member, with what changes."""

    member: MemberIn


async def update(call: Call) -> CurrentMember:
    """Set what is sent about the member who asks; everything else stays."""
    return CurrentMember(full(await call.write(_update, call)))


def _update(tx: Tx, call: Call) -> Member:
    body: MemberBody = call.body
    asked = call.path_params["id"].lower()
    own = call.caller.member_id if isinstance(call.caller, MemberCaller) else ""
    member = members.member(tx, call.site_id, own) if own == asked else None
    if member is None:
        text = f"There is no member {asked[:40]!r} for this caller. Members change themselves, with their own token."
        raise AppError(Kind.NOT_FOUND, "MEMBER_NOT_FOUND", text, data={"memberId": asked[:40]})
    contact, profile = body.member.contact or ContactIn(), body.member.profile or ProfileIn()
    said = Profile(
        nickname=(profile.nickname or "").strip() or None,
        first_name=(contact.first_name or "").strip() or None,
        last_name=(contact.last_name or "").strip() or None,
        more={} if contact.phones is None else {"phones": contact.phones},
    )
    return members.update_profile(tx, member, said, call.now)


OPERATIONS: tuple[Operation, ...] = (
    Operation("UpdateMember", "PATCH", ("/members/v1/members/{id}", "/_api/members/v1/members/{id}"),
              "Set what is sent about the member who asks.", update, "member.read", VISITORS, MemberBody, CurrentMember,
              example={"member": {"contact": {"firstName": "Ann"}}}, errors=("MEMBER_NOT_FOUND",)),
)  # fmt: skip
