"""SQL of how sites sell, and nothing else."""

from __future__ import annotations

import msgspec

from roundtrip.ecom.shop import DEFAULT_TERMS, ShopTerms
from roundtrip.storage.database import Tx

_terms = msgspec.json.Decoder(ShopTerms).decode


def terms(tx: Tx, site_id: str) -> tuple[ShopTerms, int]:
    """What the owner said, with its revision; the defaults, with revision 0, while nothing was said."""
    row = tx.one("SELECT terms, revision FROM shop WHERE site_id = :site_id", site_id=site_id)
    return (_terms(row[0]), int(row[1])) if row else (DEFAULT_TERMS, 0)


def keep(tx: Tx, site_id: str, terms: ShopTerms, revision: int, now: int) -> bool:
    """Keep what the owner says now, if nobody said something since `revision`."""
    return (
        tx.execute(
            "INSERT INTO shop (site_id, terms, revision, updated_at) VALUES (:site_id, :terms, 1, :now) ON CONFLICT (site_id) DO NOTHING"
            if revision == 0
            else "UPDATE shop SET terms = :terms, revision = revision + 1, updated_at = :now WHERE site_id = :site_id"
            " AND revision = :revision",
            site_id=site_id,
            terms=msgspec.json.encode(terms).decode(),
            revision=revision,
            now=now,
        )
        == 1
    )
