"""`ecomCheckout`: this intent's message on the wire (`docs/reference/redirect-sessions.md`)."""

from __future__ import annotations

from roundtrip.flows.wire import Guid, Message


class EcomCheckout(Message):
    """Pay for a checkout. With the second cart generation the cart's id is the checkout's."""

    checkout_id: Guid


INTENT = "ecomCheckout"
PARAMS = EcomCheckout
