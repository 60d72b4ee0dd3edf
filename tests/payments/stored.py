"""What is stored of paying for one thing, for tests that look behind the pages."""

from __future__ import annotations

from roundtrip.payments.model import Attempt
from roundtrip.payments.store import ATTEMPT, attempt_of
from roundtrip.storage.database import Tx


def attempts_of(tx: Tx, site_id: str, kind: str, owed_id: str) -> list[Attempt]:
    """Every attempt of an owed thing, oldest first."""
    sql = f"SELECT {ATTEMPT} FROM payment_attempt WHERE site_id = :site_id AND owed_kind = :kind AND owed_id = :id ORDER BY id"
    return [attempt_of(row) for row in tx.all(sql, site_id=site_id, kind=kind, id=owed_id)]
