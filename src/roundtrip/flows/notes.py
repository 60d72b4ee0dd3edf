"""What the timeline of a visit is told beyond its moves: refused forms, second browsers, ways that were closed.

The functions that write are transactions of their own, because what they tell of was refused and its transaction undone.
"""

from __future__ import annotations

from roundtrip.core.errors import AppError
from roundtrip.flows.base import Farewell, Leaving, Message, Onward, Post, Redirect
from roundtrip.redirect_session import moments, store
from roundtrip.redirect_session.moments import MomentKind
from roundtrip.redirect_session.return_url import NotAllowed
from roundtrip.sites.refusals.marking import difference, marked
from roundtrip.storage.database import Tx


def trace(leaving: Leaving) -> dict[str, object]:
    """How a visitor left, without any value: address and parameter names, the window that got a message, or our own page."""
    if isinstance(leaving, Redirect):
        return moments.without_values(leaving.url)
    if isinstance(leaving, Message):
        return {"to": leaving.target_origin, "with": list(leaving.values), "by": "message"}
    if isinstance(leaving, Post):
        return {**moments.without_values(leaving.url), "with": list(leaving.values), "by": "form"}
    if isinstance(leaving, Onward):
        return {"visit": leaving.session_id}
    if isinstance(leaving, Farewell):
        return moments.without_values(leaving.redirect.url) if leaving.redirect else {"page": "logged_out"}
    return {"page": leaving.page, **(moments.without_values(leaving.onward.url) if leaving.onward else {})}


def refused_step(step: str, error: AppError) -> dict[str, object]:
    """Which fields of a form broke which rules; never what was in them."""
    fields = [{"field": violation.field, "rule": violation.rule} for violation in error.violations]
    return {"step": step, "code": error.code, "fields": fields[:20]}


def sent_to_login(tx: Tx, session_id: str, leaving: Redirect, now: int) -> None:
    """The visitor was sent to the site's own login page: not a move, so it was decided in a transaction that only reads."""
    moments.note(tx, session_id, MomentKind.SENT_TO_LOGIN, now, moments.without_values(leaving.url))


def step_refused(tx: Tx, session_id: str, step: str, error: AppError, now: int) -> None:
    """A form came back with errors, and its own transaction was undone."""
    if store.get(tx, session_id) is not None:
        moments.note(tx, session_id, MomentKind.STEP_REFUSED, now, refused_step(step, error))


def wrong_browser(tx: Tx, session_id: str, now: int) -> None:
    """Somebody else opened the link after it was used."""
    moments.note(tx, session_id, MomentKind.WRONG_BROWSER, now)


def refused_to_leave(tx: Tx, session_id: str, refused: NotAllowed, now: int) -> str | None:
    """The way back is not listed (any more), so nobody was sent on. Answers the session's client; None without a session."""
    session = store.get(tx, session_id)
    if session is None:
        return None
    verdict = refused.verdict
    details = {"rule": verdict.rule.value, "reason": str(verdict.reason), "marked": marked(verdict), "said": difference(verdict)}
    moments.note(tx, session_id, MomentKind.REFUSED_TO_LEAVE, now, details)
    return session.client_id
