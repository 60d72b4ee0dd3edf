"""SQL of tax rates, and nothing else."""

from __future__ import annotations

from decimal import Decimal

from roundtrip.ecom.address import Place
from roundtrip.ecom.tax.model import TaxRate
from roundtrip.storage.database import Row, Tx

_RATE = "id, site_id, country, subdivision, tax_group, name, percent, covers_delivery, revision, created_at, updated_at"


def at(tx: Tx, site_id: str, place: Place) -> list[TaxRate]:
    """All rates that apply at a place: those of the subdivision, of the country and of everywhere."""
    rows = tx.all(
        f"SELECT {_RATE} FROM tax_rate WHERE site_id = :site_id AND country IN ('', :country) AND subdivision IN ('', :subdivision)"
        " LIMIT 300",
        site_id=site_id,
        country=place.country,
        subdivision=place.subdivision,
    )
    return [_rate(row) for row in rows]


def page(tx: Tx, site_id: str, limit: int, offset: int) -> list[TaxRate]:
    """Rates of a site in order of their places."""
    rows = tx.all(
        f"SELECT {_RATE} FROM tax_rate WHERE site_id = :site_id ORDER BY country, subdivision, tax_group LIMIT :limit OFFSET :offset",
        site_id=site_id,
        limit=limit,
        offset=offset,
    )
    return [_rate(row) for row in rows]


def get(tx: Tx, site_id: str, rate_id: str) -> TaxRate | None:
    """A rate of a site by its id."""
    row = tx.one(f"SELECT {_RATE} FROM tax_rate WHERE id = :id AND site_id = :site_id", id=rate_id, site_id=site_id)
    return _rate(row) if row else None


def insert(tx: Tx, rate: TaxRate) -> bool:
    """False when the site has a rate for this place and kind of goods already."""
    return (
        tx.execute(
            f"INSERT INTO tax_rate ({_RATE}) VALUES (:id, :site_id, :country, :subdivision, :tax_group, :name, :percent, :covers_delivery,"
            " 1, :now, :now) ON CONFLICT (site_id, country, subdivision, tax_group) DO NOTHING",
            id=rate.id,
            site_id=rate.site_id,
            country=rate.place.country,
            subdivision=rate.place.subdivision,
            tax_group=rate.tax_group,
            name=rate.name,
            percent=f"{rate.percent:f}",
            covers_delivery=rate.covers_delivery,
            now=rate.created_at,
        )
        == 1
    )


def replace_rate(tx: Tx, rate: TaxRate, revision: int, now: int) -> bool:
    """Keep name, percentage and whether delivery is covered, if it still has this revision. Place and kind of goods stay."""
    return (
        tx.execute(
            "UPDATE tax_rate SET name = :name, percent = :percent, covers_delivery = :covers_delivery, revision = revision + 1,"
            " updated_at = :now WHERE id = :id AND revision = :revision",
            id=rate.id,
            name=rate.name,
            percent=f"{rate.percent:f}",
            covers_delivery=rate.covers_delivery,
            revision=revision,
            now=now,
        )
        == 1
    )


def delete(tx: Tx, site_id: str, rate_id: str) -> bool:
    """True for exactly one caller."""
    return tx.execute("DELETE FROM tax_rate WHERE id = :id AND site_id = :site_id", id=rate_id, site_id=site_id) == 1


def _rate(row: Row) -> TaxRate:
    return TaxRate(row[0], row[1], Place(row[2], row[3]), row[4], row[5], Decimal(row[6]), bool(row[7]), row[8], row[9], row[10])
