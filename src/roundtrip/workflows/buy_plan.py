"""Somebody buys a plan: the order is there, as a draft, before anybody goes to pay; what costs nothing stands at once."""

from __future__ import annotations

from roundtrip.core.errors import AppError, Kind
from roundtrip.members import actions as members
from roundtrip.payments import actions as payments
from roundtrip.plans.clock.actions import plan_time
from roundtrip.plans.orders import actions, store
from roundtrip.plans.orders.actions import Wish
from roundtrip.plans.orders.model import OWED_KIND, PlanOrder, Status
from roundtrip.plans.orders.model import Kind as OrderKind
from roundtrip.plans.plan import actions as plans
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows import plan_mails

OTHERWISE = "something else was chosen"


def begin(tx: Tx, site_id: str, plan_id: str, member_id: str, wish: Wish, moment: Moment) -> PlanOrder:
    """An order of a plan: a draft that waits for its payment, or one that stands because it costs nothing or the owner gives it.

    What the same visit ordered before and did not pay is given up. Raises NOT_FOUND `PLAN_NOT_FOUND`, `MEMBER_NOT_FOUND`, CONFLICT
    `archived_plan`, and as `actions.draft`.
    """
    plan = plans.require_sold(tx, site_id, plan_id)
    if wish.session_id is not None:
        _give_up(tx, wish.session_id, moment)
    order = actions.draft(tx, plan, members.require_member(tx, site_id, member_id), wish, moment)
    if not order.terms.is_free and wish.kind is OrderKind.ONLINE:
        return order
    begun = actions.begin(tx, actions.locked(tx, site_id, order.id), moment)
    if begun is None:
        actions.require_may_buy(tx, plan, member_id)
        raise AppError(Kind.CONFLICT, "purchases_limit_reached", "The plan was bought in another tab meanwhile.")
    plan_mails.to_member(tx, begun, plan_mails.STARTED, moment)
    return begun


def mark_paid(tx: Tx, site_id: str, order_id: str, moment: Moment) -> PlanOrder:
    """The owner has the money for the cycle that runs. Raises CONFLICT `PLAN_ORDER_STATUS` when nothing is open."""
    return actions.mark_paid(tx, actions.locked(tx, site_id, order_id), plan_time(tx, site_id, moment.now), moment)


def _give_up(tx: Tx, session_id: str, moment: Moment) -> None:
    before = store.newest_of_session(tx, session_id)
    if before is not None and before.status is Status.DRAFT:
        payments.cancel_owed(tx, before.site_id, OWED_KIND, before.id, moment.now, reason=OTHERWISE)
