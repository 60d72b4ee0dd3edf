"""Mails about events: to guests in their language, to the organizer in the site's. Words are in `text/mails/`."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from roundtrip.core.email import email_key
from roundtrip.core.mail import MailKind, MailRequest
from roundtrip.ecom.settings import store as shop_settings
from roundtrip.events.event import store as events
from roundtrip.events.event.model import NOT_SAID, Event
from roundtrip.events.issued import store as ticket_store
from roundtrip.events.orders.model import Guest, Order, Status
from roundtrip.owners import store as owners
from roundtrip.sites import store as sites
from roundtrip.sites.moment import Moment
from roundtrip.storage import mail_queue
from roundtrip.storage.database import Tx

TICKETS = MailKind.EVENT_TICKETS
TOO_LATE = MailKind.EVENT_TOO_LATE
UNPAID = MailKind.EVENT_UNPAID
CANCELED = MailKind.EVENT_CANCELED
RECEIVED = MailKind.EVENT_RECEIVED
COMING = MailKind.EVENT_COMING
WAITING = MailKind.EVENT_WAITING
PLACE_FREE = MailKind.EVENT_PLACE_FREE
MOST_OWNERS = 20
MOST_LINES = 100


def to_buyer(tx: Tx, order: Order, kind: MailKind, moment: Moment) -> None:
    """One mail to who ordered; none when no address is known."""
    buyer = order.content.buyer
    if buyer.email:
        values = values_of(tx, order)
        _request(tx, order.site_id, kind, buyer.email, order.content.language, values, order.id, moment)


def to_organizer(tx: Tx, order: Order, kind: MailKind, moment: Moment) -> None:
    """One mail to the address of the event; else to that of the shop, or to everybody who owns this server."""
    site = sites.site(tx, order.site_id)
    event = events.get(tx, order.site_id, order.event_id)
    language = site.language if site else "en"
    buyer = order.content.buyer
    for address in _organizers(tx, order.site_id, event):
        about_buyer = {"email": buyer.email} if address != buyer.email else {}
        values = {**values_of(tx, order), **about_buyer}
        _request(tx, order.site_id, kind, address, language, values, order.id, moment)


def to_guest(tx: Tx, event: Event, guest: Guest, guests: int, language: str, about: str, kind: MailKind, moment: Moment) -> None:
    """One mail to who answered; none when no address is known."""
    if not guest.email:
        return
    values = {
        "title": event.title,
        "zone": event.zone,
        "place": event.terms.place.words,
        "guests": str(guests) if guests > 1 else "",
        "name": guest.name,
        **_in_calendar(event.starts_at, event.ends_at, moment.now),
    }
    _request(tx, event.site_id, kind, guest.email, language, values, about, moment)


def values_of(tx: Tx, order: Order) -> dict[str, str]:
    """What fills a mail about an order; times and amounts get their words when it is sent. `lines` is JSON: name, guest, price."""
    content = order.content
    tickets = ticket_store.of_order(tx, order.site_id, order.id)[:MOST_LINES]
    lines = [
        (_named(one.content.name, one.content.option), _guest(order, one.content.guest), order.money(one.content.price).text)
        for one in tickets
    ] or [
        (f"{line.quantity} × {_named(line.name, line.option_name)}", "", (order.money(line.unit) * line.quantity).text)
        for line in content.lines
    ]
    codes = [(one.id, one.number) for one in tickets]
    return {
        "title": content.title,
        "zone": content.zone,
        "currency": order.currency,
        "place": content.place,
        "number": order.number,
        "lines": msgspec.json.encode(lines).decode(),
        "codes": msgspec.json.encode(codes).decode(),
        "total": order.total.text,
        "toPay": "yes" if order.status is Status.OFFLINE_PENDING else "",
        "name": content.buyer.name,
        **_in_calendar(content.starts_at, content.ends_at, order.revision),
    }


def _named(name: str, option: str) -> str:
    return f"{name} ({option})" if option else name


def _guest(order: Order, guest: Guest) -> str:
    """A guest who can be reached otherwise than by the buyer is not named in the buyer's mails: they would not be found there by who wants
    to be forgotten (OPS-08). The page of the order names everybody."""
    is_other = guest.email and email_key(guest.email) != email_key(order.content.buyer.email)
    return "" if is_other else guest.name


def _in_calendar(start: int, end: int, sequence: int) -> dict[str, str]:
    return {"starts": str(start), "ends": str(end), "sequence": str(sequence % 1_000_000_000)} if start != NOT_SAID else {}


def _organizers(tx: Tx, site_id: str, event: Event | None) -> list[str]:
    wanted = (event.terms.organizer_email if event else "") or shop_settings.terms(tx, site_id)[0].orders_email
    return [wanted] if wanted else [owner.email for owner in owners.owners(tx)[:MOST_OWNERS]]


def _request(tx: Tx, site_id: str, kind: MailKind, to: str, language: str, values: Mapping[str, str], about: str, moment: Moment) -> None:
    mail = MailRequest(kind, to, language, values={name: text for name, text in values.items() if text}, about=about)
    mail_queue.request(tx, site_id, mail, event_id=moment.new_id(f"mail {kind.value} {to} {about}"), now=moment.now)
