"""`ecomOrderPaymentRequest`: this intent's message on the wire (`docs/reference/redirect-sessions.md`)."""

from __future__ import annotations

from roundtrip.flows.wire import Guid, Message


class EcomOrderPaymentRequest(Message):
    """Pay an amount that the owner asked for."""

    payment_request_id: Guid


INTENT = "ecomOrderPaymentRequest"
PARAMS = EcomOrderPaymentRequest
