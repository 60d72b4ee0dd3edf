"""Where orders of plans and payments meet: money, or a kept card, lets an order stand; each further cycle is charged to the kept card.

Money that nobody wants any more goes back (PAY-08): the order was cancelled meanwhile, or the plan was bought as often as one may.
"""

from __future__ import annotations

from roundtrip.core.ids import new_id
from roundtrip.payments.cards import store as cards
from roundtrip.payments.model import Attempt, Owed, Purpose, Settled
from roundtrip.payments.model import Status as AttemptStatus
from roundtrip.payments.refunds import actions as refunds
from roundtrip.payments.selling import Sellers
from roundtrip.plans.clock.actions import plan_time
from roundtrip.plans.orders import actions, life, store
from roundtrip.plans.orders.model import OWED_KIND, Charge, Paid, PlanOrder, Status
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.text.catalogue import say
from roundtrip.text.marks import marked
from roundtrip.workflows import plan_ends, plan_mails

NOT_WANTED = "The plan was cancelled, or could not be bought again, before the payment came."
RENEWAL = marked("%(plan)s, payment %(number)s")
NOWHERE = "/account"
"""Where nobody comes back to from a charge that nobody is there for."""


def owed(order: PlanOrder, charge: Charge, *, return_path: str = NOWHERE, session_id: str | None = None) -> Owed:
    """What is to be paid for one cycle. What recurs keeps the card; during a trial nothing else."""
    name, language = order.content.name, order.content.language
    purpose = Purpose.PAY if not order.terms.recurs else Purpose.KEEP if charge.cycle == 0 else Purpose.FIRST
    return Owed(
        site_id=order.site_id,
        kind=OWED_KIND,
        id=charge.id,
        amount=charge.amount,
        description=name if charge.cycle < 2 else say(language, RENEWAL, plan=name, number=charge.cycle),
        return_path=return_path,
        language=language,
        session_id=session_id,
        buyer_email=order.content.email or None,
        buyer_id=order.member_id,
        purpose=purpose,
        keep_for=order.id if purpose is not Purpose.PAY else None,
    )


class PlanSeller:
    """Sells cycles of orders (`payments/selling.py`)."""

    def be_alone(self, tx: Tx, site_id: str, owed_id: str, now: int) -> None:
        """See `Seller.be_alone`."""
        charge = store.charge(tx, site_id, owed_id)
        if charge is not None:
            actions.locked(tx, site_id, charge.order_id)

    def settled(self, tx: Tx, settled: Settled, now: int) -> None:
        """See `Seller.settled`. Money for an order that was forgotten meanwhile goes back."""
        attempt, moment = settled.attempt, Moment(now, new_id(now))
        if settled.overtaken:
            return
        charge = store.charge(tx, attempt.site_id, attempt.owed_id)
        order = store.order(tx, attempt.site_id, charge.order_id) if charge is not None else None
        if charge is None or order is None:
            _give_back(tx, attempt, moment)
        elif settled.is_paid:
            _paid(tx, order, charge, attempt, moment)
        elif attempt.purpose is Purpose.AGAIN and not attempt.is_running and _is_next(order, charge):
            plan_ends.refused(tx, order, plan_time(tx, order.site_id, now), moment)

    def refund_failed(self, tx: Tx, attempt: Attempt, now: int) -> None:
        """See `Seller.refund_failed`. The order shows again that it is paid."""
        charge = store.charge(tx, attempt.site_id, attempt.owed_id)
        order = store.order(tx, attempt.site_id, charge.order_id) if charge is not None else None
        if order is not None and order.paid is Paid.REFUNDED:
            actions.moved(tx, order, life.with_paid(order, Paid.PAID), "", Moment(now, new_id(now)))


def _paid(tx: Tx, order: PlanOrder, charge: Charge, attempt: Attempt, moment: Moment) -> None:
    now = plan_time(tx, order.site_id, moment.now)
    is_first = order.status is Status.DRAFT and charge.cycle < 2
    is_next = _is_next(order, charge) and order.renews
    begun = actions.begin(tx, order, moment) if is_first else None
    if begun is not None:
        store.pay_charge(tx, charge, attempt.id, now)
        plan_mails.to_member(tx, begun, plan_mails.STARTED, moment)
    elif is_next and store.pay_charge(tx, charge, attempt.id, now):
        renewed = actions.moved(tx, order, life.renewed(order, Paid.PAID), "renewed", moment)
        plan_mails.to_member(tx, renewed, plan_mails.RENEWED, moment)
    else:
        _give_back(tx, attempt, moment)


def _is_next(order: PlanOrder, charge: Charge) -> bool:
    return order.status is Status.ACTIVE and charge.cycle == order.cycle + 1


def _give_back(tx: Tx, attempt: Attempt, moment: Moment) -> None:
    """A card that was only kept moved nothing."""
    if attempt.keep_for is not None:
        cards.forget(tx, attempt.site_id, attempt.keep_for)
    if attempt.status is AttemptStatus.CAPTURED:
        refunds.undo(tx, attempt, reason=NOT_WANTED, now=moment.now, refund_id=moment.new_id("refund"))


SELLERS: Sellers = {OWED_KIND: PlanSeller()}
