"""SQL of ways of delivery, and nothing else."""

from __future__ import annotations

import msgspec

from roundtrip.ecom.delivery.model import MOST, DeliveryOption, Terms
from roundtrip.storage.database import Row, Tx

_OPTION = "id, site_id, terms, revision, created_at, updated_at"
_terms = msgspec.json.Decoder(Terms).decode


def of_site(tx: Tx, site_id: str) -> list[DeliveryOption]:
    """All ways of a site, oldest first."""
    rows = tx.all(f"SELECT {_OPTION} FROM delivery_option WHERE site_id = :site_id ORDER BY id LIMIT {MOST}", site_id=site_id)
    return [_option(row) for row in rows]


def get(tx: Tx, site_id: str, option_id: str) -> DeliveryOption | None:
    """One way of a site by its id."""
    row = tx.one(f"SELECT {_OPTION} FROM delivery_option WHERE id = :id AND site_id = :site_id", id=option_id, site_id=site_id)
    return _option(row) if row else None


def insert(tx: Tx, option: DeliveryOption) -> bool:
    """Keep a new one; False when the site has as many as it can have."""
    return (
        tx.execute(
            f"INSERT INTO delivery_option ({_OPTION}) SELECT :id, :site_id, :terms, 1, :now, :now"
            f" WHERE (SELECT COUNT(*) FROM delivery_option WHERE site_id = :site_id) < {MOST}",
            id=option.id,
            site_id=option.site_id,
            terms=msgspec.json.encode(option.terms).decode(),
            now=option.created_at,
        )
        == 1
    )


def replace_terms(tx: Tx, option: DeliveryOption, revision: int, now: int) -> bool:
    """Keep what an owner says now, if it still has this revision."""
    return (
        tx.execute(
            "UPDATE delivery_option SET terms = :terms, revision = revision + 1, updated_at = :now WHERE id = :id AND revision = :revision",
            id=option.id,
            terms=msgspec.json.encode(option.terms).decode(),
            revision=revision,
            now=now,
        )
        == 1
    )


def delete(tx: Tx, site_id: str, option_id: str) -> bool:
    """True for exactly one caller."""
    return tx.execute("DELETE FROM delivery_option WHERE id = :id AND site_id = :site_id", id=option_id, site_id=site_id) == 1


def _option(row: Row) -> DeliveryOption:
    return DeliveryOption(row[0], row[1], _terms(row[2]), row[3], row[4], row[5])
