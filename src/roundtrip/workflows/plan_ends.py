"""How orders of plans end: cancelled, over, or given up because the card brings no money. No card is charged any more then."""

from __future__ import annotations

from roundtrip.payments import actions as payments
from roundtrip.payments.cards import store as cards
from roundtrip.plans.orders import actions, life, store
from roundtrip.plans.orders.model import OWED_KIND, Cause, Effect, PlanOrder, Status
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows import plan_mails

OVER = "the plan is over"


def cancel(tx: Tx, site_id: str, order_id: str, cause: Cause, effect: Effect, moment: Moment) -> PlanOrder:
    """Cancel an order now, or let it end with its cycle or its trial. Raises as `actions.cancel`."""
    before = actions.locked(tx, site_id, order_id)
    after = actions.cancel(tx, before, cause, effect, moment)
    if after.revision == before.revision:
        return after
    forget_card(tx, after, moment)
    plan_mails.to_member(tx, after, plan_mails.CANCELED, moment)
    return after


def over(tx: Tx, order: PlanOrder, after: PlanOrder, moment: Moment) -> PlanOrder:
    """Keep that an order is cancelled, and tell its member."""
    canceled = actions.moved(tx, order, after, "canceled", moment, cause=after.cancel_cause)
    forget_card(tx, canceled, moment)
    plan_mails.to_member(tx, canceled, plan_mails.CANCELED, moment)
    return canceled


def end(tx: Tx, order: PlanOrder, moment: Moment) -> PlanOrder:
    """Its time is over."""
    ended = actions.moved(tx, order, life.ended(order), "ended", moment)
    forget_card(tx, ended, moment)
    plan_mails.to_member(tx, ended, plan_mails.ENDED, moment)
    return ended


def refused(tx: Tx, order: PlanOrder, now: int, moment: Moment) -> PlanOrder:
    """The card brought no money: it is tried again later, or the order is over. `now` is that of the plans."""
    after = life.failed(order, now)
    if after.status is Status.CANCELED:
        return over(tx, order, after, moment)
    waits = actions.moved(tx, order, after, "payment_failed", moment, nextTry=after.due_at)
    plan_mails.to_member(tx, waits, plan_mails.PAYMENT_FAILED, moment)
    return waits


def forget_card(tx: Tx, order: PlanOrder, moment: Moment) -> None:
    """Nothing is charged for this order any more. What is being charged at this moment goes back when it comes."""
    cards.forget(tx, order.site_id, order.id)
    charge = store.charge_of_cycle(tx, order.site_id, order.id, order.cycle + 1)
    if charge is not None and charge.paid_at is None:
        payments.cancel_owed(tx, order.site_id, OWED_KIND, charge.id, moment.now, reason=OVER)
