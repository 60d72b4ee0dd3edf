"""What owners can do with tax rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from roundtrip.core.errors import AppError, Kind
from roundtrip.ecom.tax import store
from roundtrip.ecom.tax.model import TaxRate
from roundtrip.sites.change import changed_meanwhile
from roundtrip.sites.moment import Moment
from roundtrip.storage import audit
from roundtrip.storage.database import Tx


def create(tx: Tx, rate: TaxRate, moment: Moment) -> TaxRate:
    """Keep a new rate. Raises CONFLICT `TAX_RATE_EXISTS` when there is one for this place and kind of goods."""
    if not store.insert(tx, rate):
        where = rate.place.subdivision or rate.place.country or "everywhere"
        raise AppError(Kind.CONFLICT, "TAX_RATE_EXISTS", f"There is a rate for {where} and this kind of goods already; change that one.")
    _note(tx, rate, "created", moment, None, picture(rate))
    return rate


def update(tx: Tx, rate: TaxRate, changed: TaxRate, moment: Moment) -> TaxRate:
    """Keep what an owner says now. Raises CONFLICT `REVISION_CHANGED` when somebody else was quicker."""
    if not store.replace_rate(tx, changed, rate.revision, moment.now):
        raise changed_meanwhile("tax rate", rate.revision)
    kept = replace(changed, revision=rate.revision + 1, updated_at=moment.now)
    _note(tx, kept, "updated", moment, *audit.changed(picture(rate), picture(kept)))
    return kept


def delete(tx: Tx, site_id: str, rate_id: str, moment: Moment) -> None:
    """Delete a rate. Raises NOT_FOUND for who comes second."""
    rate = require(tx, site_id, rate_id)
    if not store.delete(tx, site_id, rate_id):
        raise no_such_rate(rate_id)
    _note(tx, rate, "deleted", moment, picture(rate), None)


def require(tx: Tx, site_id: str, rate_id: str) -> TaxRate:
    """The rate of this site; raises NOT_FOUND `TAX_RATE_NOT_FOUND`."""
    rate = store.get(tx, site_id, rate_id)
    if rate is None:
        raise no_such_rate(rate_id)
    return rate


def no_such_rate(rate_id: str) -> AppError:
    """There is none with this id at this site."""
    return AppError(Kind.NOT_FOUND, "TAX_RATE_NOT_FOUND", f"There is no tax rate {rate_id[:40]!r}.", data={"taxRateId": rate_id[:40]})


def picture(rate: TaxRate) -> dict[str, Any]:
    """Every field, with plain values."""
    return {
        "country": rate.place.country,
        "subdivision": rate.place.subdivision,
        "taxGroup": rate.tax_group,
        "name": rate.name,
        "percent": f"{rate.percent:f}",
        "coversShipping": rate.covers_delivery,
    }


def _note(tx: Tx, rate: TaxRate, slug: str, moment: Moment, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> None:
    """The audit entry and the domain event of a change."""
    moment.note(tx, rate.site_id, f"tax_rate.{slug}", rate.id, rate.name, before, after)
    moment.tell(tx, rate.site_id, "tax_rate", slug, rate.id, {"id": rate.id, **picture(rate)})
