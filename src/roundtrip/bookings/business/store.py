"""SQL of the business behind a site's services, and nothing else."""

from __future__ import annotations

import msgspec

from roundtrip.bookings.business.model import Business, BusinessTerms
from roundtrip.storage.database import Tx

_terms = msgspec.json.Decoder(BusinessTerms).decode


def business(tx: Tx, site_id: str) -> Business:
    """That of a site; the defaults, with revision 0, while nothing was said."""
    row = tx.one("SELECT terms, revision FROM booking_business WHERE site_id = :site_id", site_id=site_id)
    return Business(site_id, _terms(row[0]), int(row[1])) if row else Business(site_id, BusinessTerms(), 0)


def keep(tx: Tx, site_id: str, terms: BusinessTerms, revision: int, now: int) -> bool:
    """Keep what the owner says now, if nobody said something since `revision`."""
    sql = (
        "INSERT INTO booking_business (site_id, terms, revision, updated_at) VALUES (:site_id, :terms, :revision + 1, :now)"
        " ON CONFLICT (site_id) DO NOTHING"
        if revision == 0
        else "UPDATE booking_business SET terms = :terms, revision = revision + 1, updated_at = :now"
        " WHERE site_id = :site_id AND revision = :revision"
    )
    return tx.execute(sql, site_id=site_id, terms=msgspec.json.encode(terms).decode(), revision=revision, now=now) == 1


def has_services(tx: Tx, site_id: str) -> bool:
    """Whether something has a price by now."""
    return tx.one("SELECT 1 FROM service WHERE site_id = :site_id LIMIT 1", site_id=site_id) is not None
