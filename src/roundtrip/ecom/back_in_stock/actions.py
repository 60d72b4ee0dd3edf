"""What can be done with requests to be told when goods are back. Who is told, and how, is in `workflows/back_in_stock.py`."""

from __future__ import annotations

from roundtrip.core.email import email_key
from roundtrip.core.errors import AppError, Kind
from roundtrip.ecom.back_in_stock import store
from roundtrip.ecom.back_in_stock.model import ENTITY, MOST_WAITING, Request
from roundtrip.ecom.shop import Shop
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx


def create(tx: Tx, shop: Shop, wanted: Request, moment: Moment) -> Request:
    """Let an address wait for a variant, which the caller found for sale.

    Raises CONFLICT: `REQUEST_COLLECTION_DISABLED`, `ITEM_IN_STOCK`, `BACK_IN_STOCK_NOTIFICATION_REQUEST_ALREADY_EXISTS`, `TOO_MANY`.
    """
    if not shop.terms.takes_back_in_stock:
        text = "This shop does not take requests to be told. Its owner can: set backInStockRequests in its settings to true."
        raise AppError(Kind.CONFLICT, "REQUEST_COLLECTION_DISABLED", text)
    named = {"catalogItemId": wanted.product_id, "variantId": wanted.variant_id}
    if not store.hold_sold_out(tx, wanted.site_id, wanted.product_id, wanted.variant_id):
        raise AppError(Kind.CONFLICT, "ITEM_IN_STOCK", "It is in stock: there is nothing to wait for. Buy it now.", data=named)
    if store.waits_for(tx, wanted.site_id, wanted.email, MOST_WAITING) >= MOST_WAITING:
        text = f"This address waits for {MOST_WAITING} things already. It can wait for another one when one of those is back."
        raise AppError(Kind.CONFLICT, "TOO_MANY", text, data={"most": MOST_WAITING})
    if not store.insert(tx, wanted):
        text = "This address waits for it already, and will get its mail."
        raise AppError(Kind.CONFLICT, "BACK_IN_STOCK_NOTIFICATION_REQUEST_ALREADY_EXISTS", text, data=named)
    tell(tx, wanted, "created", moment)
    return wanted


def require(tx: Tx, site_id: str, request_id: str) -> Request:
    """The request of this site; raises NOT_FOUND `BACK_IN_STOCK_NOTIFICATION_REQUEST_NOT_FOUND`."""
    found = store.get(tx, site_id, request_id)
    if found is None:
        raise _no_request(request_id)
    return found


def delete(tx: Tx, site_id: str, request_id: str, moment: Moment) -> None:
    """Delete one. Whoever comes second gets NOT_FOUND `BACK_IN_STOCK_NOTIFICATION_REQUEST_NOT_FOUND`."""
    found = require(tx, site_id, request_id)
    if not store.delete(tx, site_id, request_id):
        raise _no_request(request_id)
    # Whose it was is not written down: it would outlive the request.
    before = {"catalogItemId": found.product_id, "variantId": found.variant_id, "status": found.status.value}
    moment.note(tx, site_id, f"{ENTITY}.deleted", request_id, "Back in stock request", before)
    tell(tx, found, "deleted", moment)


def tell(tx: Tx, request: Request, slug: str, moment: Moment) -> None:
    """Record a domain event about it; the address stays here."""
    body = {"id": request.id, "catalogItemId": request.product_id, "variantId": request.variant_id}
    moment.tell(tx, request.site_id, ENTITY, slug, request.id, body, person=email_key(request.email))


def _no_request(request_id: str) -> AppError:
    text = f"There is no back in stock request {request_id[:40]!r}."
    return AppError(Kind.NOT_FOUND, "BACK_IN_STOCK_NOTIFICATION_REQUEST_NOT_FOUND", text, data={"id": request_id[:40]})
