"""How far paying for an order has got; read again on every page."""

from __future__ import annotations

from typing import Literal

import msgspec


class RequestDraft(msgspec.Struct, frozen=True, omit_defaults=True):
    """`is_paid` is said by the order, never by a browser. `ended` says why it can't be paid any more; empty: it can."""

    version: int = 1
    order_id: str = ""
    is_paid: bool = False
    ended: Literal["", "CANCELED", "EXPIRED"] = ""
