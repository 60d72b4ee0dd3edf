"""Where owed things, attempts and reports are kept: SQL, and nothing else. Refunds are in `refunds/`.

Rows are locked in one order: report, payment, attempt, refund (decision 0135). Each move is one conditional UPDATE whose count decides.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from roundtrip.payments.model import MOVES, RUNNING, Attempt, Owed, Purpose, Report, Status
from roundtrip.storage.database import Dialect, Row, Tx, Value

ATTEMPT = ", ".join(Attempt.__struct_fields__)
_RUNNING = ", ".join(f"'{status.value}'" for status in sorted(RUNNING))
_FROM: Mapping[Status, str] = {new: ", ".join(f"'{old.value}'" for old, possible in MOVES.items() if new in possible) for new in Status}
_decode_report = msgspec.json.Decoder(Report).decode
LOCK: Mapping[Dialect, str] = {"sqlite": "", "postgresql": "FOR UPDATE SKIP LOCKED"}


def take_turn(tx: Tx, owed: Owed, now: int) -> bool:
    """Be alone with an owed thing until the transaction ends; False when it is paid."""
    tx.execute(
        "INSERT INTO payment (site_id, owed_kind, owed_id, session_id, attempts, created_at) "
        "VALUES (:site_id, :kind, :id, :session_id, 0, :now) ON CONFLICT (site_id, owed_kind, owed_id) DO NOTHING",
        site_id=owed.site_id,
        kind=owed.kind,
        id=owed.id,
        session_id=owed.session_id,
        now=now,
    )
    return one_changed(
        tx,
        "UPDATE payment SET attempts = attempts + 1 "
        "WHERE site_id = :site_id AND owed_kind = :kind AND owed_id = :id AND captured_by IS NULL",
        site_id=owed.site_id,
        kind=owed.kind,
        id=owed.id,
    )


def be_alone(tx: Tx, site_id: str, kind: str, owed_id: str) -> None:
    """Be alone with an owed thing until the transaction ends; nothing when nobody ever began to pay it."""
    tx.execute(
        "UPDATE payment SET attempts = attempts WHERE site_id = :site_id AND owed_kind = :kind AND owed_id = :id",
        site_id=site_id,
        kind=kind,
        id=owed_id,
    )


def is_session_paid(tx: Tx, session_id: str) -> bool:
    """True when a redirect session has paid something."""
    return tx.one("SELECT 1 FROM payment WHERE session_id = :session_id AND captured_by IS NOT NULL", session_id=session_id) is not None


def take_payment(tx: Tx, attempt: Attempt, now: int) -> bool:
    """Let this attempt's money be the one that counts; True for at most one attempt of an owed thing, and of a redirect session."""
    return one_changed(
        tx,
        "UPDATE payment SET captured_by = :attempt_id, captured_at = :now "
        "WHERE site_id = :site_id AND owed_kind = :kind AND owed_id = :id AND captured_by IS NULL AND NOT EXISTS "
        "(SELECT 1 FROM payment AS other WHERE other.session_id = payment.session_id AND other.captured_by IS NOT NULL)",
        attempt_id=attempt.id,
        site_id=attempt.site_id,
        kind=attempt.owed_kind,
        id=attempt.owed_id,
        now=now,
    )


def sessions_of(tx: Tx, attempt: Attempt) -> list[str]:
    """The redirect sessions that the thing of this attempt is paid in: the one in which somebody began to, whoever paid it in the end, and
    the attempt's own. Money that went back as a whole paid in none."""
    rows = tx.all(
        "SELECT session_id FROM payment WHERE site_id = :site_id AND owed_kind = :kind AND owed_id = :id AND session_id IS NOT NULL "
        "UNION SELECT session_id FROM payment_attempt WHERE id = :attempt_id AND session_id IS NOT NULL "
        "AND (captured_units = 0 OR refunded_units < captured_units) ORDER BY session_id LIMIT 2",
        site_id=attempt.site_id,
        kind=attempt.owed_kind,
        id=attempt.owed_id,
        attempt_id=attempt.id,
    )
    return [row[0] for row in rows]


def free_session(tx: Tx, attempt: Attempt) -> None:
    """What this attempt paid goes back as a whole: the redirect session may pay for something else."""
    tx.execute(
        "UPDATE payment SET session_id = NULL "
        "WHERE site_id = :site_id AND owed_kind = :kind AND owed_id = :id AND captured_by = :attempt_id",
        site_id=attempt.site_id,
        kind=attempt.owed_kind,
        id=attempt.owed_id,
        attempt_id=attempt.id,
    )


def captured_by(tx: Tx, site_id: str, kind: str, owed_id: str) -> Attempt | None:
    """The attempt whose money counts for an owed thing; None: it is not paid."""
    row = tx.one(
        f"SELECT {ATTEMPT} FROM payment_attempt WHERE id = "
        "(SELECT captured_by FROM payment WHERE site_id = :site_id AND owed_kind = :kind AND owed_id = :id)",
        site_id=site_id,
        kind=kind,
        id=owed_id,
    )
    return attempt_of(row) if row else None


def insert_attempt(tx: Tx, attempt: Attempt) -> None:
    """Keep a new attempt. There must be no other running one of the same owed thing."""
    values = ", ".join(f":{name}" for name in Attempt.__struct_fields__)
    tx.execute(f"INSERT INTO payment_attempt ({ATTEMPT}) VALUES ({values})", **_named(attempt))


def _named(attempt: Attempt) -> dict[str, Value]:
    return {**msgspec.structs.asdict(attempt), "status": attempt.status.value, "purpose": attempt.purpose.value}


def attempt(tx: Tx, attempt_id: str) -> Attempt | None:
    """One attempt by its id."""
    row = tx.one(f"SELECT {ATTEMPT} FROM payment_attempt WHERE id = :id", id=attempt_id)
    return attempt_of(row) if row else None


def running(tx: Tx, site_id: str, kind: str, owed_id: str) -> Attempt | None:
    """The attempt of an owed thing that may still become money in the usual way."""
    row = tx.one(
        f"SELECT {ATTEMPT} FROM payment_attempt "
        f"WHERE site_id = :site_id AND owed_kind = :kind AND owed_id = :id AND status IN ({_RUNNING})",
        site_id=site_id,
        kind=kind,
        id=owed_id,
    )
    return attempt_of(row) if row else None


def latest_attempt(tx: Tx, site_id: str, kind: str, owed_id: str) -> Attempt | None:
    """The attempt of an owed thing that tells how paying for it stands: the one that brings or has brought money, or else the last one."""
    row = tx.one(
        f"SELECT {ATTEMPT} FROM payment_attempt WHERE site_id = :site_id AND owed_kind = :kind AND owed_id = :id"
        f" ORDER BY CASE WHEN status IN ({_RUNNING}, '{Status.CAPTURED.value}', '{Status.KEPT.value}') THEN 0 ELSE 1 END, id DESC LIMIT 1",
        site_id=site_id,
        kind=kind,
        id=owed_id,
    )
    return attempt_of(row) if row else None


def number_of_attempts(tx: Tx, site_id: str, kind: str, owed_id: str) -> int:
    """How often it was tried to pay an owed thing. `actions.MOST_ATTEMPTS` bounds what is counted here."""
    row = tx.one(
        "SELECT COUNT(*) FROM payment_attempt WHERE site_id = :site_id AND owed_kind = :kind AND owed_id = :id",
        site_id=site_id,
        kind=kind,
        id=owed_id,
    )
    assert row is not None
    return int(row[0])


def attempts_of_site(tx: Tx, site_id: str, *, before_id: str | None, limit: int) -> list[Attempt]:
    """Up to `limit` attempts of a site, newest first, older than `before_id`."""
    rows = tx.all(
        f"SELECT {ATTEMPT} FROM payment_attempt WHERE site_id = :site_id AND id < :before_id ORDER BY id DESC LIMIT :limit",
        site_id=site_id,
        before_id=before_id or "g",
        limit=limit,
    )
    return [attempt_of(row) for row in rows]


def move(
    tx: Tx,
    attempt_id: str,
    new: Status,
    now: int,
    *,
    reason: str | None = None,
    look_at: int | None = None,
    payment_ref: str | None = None,
) -> bool:
    """The attempt becomes `new`, if it may (`MOVES`); True for exactly one caller. For captures there is `capture`."""
    return one_changed(
        tx,
        "UPDATE payment_attempt SET status = :new, reason = :reason, look_at = :look_at, changed_at = :now, "
        f"payment_ref = COALESCE(:payment_ref, payment_ref) WHERE id = :id AND status IN ({_FROM[new]})",
        id=attempt_id,
        new=new.value,
        reason=reason,
        look_at=look_at,
        payment_ref=payment_ref,
        now=now,
    )


def give_up(tx: Tx, attempt_id: str, new: Status, now: int, *, reason: str) -> bool:
    """End an attempt of ours whose money is not on its way, and let the worker tell the provider; True for exactly one caller."""
    return one_changed(
        tx,
        "UPDATE payment_attempt SET status = :new, reason = :reason, look_at = :now, changed_at = :now "
        "WHERE id = :id AND status IN ('created', 'started')",
        id=attempt_id,
        new=new.value,
        reason=reason,
        now=now,
    )


def start(tx: Tx, attempt_id: str, *, page_url: str | None, page_ref: str | None, look_at: int | None, now: int) -> bool:
    """The provider has made its page; False when the attempt was started, or has ended, before."""
    return one_changed(
        tx,
        "UPDATE payment_attempt SET status = 'started', page_url = :page_url, page_ref = :page_ref, look_at = :look_at, "
        "changed_at = :now WHERE id = :id AND status = 'created'",
        id=attempt_id,
        page_url=page_url,
        page_ref=page_ref,
        look_at=look_at,
        now=now,
    )


def charge(tx: Tx, attempt_id: str, card_ref: str, now: int) -> bool:
    """The worker shall charge this card for an attempt that just began."""
    return one_changed(
        tx,
        "UPDATE payment_attempt SET card_ref = :card_ref, look_at = :now WHERE id = :id AND status = 'created' AND card_ref IS NULL",
        id=attempt_id,
        card_ref=card_ref,
        now=now,
    )


def name_page(tx: Tx, attempt_id: str, *, page_url: str | None, page_ref: str | None, now: int) -> bool:
    """Remember the page of an attempt that ended while the provider was making it, so that the worker closes it there."""
    return one_changed(
        tx,
        "UPDATE payment_attempt SET page_url = :page_url, page_ref = :page_ref, look_at = :now WHERE id = :id AND page_ref IS NULL",
        id=attempt_id,
        now=now,
        page_url=page_url,
        page_ref=page_ref,
    )


def capture(tx: Tx, attempt_id: str, old: Status, *, units: int, payment_ref: str | None, now: int) -> bool:
    """The money of an attempt is there; True for exactly one caller, and only from the status `old`."""
    return one_changed(
        tx,
        "UPDATE payment_attempt SET status = 'captured', captured_units = :units, payment_ref = :payment_ref, look_at = NULL, "
        f"changed_at = :now WHERE id = :id AND status = :old AND status IN ({_FROM[Status.CAPTURED]})",
        id=attempt_id,
        old=old.value,
        units=units,
        payment_ref=payment_ref,
        now=now,
    )


def keep_card(tx: Tx, attempt_id: str, old: Status, now: int) -> bool:
    """The card of an attempt is kept, and nothing is to be paid by it; True for exactly one caller, and only from the status `old`."""
    return one_changed(
        tx,
        "UPDATE payment_attempt SET status = 'kept', look_at = NULL, changed_at = :now "
        f"WHERE id = :id AND status = :old AND status IN ({_FROM[Status.KEPT]})",
        id=attempt_id,
        old=old.value,
        now=now,
    )


def due_attempts(tx: Tx, now: int, limit: int, lease_ms: int) -> list[Attempt]:
    """Attempts that the worker has to look at, reserved for the caller for `lease_ms` milliseconds."""
    rows = tx.all(
        f"WITH picked AS (SELECT id FROM payment_attempt WHERE look_at <= :now ORDER BY look_at, id LIMIT :limit {LOCK[tx.dialect]}) "
        f"UPDATE payment_attempt SET look_at = :until WHERE id IN (SELECT id FROM picked) AND look_at <= :now RETURNING {ATTEMPT}",
        now=now,
        limit=limit,
        until=now + lease_ms,
    )
    return sorted((attempt_of(row) for row in rows), key=lambda one: one.id)


def look_again(tx: Tx, attempt: Attempt, look_at: int | None) -> bool:
    """When the worker looks at it next; False when somebody has changed the attempt meanwhile."""
    return one_changed(
        tx,
        "UPDATE payment_attempt SET look_at = :look_at WHERE id = :id AND status = :status AND changed_at = :changed_at",
        id=attempt.id,
        status=attempt.status.value,
        changed_at=attempt.changed_at,
        look_at=look_at,
    )


def keep_report(tx: Tx, report: Report, now: int) -> bool:
    """Keep what a provider said; False when it has said so before."""
    return one_changed(
        tx,
        "INSERT INTO payment_report (site_id, provider, event_id, attempt_id, report, received_at, due_at, tries) "
        "VALUES (:site_id, :provider, :event_id, :attempt_id, :report, :now, :due_at, 0) "
        "ON CONFLICT (site_id, provider, event_id) DO NOTHING",
        site_id=report.site_id,
        provider=report.provider,
        event_id=report.event_id,
        attempt_id=report.attempt_id,
        report=msgspec.json.encode(report).decode(),
        due_at=report.due_at or now,
        now=now,
    )


def apply_report(tx: Tx, report: Report, now: int) -> bool:
    """The report is being applied; True for exactly one caller."""
    return one_changed(
        tx,
        "UPDATE payment_report SET applied_at = :now "
        "WHERE site_id = :site_id AND provider = :provider AND event_id = :event_id AND applied_at IS NULL",
        site_id=report.site_id,
        provider=report.provider,
        event_id=report.event_id,
        now=now,
    )


def due_reports(tx: Tx, now: int, limit: int, lease_ms: int) -> list[Report]:
    """Reports that were kept and not applied, reserved for the caller for `lease_ms` milliseconds."""
    rows = tx.all(
        "WITH picked AS (SELECT site_id, provider, event_id FROM payment_report WHERE applied_at IS NULL AND due_at <= :now "
        f"ORDER BY due_at LIMIT :limit {LOCK[tx.dialect]}) "
        "UPDATE payment_report SET due_at = :until, tries = tries + 1 "
        "WHERE (site_id, provider, event_id) IN (SELECT site_id, provider, event_id FROM picked) AND applied_at IS NULL "
        "AND due_at <= :now RETURNING report, received_at, event_id",
        now=now,
        limit=limit,
        until=now + lease_ms,
    )
    return [_decode_report(row[0]) for row in sorted(rows, key=lambda row: (row[1], row[2]))]


def is_waiting(tx: Tx, now: int) -> bool:
    """True when the worker has something to do. Three looks into small indexes: what it does all day."""
    return (
        tx.one(
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM payment_report WHERE applied_at IS NULL AND due_at <= :now) "
            "OR EXISTS (SELECT 1 FROM payment_attempt WHERE look_at <= :now) "
            "OR EXISTS (SELECT 1 FROM payment_refund WHERE try_at <= :now)",
            now=now,
        )
        is not None
    )


def purge_reports(tx: Tx, before: int, limit: int) -> int:
    """Forget at most `limit` applied reports received before `before` (UTC milliseconds); answers how many."""
    return tx.execute(
        "DELETE FROM payment_report WHERE (site_id, provider, event_id) IN (SELECT site_id, provider, event_id FROM payment_report "
        "WHERE received_at < :before AND applied_at IS NOT NULL ORDER BY received_at LIMIT :limit)",
        before=before,
        limit=limit,
    )


def one_changed(tx: Tx, sql: str, **params: Value) -> bool:
    """Whether a conditional change changed its one row."""
    return tx.execute(sql, **params) == 1


def attempt_of(row: Row) -> Attempt:
    """A row with `ATTEMPT`."""
    named = dict(zip(Attempt.__struct_fields__, row, strict=True))
    return Attempt(**{**named, "status": Status(named["status"]), "purpose": Purpose(named["purpose"])})
