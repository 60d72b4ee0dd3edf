"""SQL of who paid what, and nothing else."""

from __future__ import annotations

from roundtrip.payments.model import Attempt
from roundtrip.payments.store import ATTEMPT, attempt_of
from roundtrip.storage.database import Tx, Value
from roundtrip.storage.keeps import Person

# Two reads of two indexes: told with OR, SQLite would read everything of the site.
_OF_PERSON = (
    "id IN (SELECT id FROM payment_attempt WHERE site_id = :site_id AND buyer_id = :member_id"
    " UNION SELECT id FROM payment_attempt WHERE site_id = :site_id AND buyer_key = :email_key)"
)


def attempts_of(tx: Tx, person: Person, limit: int) -> list[Attempt]:
    """The attempts to pay of a person, oldest first."""
    sql = f"SELECT {ATTEMPT} FROM payment_attempt WHERE {_OF_PERSON} ORDER BY id LIMIT :limit"
    return [attempt_of(row) for row in tx.all(sql, limit=limit, **_params(person))]


def forget_buyer(tx: Tx, person: Person) -> int:
    """Keep them without who paid; answers how many. The page of one that runs stays where it is: reloading must not make another."""
    params = _params(person)
    mine = f"SELECT id FROM payment_attempt WHERE {_OF_PERSON}"
    tx.execute(f"UPDATE payment_refund SET reason = '' WHERE reason <> '' AND attempt_id IN ({mine})", **params)
    return tx.execute(
        "UPDATE payment_attempt SET buyer_email = NULL, buyer_id = NULL, buyer_key = NULL,"
        " page_url = CASE WHEN status IN ('created', 'started', 'pending') THEN page_url END"
        f" WHERE {_OF_PERSON}",
        **params,
    )


def _params(person: Person) -> dict[str, Value]:
    return {"site_id": person.site_id, "member_id": person.member_id or "", "email_key": person.email_key}
