"""What kinds of things are called in the envelope `jwt`: as the official SDK knows them, or else with a prefix of our own."""

from __future__ import annotations

from collections.abc import Mapping

OWN = "roundtrip.v1."
KNOWN: Mapping[str, str] = {
    "redirect_session": "wix.headless.v1.redirect_session",
    "order": "wix.ecom.v1.order",
    "cart": "wix.ecom.v1.cart",
    "payment_request": "wix.ecom.v1.order_payment_request",
    "back_in_stock_request": "wix.ecom.v1.back_in_stock_notification_request",
    "member": "wix.members.v1.member",
    "product": "wix.stores.catalog.v3.product",
    "booking": "wix.bookings.v2.booking",
    "service": "wix.bookings.services.v2.service",
}
"""Names that the SDK's own event handlers are registered under."""
_SLUGS: Mapping[tuple[str, str], str] = {("order", "paid"): "payment_status_updated", ("member", "erased"): "deleted"}


def fqdn(entity: str) -> str:
    """The full name of a kind of thing."""
    return KNOWN.get(entity, OWN + entity)


def event_type(entity: str, slug: str) -> str:
    """The name of an event, by which the SDK finds its handler."""
    return f"{fqdn(entity)}_{slug_of(entity, slug)}"


def slug_of(entity: str, slug: str) -> str:
    """What the SDK calls the event of this thing."""
    return _SLUGS.get((entity, slug), slug)
