"""The flight recorder of one redirect session over JSON, for owners."""

from __future__ import annotations

import msgspec

from roundtrip.api.operation import KEYS, Call, Operation
from roundtrip.api.session_view import SessionView, view
from roundtrip.api.webhooks_wire import DeliveryView, delivery_view
from roundtrip.api.wire import Wire
from roundtrip.core.clock import rfc3339
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.ids import is_guid
from roundtrip.flows.story import Story, Target, story
from roundtrip.redirect_session import store
from roundtrip.redirect_session.timeline import Entry
from roundtrip.storage.database import Tx


class EntryView(Wire, omit_defaults=False):
    """One thing that happened, in a sentence. `event` is the domain event of the same move."""

    kind: str
    date: str
    since_previous_ms: int | None
    sentence: str
    details: list[dict[str, str]]
    marked: list[str] | None
    event: dict[str, str] | None


class TargetView(Wire, omit_defaults=False):
    """An address of the session and what a return to it would meet now. `marked`: before, guilty stretch, after; without values."""

    field: str
    rule: str
    allowed: bool
    reason: str
    marked: list[str]
    description: str


class TimelineView(Wire, omit_defaults=False):
    """A session with its whole story, oldest entry first, and what was told about it to webhook endpoints, in that order."""

    redirect_session: SessionView
    caller: dict[str, str]
    entries: list[EntryView]
    targets: list[TargetView]
    deliveries: list[DeliveryView]


async def timeline(call: Call) -> TimelineView:
    """Everything that happened to one session, and where it may go."""
    told = await call.read(_story, call.path_params["id"], call.site_id, call.now)
    return TimelineView(
        redirect_session=view(told.session, call.now),
        caller={"kind": told.caller[0], "name": told.caller[1]},
        entries=[_entry(entry) for entry in told.entries],
        targets=[_target(target) for target in told.targets],
        deliveries=[delivery_view(one) for one in told.deliveries],
    )


def _story(tx: Tx, session_id: str, site_id: str, now: int) -> Story:
    session = store.get(tx, session_id.lower()) if is_guid(session_id) else None
    if session is None or session.site_id != site_id:
        raise AppError(Kind.NOT_FOUND, "REDIRECT_SESSION_NOT_FOUND", f"There is no redirect session {session_id!r} for this caller.")
    return story(tx, session, now)


def _entry(entry: Entry) -> EntryView:
    return EntryView(
        kind=entry.kind,
        date=rfc3339(entry.at),
        since_previous_ms=entry.since,
        sentence=entry.sentence,
        details=[{"name": name, "value": value} for name, value in entry.details],
        marked=list(entry.marked) if entry.marked else None,
        event=msgspec.to_builtins(entry.event) if entry.event else None,
    )


def _target(target: Target) -> TargetView:
    verdict, said = target.advice.verdict, target.advice.explanation
    return TargetView(
        field=target.field,
        rule=target.rule.value,
        allowed=verdict.allowed,
        reason=str(verdict.reason),
        marked=list(target.shown),
        description="Allowed." if verdict.allowed else f"Refused: {said.advice}.",
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="GetRedirectSessionTimeline",
        method="GET",
        paths=("/api/v1/redirect-sessions/{id}/timeline",),
        summary="Read everything that happened to one redirect session, in sentences, and where it may go now.",
        run=timeline,
        permission="redirect_session.read",
        callers=KEYS,
        response=TimelineView,
        errors=("REDIRECT_SESSION_NOT_FOUND",),
    ),
)
