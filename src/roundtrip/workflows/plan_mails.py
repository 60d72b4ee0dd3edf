"""Mails about orders of plans, to who has them. Words are in `text/mails/`."""

from __future__ import annotations

from roundtrip.core.mail import MailKind, MailRequest
from roundtrip.plans.orders.model import PlanOrder
from roundtrip.sites.moment import Moment
from roundtrip.storage import mail_queue
from roundtrip.storage.database import Tx
from roundtrip.text.when import day

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
    mail = MailRequest(kind, content.email, content.language, values=values_of(order), about=order.id)
    mail_queue.request(tx, order.site_id, mail, event_id=moment.new_id(f"mail {kind.value} {order.id} {order.revision}"), now=moment.now)


def values_of(order: PlanOrder) -> dict[str, str]:
    """What fills a mail about an order; days in words of its language."""
    content = order.content

    def said(at: int | None) -> str:
        return day(at, "UTC", content.language) if at is not None else ""

    is_paid = not order.terms.is_free and not order.is_in_trial
    values = {
        "plan": content.name,
        "name": content.buyer,
        "price": order.price.words(content.language) if order.price else "",
        "paid": order.price.words(content.language) if is_paid else "",
        "starts": said(order.starts_at),
        "ends": said(order.ends_at),
        "next": said(order.next_payment_at),
        "retry": said(order.due_at if order.failures else None),
    }
    return {key: value for key, value in values.items() if value}
