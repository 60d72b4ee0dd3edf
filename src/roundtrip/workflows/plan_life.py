"""What happens to orders of plans by itself, when their time has come: starts, renewals, ends. The worker asks, order by order."""

from __future__ import annotations

from roundtrip.payments import actions as payments
from roundtrip.payments.cards import store as cards
from roundtrip.plans.clock.actions import plan_time
from roundtrip.plans.orders import actions, life, store
from roundtrip.plans.orders.life import Next
from roundtrip.plans.orders.model import Cause, Effect, Paid, PlanOrder
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows import plan_ends
from roundtrip.workflows.plan_seller import owed


def go_on(tx: Tx, site_id: str, order_id: str, moment: Moment) -> bool:
    """Do what is due for one order. True for exactly one caller; nothing for who comes second."""
    if not store.lock(tx, site_id, order_id):
        return False
    order = actions.require(tx, site_id, order_id)
    now = plan_time(tx, site_id, moment.now)
    match life.next_of(order, now):
        case Next.START:
            actions.moved(tx, order, life.started(order), "started", moment)
        case Next.RENEW:
            paid = Paid.NOT_APPLICABLE if order.terms.is_free else Paid.UNPAID
            actions.moved(tx, order, life.renewed(order, paid), "renewed", moment)
        case Next.CHARGE:
            _charge(tx, order, now, moment)
        case Next.CANCEL:
            after = life.canceled(order, Cause.MEMBER_ACTION, Effect.NEXT_PAYMENT_DATE, order.cycle_ends_at or now)
            plan_ends.over(tx, order, after, moment)
        case Next.END:
            plan_ends.end(tx, order, moment)
        case _:
            return False
    return True


def _charge(tx: Tx, order: PlanOrder, now: int, moment: Moment) -> None:
    """Charge the kept card for the next cycle. Without a card it counts as refused: somebody took it away."""
    charge = actions.owe_next(tx, order, now)
    card = cards.card(tx, order.site_id, order.id)
    if card is None:
        plan_ends.refused(tx, order, now, moment)
        return
    payments.begin_again(tx, owed(order, charge), card, moment.now)
    actions.moved(tx, order, life.charging(order, now), "", moment)
