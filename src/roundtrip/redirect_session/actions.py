"""What can happen to a redirect session. Each function is one move: a conditional UPDATE, and its domain event beside it.

Of many callers that try the same move exactly one gets True; the others look again at what there is now.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import hash_secret, same
from roundtrip.redirect_session import moments, store
from roundtrip.redirect_session.model import LIVING, MOVES, Begun, Lifetimes, RedirectSession, Status, caller_identity
from roundtrip.redirect_session.moments import MomentKind
from roundtrip.storage import outbox
from roundtrip.storage.database import Tx

ENTITY = "redirect_session"
ENTRY_PURPOSE = "redirect_session_entry"
BROWSER_PURPOSE = "redirect_session_browser"


def create(tx: Tx, session: RedirectSession, *, announced: Mapping[str, object], event_id: str) -> None:
    """Keep a new session and say so. `announced` is the public form of the session without one-time values."""
    store.insert(tx, session)
    _record(tx, session, "created", announced, session.created_at, event_id)


def create_opened(tx: Tx, session: RedirectSession, came_from: str | None = None) -> None:
    """Keep a session that a browser made itself by coming straight to the authorize or logout address.

    It is born opened and bound, and triggers no created event: no site asked for it (decision record 0003).
    """
    store.insert(tx, session)
    moments.note(tx, session.id, MomentKind.OPENED, session.created_at, _from(came_from))


def repeat(tx: Tx, session: RedirectSession, *, session_id: str, browser_secret: str, lifetimes: Lifetimes, now: int) -> RedirectSession:
    """A new session for the same request, opened by the browser that the ended one was bound to. Not announced, like the one above.

    A visit that went on as another flow begins with the one that was asked for.
    """
    begun = session.request.begun or Begun(session.intent, session.request.params)
    again = replace(
        session,
        id=session_id,
        intent=begun.intent,
        request=replace(session.request, params=begun.params, begun=None),
        status=Status.OPENED,
        outcome=None,
        result=None,
        entry_hash=hash_secret(ENTRY_PURPOSE, browser_secret),
        browser_hash=hash_secret(BROWSER_PURPOSE, browser_secret),
        draft=None,
        draft_revision=0,
        created_at=now,
        changed_at=now,
        expires_at=now + lifetimes.finish_within,
    )
    store.insert(tx, again)
    moments.note(tx, session.id, MomentKind.STARTED_AGAIN, now, {"as": session_id})
    moments.note(tx, session_id, MomentKind.STARTED_AGAIN, now, {"of": session.id})
    return again


def is_entry_secret(session: RedirectSession, secret: str) -> bool:
    """True when `secret` is the one-time value that creation put into the entry address."""
    return same(session.entry_hash, hash_secret(ENTRY_PURPOSE, secret))


def is_bound_to(session: RedirectSession, browser_secret: str | None) -> bool:
    """True when the browser that shows `browser_secret` is the one that opened this session (SES-03)."""
    if browser_secret is None or session.browser_hash is None:
        return False
    return same(session.browser_hash, hash_secret(BROWSER_PURPOSE, browser_secret))


def open_(
    tx: Tx, session: RedirectSession, *, browser_secret: str, lifetimes: Lifetimes, now: int, came_from: str | None = None
) -> RedirectSession | None:
    """Bind the session to the browser that came first. None when another one was first, or the time to open is over.

    `came_from` is the origin of the page that had the link, for the timeline only.
    """
    browser_hash = hash_secret(BROWSER_PURPOSE, browser_secret)
    expires_at = now + lifetimes.finish_within
    if not store.bind(tx, session.id, browser_hash=browser_hash, expires_at=expires_at, now=now):
        return None
    opened = replace(session, status=Status.OPENED, browser_hash=browser_hash, expires_at=expires_at, changed_at=now)
    _moved(tx, opened, MomentKind.OPENED, {}, now, _from(came_from))
    return opened


def complete(tx: Tx, session: RedirectSession, result: Mapping[str, str], now: int, *, outcome: str = "completed") -> bool:
    """The flow is through. `result` holds the documented ids; `outcome` is `completed` or an error name (`login_required`)."""
    if not store.end(tx, session.id, new=Status.COMPLETED, outcome=outcome, result=result, now=now):
        return False
    _moved(tx, session, MomentKind.COMPLETED, {"outcome": outcome, "result": dict(result)}, now, {"outcome": outcome})
    return True


def abandon(tx: Tx, session: RedirectSession, now: int) -> bool:
    """The visitor walked away."""
    if not store.end(tx, session.id, new=Status.ABANDONED, outcome=Status.ABANDONED.value, result=None, now=now):
        return False
    _moved(tx, session, MomentKind.ABANDONED, {}, now)
    return True


def expire(tx: Tx, session: RedirectSession, now: int, *, by: str = "", only_if_over: bool = False) -> bool:
    """End a session that is `created` or `opened`: its owner said so (SES-06), and `by` names who did; or its time is over.

    `only_if_over`: not when it got more time since it was read (`wait`).
    """
    if session.status not in LIVING or not store.expire(tx, session.id, session.status, now, only_if_over=only_if_over):
        return False
    _moved(tx, session, MomentKind.EXPIRED, {}, now, {"by": by} if by else {})
    return True


def mark_returned(tx: Tx, session: RedirectSession, now: int, way: Mapping[str, object] | None = None) -> bool:
    """The visitor is being sent back. False when that was done before, or when the visit has not ended.

    `way` says where to, for the timeline: an address without values (`moments.without_values`).
    """
    status = session.status
    if session.status_at(now) is Status.EXPIRED and status in LIVING:
        # False when the worker was quicker, or it got more time meanwhile: the next line decides.
        expire(tx, session, now, only_if_over=True)
        status = Status.EXPIRED
    if Status.RETURNED not in MOVES[status] or not store.mark_returned(tx, session.id, status, now):
        if status is Status.RETURNED:
            moments.note(tx, session.id, MomentKind.RETURNED_AGAIN, now, way)
        return False
    _moved(tx, session, MomentKind.RETURNED, {"outcome": session.outcome or status.value}, now, way)
    return True


def reopen(tx: Tx, session: RedirectSession, now: int) -> bool:
    """The visitor came back to a visit it had walked away from (the Back button, in the bound browser)."""
    if not store.reopen(tx, session.id, now):
        return False
    _moved(tx, session, MomentKind.REOPENED, {"again": True}, now, slug="opened")
    return True


def wait(tx: Tx, session_id: str, until: int, now: int) -> bool:
    """Something that takes days is under way (money by a slow transfer): the visit does not expire before `until`, and neither does the
    Back button of one that was walked away from."""
    return store.extend(tx, session_id, until, now)


def save_draft(tx: Tx, session: RedirectSession, draft: str, now: int, *, person: str | None = None) -> bool:
    """Keep what the visitor has filled in so far; False when another tab was quicker. `person` is whom the draft names (OPS-08)."""
    return store.save_draft(tx, session.id, draft=draft, revision=session.draft_revision, now=now, person=person)


def continue_as(tx: Tx, session: RedirectSession, intent: str, params: str, now: int) -> RedirectSession | None:
    """Go on as another intent with its message `params` (JSON), right after the draft of `session` was kept.

    None when another tab was quicker.
    """
    begun = session.request.begun or Begun(session.intent, session.request.params)
    request = replace(session.request, params=msgspec.Raw(params.encode()), begun=begun)
    if not store.continue_as(tx, session.id, intent=intent, request=request, revision=session.draft_revision + 1, now=now):
        return None
    moments.note(tx, session.id, MomentKind.CONTINUED, now, {"from": session.intent, "as": intent})
    return replace(session, intent=intent, request=request, draft=None, draft_revision=session.draft_revision + 2, changed_at=now)


def expire_due(tx: Tx, now: int, limit: int) -> int:
    """Tidy up: expire up to `limit` sessions whose time is over; answers how many."""
    return sum(expire(tx, session, now, only_if_over=True) for session in store.due_to_expire(tx, now, limit))


def purge(tx: Tx, *, lifetimes: Lifetimes, now: int, limit: int) -> int:
    """Retention: delete up to `limit` ended sessions created before the time they are kept for; answers how many."""
    return store.purge(tx, before_id=first_id_at(now - lifetimes.keep_for), limit=limit)


def first_id_at(ms: int) -> str:
    """Sorts before every id of this millisecond and after all before it."""
    text = f"{max(ms, 0):012x}"
    return f"{text[:8]}-{text[8:]}-0"


def _from(came_from: str | None) -> dict[str, object]:
    return {"from": came_from} if came_from else {}


def _moved(
    tx: Tx,
    session: RedirectSession,
    kind: MomentKind,
    body: Mapping[str, object],
    now: int,
    details: Mapping[str, object] | None = None,
    *,
    slug: str | None = None,
) -> None:
    """The domain event of a move and its moment, under one id: so the timeline can say whether the event was told."""
    event_id = new_id(now)
    whose = {"clientId": session.client_id, "intent": session.intent}
    _record(tx, session, slug or kind.value, {**whose, **body}, now, event_id)
    moments.note(tx, session.id, kind, now, details, event_id=event_id)


def _record(tx: Tx, session: RedirectSession, slug: str, body: Mapping[str, object], now: int, event_id: str) -> None:
    event = DomainEvent(session.site_id, ENTITY, slug, session.id, body, caller_identity(session))
    # Most sessions are created and never opened: creating one is the hottest path there is, and writes no counter.
    outbox.record(tx, event, event_id=event_id, now=now, is_first=slug == "created", least=2)
