"""How far paying for an order has got; read again on every page."""

from __future__ import annotations

import msgspec


class RequestDraft(msgspec.Struct, frozen=True, omit_defaults=True):
    """`is_paid` is said by the order, never by a browser."""

    version: int = 1
    order_id: str = ""
    is_paid: bool = False
