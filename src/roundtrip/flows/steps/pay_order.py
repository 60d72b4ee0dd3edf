"""The step of paying for an order, whoever led to it. What is sold in other ways has a step of its own, made of `pay.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from roundtrip.ecom.orders.model import Order
from roundtrip.flows.base import Context, Step
from roundtrip.flows.steps import pay
from roundtrip.flows.steps.buying import summary_of_order
from roundtrip.payments.model import Owed
from roundtrip.storage.database import Tx
from roundtrip.workflows.order_seller import owed

D = TypeVar("D", bound=msgspec.Struct)


def owed_in(context: Context[Any], order: Order, name: str = pay.NAME) -> Owed:
    """What the order owes, paid in this visit and coming back to its step `name`."""
    return owed(order, return_path=pay.return_path(context, name), session_id=context.session.id)


def pay_order_step(
    order: Callable[[Tx, D, Context[Any]], Order],
    *,
    needed: Callable[[D], bool],
    done: Callable[[D], bool],
    changed: Callable[[D], D] | None = None,
    ended: Callable[[D], str | None] = lambda draft: None,
    name: str = pay.NAME,
) -> Step[D]:
    """The step for one flow. `order` is the one that is shown and paid; the others are those of `pay.Paying`."""
    return pay.pay_step(
        pay.Paying(
            owed=lambda tx, draft, context: owed_in(context, order(tx, draft, context), name),
            summary=lambda tx, draft, context: summary_of_order(order(tx, draft, context)),
            needed=needed,
            done=done,
            changed=changed,
            ended=ended,
        ),
        name,
    )
