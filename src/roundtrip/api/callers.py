"""Whose call it is, in the words of what people buy, book and reserve."""

from __future__ import annotations

from roundtrip.api.operation import Call
from roundtrip.api.settings_calls import change_of
from roundtrip.api.stores_views import sees_hidden
from roundtrip.core.identity import Member, Visitor
from roundtrip.core.ids import derived_id
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx


def owner_of(call: Call) -> tuple[str | None, str | None]:
    """The visitor or member who asks."""
    match call.caller:
        case Member():
            return None, call.caller.member_id
        case Visitor():
            return call.caller.visitor_id, None
        case _:
            return None, None


def moment_of_call(tx: Tx, call: Call, made: str) -> Moment:
    """This call. What an owner's server code does is written down with its key's name."""
    change = change_of(tx, call, derived_id(made, "change")) if sees_hidden(call) else None
    return Moment(call.now, made, change=change)
