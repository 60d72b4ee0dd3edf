"""SQL of the clock of plans, and nothing else."""

from __future__ import annotations

from roundtrip.storage.database import Tx


def ahead(tx: Tx, site_id: str) -> int:
    """Milliseconds that the plans of a site are ahead; 0 for nearly all, and for every live one, whatever was moved before."""
    row = tx.one(
        "SELECT plan_clock.ahead_ms FROM plan_clock JOIN site ON site.id = plan_clock.site_id"
        " WHERE plan_clock.site_id = :site_id AND site.mode = 'test'",
        site_id=site_id,
    )
    return int(row[0]) if row else 0


def move(tx: Tx, site_id: str, by: int) -> None:
    """Move it ahead by so many milliseconds."""
    tx.execute(
        "INSERT INTO plan_clock (site_id, ahead_ms) VALUES (:site_id, :by)"
        " ON CONFLICT (site_id) DO UPDATE SET ahead_ms = plan_clock.ahead_ms + :by",
        site_id=site_id,
        by=by,
    )
