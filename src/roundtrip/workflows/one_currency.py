"""Shop and bookings of a site have one currency: what is booked is paid through the shop's checkout, which adds in its own."""

from __future__ import annotations

from roundtrip.bookings.business import store as business
from roundtrip.core.errors import AppError, Kind
from roundtrip.ecom.catalogue import store as catalogue
from roundtrip.storage.database import Tx


def require_fits_shop(tx: Tx, site_id: str, currency: str) -> None:
    """For the currency of a business. Raises CONFLICT `CURRENCIES_DIFFER` when the shop sells in another one."""
    shop = catalogue.currency(tx, site_id)
    if shop is not None and shop != currency:
        raise _differ("shop", shop, currency)


def require_fits_bookings(tx: Tx, site_id: str, currency: str) -> None:
    """For the currency of a shop. Raises CONFLICT `CURRENCIES_DIFFER` when there are services with prices in another one."""
    known = business.business(tx, site_id).terms.currency
    if known != currency and business.has_services(tx, site_id):
        raise _differ("services", known, currency)


def _differ(whose: str, known: str, wanted: str) -> AppError:
    text = f"The prices of the {whose} of this site are in {known}, and {wanted} can't be paid together with them. Use one for both."
    return AppError(Kind.CONFLICT, "CURRENCIES_DIFFER", text, data={"currency": known})
