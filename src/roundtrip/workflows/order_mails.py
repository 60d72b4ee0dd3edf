"""Mails about orders: to the buyer in the buyer's language, to the shop in the site's. Words are made when they are sent."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from roundtrip.core.mail import MailKind, MailRequest
from roundtrip.core.money import Money
from roundtrip.ecom.orders.model import Order
from roundtrip.ecom.shop import Shop
from roundtrip.owners import store as owners
from roundtrip.sites.moment import Moment
from roundtrip.storage import mail_queue
from roundtrip.storage.database import Tx

CONFIRMED = MailKind.ORDER_CONFIRMED
SENT = MailKind.ORDER_SENT
CANCELED = MailKind.ORDER_CANCELED
REFUNDED = MailKind.ORDER_REFUNDED
UNPAID = MailKind.ORDER_UNPAID
TOO_LATE = MailKind.ORDER_TOO_LATE
RECEIVED = MailKind.ORDER_RECEIVED
TOO_LATE_SHOP = MailKind.ORDER_TOO_LATE_SHOP
MOST_OWNERS = 20
MOST_LINES = 50


def to_buyer(tx: Tx, shop: Shop, order: Order, kind: MailKind, moment: Moment, more: Mapping[str, str] | None = None) -> None:
    """One mail to who bought it; none when no address is known."""
    if order.content.email:
        _request(tx, order, kind, order.content.email, order.content.language, moment, more or {})


def to_shop(tx: Tx, shop: Shop, order: Order, kind: MailKind, moment: Moment) -> None:
    """One mail to the address that the owner set for orders, or to everybody who owns this server."""
    wanted = shop.terms.orders_email
    addresses = [wanted] if wanted else [owner.email for owner in owners.owners(tx)[:MOST_OWNERS]]
    # Whom it tells of is the buyer, not who gets it: by that it is found when the buyer asks for it (OPS-08).
    tells_of = {"email": order.content.email} if order.content.email else {}
    for address in addresses:
        _request(tx, order, kind, address, shop.language, moment, tells_of)


def _request(tx: Tx, order: Order, kind: MailKind, to: str, language: str, moment: Moment, more: Mapping[str, str]) -> None:
    mail = MailRequest(kind, to, language, values={**values_of(order), **more}, about=order.id)
    mail_queue.request(tx, order.site_id, mail, event_id=moment.new_id(f"mail {kind.value} {to} {order.id}"), now=moment.now)


def values_of(order: Order) -> dict[str, str]:
    """What fills a mail about an order. `lines` is JSON: name, quantity and price of each.

    Amounts are numbers in the order's currency; whoever sends the mail puts them into words. What is written here may not fail: it stands
    in the transaction that settles a payment.
    """
    content, amounts = order.content, order.content.amounts
    lines = [(line.name, str(line.quantity), line.price) for line in content.lines[:MOST_LINES]]
    values = {
        "number": str(order.number),
        "currency": order.currency,
        "lines": msgspec.json.encode(lines).decode(),
        "total": amounts.total,
        "tax": amounts.tax if Money.parse(amounts.tax, order.currency) else "",
        "delivery": amounts.delivery if content.delivery else "",
        "deliveryTitle": content.delivery.title if content.delivery else "",
        "paysLater": "yes" if order.pays_later and not order.is_paid else "",
    }
    name = content.billing.contact.name if content.billing else ""
    return {key: value for key, value in {**values, "name": name}.items() if value}
