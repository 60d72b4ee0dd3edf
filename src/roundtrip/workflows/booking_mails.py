"""Mails about bookings: to who booked in their language, to the business in the site's. Words are made when they are sent."""

from __future__ import annotations

from roundtrip.bookings.book.model import Booking, Payment, Status
from roundtrip.bookings.business import store as business_store
from roundtrip.bookings.services.model import Service
from roundtrip.core.mail import MailKind, MailRequest
from roundtrip.ecom.settings import store as shop_settings
from roundtrip.owners import store as owners
from roundtrip.sites import store as sites
from roundtrip.sites.moment import Moment
from roundtrip.storage import mail_queue
from roundtrip.storage.database import Tx

CONFIRMED = MailKind.BOOKING_CONFIRMED
PENDING = MailKind.BOOKING_PENDING
DECLINED = MailKind.BOOKING_DECLINED
CANCELED = MailKind.BOOKING_CANCELED
MOVED = MailKind.BOOKING_MOVED
REMINDER = MailKind.BOOKING_REMINDER
WAITING = MailKind.BOOKING_WAITING
PLACE_FREE = MailKind.BOOKING_PLACE_FREE
RECEIVED = MailKind.BOOKING_RECEIVED
CANCELED_SHOP = MailKind.BOOKING_CANCELED_SHOP
MOST_OWNERS = 20


def stands(tx: Tx, service: Service | None, booking: Booking, moment: Moment) -> None:
    """To both sides, when a booking was made."""
    to_booker(tx, booking, PENDING if booking.status is Status.PENDING else CONFIRMED, moment)
    to_business(tx, service, booking, RECEIVED, moment)


def to_booker(tx: Tx, booking: Booking, kind: MailKind, moment: Moment) -> None:
    """One mail to who booked; none when no address is known."""
    contact = booking.content.contact
    if contact.email:
        _request(tx, booking, kind, contact.email, booking.content.language, booking.content.zone, moment)


def to_business(tx: Tx, service: Service | None, booking: Booking, kind: MailKind, moment: Moment) -> None:
    """One mail to the staff member, where they have an address; else to the address for orders, or to everybody who owns this server."""
    site = sites.site(tx, booking.site_id)
    staff = next((one for one in service.staff if one.id == booking.staff_id), None) if service else None
    wanted = (staff.content.email if staff else "") or shop_settings.terms(tx, booking.site_id)[0].orders_email
    addresses = [wanted] if wanted else [owner.email for owner in owners.owners(tx)[:MOST_OWNERS]]
    language = site.language if site else "en"
    for address in addresses:
        _request(tx, booking, kind, address, language, "", moment)


def _request(tx: Tx, booking: Booking, kind: MailKind, to: str, language: str, zone: str, moment: Moment) -> None:
    about_booker = {"email": booking.content.contact.email} if to != booking.content.contact.email else {}
    values = {**values_of(tx, booking, zone), **about_booker}
    mail = MailRequest(kind, to, language, values=values, about=booking.id)
    event_id = moment.new_id(f"mail {kind.value} {to} {booking.id}")
    mail_queue.request(tx, booking.site_id, mail, event_id=event_id, now=moment.now)


def values_of(tx: Tx, booking: Booking, zone: str) -> dict[str, str]:
    """What fills a mail about a booking. Times are instants, to be read by the clock of `zone` (empty: of the business); the price is a
    number. Whoever sends the mail puts them into words: what is written here stands in transactions that settle payments, and may not fail.
    """
    content = booking.content
    price = booking.price
    values = {
        "service": content.service,
        "zone": zone,
        "businessZone": business_store.business(tx, booking.site_id).terms.zone,
        "staff": content.staff,
        "place": ", ".join(part for part in (content.location, content.address) if part),
        "participants": str(booking.participants) if booking.participants > 1 else "",
        "price": price.text if price else "",
        "currency": content.currency,
        "toPay": "yes" if price and booking.payment is Payment.NOT_PAID else "",
        "starts": str(booking.starts_at),
        "ends": str(booking.ends_at),
        "sequence": str(booking.revision),
        "name": content.contact.name,
        "phone": content.contact.phone,
        "message": content.message[:500],
    }
    return {key: value for key, value in values.items() if value}
