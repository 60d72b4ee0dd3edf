"""Puts a shop together: how the site sells, and where what it sells is kept."""

from __future__ import annotations

from collections.abc import Mapping

from roundtrip.bookings.business import store as business
from roundtrip.ecom.catalogue import store as catalogue
from roundtrip.ecom.catalogue.model import DEFAULT_CURRENCY
from roundtrip.ecom.goods import Shelf
from roundtrip.ecom.product_shelf import APP_IDS, ProductShelf
from roundtrip.ecom.settings import store as settings
from roundtrip.ecom.shop import Shop
from roundtrip.sites.model import Site
from roundtrip.storage.database import Tx
from roundtrip.workflows.booking_shelf import BOOKINGS, BookingShelf

_SHELVES: Mapping[str, Shelf] = {**dict.fromkeys(APP_IDS, ProductShelf()), BOOKINGS: BookingShelf()}


def open_shop(tx: Tx, site: Site) -> Shop:
    """The site as a seller. A room with goods of its own adds its shelf here."""
    terms, revision = settings.terms(tx, site.id)
    currency = catalogue.currency(tx, site.id) or _currency_of_services(tx, site.id)
    return Shop(site.id, currency, site.language, terms, revision, _SHELVES)


def _currency_of_services(tx: Tx, site_id: str) -> str:
    """A site that sells no products sells its services in their own currency."""
    found = business.business(tx, site_id)
    return found.terms.currency if found.revision else DEFAULT_CURRENCY
