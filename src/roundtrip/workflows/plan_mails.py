"""Mails about orders of plans, to who has them. Words are in `text/mails/`."""

from __future__ import annotations

from roundtrip.bookings.business import store as business
from roundtrip.core.mail import MailKind, MailRequest
from roundtrip.plans.orders.model import PlanOrder
from roundtrip.sites.moment import Moment
from roundtrip.storage import mail_queue
from roundtrip.storage.database import Tx

STARTED = MailKind.PLAN_STARTED
RENEWED = MailKind.PLAN_RENEWED
PAYMENT_FAILED = MailKind.PLAN_PAYMENT_FAILED
CANCELED = MailKind.PLAN_CANCELED
ENDED = MailKind.PLAN_ENDED


def to_member(tx: Tx, order: PlanOrder, kind: MailKind, moment: Moment) -> None:
    """One mail to who has the order; none when nobody is known any more."""
    content = order.content
    if not content.email:
        return
    values = values_of(order, business.business(tx, order.site_id).terms.zone)
    mail = MailRequest(kind, content.email, content.language, values=values, about=order.id)
    mail_queue.request(tx, order.site_id, mail, event_id=moment.new_id(f"mail {kind.value} {order.id} {order.revision}"), now=moment.now)


def values_of(order: PlanOrder, zone: str) -> dict[str, str]:
    """What fills a mail about an order: instants and numbers. Whoever sends the mail puts them into words: what is written here stands in
    transactions that settle payments, and may not fail."""

    def written(at: int | None) -> str:
        return str(at) if at is not None else ""

    values = {
        "plan": order.content.name,
        "name": order.content.buyer,
        "price": order.price.text if order.price else "",
        "currency": order.terms.currency,
        "paid": "yes" if order.price and not order.is_in_trial else "",
        "zone": zone,
        "starts": written(order.starts_at),
        "ends": written(order.ends_at),
        "next": written(order.next_payment_at),
        "retry": written(order.due_at if order.failures else None),
    }
    return {key: value for key, value in values.items() if value}
