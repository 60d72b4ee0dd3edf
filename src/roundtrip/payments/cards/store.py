"""SQL of kept cards, and nothing else. A card is known by its provider's name of it only (PAY-01)."""

from __future__ import annotations

from roundtrip.payments.model import Attempt, Card
from roundtrip.storage.database import Row, Tx
from roundtrip.storage.keeps import Person

_CARD = "site_id, held_for, provider, ref, buyer_id, buyer_key, kept_at"
# Two reads of two indexes: told with OR, SQLite would read everything of the site.
_OF_PERSON = (
    "site_id = :site_id AND held_for IN (SELECT held_for FROM payment_card WHERE site_id = :site_id AND buyer_id = :member_id"
    " UNION SELECT held_for FROM payment_card WHERE site_id = :site_id AND buyer_key = :email_key)"
)


def keep(tx: Tx, attempt: Attempt, card_ref: str | None, now: int) -> None:
    """Remember the card of an attempt for what it is kept for; it takes the place of the one before. Nothing for one that keeps none."""
    if attempt.keep_for is None or card_ref is None:
        return
    tx.execute(
        f"INSERT INTO payment_card ({_CARD}) VALUES (:site_id, :held_for, :provider, :ref, :buyer_id, :buyer_key, :now)"
        " ON CONFLICT (site_id, held_for) DO UPDATE SET provider = :provider, ref = :ref, kept_at = :now",
        site_id=attempt.site_id,
        held_for=attempt.keep_for,
        provider=attempt.provider,
        ref=card_ref,
        buyer_id=attempt.buyer_id,
        buyer_key=attempt.buyer_key,
        now=now,
    )


def card(tx: Tx, site_id: str, held_for: str) -> Card | None:
    """The card that is kept for something; None: there is none (any more)."""
    row = tx.one(f"SELECT {_CARD} FROM payment_card WHERE site_id = :site_id AND held_for = :held_for", site_id=site_id, held_for=held_for)
    return _read(row) if row else None


def forget(tx: Tx, site_id: str, held_for: str) -> bool:
    """It is not charged any more."""
    return tx.execute("DELETE FROM payment_card WHERE site_id = :site_id AND held_for = :held_for", site_id=site_id, held_for=held_for) == 1


def of_person(tx: Tx, person: Person, limit: int) -> list[Card]:
    """The cards that are kept of a person."""
    rows = tx.all(f"SELECT {_CARD} FROM payment_card WHERE {_OF_PERSON} ORDER BY held_for LIMIT :limit", limit=limit, **_params(person))
    return [_read(row) for row in rows]


def forget_person(tx: Tx, person: Person) -> int:
    """None of their cards is charged any more; answers how many there were."""
    return tx.execute(f"DELETE FROM payment_card WHERE {_OF_PERSON}", **_params(person))


def _params(person: Person) -> dict[str, str]:
    return {"site_id": person.site_id, "member_id": person.member_id or "", "email_key": person.email_key}


def _read(row: Row) -> Card:
    return Card(*row)
