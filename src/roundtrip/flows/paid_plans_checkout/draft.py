"""How far a member got with buying a plan. What they buy is kept in the order alone."""

from __future__ import annotations

from roundtrip.flows.steps.login import IdentifiedDraft


class PlanDraft(IdentifiedDraft, frozen=True, omit_defaults=True):
    """`order_id` is there once the form was sent. `is_free`: nothing is to be paid. `is_bought` and `ended` are read from the order: it
    stands, or never will."""

    order_id: str = ""
    is_free: bool = False
    is_bought: bool = False
    ended: str = ""
