"""What the pages of a booking say about a service, a time and a price, in words of the page's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roundtrip.bookings.availability import Offer
from roundtrip.bookings.business import store as business
from roundtrip.bookings.services.model import RateKind, Service, ServiceKind
from roundtrip.core.clock import DAY, MINUTE
from roundtrip.core.money import Money
from roundtrip.core.zones import known_zones
from roundtrip.ecom.goods import Picture
from roundtrip.flows.base import Context
from roundtrip.flows.steps import pay
from roundtrip.flows.steps.buying import picture
from roundtrip.redirect_session import return_url
from roundtrip.storage.database import Tx
from roundtrip.text import when
from roundtrip.text.catalogue import say
from roundtrip.text.marks import marked
from roundtrip.workflows.move_booking import is_payable_at_place
from roundtrip.workflows.shop import open_shop

WHEN, WITH, WHERE, HOW_LONG = marked("When"), marked("With"), marked("Where"), marked("Length")
FREE, FROM = marked("Free"), marked("from %(amount)s")
THERE = marked("There")
YOUR_BOOKING = marked("Your booking")
LARGE = 560


def zone_of_visit(tx: Tx, name: str, context: Context[Any]) -> str:
    """The zone in which this visitor reads times: that of their request, if it is one, else that of the business."""
    return name if name in known_zones() else business.business(tx, context.site.id).terms.zone


def price_words(service: Service, language: str) -> str:
    """What one participant pays, as pages say it before booking."""
    rate = service.terms.rate
    due = rate.due
    if rate.kind is RateKind.CUSTOM:
        return rate.words
    if due is not None and not due:
        return rate.words or say(language, FREE)
    if rate.kind is RateKind.VARIED and rate.least:
        return say(language, FROM, amount=Money.parse(rate.least, rate.currency).words(language))
    return due.words(language) if due is not None else ""


def facts(tx: Tx, offer: Offer, zone: str, language: str) -> list[dict[str, str]]:
    """When, with whom and where, each with a name."""
    service = offer.service
    there = business.business(tx, service.site_id).terms.zone
    found = [(WHEN, when.when(offer.start, offer.end, zone, language))]
    if zone != there:
        found.append((THERE, when.when(offer.start, offer.end, there, language)))
    if service.kind is not ServiceKind.COURSE:
        found.append((HOW_LONG, when.length((offer.end - offer.start) // MINUTE, language)))
    found.append((WITH, offer.staff.name if offer.staff else ""))
    place = offer.location
    if place is not None:
        found.append((WHERE, ", ".join(text for text in (place.name, place.content.address) if text)))
    return [{"name": say(language, name), "value": value} for name, value in found if value]


def summary(tx: Tx, offer: Offer, participants: int, zone: str, language: str) -> Mapping[str, object]:
    """What stands beside the steps: the service, the time, and what it comes to."""
    service = offer.service
    rate, each = service.terms.rate, price_words(service, language)
    due, now_due = rate.due, rate.due_now
    total: Money | str = due * participants if due else each
    line = {
        "name": service.name,
        "unit": each,
        "full_unit": None,
        "quantity": participants,
        "amount": total,
        "details": facts(tx, offer, zone, language),
        "picture": shown_picture(service),
        "left": None,
    }
    parts = {"subtotal": total, "discount": None, "coupon": None, "delivery": None, "tax": None, "tax_included": False, "total": total}
    deposit = None
    if rate.deposit and due and now_due is not None:
        deposit = {"now": now_due * participants, "later": due * participants - now_due * participants}
    return {"title": say(language, YOUR_BOOKING), "lines": [line], **parts, "deposit": deposit}


def shown_picture(service: Service, width: int = 56, height: int = 56) -> Mapping[str, object] | None:
    """The first picture of a service."""
    return next(
        (picture(Picture(one.picture_id, one.url, one.width, one.height, one.alt), width, height) for one in service.terms.media), None
    )


def ways_to_pay(tx: Tx, service: Service, context: Context[Any]) -> tuple[bool, bool]:
    """Whether it can be paid online here, and whether it can stand without that."""
    now_due = service.terms.rate.due_now
    shop = open_shop(tx, context.site)
    online = (
        service.terms.pays_online
        and now_due is not None
        and bool(now_due)
        and now_due.currency == shop.currency
        and bool(pay.online(tx, context.site))
    )
    return online, is_payable_at_place(service)


def other_services(context: Context[Any]) -> str | None:
    """The site's own list of services, if it named one that it may be left for."""
    try:
        return return_url.service_list(
            context.session, context.client, context.site, member_logged_in=context.login is not None, now=context.now
        )
    except return_url.NotAllowed:
        return None


def horizon(now: int) -> int:
    """How far ahead pages look for times."""
    return now + 120 * DAY
