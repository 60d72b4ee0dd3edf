"""Goods are back: whoever waited for them gets one mail, in the transaction that says so of their request. The worker asks."""

from __future__ import annotations

from roundtrip.core.mail import MailKind, MailRequest
from roundtrip.ecom.back_in_stock import actions, store
from roundtrip.ecom.back_in_stock.model import Due, Request
from roundtrip.ecom.catalogue import store as catalogue
from roundtrip.ecom.catalogue.model import Product, Variant
from roundtrip.redirect_session import return_url
from roundtrip.sites import store as sites
from roundtrip.sites.model import Site
from roundtrip.sites.moment import Moment
from roundtrip.storage import mail_queue
from roundtrip.storage.database import Tx


def due(tx: Tx, limit: int) -> list[Due]:
    """Variants that came back while somebody waited for them."""
    return store.due(tx, limit)


def tell_some(tx: Tx, one: Due, limit: int, moment: Moment) -> int:
    """Tell at most `limit` of those who wait for it; answers how many.

    When it is gone again meanwhile, or hidden, they go on waiting.
    """
    site = sites.site(tx, one.site_id)
    product = catalogue.product(tx, one.site_id, one.product_id)
    variant = product.variant(one.variant_id) if product else None
    if site is None or product is None or variant is None or not (product.visible and variant.is_available):
        store.strike_off(tx, one)
        return 0
    told = store.move_waiting(tx, one, moment.now, limit)
    for request in told:
        mail = _mail(tx, site, product, variant, request, moment.now)
        mail_queue.request(tx, site.id, mail, event_id=moment.new_id(f"mail {request.id}"), now=moment.now)
        actions.tell(tx, request, "notified", moment)
    if len(told) < limit:
        store.strike_off_told(tx, one)
    return len(told)


def _mail(tx: Tx, site: Site, product: Product, variant: Variant, request: Request, now: int) -> MailRequest:
    chosen = ", ".join(variant.choices.values())
    values = {"item": f"{product.name} ({chosen})" if chosen else product.name}
    url = _page(tx, site, product, request, now)
    return MailRequest(
        MailKind.BACK_IN_STOCK, request.email, request.language, values=values | ({"url": url} if url else {}), about=request.id
    )


def _page(tx: Tx, site: Site, product: Product, request: Request, now: int) -> str | None:
    """Where it is sold: the page they came from if the client may send visitors there, or the product's page as the site says it."""
    client = sites.client(tx, request.client_id)
    asked = return_url.in_mail(request.item_url, client, site, now) if client is not None and request.item_url else None
    return asked or (f"{site.home_url.rstrip('/')}/product-page/{product.slug}" if site.home_url else None)
