"""A request that is repeated with the same `Idempotency-Key` gets the first answer again (SES-10).

`begin`, the work and `finish` are one transaction. So a twin that arrives meanwhile waits: on SQLite for its turn, on PostgreSQL at the
unique key. If the first commits, the twin finds the answer; if the first is undone, the twin is the first.
"""

from __future__ import annotations

from roundtrip.core.errors import AppError, Kind
from roundtrip.storage.database import Tx

_BEGIN = """
INSERT INTO idempotency_key (scope, key, request_hash, created_at) VALUES (:scope, :key, :request_hash, :now)
ON CONFLICT (scope, key) DO NOTHING
"""
_KEPT = "SELECT request_hash, status, body FROM idempotency_key WHERE scope = :scope AND key = :key"
_FINISH = "UPDATE idempotency_key SET status = :status, body = :body WHERE scope = :scope AND key = :key AND status IS NULL"
_PURGE = """
DELETE FROM idempotency_key WHERE (scope, key) IN (
    SELECT scope, key FROM idempotency_key WHERE created_at < :before ORDER BY created_at LIMIT :limit
)
"""


def begin(tx: Tx, scope: str, key: str, request_hash: str, now: int) -> tuple[int, bytes] | None:
    """None when the caller may go on (and then calls `finish`), else status and body of the first answer.

    `scope` names who asks and for what, so that keys of two clients never meet; `request_hash` is a hash of the decoded request. Raises
    `AppError` `IDEMPOTENCY_KEY_REUSED` when the key came with another request before.
    """
    if tx.execute(_BEGIN, scope=scope, key=key, request_hash=request_hash, now=now) == 1:
        return None
    kept = tx.one(_KEPT, scope=scope, key=key)
    if kept is None:  # purged between the two statements
        return begin(tx, scope, key, request_hash, now)
    kept_hash, status, body = kept
    if kept_hash != request_hash:
        raise AppError(
            Kind.CONFLICT,
            "IDEMPOTENCY_KEY_REUSED",
            "this Idempotency-Key came with another request before; repeat that request unchanged, or send a new key with a new request",
        )
    if status is None:  # kept without an answer: the work refused, and a refusal is not replayed
        return None
    return status, body.encode()


def finish(tx: Tx, scope: str, key: str, status: int, body: bytes) -> None:
    """Keep the answer of the work that `begin` let through. `body` is UTF-8 text. The first answer stays, whatever comes later."""
    tx.execute(_FINISH, scope=scope, key=key, status=status, body=body.decode())


def purge(tx: Tx, before: int, limit: int = 1000) -> int:
    """Forget at most `limit` keys first seen before `before` (UTC milliseconds, at least 24 hours ago); answers how many."""
    return tx.execute(_PURGE, before=before, limit=limit)
