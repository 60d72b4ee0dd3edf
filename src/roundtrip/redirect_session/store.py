"""Where redirect sessions are kept: the SQL of this room. Every move is one conditional UPDATE whose count decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from roundtrip.redirect_session.model import RedirectSession, Request, Status
from roundtrip.storage.database import Row, Tx, Value

_COLUMNS = (
    "id, site_id, client_id, intent, status, outcome, caller_kind, caller_id, caller_grant_id, caller_login_id, language, request, "
    "entry_hash, browser_hash, draft, draft_revision, result, created_at, changed_at, expires_at"
)
_request = msgspec.json.Decoder(Request)
_result = msgspec.json.Decoder(dict[str, str])


_INSERT = (
    "INSERT INTO redirect_session (id, site_id, client_id, intent, status, caller_kind, caller_id, caller_grant_id, "
    "caller_login_id, language, request, entry_hash, browser_hash, draft_revision, created_at, changed_at, expires_at) "
    "VALUES (:id, :site_id, :client_id, :intent, :status, :caller_kind, :caller_id, :caller_grant_id, "
    ":caller_login_id, :language, :request, :entry_hash, :browser_hash, 0, :created_at, :changed_at, :expires_at)"
)


def insert(tx: Tx, session: RedirectSession) -> None:
    """Keep a new session: without a draft, an outcome or a result, whatever it may say of them."""
    tx.execute(
        _INSERT,
        id=session.id,
        site_id=session.site_id,
        client_id=session.client_id,
        intent=session.intent,
        status=session.status.value,
        caller_kind=session.caller_kind,
        caller_id=session.caller_id,
        caller_grant_id=session.caller_grant_id,
        caller_login_id=session.caller_login_id,
        language=session.language,
        request=msgspec.json.encode(session.request).decode(),
        entry_hash=session.entry_hash,
        browser_hash=session.browser_hash,
        created_at=session.created_at,
        changed_at=session.changed_at,
        expires_at=session.expires_at,
    )


def get(tx: Tx, session_id: str) -> RedirectSession | None:
    """The session with this id, or None."""
    row = tx.one(f"SELECT {_COLUMNS} FROM redirect_session WHERE id = :id", id=session_id)
    return _session(row) if row else None


def bind(tx: Tx, session_id: str, *, browser_hash: str, expires_at: int, now: int) -> bool:
    """`created` -> `opened` for the one browser that comes first (SES-03). True for exactly one caller."""
    return (
        tx.execute(
            "UPDATE redirect_session SET status = 'opened', browser_hash = :browser_hash, expires_at = :expires_at, changed_at = :now "
            "WHERE id = :id AND status = 'created' AND expires_at > :now",
            id=session_id,
            browser_hash=browser_hash,
            expires_at=expires_at,
            now=now,
        )
        == 1
    )


def end(tx: Tx, session_id: str, *, new: Status, outcome: str, result: Mapping[str, str] | None, now: int) -> bool:
    """`opened` -> `completed` or `abandoned` before its end. True for exactly one caller."""
    return (
        tx.execute(
            "UPDATE redirect_session SET status = :new, outcome = :outcome, result = :result, changed_at = :now "
            "WHERE id = :id AND status = 'opened' AND expires_at > :now",
            id=session_id,
            new=new.value,
            outcome=outcome,
            result=None if result is None else msgspec.json.encode(result).decode(),
            now=now,
        )
        == 1
    )


def expire(tx: Tx, session_id: str, old: Status, now: int) -> bool:
    """`created` or `opened` -> `expired`. True for exactly one caller."""
    return (
        tx.execute(
            "UPDATE redirect_session SET status = 'expired', outcome = 'expired', changed_at = :now WHERE id = :id AND status = :old",
            id=session_id,
            old=old.value,
            now=now,
        )
        == 1
    )


def mark_returned(tx: Tx, session_id: str, old: Status, now: int) -> bool:
    """`completed`, `abandoned` or `expired` -> `returned`. True for exactly one caller."""
    return (
        tx.execute(
            "UPDATE redirect_session SET status = 'returned', changed_at = :now WHERE id = :id AND status = :old",
            id=session_id,
            old=old.value,
            now=now,
        )
        == 1
    )


def reopen(tx: Tx, session_id: str, now: int) -> bool:
    """A visit that its visitor walked away from -> `opened` again. True for exactly one caller."""
    return (
        tx.execute(
            "UPDATE redirect_session SET status = 'opened', outcome = NULL, result = NULL, changed_at = :now "
            "WHERE id = :id AND status IN ('abandoned', 'returned') AND outcome = 'abandoned' AND expires_at > :now",
            id=session_id,
            now=now,
        )
        == 1
    )


def save_draft(tx: Tx, session_id: str, *, draft: str, revision: int, now: int) -> bool:
    """Replace the draft if nobody else did since `revision` was read and the visit is still open."""
    return (
        tx.execute(
            "UPDATE redirect_session SET draft = :draft, draft_revision = draft_revision + 1, changed_at = :now "
            "WHERE id = :id AND draft_revision = :revision AND status = 'opened' AND expires_at > :now",
            id=session_id,
            draft=draft,
            revision=revision,
            now=now,
        )
        == 1
    )


_WITH_STATUS = {
    "created": "status = 'created' AND expires_at > :now",
    "opened": "status = 'opened' AND expires_at > :now",
    "expired": "(status = 'expired' OR (status IN ('created', 'opened') AND expires_at <= :now))",
}


def page(
    tx: Tx, site_id: str, *, before: str | None, limit: int, status: str | None, intent: str | None, client_id: str | None, now: int
) -> Sequence[RedirectSession]:
    """Up to `limit` sessions of a site, newest first, whose id sorts before `before`. `status` is as the clock sees it."""
    conditions = ["site_id = :site_id"]
    params: dict[str, Value] = {"site_id": site_id, "limit": limit}
    if status in _WITH_STATUS:
        conditions.append(_WITH_STATUS[status])
        params["now"] = now
    elif status is not None:
        conditions.append("status = :status")
        params["status"] = status
    for column, operator, value in (("id", "<", before), ("intent", "=", intent), ("client_id", "=", client_id)):
        if value is not None:
            conditions.append(f"{column} {operator} :{column}")
            params[column] = value
    where = " AND ".join(conditions)
    return [
        _session(row) for row in tx.all(f"SELECT {_COLUMNS} FROM redirect_session WHERE {where} ORDER BY id DESC LIMIT :limit", **params)
    ]


def due_to_expire(tx: Tx, now: int, limit: int) -> Sequence[RedirectSession]:
    """Living sessions whose end has passed, oldest end first."""
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM redirect_session WHERE status IN ('created', 'opened') AND expires_at <= :now "
        "ORDER BY expires_at LIMIT :limit",
        now=now,
        limit=limit,
    )
    return [_session(row) for row in rows]


def has_overdue(tx: Tx, before: int) -> bool:
    """True when a living session ended before this time and no worker has noticed."""
    row = tx.one("SELECT 1 FROM redirect_session WHERE status IN ('created', 'opened') AND expires_at <= :before LIMIT 1", before=before)
    return row is not None


def purge(tx: Tx, *, before_id: str, limit: int) -> int:
    """Delete up to `limit` ended sessions with an id below `before_id` (ids are time-ordered); answers how many."""
    return tx.execute(
        # Asked twice: PostgreSQL looks at a row again that changed meanwhile, but not at the inner SELECT. A visit that was just
        # opened again by its Back button must stay.
        "DELETE FROM redirect_session WHERE id IN (SELECT id FROM redirect_session WHERE id < :before_id "
        "AND status NOT IN ('created', 'opened') ORDER BY id LIMIT :limit) AND status NOT IN ('created', 'opened')",
        before_id=before_id,
        limit=limit,
    )


def _session(row: Row) -> RedirectSession:
    columns = list(row)
    columns[4] = Status(columns[4])
    columns[11] = _request.decode(columns[11])
    columns[16] = None if columns[16] is None else _result.decode(columns[16])
    return RedirectSession(*columns)
