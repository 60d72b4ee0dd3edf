"""How far a checkout has got. What was typed is kept in the checkout itself; this is read from it again on every page (`refresh`)."""

from __future__ import annotations

from typing import Literal

import msgspec

Notice = Literal["", "time_over", "cancelled", "refunded"]
Part = Literal["", "contact", "address", "delivery", "review"]


class CheckoutDraft(msgspec.Struct, frozen=True, omit_defaults=True):
    """`editing` names what the visitor wants to change although it is there. `order_id` is the order that waits or stands.

    `notice` says what happened to the order before this one, for the next page.
    """

    version: int = 1
    has_contact: bool = False
    has_address: bool = False
    has_delivery: bool = False
    is_sent: bool = False
    costs: bool = True
    order_id: str = ""
    stands: bool = False
    editing: Part = ""
    notice: Notice = ""
    seen: str = ""
    """What the buyer had seen when they agreed and something had changed (`ecom/checkout/shown.py`)."""
