"""A redirect session as our own API shows it: no secrets, times as RFC 3339."""

from __future__ import annotations

from roundtrip.api.wire import Wire
from roundtrip.core.clock import rfc3339
from roundtrip.redirect_session.model import RedirectSession, Status


class SessionView(Wire, omit_defaults=False):
    """One redirect session. `outcome` says how it ended, also after the visitor has returned; `result` holds the documented ids."""

    id: str
    client_id: str
    intent: str
    status: str
    outcome: str | None
    result: dict[str, str]
    language: str
    created_date: str
    updated_date: str
    expires_date: str


def view(session: RedirectSession, now: int) -> SessionView:
    """What a caller who may see the session gets to see; the status is as the clock sees it."""
    status = session.status_at(now)
    outcome = Status.EXPIRED.value if status is Status.EXPIRED else session.outcome
    return SessionView(
        id=session.id,
        client_id=session.client_id,
        intent=session.intent,
        status=status.value,
        outcome=outcome,
        result=dict(session.result or {}),
        language=session.language,
        created_date=rfc3339(session.created_at),
        updated_date=rfc3339(session.changed_at),
        expires_date=rfc3339(session.expires_at),
    )
