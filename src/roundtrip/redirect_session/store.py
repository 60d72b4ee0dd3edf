"""Where redirect sessions are kept: the SQL of this room. Every move is one conditional UPDATE whose count decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from roundtrip.redirect_session.model import RedirectSession, Request, Status
from roundtrip.storage.database import Row, Tx, Value

_COLUMNS = (
    "id, site_id, client_id, intent, status, outcome, caller_kind, caller_id, caller_grant_id, caller_login_id, language, request, "
    "entry_hash, browser_hash, draft, draft_revision, result, created_at, changed_at, expires_at, person"
)
_request = msgspec.json.Decoder(Request)
_result = msgspec.json.Decoder(dict[str, str])


_INSERT = (
    "INSERT INTO redirect_session (id, site_id, client_id, intent, status, caller_kind, caller_id, caller_grant_id, "
    "caller_login_id, language, request, entry_hash, browser_hash, draft_revision, created_at, changed_at, expires_at, person) "
    "VALUES (:id, :site_id, :client_id, :intent, :status, :caller_kind, :caller_id, :caller_grant_id, "
    ":caller_login_id, :language, :request, :entry_hash, :browser_hash, 0, :created_at, :changed_at, :expires_at, :person)"
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
        person=session.person,
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


def expire(tx: Tx, session_id: str, old: Status, now: int, *, only_if_over: bool) -> bool:
    """`created` or `opened` -> `expired`. True for exactly one caller. `only_if_over`: only when its time is over."""
    return (
        tx.execute(
            "UPDATE redirect_session SET status = 'expired', outcome = 'expired', changed_at = :now "
            "WHERE id = :id AND status = :old AND (:always OR expires_at <= :now)",
            id=session_id,
            old=old.value,
            always=not only_if_over,
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


def extend(tx: Tx, session_id: str, expires_at: int, now: int) -> bool:
    """A later end for a visit that is open, or may be opened again; False for one that is over, or ends later anyway."""
    return (
        tx.execute(
            "UPDATE redirect_session SET expires_at = :expires_at "
            "WHERE id = :id AND expires_at > :now AND expires_at < :expires_at "
            "AND (status = 'opened' OR (status IN ('abandoned', 'returned') AND outcome = 'abandoned'))",
            id=session_id,
            expires_at=expires_at,
            now=now,
        )
        == 1
    )


def continue_as(tx: Tx, session_id: str, *, intent: str, request: Request, revision: int, now: int) -> bool:
    """Make an open visit one of another intent, without a draft. True for exactly one caller."""
    return (
        tx.execute(
            "UPDATE redirect_session SET intent = :intent, request = :request, draft = NULL, draft_revision = draft_revision + 1, "
            "changed_at = :now WHERE id = :id AND draft_revision = :revision AND status = 'opened' AND expires_at > :now",
            id=session_id,
            intent=intent,
            request=msgspec.json.encode(request).decode(),
            revision=revision,
            now=now,
        )
        == 1
    )


def save_draft(tx: Tx, session_id: str, *, draft: str, revision: int, now: int, person: str | None) -> bool:
    """Replace the draft if nobody else did since `revision` was read and the visit is still open. `person` None: as known before."""
    return (
        tx.execute(
            "UPDATE redirect_session SET draft = :draft, draft_revision = draft_revision + 1, changed_at = :now, "
            "person = COALESCE(:person, person) "
            "WHERE id = :id AND draft_revision = :revision AND status = 'opened' AND expires_at > :now",
            id=session_id,
            draft=draft,
            revision=revision,
            now=now,
            person=person,
        )
        == 1
    )


_WITH_STATUS = {
    "created": "status = 'created' AND expires_at > :now",
    "opened": "status = 'opened' AND expires_at > :now",
    "expired": "(status = 'expired' OR (status IN ('created', 'opened') AND expires_at <= :now))",
}
LOOK_AT = 2000
"""Sessions that one search looks at, at most: a rare status or intent costs no more than this, however many sessions are kept."""


class Wanted(msgspec.Struct, frozen=True):
    """What a list is narrowed to. `since` (a session id) is found by an index; the others are looked for among `LOOK_AT` sessions per page
    (decision record 0093). `status` is as the clock sees it."""

    status: str | None = None
    intent: str | None = None
    client_id: str | None = None
    caller_id: str | None = None
    since: str | None = None


def search(
    tx: Tx, site_id: str, wanted: Wanted, *, before: str | None, limit: int, now: int
) -> tuple[Sequence[RedirectSession], str | None]:
    """Up to `limit` sessions of a site, newest first, whose id sorts before `before`, and where the next page starts (None: nowhere).

    A page may be shorter than `limit` and still have a next one: then the search looked at as much as it may.
    """
    places = ["site_id = :site_id"]
    params: dict[str, Value] = {"site_id": site_id, "look_at": LOOK_AT, "limit": limit + 1}
    for column, operator, name, value in (
        ("id", "<", "before", before),
        ("id", ">=", "since", wanted.since),
    ):
        if value is not None:
            places.append(f"{column} {operator} :{name}")
            params[name] = value
    conditions, more = _looked_for(wanted, now)
    seen = f"SELECT {_COLUMNS} FROM redirect_session WHERE {' AND '.join(places)} ORDER BY id DESC LIMIT :look_at"
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    rows = tx.all(f"SELECT {_COLUMNS} FROM ({seen}) AS seen{where} ORDER BY id DESC LIMIT :limit", **params, **more)
    if len(rows) > limit:
        return [_session(row) for row in rows[:limit]], rows[limit - 1][0]
    params.pop("limit")
    last = tx.one(
        f"SELECT id FROM redirect_session WHERE {' AND '.join(places)} ORDER BY id DESC LIMIT 1 OFFSET :look_at",
        **{**params, "look_at": LOOK_AT - 1},
    )
    return [_session(row) for row in rows], last[0] if last else None


def _looked_for(wanted: Wanted, now: int) -> tuple[list[str], dict[str, Value]]:
    conditions: list[str] = []
    params: dict[str, Value] = {}
    if wanted.status in _WITH_STATUS:
        conditions.append(_WITH_STATUS[wanted.status])
        params["now"] = now
    elif wanted.status is not None:
        conditions.append("status = :status")
        params["status"] = wanted.status
    for column, value in (("intent", wanted.intent), ("client_id", wanted.client_id), ("caller_id", wanted.caller_id)):
        if value is not None:
            conditions.append(f"{column} = :{column}")
            params[column] = value
    return conditions, params


def endings(tx: Tx, site_id: str, since: str, limit: int) -> list[Row]:
    """Of the newest `limit` sessions since an id: when created, status, outcome, end of life. What the small chart is drawn from."""
    return tx.all(
        "SELECT created_at, status, outcome, expires_at FROM redirect_session WHERE site_id = :site_id AND id >= :since "
        "ORDER BY id DESC LIMIT :limit",
        site_id=site_id,
        since=since,
        limit=limit,
    )


def created_event(tx: Tx, session: RedirectSession, first_id: str, end_id: str) -> Row | None:
    """The domain event that told of a creation, found in its own millisecond: id, and whether it is done."""
    return tx.one(
        "SELECT id, done_at IS NOT NULL FROM outbox WHERE id >= :first AND id < :end AND entity_id = :id ORDER BY id LIMIT 1",
        first=first_id,
        end=end_id,
        id=session.id,
    )


def due_to_expire(tx: Tx, now: int, limit: int) -> Sequence[RedirectSession]:
    """Living sessions whose end has passed, oldest end first."""
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM redirect_session WHERE status IN ('created', 'opened') AND expires_at <= :now "
        "ORDER BY expires_at LIMIT :limit",
        now=now,
        limit=limit,
    )
    return [_session(row) for row in rows]


def add_moment(tx: Tx, session_id: str, *, moment_id: str, at: int, kind: str, details: str, most: int) -> None:
    """Put a moment after all others of its session, unless there are `most` of them."""
    tx.execute(
        "INSERT INTO redirect_session_moment (session_id, number, id, at, kind, details) "
        "SELECT :session_id, COALESCE(MAX(number), 0) + 1, :id, :at, :kind, :details FROM redirect_session_moment "
        "WHERE session_id = :session_id HAVING COALESCE(MAX(number), 0) < :most",
        session_id=session_id,
        id=moment_id,
        at=at,
        kind=kind,
        details=details,
        most=most,
    )


def completion(tx: Tx, session_id: str) -> tuple[str, bool] | None:
    """The domain event that tells of a session's completion: its id, and whether it has been taken to be told. None: there is none (any
    more)."""
    row = tx.one(
        "SELECT o.id, o.done_at IS NOT NULL FROM redirect_session_moment m JOIN outbox o ON o.id = m.id "
        "WHERE m.session_id = :session_id AND m.kind = 'completed' ORDER BY m.number DESC LIMIT 1",
        session_id=session_id,
    )
    return (row[0], bool(row[1])) if row else None


def moment_rows(tx: Tx, session_id: str) -> list[Row]:
    """Every moment of a session in order: id, time, kind, details, and whether its domain event is there and done."""
    return tx.all(
        "SELECT m.id, m.at, m.kind, m.details, o.id IS NOT NULL, o.done_at IS NOT NULL "
        "FROM redirect_session_moment m LEFT JOIN outbox o ON o.id = m.id "
        "WHERE m.session_id = :session_id ORDER BY m.number, m.id LIMIT 2000",
        session_id=session_id,
    )


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


def about(tx: Tx, site_id: str, persons: Sequence[str], limit: int) -> Sequence[RedirectSession]:
    """The visits of a site that name one of two persons (the keys of one), newest first."""
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM redirect_session WHERE site_id = :site_id AND person IN (:first, :second) ORDER BY id DESC LIMIT :limit",
        site_id=site_id,
        first=persons[0],
        second=persons[1],
        limit=limit,
    )
    return [_session(row) for row in rows]


def delete_about(tx: Tx, site_id: str, persons: Sequence[str]) -> int:
    """Delete those visits, with their moments."""
    return tx.execute(
        "DELETE FROM redirect_session WHERE site_id = :site_id AND person IN (:first, :second)",
        site_id=site_id,
        first=persons[0],
        second=persons[1],
    )


def _session(row: Row) -> RedirectSession:
    columns = list(row)
    columns[4] = Status(columns[4])
    columns[11] = _request.decode(columns[11])
    columns[16] = None if columns[16] is None else _result.decode(columns[16])
    return RedirectSession(*columns)
