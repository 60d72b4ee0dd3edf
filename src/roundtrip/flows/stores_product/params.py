"""`storesProduct`: this intent's message on the wire (`docs/reference/redirect-sessions.md`)."""

from __future__ import annotations

from roundtrip.flows.wire import Message, Slug


class StoresProduct(Message):
    """Look at one product, and go on to buy it."""

    product_slug: Slug


INTENT = "storesProduct"
PARAMS = StoresProduct
