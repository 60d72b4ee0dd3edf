"""How far somebody got with buying tickets. What they type is kept here until there is an order, so that nothing is lost when the time to
buy is over meanwhile."""

from __future__ import annotations

from typing import Literal

import msgspec

from roundtrip.core.email import email_key

Over = Literal["", "time_over", "sold_out", "refunded", "canceled", "bought", "gone"]


class TicketsDraft(msgspec.Struct, frozen=True, omit_defaults=True):
    """`reservation_id` is the one that is bought now: another one than at first for who was too slow and reserved again.

    `said`: the form was sent and is right. `over` says why nothing can be bought; `sold_out` that reserving again did not work.
    `again`: the tickets were reserved once more, which is told on the next page. `order_id` is the order that waits or stands.
    """

    version: int = 1
    reservation_id: str = ""
    typed: dict[str, str] = {}
    said: bool = False
    coupon: str = ""
    order_id: str = ""
    stands: bool = False
    costs: bool = True
    editing: Literal["", "details", "review"] = ""
    over: Over = ""
    sold_out: bool = False
    again: bool = False

    @property
    def person(self) -> str | None:
        """Whom the draft names (`flows.base.NamesSomebody`)."""
        return email_key(self.typed.get("email", "")) or None
