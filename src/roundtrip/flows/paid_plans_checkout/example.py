"""A member takes a plan that costs nothing, and the site gets the order's id."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from roundtrip.core.identity import COMMAND
from roundtrip.core.ids import new_id
from roundtrip.flows.example import HOME, Example, FilledIn
from roundtrip.plans.plan import actions, store
from roundtrip.plans.plan.draft import PlanDraft
from roundtrip.redirect_session.model import Callbacks
from roundtrip.sites.change import Change
from roundtrip.sites.model import Site
from roundtrip.storage.database import Tx

PLAN_ID = "91a000e1-0000-4000-8000-000000000001"
_PLAN = {"name": "Open House", "pricing": {"singlePaymentUnlimited": True, "price": {"value": "0"}}}


def prepare(tx: Tx, site: Site, now: int) -> None:
    """A plan that costs nothing."""
    if store.plan(tx, site.id, PLAN_ID) is None:
        sent = msgspec.convert(_PLAN, PlanDraft)
        actions.create(tx, site.id, sent, plan_id=PLAN_ID, currency="USD", change=Change(new_id(now), COMMAND, now))


def _message(client_id: str) -> Mapping[str, object]:
    return {"planId": PLAN_ID}


EXAMPLE = Example(
    message=_message,
    callbacks=Callbacks(post_flow_url=HOME, thank_you_page_url=HOME),
    filled_in=(FilledIn("plan", {}),),
    returns_to=HOME,
    returns_with=frozenset({"planOrderId", "wixMemberLoggedIn"}),
    logged_in_before=True,
    logged_in_after=True,
    prepare=prepare,
)
