"""`paidPlansCheckout`: this intent's message on the wire (`docs/reference/redirect-sessions.md`)."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from roundtrip.flows.wire import Guid, Message


class PaidPlansCheckout(Message):
    """Subscribe to a plan. `checkout_data` comes back from an interrupted booking."""

    plan_id: Guid
    checkout_data: Annotated[str, Meta(max_length=2048)] | None = None


INTENT = "paidPlansCheckout"
PARAMS = PaidPlansCheckout
