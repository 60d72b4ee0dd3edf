"""Mails that wait to be sent: rows of the outbox, written in the transaction that wants them, so that none is lost and none invented.

A worker claims mails for a while and writes down what became of each. When it dies in between, the claim runs out and another worker takes
over: a mail may be sent twice (with the same Message-ID), never not at all. `claimed_until` is also the time of the next try. How often is
tried, and for how long, is decided in `worker/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.mail import MailRequest
from roundtrip.storage import outbox
from roundtrip.storage.database import Dialect, Row, Tx
from roundtrip.storage.outbox import MAIL as ENTITY

REQUESTED = "requested"
LONGEST_ERROR = 300

_decode = msgspec.json.Decoder(MailRequest).decode

_CLAIM = """
WITH picked AS (
    SELECT id FROM outbox WHERE entity = 'mail' AND done_at IS NULL AND claimed_until <= :now
    ORDER BY claimed_until, id LIMIT :limit {lock}
)
UPDATE outbox SET claimed_until = :until, attempts = attempts + 1
WHERE id IN (SELECT id FROM picked) AND done_at IS NULL AND claimed_until <= :now
RETURNING id, site_id, body, occurred_at, attempts, claimed_until
"""
_CLAIM_BY_DIALECT: Mapping[Dialect, str] = {
    "sqlite": _CLAIM.format(lock=""),
    "postgresql": _CLAIM.format(lock="FOR UPDATE SKIP LOCKED"),
}
_WAITS = "SELECT 1 FROM outbox WHERE entity = 'mail' AND done_at IS NULL AND claimed_until <= :now LIMIT 1"
_END = "UPDATE outbox SET done_at = :now, outcome = :outcome, last_error = :error WHERE id = :id AND done_at IS NULL"
_POSTPONE = """
UPDATE outbox SET claimed_until = :until, attempts = :counted, last_error = :error
WHERE id = :id AND done_at IS NULL AND attempts = :attempts AND claimed_until = :claimed_until
"""
_COUNT_WAITING = "SELECT COUNT(*), MIN(occurred_at) FROM outbox WHERE entity = 'mail' AND done_at IS NULL"
_FAILED = """
SELECT id, site_id, body, occurred_at, attempts, claimed_until, outcome, last_error FROM outbox
WHERE id > :first AND entity = 'mail' AND outcome IN ('refused', 'given_up') ORDER BY id DESC LIMIT :limit
"""


class Outcome(StrEnum):
    """What became of a mail."""

    SENT = "sent"
    CAUGHT = "caught"
    REFUSED = "refused"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class ClaimedMail:
    """One mail in the hands of one worker. `attempts` counts this one; the claim is lost at `claimed_until` (UTC milliseconds)."""

    event_id: str
    site_id: str
    mail: MailRequest
    requested_at: int
    attempts: int
    claimed_until: int


@dataclass(frozen=True, slots=True)
class FailedMail:
    """A mail that nobody will get: `outcome` is `refused` or `given_up`."""

    mail: ClaimedMail
    outcome: Outcome
    error: str


def request(tx: Tx, site_id: str, mail: MailRequest, *, event_id: str, now: int) -> None:
    """Let the worker send this mail soon. `event_id` comes from `core.ids.new_id(now)`, made before the transaction."""
    body = msgspec.to_builtins(mail)
    event = DomainEvent(site_id, ENTITY, REQUESTED, mail.code_id or mail.about or event_id, body)
    outbox.record(tx, event, event_id=event_id, now=now, person=mail.person)


def is_waiting(tx: Tx, now: int) -> bool:
    """True when there is something to claim. A read of one index entry: what an idle worker does all day."""
    return tx.one(_WAITS, now=now) is not None


def claim(tx: Tx, limit: int, now: int, lease_ms: int) -> list[ClaimedMail]:
    """The mails whose time has come and that nobody else is sending, at most `limit`, reserved for `lease_ms` milliseconds."""
    rows = tx.all(_CLAIM_BY_DIALECT[tx.dialect], now=now, limit=limit, until=now + lease_ms)
    return sorted((_claimed(row) for row in rows), key=lambda claimed: claimed.event_id)


def finish(tx: Tx, claimed: ClaimedMail, outcome: Outcome, *, now: int, error: str | None = None) -> bool:
    """Write down how it ended; False when somebody had done so before."""
    kept = None if error is None else error[:LONGEST_ERROR]
    return tx.execute(_END, id=claimed.event_id, now=now, outcome=outcome.value, error=kept) == 1


def postpone(tx: Tx, claimed: ClaimedMail, until: int, *, error: str, was_tried: bool = True) -> bool:
    """Try again at `until` (UTC milliseconds); False when the claim had run out and another worker has the mail.

    `was_tried` False: it only waited, which does not count as an attempt.
    """
    return (
        tx.execute(
            _POSTPONE,
            id=claimed.event_id,
            attempts=claimed.attempts,
            claimed_until=claimed.claimed_until,
            counted=claimed.attempts if was_tried else claimed.attempts - 1,
            until=until,
            error=error[:LONGEST_ERROR],
        )
        == 1
    )


def waiting(tx: Tx) -> tuple[int, int | None]:
    """How many mails are not sent yet, and since when the oldest waits. For operators."""
    row = tx.one(_COUNT_WAITING)
    assert row is not None
    return row[0], row[1]


def failed(tx: Tx, since: int, limit: int) -> list[FailedMail]:
    """Mails requested after `since` (UTC milliseconds) that nobody will get, newest first. For operators."""
    first = f"{since:012x}"
    rows = tx.all(_FAILED, first=f"{first[:8]}-{first[8:]}", limit=limit)
    return [FailedMail(_claimed(row[:6]), Outcome(row[6]), row[7] or "") for row in rows]


def _claimed(row: Row) -> ClaimedMail:
    event_id, site_id, body, occurred_at, attempts, claimed_until = row
    return ClaimedMail(event_id, site_id, _decode(body), occurred_at, attempts, claimed_until)
