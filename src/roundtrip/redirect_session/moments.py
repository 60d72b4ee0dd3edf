"""What happened to one redirect session, move by move: the words, and the one function that writes them (SES-02).

A moment is written in the transaction of its move. It never holds what a visitor typed, a value of a query, or anything secret: names of
steps, fields and parameters only. The creation has none: the session's own row is that moment, and creating stays one insert.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from roundtrip.core.ids import new_id
from roundtrip.core.urls import UrlRefused, parse
from roundtrip.redirect_session import store
from roundtrip.storage.database import Tx


class MomentKind(StrEnum):
    """What can happen. `returned` and the other moves have the names of their statuses."""

    OPENED = "opened"
    REOPENED = "reopened"
    STARTED_AGAIN = "started_again"
    STEP_DONE = "step_done"
    STEP_REFUSED = "step_refused"
    SENT_TO_LOGIN = "sent_to_login"
    SENT_TO_PAY = "sent_to_pay"
    CONTINUED = "continued"
    COMPLETED = "completed"
    ABANDONED = "abandoned"
    EXPIRED = "expired"
    RETURNED = "returned"
    RETURNED_AGAIN = "returned_again"
    REFUSED_TO_LEAVE = "refused_to_leave"
    WRONG_BROWSER = "wrong_browser"


class Moment(msgspec.Struct, frozen=True):
    """One of them. `is_told` says of its domain event: delivered (True), waiting (False), or there is none (None)."""

    id: str
    at: int
    kind: MomentKind
    details: Mapping[str, Any]
    is_told: bool | None = None


MOST = 1000
"""Moments of one session: far more than any visit has, and a bound for who presses Back and forth for ever."""
MOST_BEFORE_REPEATING_ENDS = 200
"""As many moments may be there before those that anybody with the link can cause at will are not written any more."""
_AT_WILL = frozenset(
    {
        MomentKind.STEP_REFUSED,
        MomentKind.RETURNED_AGAIN,
        MomentKind.REFUSED_TO_LEAVE,
        MomentKind.WRONG_BROWSER,
        MomentKind.SENT_TO_LOGIN,
        MomentKind.SENT_TO_PAY,
    }
)
_encode = msgspec.json.Encoder().encode


def note(
    tx: Tx, session_id: str, kind: MomentKind, now: int, details: Mapping[str, object] | None = None, *, event_id: str | None = None
) -> None:
    """Write one moment. `event_id`: the domain event that tells the world of the same move."""
    most = MOST_BEFORE_REPEATING_ENDS if kind in _AT_WILL else MOST
    store.add_moment(
        tx, session_id, moment_id=event_id or new_id(now), at=now, kind=kind.value, details=_encode(details or {}).decode(), most=most
    )


def without_values(url: str) -> dict[str, object]:
    """An address as it may be kept: scheme, host, port and path, and the names of what it carries."""
    try:
        read = parse(url)
    except UrlRefused:
        return {}
    names = [name for part in (read.query, read.fragment) if part for name, _ in parse_qsl(part, keep_blank_values=True)]
    return {"to": read.href.split("#", 1)[0].split("?", 1)[0], "with": list(dict.fromkeys(names))[:30]}
